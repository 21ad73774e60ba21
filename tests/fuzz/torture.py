"""Messages in the manner of RFC 4475: valid and hard to parse, invalid, and those that killed unguarded stacks.

`{to}` is the server's host:port, `{me}` the sender's, `{id}` something unique.
"""

_SDP = "v=0\r\no=a 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"


def _message(start, *lines, body=""):
    return "\r\n".join([start, *lines]) + "\r\n\r\n" + body


def _invite(*extra, start="INVITE sip:bob@{to} SIP/2.0", contact="<sip:a@{me}>", body="", length=None, via=None):
    return _message(
        start, via or "Via: SIP/2.0/UDP {me};rport;branch=z9hG4bK{id}", "Max-Forwards: 70",
        "From: <sip:a@{me}>;tag=f{id}", "To: <sip:bob@{to}>", "Call-ID: {id}", "CSeq: 1 INVITE",
        *([f"Contact: {contact}"] if contact is not None else []), *extra,
        f"Content-Length: {len(body) if length is None else length}", body=body)


TORTURE = [
    # 3.1.1.1 A short tortuous INVITE.
    "INVITE sip:vivekg@{to};unknownparam SIP/2.0\r\n"
    "TO :\r\n sip:vivekg@{to} ;   tag    = 1918181833n\r\n"
    "from   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@{me}>\r\n  ;\r\n  tag = 98asjd8{id}\r\n"
    "MaX-fOrWaRdS: 0068\r\nCall-ID: wsinv.{id}\r\nContent-Length   : 0\r\ncseq: 0009\r\n  INVITE\r\n"
    "Via  : SIP  /   2.0\r\n /UDP\r\n    {me};rport;branch=z9hG4bK{id}\r\ns :\r\n"
    "NewFangledHeader:   newfangled value\r\n continued newfangled value\r\n"
    "UnknownHeaderWithUnusualValue: ;;,,;;,;\r\nContent-Type: application/sdp\r\n"
    "Route:\r\n <sip:services.example.com;lr;unknownwith=value;unknown-no-value>\r\n"
    "v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n"
    " SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239\r\n"
    "m:\"Quoted string \\\"\\\"\" <sip:jdrosen@{me}> ; newparam =\r\n      newvalue ;\r\n"
    "  secondparam ; q = 0.33\r\n\r\n",
    # 3.1.1.2 Wide range of valid characters.
    _message("!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:"
             "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@{to} SIP/2.0",
             "Via: SIP/2.0/UDP {me};rport;branch=z9hG4bK-.!%66*_+`'~{id}",
             "To: \"BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f\" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@{to}>",
             "From: token1~` token2'+_ token3*%!.- <sip:mundane@{me}>;fromParam''~+*_!.-%=\"\xd1\x80\";tag=_token~1'+`*%!-.",
             "Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}}{{{id}",
             "CSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~", "Max-Forwards: 255",
             "extensionHeader-!.%*+_`'~:\xef\xbb\xbf\xe5\xa4\xa7\xe5\x81\x9c\xe9\x9b\xbb", "Content-Length: 0"),
    # 3.1.1.3 %-escaping of characters; 3.1.1.4 escaped NULs; 3.1.1.5 % that is no escape.
    _invite(start="INVITE sip:sips%3Auser%40example.com@{to} SIP/2.0"),
    _message("REGISTER sip:{to} SIP/2.0", "Via: SIP/2.0/UDP {me};rport;branch=z9hG4bK{id}", "Max-Forwards: 70",
             "To: sip:null-%00-null@{to}", "From: sip:null-%00-null@{me};tag=1{id}", "Call-ID: {id}", "CSeq: 1 REGISTER",
             "Contact: <sip:%00@{me}>, <sip:%00%00@{me}>", "L:0"),
    _message("RE%47IST%45R sip:{to} SIP/2.0", "Via: SIP/2.0/UDP {me};rport;branch=z9hG4bK{id}", "To: \"%Z%45\" <sip:r@{to}>",
             "From: \"%Z%45\" <sip:r@{me}>;tag=f2{id}", "Max-Forwards: 87", "Call-ID: {id}", "CSeq: 1 RE%47IST%45R", "l: 0"),
    # 3.1.1.6 No LWS between display name and <.
    _message("OPTIONS sip:user@{to} SIP/2.0", "To: sip:user@{to}", "From: caller<sip:caller@{me}>;tag=3{id}",
             "Max-Forwards: 70", "Call-ID: {id}", "CSeq: 60 OPTIONS", "Via: SIP/2.0/UDP {me};rport;branch=z9hG4bK{id}", "l: 0"),
    # 3.1.1.7 Long values.
    _invite("longheader: " + "long" * 400, "Unknown-{id}" + "Long" * 60 + ": x", "Subject: " + "s" * 3000,
            start="INVITE sip:" + "user" * 100 + "@{to} SIP/2.0"),
    # 3.1.1.8 Extra octets after a datagram's message; 3.1.1.9 semicolons in the user part; 3.1.1.10 many transports.
    _invite() + "INVITE sip:joe@example.com SIP/2.0\r\nt: sip:joe@example.com\r\n\r\n",
    _invite(start="INVITE sip:user;par=u%40example.net@{to} SIP/2.0"),
    _invite("Via: SIP/2.0/TLS t.example.com;branch=z9hG4bKa", "Via: SIP/2.0/SCTP s.example.com;branch=z9hG4bKb",
            "Via: SIP/2.0/UNKNOWN u.example.com;branch=z9hG4bKc"),
    # 3.1.1.11 A multipart with a NUL.
    _invite("Content-Type: multipart/mixed;boundary=b", body="--b\r\n\r\n\x00\x01\r\n--b--\r\n"),
    # 3.1.2 Invalid messages.
    _message("INVITE sip:user@{to} SIP/2.0", "Max-Forwards: 254", "To: \"\xe9\" <sip:j.user@{to};;;,,;>",
             "From: <sip:a@{me}>;;,;,,;tag=x{id}", "Call-ID: badinv01.{id}", "Contact: \"Joe\" <sip:joe@{me}>;;;;",
             "Via: SIP/2.0/UDP {me};;,;,,", "CSeq: 8 INVITE", "Content-Length: 0"),
    _invite(length=9999, body=_SDP), _invite(length=-999, body=_SDP),
    _message("REGISTER sip:{to} SIP/2.0", "Via: SIP/2.0/UDP {me};rport;branch=z9hG4bK{id}", "Max-Forwards: 300",
             "To: <sip:user@{to}>", "From: <sip:user@{me}>;tag=4{id}", "Call-ID: {id}", "CSeq: 36893488147419103232 REGISTER",
             "Contact: <sip:user@{me}>;expires=280297596632815", "Expires: 1000000000000000000", "Content-Length: 0"),
    "SIP/2.0 4294967301 better not break the receiver\r\nVia: SIP/2.0/UDP {me};branch=z9hG4bK{id}\r\n"
    "From: <sip:user@{to}>;tag=x\r\nTo: <sip:user@{me}>;tag=1\r\nCall-ID: {id}\r\nCSeq: 353494 INVITE\r\n"
    "Retry-After: 949302838503028349304023988\r\nWarning: 1812 overture \"In Progress\"\r\nContent-Length: 0\r\n\r\n",
    _message("INVITE sip:user@{to} SIP/2.0", "To: \"Mr. J. User <sip:j.user@{to}>", "From: sip:caller@{me};tag=93334{id}",
             "Max-Forwards: 10", "Call-ID: {id}", "Via: SIP/2.0/UDP {me};rport;branch=z9hG4bK{id}", "CSeq: 1 INVITE", "l: 0"),
    _invite(start="INVITE <sip:user@{to}> SIP/2.0"), _invite(start="INVITE sip:user@{to}; lr SIP/2.0"),
    _invite(start="INVITE  sip:user@{to}  SIP/2.0"), _invite(start="INVITE sip:user@{to} SIP/2.0   "),
    _invite(start="INVITE sip:user@{to}?Route=%3Csip:example.com%3E SIP/2.0"),
    _invite(start="INVITE name:John_Smith SIP/2.0"), _invite(start="INVITE nobodyKnowsThisScheme:totallyopaque SIP/2.0"),
    _invite(start="INVITE sip:user@{to} SIP/7.0"), _invite(start="INVITE sip:user@{to}"),
    _invite("Date: Fri, 01 Jan 2010 16:00:00 EST", "Expires: 0 0", "Warning: 1"), _invite("Require: nothingSupportsThis"),
    _invite("Accept: text/nobodyKnowsThis", "Content-Type: application/unknown", body="<audio>"),
    _invite("CSeq: 2 INVITE", "Call-ID: another", "To: sip:x@y", "Via: SIP/2.0/UDP x", "From: sip:a@b;tag=9"),
    _invite("Proxy-Require: nothing", "Proxy-Authorization: NoOneKnowsThisScheme opaque-data=here"),
    _message("OPTIONS sip:user@{to} SIP/2.0", "Via: SIP/2.0/UDP 255.255.255.255;rport;branch=z9hG4bK{id}", "Max-Forwards: 0",
             "To: sip:user@{to}", "From: sip:a@255.255.255.255;tag=1", "Call-ID: {id}", "CSeq: 1 OPTIONS", "l: 0"),
    "SIP/2.0 100 \r\nVia: SIP/2.0/UDP {me};branch=z9hG4bK{id}\r\nFrom: <sip:u@{to}>;tag=3\r\nTo: <sip:u@{me}>\r\n"
    "Call-ID: {id}\r\nCSeq: 47 INVITE\r\nContent-Length: 0\r\n\r\n",
    "SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe\r\nVia: SIP/2.0/UDP {to};branch=z9hG4bK{id}\r\nCall-ID: {id}\r\n"
    "CSeq: 1 INVITE\r\nFrom: <sip:u@{to}>;tag=3\r\nTo: <sip:u@{me}>;tag=4\r\nContact: <tel:+1>\r\n\r\n",
    # What killed or harmed the stack without its guards.
    *[_invite(contact=contact, body=_SDP) for contact in (
        "<tel:+123>", "*", "<mailto:a@b>", "<http://x>", "<urn:service:sos>", "", "<sip:>", "<sip:a@{me};lrx>",
        "<sip:a@{me};maddr>", "<sip:a@nowhere.invalid>", "<sips:a@{me}>", None)],
    *[_invite(f"Record-Route: {route}", body=_SDP) for route in (
        "<foo:bar>", "<sip:h;lrx>", "<sip:{me};lr>,<foo:bar>", "*", "", "<sip:>", "<tel:1>", "<sip:{me};l>")],
    _invite("Supported: 100rel", "Require: 100rel"), _invite("Require: timer", "Session-Expires: 1"),
    _invite("Replaces: {id};to-tag=x;from-tag=y"), _invite("Supported: 100rel,timer,replaces", "Session-Expires: 90;refresher=uas"),
    _message("REFER sip:bob@{to} SIP/2.0", "Via: SIP/2.0/UDP {me};rport;branch=z9hG4bK{id}", "From: <sip:a@{me}>;tag=r{id}",
             "To: <sip:bob@{to}>", "Call-ID: {id}", "CSeq: 1 REFER", "Contact: <sip:a@{me}>", "Refer-To: <sip:c@example.com>",
             "Content-Length: 0"),
    *[_message(f"{method} sip:bob@{{to}} SIP/2.0", "Via: SIP/2.0/UDP {me};rport;branch=z9hG4bK{id}",
               "From: <sip:a@{me}>;tag=m{id}", f"To: <sip:bob@{{to}}>{tag}", "Call-ID: {id}", f"CSeq: 1 {method}",
               "Contact: <sip:a@{me}>", "Event: dialog", "Expires: 5", "RAck: 1 1 INVITE", "Content-Length: 0")
      for method in ("SUBSCRIBE", "NOTIFY", "MESSAGE", "INFO", "UPDATE", "PRACK", "BYE", "CANCEL", "ACK", "OPTIONS",
                     "REGISTER", "PUBLISH", "FOO")
      for tag in ("", ";tag=x")],
    "\r\n\r\n", "\r\n", "\x00", "\x00" * 200, "SIP/2.0", "INVITE", " ", "INVITE sip:\r\n\r\n", "\xff" * 700,
]


def render(text, to, me, unique):
    """The bytes of one of the messages."""
    text = text.replace("{{", "{").replace("}}", "}")
    return text.replace("{to}", to).replace("{me}", me).replace("{id}", unique).encode("latin-1")
