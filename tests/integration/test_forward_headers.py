"""What of a message goes through, and what belongs to one leg only (RFC 3261 16.6 for the hops, RFC 7092 for the rest)."""

import re
import uuid
from urllib.parse import unquote

import pytest

from harness import sip
from harness.callee import Incoming
from harness.server import free_port
from harness.stubs import pb
from harness.through import Through
from harness.wait import until

# name, value on the wire, value that is read (when another).
SURVIVE = [
    ("P-Asserted-Identity", '"Alice Ä" <sip:+4930123@example.com>, <tel:+4930123>'),
    ("P-Preferred-Identity", "<sip:a@b.example>"),
    ("Privacy", "id;critical"), ("Diversion", '<sip:+4930999@example.com>;reason=unconditional;counter=1;privacy="off"'),
    ("History-Info", "<sip:bob@example.com?Reason=SIP%3Bcause%3D302>;index=1, <sip:carol@example.com>;index=1.1"),
    ("Referred-By", "<sip:referrer@example.com>;cid=\"20398823.2UWQFN309shb3@referrer.example\""),
    ("Call-Info", "<https://example.com/alice.jpg>;purpose=icon, <sip:x@y>;purpose=info"),
    ("Session-Expires", "1800;refresher=uac"),
    ("Min-SE", "120"), ("Subject", "Need more boxes; soon, \"please\""), ("Priority", "urgent"),
    ("Alert-Info", "<http://x.example/ring.wav>"),
    ("Accept-Contact", "*;audio;require"), ("Reject-Contact", "*;actor=\"msg-taker\""),
    ("Request-Disposition", "no-fork, queue"),
    ("P-Charging-Vector", "icid-value=1234bc9876e;icid-generated-at=192.0.6.8"),
    ("P-Access-Network-Info", "3GPP-E-UTRAN-FDD"),
    ("Geolocation", "<cid:target123@atlanta.example.com>"),
    ("Identity", "eyJhbGciOiJFUzI1NiJ9..abc;info=<https://c.example/c.pem>"),
    ("User-to-User", "56a390f3d2b7310023a2;encoding=hex"), ("Resource-Priority", "ets.0"),
    ("In-Reply-To", "70710@saturn.example"),
    ("Reason", 'SIP;cause=302;text="Moved", Q.850;cause=16'), ("Answer-Mode", "Manual"),
    ("Session-ID", "ab30317f1a784dc48ff824d0d3715d86"),
    ("Organization", "Boxes by Bob"), ("Date", "Sat, 13 Nov 2010 23:29:00 GMT"), ("X-Account", "4711"), ("X-Empty", ""),
    ("X-Bytes", "quotes \"a\\\"b\", <angle>;p=1, umlaut ü, 通話"), ("Nobody-Knows-This", "at: all; \\ %00 %n"),
    ("x-LOWER-and-UPPER", "Case Is Kept"),
]

LONG = ",".join(f"<sip:user{i}@host{i}.example.com>" for i in range(40))
SURVIVE += [
    ("Authorization", 'Digest username="alice", realm="pbx.example.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
     'uri="sip:bob@pbx.example.com", response="6629fae49393a05397450978507c4ef1", algorithm=MD5, '
     'opaque="5ccc069c403ebaf9f0171e9517f40e41", qop=auth, nc=00000001, cnonce="0a4f113b"'),
    ("Proxy-Authorization", "Digest " + ", ".join(f'p{i}="{i}"' for i in range(60))), ("P-Asserted-Identity", LONG),
    ("Call-Info", LONG),
    ("Diversion", LONG), ("History-Info", LONG), ("X-Long", "x" * 3000), ("Subject", "long " * 300),
    ("Reason", ", ".join(f'P{i};cause={i};text="number {i}"' for i in range(20)))]


@pytest.mark.parametrize("name,value", SURVIVE, ids=[f"{row[0]}-{len(row[1])}" for row in SURVIVE])
def test_headers_of_the_invite_that_survive(through, name, value):
    call = through.calling(headers=[(name, value)])
    assert call.callee.invite.members(name) == sip.split_list(value) or call.callee.invite.all(name) == [value]
    if name.lower().startswith("x-"):
        assert call.callee.invite.all(name) == [value]
    call.callee.respond(486)
    assert call.caller.final().status == 486
    call.callee.expect_ack()
    call.expect_ladders("<INVITE >100 >486 <ACK", ">INVITE <486 >ACK")


