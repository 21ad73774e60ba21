"""SIP messages as text: building requests, and parsing what the server sends, strictly."""

import random
import re

CRLF = b"\r\n"
_TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+\Z")
_STATUS_LINE = re.compile(r"SIP/2\.0 ([1-6][0-9]{2}) ([^\r\n]*)\Z")
_REQUEST_LINE = re.compile(r"([A-Z]+) (\S+) SIP/2\.0\Z")
# RFC 3261 8.1.1 and 8.2.6.2.
_MANDATORY = ("via", "from", "to", "call-id", "cseq")
# The registered short names (RFC 3261 7.3.3 and the extensions).
_COMPACT = {"a": "accept-contact", "b": "referred-by", "c": "content-type", "d": "request-disposition",
            "e": "content-encoding", "f": "from", "i": "call-id", "j": "reject-contact", "k": "supported",
            "l": "content-length", "m": "contact", "o": "event", "r": "refer-to", "s": "subject", "t": "to",
            "u": "allow-events", "v": "via", "x": "session-expires", "y": "identity"}

OFFER = ("v=0\r\no=alice 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
         "m=audio 49170 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n")

ANSWER = ("v=0\r\no=bob 7 7 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
          "m=audio 49180 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=x-odd: kept  as-is\r\n")

# Where tags, branches and Call-IDs come from; the fuzzer puts its seeded generator here.
source = random.SystemRandom()


def token():
    return f"{source.getrandbits(64):016x}"


def branch():
    return "z9hG4bK" + token()


def long_name(name):
    """A header's name in its long form and in lower case."""
    return _COMPACT.get(name.lower(), name.lower())


def split_list(value):
    """The members of a comma list; commas in quotes and in <> do not count."""
    parts, depth, quoted, start, i = [], 0, False, 0, 0
    while i < len(value):
        c = value[i]
        if quoted:
            if c == "\\":
                i += 1
            elif c == '"':
                quoted = False
        elif c == '"':
            quoted = True
        elif c == "<":
            depth += 1
        elif c == ">":
            depth -= 1
        elif c == "," and depth == 0:
            parts.append(value[start:i].strip())
            start = i + 1
        i += 1
    parts.append(value[start:].strip())
    return [part for part in parts if part]


class Message:
    """One parsed message. Header names are compared without regard to case and form; their order is kept.

    `source` is where it came from, in the way that its peer's send(to=...) understands.
    """

    def __init__(self, raw, source=None):
        self.raw = raw
        self.source = source
        head, separator, self.body = raw.partition(b"\r\n\r\n")
        assert separator, f"no empty line: {raw!r}"
        text = head.decode("utf-8")
        first, line_end, others = text.partition("\r\n")
        lines = (first + line_end + re.sub(r"\r\n[ \t]+", " ", others)).split("\r\n")  # RFC 3261 7.3.1
        for line in lines:
            assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", line), f"control character in {line!r}"
        self.start_line = lines[0]
        self.headers = []
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            assert colon and _TOKEN.match(name.strip()), f"not a header: {line!r} in {text!r}"
            self.headers.append((name.strip(), value.strip()))
        status = _STATUS_LINE.match(self.start_line)
        request = _REQUEST_LINE.match(self.start_line)
        assert status or request, f"start line {self.start_line!r}"
        self.status = int(status.group(1)) if status else 0
        self.phrase = status.group(2) if status else ""
        self.uri = request.group(2) if request else ""
        for name in _MANDATORY:
            assert self.all(name), f"no {name}: {text!r}"
        self.cseq, self.method = self.one("CSeq").split()
        self.cseq = int(self.cseq)
        if request:
            assert self.method == request.group(1), text
        length = self.one("Content-Length", "0")
        assert int(length) == len(self.body), f"Content-Length {length}, body {len(self.body)} bytes: {raw!r}"

    def all(self, name):
        return [value for key, value in self.headers if long_name(key) == name.lower()]

    def one(self, name, default=None):
        values = self.all(name)
        if not values and default is not None:
            return default
        assert len(values) == 1, f"{len(values)} {name} headers in {self.raw!r}"
        return values[0]

    def has(self, name):
        return bool(self.all(name))

    def members(self, name):
        """The values of a list header, whether sent as one line or several."""
        return [part for value in self.all(name) for part in split_list(value)]

    @property
    def call_id(self):
        return self.one("Call-ID")

    @property
    def branch(self):
        """The branch of the top Via: which transaction this belongs to."""
        found = re.search(r";\s*branch=([^;\s,]+)", self.all("Via")[0])
        return found.group(1) if found else ""

    @property
    def to_tag(self):
        return tag_of(self.one("To"))

    @property
    def from_tag(self):
        return tag_of(self.one("From"))

    def __repr__(self):
        return self.raw.decode("utf-8", "backslashreplace")


def tag_of(value):
    found = re.search(r";\s*tag=([^;\s]+)", value)
    return found.group(1) if found else ""


def user_of(uri):
    """`bob` of `sip:bob@host`; empty where there is none."""
    found = re.match(r"sips?:([^@]*)@", uri)
    return found.group(1) if found else ""


def address_of(uri):
    """(host, port) of a URI; 5060 where it has no port."""
    found = re.match(r"sips?:(?:[^@]*@)?(\[[^\]]+\]|[^:;?>]+)(?::(\d+))?", uri)
    assert found, f"no host: {uri!r}"
    return found.group(1).strip("[]"), int(found.group(2) or 5060)


def uri_of(value):
    """The URI of a name-addr or addr-spec."""
    found = re.search(r"<([^>]*)>", value)
    return found.group(1) if found else value.split(";")[0].strip()


def request(method, uri, headers, body=b""):
    """The bytes of a request. Content-Length is added unless `headers` has one."""
    if isinstance(body, str):
        body = body.encode()
    lines = [f"{method} {uri} SIP/2.0".encode()]
    lines += [_bytes(name) + b": " + _bytes(value) for name, value in headers]
    if not any(_bytes(name).lower() in (b"content-length", b"l") for name, _ in headers):
        lines.append(b"Content-Length: %d" % len(body))
    return CRLF.join(lines) + CRLF + CRLF + body


def _bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def response_to(received, status, phrase, extra=(), body=b"", to_tag=""):
    """The bytes of a response to a request that the server sent; `to_tag` is added where To has none."""
    if isinstance(body, str):
        body = body.encode()
    lines = [f"SIP/2.0 {status} {phrase}".encode()]
    for name, value in received.headers:
        if long_name(name) in ("via", "from", "to", "call-id", "cseq", "record-route"):
            tag = f";tag={to_tag}" if to_tag and long_name(name) == "to" and not tag_of(value) else ""
            lines.append(f"{name}: {value}{tag}".encode())
    lines += [_bytes(name) + b": " + _bytes(value) for name, value in extra]
    lines.append(b"Content-Length: %d" % len(body))
    return CRLF.join(lines) + CRLF + CRLF + body


def frame(buffer):
    """Takes one message off the front of a TCP buffer: (message bytes or None, rest)."""
    while buffer.startswith(CRLF):
        buffer = buffer[2:]
    head, separator, rest = buffer.partition(b"\r\n\r\n")
    if not separator:
        return None, buffer
    found = re.search(rb"\r\nContent-Length[ \t]*:[ \t]*(\d+)", head, re.IGNORECASE)
    assert found, f"no Content-Length on a stream: {head!r}"
    length = int(found.group(1))
    if len(rest) < length:
        return None, buffer
    return head + separator + rest[:length], rest[length:]
