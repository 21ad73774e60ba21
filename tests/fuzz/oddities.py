"""Values for headers and bodies, from right to very wrong, drawn from one seeded generator."""

from harness import sip

PROVISIONALS = (101, 180, 180, 180, 181, 182, 183, 183, 199)
FAILURES = (300, 302, 302, 305, 380, 400, 401, 403, 404, 407, 408, 410, 415, 416, 420, 421, 422, 423, 480, 481, 482, 483,
            484, 485, 486, 487, 488, 491, 493, 494, 500, 501, 502, 503, 503, 503, 504, 513, 600, 603, 604, 606, 699)
METHODS = ("INVITE", "INVITE", "UPDATE", "UPDATE", "INFO", "MESSAGE", "OPTIONS", "REFER", "NOTIFY", "PRACK", "BYE",
           "CANCEL", "ACK", "SUBSCRIBE", "FOO")
BYES = ("Q.850;cause=16", 'SIP;cause=200;text="Call completed elsewhere"', ";;;", "")


def contact(rng, own):
    """The value of a Contact; None: no such header."""
    if rng.random() < 0.85:
        return own
    return rng.choice((None, "*", "<tel:+1>", "<sip:>", "<foo:bar>", "<sip:a@nowhere.invalid>", own + ";expires=0",
                       f"{own}, <sip:b@127.0.0.1:9>", "<sips:a@127.0.0.1:9>", "<sip:a@[::1]:9>", "<sip:a@127.0.0.1:99999>",
                       "<sip:a@127.0.0.1:9;transport=tcp>", "<sip:%00@127.0.0.1>", "sip:a@127.0.0.1:9;x=y"))


def routes(rng, own):
    """Values of Record-Route."""
    if rng.random() < 0.85:
        return []
    return rng.choice(([f"<sip:{own};lr>"], [f"<sip:{own};lr>", f"<sip:{own};lr;x>"], ["<foo:bar>"], [f"<sip:{own}>"],
                       ["<tel:+1;lr>"], [f"<sip:{own};lrx>"], ["*"], [f"<sip:{own};lr>"] * 20,
                       [f"<sip:nowhere.invalid;lr>, <sip:{own};lr>"]))


def extras(rng):
    """Further headers."""
    if rng.random() < 0.6:
        return []
    return rng.choice((
        [("Reason", rng.choice(BYES))], [("Retry-After", "3 (soon);duration=1")], [("Warning", '399 x "y"')],
        [("Supported", "100rel, timer, replaces")], [("Require", "timer")], [("Session-Expires", "90;refresher=uas")],
        [("Session-Expires", "1")], [("Min-SE", "4000000000")], [("X-Long", "x" * rng.choice((1000, 20000)))],
        [("Subject", "a\r\n b\r\n  c")], [("P-Asserted-Identity", '"A" <sip:a@b>, <tel:+1>')], [("Contact", "<sip:x@y>")],
        [("WWW-Authenticate", 'Digest realm="r", nonce="n", algorithm=MD5, qop="auth"')],
        [("Proxy-Authenticate", 'Digest realm="r", nonce="n"'), ("Proxy-Authenticate", "Basic x")],
        [("Replaces", "a;to-tag=b;from-tag=c")], [("Refer-To", "<sip:a@b?Replaces=x%3Bto-tag%3Dy%3Bfrom-tag%3Dz>")],
        [("Event", "refer"), ("Subscription-State", "terminated;reason=noresource")], [("Timestamp", "1.5")],
        [("Unsupported", "100rel")], [("Allow", "INVITE")], [("Content-Disposition", "early-session")],
        [("Call-Info", "<http://x/y>;purpose=icon")] * 40, [("Max-Forwards", "0")], [("Server", '"\\'), ("User-Agent", "\xe4")]))


def body(rng, likely):
    """(headers, body)."""
    if rng.random() > likely:
        return [], b""
    if rng.random() < 0.9:
        return [("Content-Type", "application/sdp")], sip.OFFER.encode()
    return rng.choice((
        ([("Content-Type", "multipart/mixed;boundary=x")], b"--x\r\n\r\n\0\r\n--x--\r\n"), ([], b"no type"),
        ([("Content-Type", "application/sdp"), ("Content-Encoding", "gzip")], b"\x1f\x8b\0\xff"),
        ([("Content-Type", "message/sipfrag")], b"SIP/2.0 200 OK\r\n"), ([("Content-Type", ";;")], b"v=0\r\n" * 3000)))


def pause(rng):
    """Seconds until the next step of a peer: mostly none."""
    return rng.choice((0, 0, 0, 0.001, 0.002, 0.01, 0.05, 0.3, 1.1))