def test_all_of_them_at_once_in_order(through):
    """Duplicates keep their order within one name; nothing is lost and nothing is twice."""
    headers = list({name: (name, value) for name, value in SURVIVE if value and len(value) < 120}.values())
    headers += [("X-Twice", "first"), ("X-Other", "between"), ("X-Twice", "second, with comma"), ("X-Twice", "third")]
    call = through.calling(headers=headers)
    invite = call.callee.invite
    assert invite.all("X-Twice") == ["first", "second, with comma", "third"]
    for name, value in headers:
        if name != "X-Twice":
            assert invite.members(name) == sip.split_list(value), name
    call.ring()
    call.cancel()
    call.expect_ladders(("<INVITE >100 >180 <CANCEL >200 >487 <ACK", "<INVITE >100 >180 <CANCEL >487 >200 <ACK"),
                        ">INVITE <180 >CANCEL <200 <487 >ACK")


@pytest.mark.parametrize("line,name,value", [
    (("X-Folded", "one\r\n two\r\n\tthree"), "X-Folded", "one two three"),
    (("Subject", "a long\r\n  subject"), "Subject", "a long subject"),
    (("s", "in short"), "Subject", "in short"), (("x", "1800"), "Session-Expires", "1800"),
    (("b", "<sip:r@example.com>"), "Referred-By", "<sip:r@example.com>"),
    (("a", "*;audio"), "Accept-Contact", "*;audio"),
    (("X-Tab", "a\tb"), "X-Tab", "a b"), (("PRIVACY", "id"), "Privacy", "id")],
    ids=lambda value: value[0] if isinstance(value, tuple) else "")
def test_headers_in_odd_forms(through, line, name, value):
    call = through.calling(headers=[line])
    assert [re.sub(r"\s+", " ", given) for given in call.callee.invite.all(name)] == [value]
    call.callee.respond(486)
    call.caller.final()
    call.callee.expect_ack()
    call.expect_ladders("<INVITE >100 >486 <ACK", ">INVITE <486 >ACK")


RESPONSE_HEADERS = [("P-Asserted-Identity", '"Bob" <sip:bob@example.com>'), ("X-Answer", "yes"),
                    ("Call-Info", "<http://b.example>;purpose=icon"),
                    ("P-Charging-Vector", "icid-value=9"), ("Nobody-Knows-This", "a, b"),
                    ("Alert-Info", "<urn:alert:service:call-waiting>")]


@pytest.mark.parametrize("status", [180, 183, 200, 486, 302, 603])
def test_headers_of_responses_survive(through, status):
    call = through.calling()
    call.callee.respond(status, headers=RESPONSE_HEADERS, contact="<sip:elsewhere@example.com>" if status == 302 else None)
    response = call.caller.expect(status) if status < 200 else call.caller.final()
    for name, value in RESPONSE_HEADERS:
        assert response.members(name) == sip.split_list(value), response
    if status < 200:
        call.cancel()
    elif status == 200:
        call.callee.expect_ack()
        call.hang_up()
    else:
        call.callee.expect_ack()
        call.ended(by=pb.ENDED_BY_CALLEE)


@pytest.mark.parametrize("from_name,to", [
    ('"Alice Müller" ', '"Bob, \\"the\\" builder" <sip:{user}@{host}>'), ("Alice ", "Bob <sip:{user}@{host}>"),
    ("", "<sip:{user}@{host}>"),
    ('"通話" ', "<sip:{user}@{host};user=phone>")])
def test_display_names_and_uris_of_from_and_to(through, from_name, to):
    host = through.caller().server_host
    user = "udp-" + sip.token()
    wanted = to.format(user=user, host=host)
    call = through.place(user=user, from_name=from_name, from_user="+4930123456", to=wanted)
    invite = call.take().invite
    from_ = invite.one("From")
    assert from_.startswith(f"{from_name}<sip:+4930123456@{call.caller.peer.host}>;tag="), from_
    assert invite.from_tag != call.caller.from_tag
    assert invite.one("To") == wanted
    call.ring()
    assert call.caller.early.one("To").startswith(wanted)
    found = call.get()
    assert found.callee.from_uri == f"sip:+4930123456@{call.caller.peer.host}"
    assert found.callee.to_uri.startswith(f"sip:{user}@{host}")
    call.cancel()


