"""Changes to a message, all drawn from one seeded generator."""

_TOKENS = [
    b"\0", b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\r\n ", b"\xff", b"\xc3\x28", b";", b",", b":", b"<", b">", b"\"", b"\\",
    b"@", b"?", b"%00", b"%", b" ", b"\t", b"*", b"=", b"-1", b"0", b"4294967295", b"4294967296", b"2147483648",
    b"99999999999999999999999", b";lr", b";lrx", b";maddr", b";maddr=", b";transport=tls", b";tag=", b";branch=",
    b"sip:", b"sips:", b"tel:+1", b"foo:bar", b"<tel:+1>", b"[::1]", b"[", b"SIP/2.0", b"z9hG4bK", b"%s%n%s%n",
]
_LINES = [
    b"Contact: <tel:+1>", b"Contact: *", b"Contact: <sip:a@127.0.0.1:9>", b"m: <foo:bar>", b"Record-Route: <foo:bar>",
    b"Record-Route: <sip:h;lrx>", b"Route: <sip:127.0.0.1;lr>", b"Route: <foo:bar>", b"Require: 100rel", b"Require: timer",
    b"Supported: 100rel, timer, replaces", b"Session-Expires: 90", b"Min-SE: 1", b"RAck: 1 1 INVITE", b"RSeq: 1",
    b"Replaces: a;to-tag=b;from-tag=c", b"Content-Length: 4294967295", b"Content-Length: -1", b"Content-Length: 5",
    b"l: 0", b"Content-Type: application/sdp", b"Content-Type: multipart/mixed;boundary=x", b"Content-Encoding: gzip",
    b"Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx", b"Max-Forwards: 0", b"Reason: SIP;cause=200;text=\"x\"",
    b"Reason: ;;;", b"Expires: 0", b"Event: refer", b"Refer-To: <sip:a@b>", b"To: <sip:a@b>;tag=1", b"CSeq: 9 BYE",
    b"Authorization: Digest x", b"X: " + b"x" * 5000, b"Accept: x/y", b"Unsupported: x", b"Timestamp: 1", b"P: " + b"y," * 500,
]


def mutate(random, data):
    """The same message with one to six changes; sometimes none."""
    data = bytearray(data)
    for _ in range(random.choice((0, 1, 1, 1, 2, 2, 3, 6))):
        if not data:
            break
        random.choice(_CHANGES)(random, data)
    return bytes(data[:60000])


def _flip(random, data):
    data[random.randrange(len(data))] = random.randrange(256)


def _insert_token(random, data):
    at = random.randrange(len(data) + 1)
    data[at:at] = random.choice(_TOKENS)


def _replace_with_token(random, data):
    at = random.randrange(len(data))
    data[at:at + random.randrange(1, 12)] = random.choice(_TOKENS)


def _delete(random, data):
    at = random.randrange(len(data))
    del data[at:at + random.choice((1, 1, 2, 5, 20, 200))]


def _truncate(random, data):
    del data[random.randrange(len(data)):]


def _repeat(random, data):
    at = random.randrange(len(data))
    chunk = bytes(data[at:at + random.choice((1, 4, 20, 80))])
    data[at:at] = chunk * random.choice((1, 2, 10, 100))


def _lines(data):
    return bytes(data).split(b"\r\n")


def _add_line(random, data):
    lines = _lines(data)
    lines.insert(random.randrange(1, len(lines) + 1), random.choice(_LINES))
    data[:] = b"\r\n".join(lines)


def _drop_line(random, data):
    lines = _lines(data)
    del lines[random.randrange(len(lines))]
    data[:] = b"\r\n".join(lines)


def _double_line(random, data):
    lines = _lines(data)
    lines.insert(random.randrange(len(lines)), random.choice(lines))
    data[:] = b"\r\n".join(lines)


def _swap_lines(random, data):
    lines = _lines(data)
    one, other = random.randrange(len(lines)), random.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    data[:] = b"\r\n".join(lines)


def _change_value(random, data):
    lines = _lines(data)
    at = random.randrange(len(lines))
    name, colon, _ = lines[at].partition(b":")
    lines[at] = name + colon + b" " + random.choice(_TOKENS)
    data[:] = b"\r\n".join(lines)


_CHANGES = [_flip, _flip, _insert_token, _insert_token, _replace_with_token, _delete, _truncate, _repeat, _add_line,
            _add_line, _drop_line, _double_line, _swap_lines, _change_value]