def test_what_belongs_to_one_leg_stays_on_it(through):
    """Via, Route, Record-Route, Contact, Call-ID, tags of the caller's leg are not at the callee, nor the other way round."""
    near = f"<sip:{through.caller().host}:{through.caller().address[1]};lr>"
    far = "<sip:caller-proxy.example.com;lr>"
    call = through.calling(headers=[
        ("Route", f"<sip:{through.caller().server_host};lr>"), ("Record-Route", near), ("Record-Route", far),
        ("Via", "SIP/2.0/UDP caller-proxy.example.com;branch=z9hG4bKfar"), ("Path", "<sip:path.example.com>"),
        ("Timestamp", "54"), ("Service-Route", "<sip:service.example.com;lr>")])
    caller, callee = call.caller, call.callee
    text = callee.invite.raw.decode()
    for secret in ("caller-proxy", caller.call_id, caller.from_tag, caller.branch, f":{caller.peer.address[1]}",
                   "path.example.com", "service.example.com"):
        assert secret not in text, secret
    assert not callee.invite.has("Timestamp")
    routes = ["<sip:callee-proxy.example.com;lr>", f"<sip:{callee.peer.host}:{callee.peer.address[1]};lr>"]
    callee.ring(headers=[("Record-Route", route) for route in routes])
    callee.accept(headers=[("Record-Route", route) for route in routes])
    rang, answered = caller.ring(), caller.final()
    for response in (rang, answered):
        text = response.raw.decode()
        for secret in ("callee-proxy", callee.call_id, callee.tag, callee.invite.from_tag, callee.invite.branch,
                       f":{callee.peer.address[1]}"):
            assert secret not in text, secret
        assert response.members("Record-Route") == [near, far]
        assert len(response.all("Via")) == 2
    ack = callee.expect_ack()
    assert ack.members("Route") == list(reversed(routes))
    number = callee.send_request("INFO")
    info = caller.expect_in_dialog("INFO")  # checks the Route of the caller's side
    caller.answer(info)
    assert callee.reply_to("INFO", number).status == 200
    assert call.through.api.terminate(call.name)
    assert call.callee.expect_bye().members("Route") == list(reversed(routes))
    assert call.caller.expect_bye().members("Route") == [near, far]
    call.ended(by=pb.ENDED_BY_ADIEU)
    call.expect_ladders("<INVITE >100 >180 >200 <ACK >INFO <200 >BYE <200", ">INVITE <180 <200 >ACK <INFO >200 >BYE <200")


def test_the_callees_call_id_is_new_and_tells_nothing(through):
    """No MAC address of this host, no host name, nothing of the caller's Call-ID; never the same twice."""
    seen = set()
    macs = {f"{uuid.getnode():012x}", *_macs()}
    for _ in range(20):
        call = through.calling()
        call_id = call.callee.call_id
        plain = re.sub(r"[-:.]", "", call_id.lower())
        assert not [mac for mac in macs if mac in plain], call_id
        assert call.caller.call_id not in call_id
        assert not {_hostname(), "127.0.0.1", "localhost"} & set(re.split(r"[@/]", call_id)), call_id
        seen.add(call_id)
        call.callee.respond(486)
        call.caller.final()
        call.callee.expect_ack()
    assert len(seen) == 20
    assert len({call_id[-12:] for call_id in seen}) == 20, "a common end: the host shows"


def _hostname():
    import socket
    return socket.gethostname()


def _macs():
    import pathlib
    found = (path.read_text().strip().replace(":", "") for path in pathlib.Path("/sys/class/net").glob("*/address"))
    return {mac for mac in found if len(mac) == 12 and mac != "0" * 12}


@pytest.mark.parametrize("given,sent", [(70, 69), (10, 9), (2, 1), (1, 0), (255, 254), (None, None)])
def test_max_forwards_is_one_less(through, given, sent):
    """RFC 3261 16.6 item 3; without one, 70 or one less goes on."""
    call = through.calling(max_forwards=given)
    left = int(call.callee.invite.one("Max-Forwards"))
    assert left in ([sent] if given is not None else [69, 70]), call.callee.invite
    call.callee.respond(486)
    assert call.caller.final().status == 486
    call.callee.expect_ack()
    call.expect_ladders("<INVITE >100 >486 <ACK", ">INVITE <486 >ACK")


def test_no_hops_left_is_483(through):
    call = through.place(max_forwards=0)
    refused = call.caller.final()
    assert (refused.status, refused.phrase) == (483, "Too Many Hops")
    assert not through.udp.offered(call.user)


def send_back(incoming, uri=None):
    """A proxy behind us sends the INVITE back to us, as RFC 3261 16.6 has it. Returns the branch of its own Via."""
    callee, invite, branch = incoming.peer, incoming.invite, sip.branch()
    headers = [("Via", callee.via(branch)), *invite.headers]
    headers = [(name, str(int(value) - 1) if sip.long_name(name) == "max-forwards" else value) for name, value in headers
               if sip.long_name(name) != "content-length"]
    callee.send(sip.request("INVITE", uri or invite.uri, headers, invite.body))
    return branch


@pytest.mark.parametrize("host", ["{target}", "{server}", "pbx.example.com"])
def test_a_loop_is_482(through, host):
    """The proxy at the target sends the call back to us, with the Request-URI that it got or with another host in it.

    The first time that may be a spiral (RFC 3261 16.3 item 4), the second time it is a loop.
    """
    call = through.calling()
    uri = f"sip:{call.user}@" + host.format(target="%s:%d" % through.udp.address, server=through.udp.server_host)
    branches, rounds = {}, [call.callee]
    while True:
        branches[send_back(rounds[-1], uri)] = rounds[-1]
        answer = next_of(through.udp, call, branches, rounds)
        if answer is not None:
            break
        assert len(rounds) < 4, "round and round"
    assert answer.status == 482, answer
    for incoming in reversed(rounds):
        incoming.respond(482, "Loop Detected")
        incoming.expect_ack()
    assert call.caller.final().status == 482
    call.expect_ladders("<INVITE >100 >482 <ACK", None)
    call.ended(by=pb.ENDED_BY_CALLEE)


def next_of(phone, call, branches, rounds):
    """The final answer to an INVITE that was sent back; None when a further INVITE came, which is added to `rounds`."""
    seen = {incoming.call_id for incoming in rounds}

    def probe():
        phone.pump()
        for message in phone.received:
            if message.method == "INVITE" and message.status >= 200 and message.branch in branches:
                return message
            if not message.status and message.method == "INVITE" and call.user in message.uri and message.call_id not in seen:
                rounds.append(Incoming(phone, message))
                return rounds
        return None
    found = until(probe, "482 or another INVITE")
    return None if found is rounds else found


def test_a_route_that_leads_to_ourselves_is_482():
    """By a name: an address of ours is refused when the configuration is read."""
    port = free_port()
    listeners = [{"name": "v4", "address": f"127.0.0.1:{port}"}]
    with Through(routes={"self": {"targets": [f"sip:localhost:{port};transport=udp"]}}, listeners=listeners) as through:
        call = through.place("self")
        assert call.caller.final().status == 482
        call.expect_ladders("<INVITE >100 >482 <ACK", None)
        call.ended(by=pb.ENDED_BY_CALLEE)


@pytest.mark.parametrize("user", [
    "+4930123456", "bob%20smith", "bob;phone-context=example.com", "a.b!c~d*e'f(g)h&i=j+k$l,m?n/o", "UPPER",
    "*21", "x" * 120])
def test_the_callers_user_part_at_the_targets_host(through, user):
    """request_uri TARGET: the user part as it is, the target's host and port."""
    user = f"udp-{sip.token()}{user}"
    call = through.place(user=user)
    wanted = unquote(f"sip:{user}@{through.udp.host}:{through.udp.address[1]}")  # RFC 3261 19.1.4
    uri = call.take().invite.uri
    assert unquote(uri).startswith(wanted), uri
    assert unquote(call.get().callee.request_uri).startswith(wanted)
    call.ring()
    call.cancel()


@pytest.mark.parametrize("host", ["{server}", "sip.example.com", "sip.example.com:5080;user=phone;x=y"])
def test_keep_leaves_the_request_uri_alone(through, host):
    """request_uri KEEP: the packet goes to the target, the Request-URI stays."""
    user = f"keep-{sip.token()}"
    uri = f"sip:{user}@{host.format(server=through.caller().server_host)}"
    call = through.place("keep", user=user, uri=uri)
    assert call.take().invite.uri == uri
    call.answer()
    call.hang_up()
    call.expect_ladders("<INVITE >100 >200 <ACK <BYE >200", ">INVITE <200 >ACK >BYE <200")


def test_the_advertised_host_is_in_via_and_contact_of_both_legs():
    listeners = [{"name": "pub", "address": "127.0.0.1:0", "advertise": "sip.example.com"}]
    with Through(listeners=listeners) as through:
        call = through.calling()
        port = through.server.sip()[1]
        invite = call.callee.invite
        assert f"sip.example.com:{port}" in invite.one("Via"), invite
        assert f"@sip.example.com:{port}" in invite.one("Contact") or f"sip:sip.example.com:{port}" in invite.one("Contact")
        assert "127.0.0.1" not in invite.one("Contact"), invite
        assert "sip.example.com" in call.ring().one("Contact")
        call.answer()
        # In-dialog requests to that name are taken.
        number = call.callee.send_request("INFO")
        call.caller.answer(call.caller.expect_in_dialog("INFO"))
        assert call.callee.reply_to("INFO", number).status == 200
        call.hang_up()
