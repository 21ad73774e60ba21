"""SIP over TLS: calls that come in over it, who is let in, and what peers can do to it that are slow, wrong or gone."""

import contextlib
import json
import pathlib
import re
import resource
import select
import socket
import ssl
import warnings

import pytest

from harness import metrics, sip, trust
from harness.api import Api, answer_then_bye
from harness.mortal import Mortal
from harness.peer import TcpPeer, TlsPeer, UdpPeer
from harness.server import Server, free_port, ipv6_works, run_to_exit
from harness.stubs import pb
from harness.through import Through
from harness.wait import DEADLINE, until

REJECTED = "adieu_sip_rejected_total"
ANSWERED = "<INVITE >100 >180 >200 <ACK", ">INVITE <180 <200 >ACK"


def put(folder, identity, clients=None):
    """The files of `certificate_dir`."""
    trust.write(folder / "agent.pem", identity.certificate + identity.key)
    if clients:
        trust.write(folder / "cafile.pem", clients.certificate)


def listeners(folder, **tls):
    return [{"name": "open", "address": "127.0.0.1:0"},
            {"name": "secure", "address": "127.0.0.1:0", "transports": ["tls"],
             "tls": {"certificate_dir": str(folder), **tls}}]


def start(folder, sip_settings=None, **tls):
    config = {"sip": {"listeners": listeners(folder, **tls), **(sip_settings or {})}}
    return Server(config=json.dumps(config), sip_listen=None)


def rejected(server, count, reason):
    metrics.wait_value(server.metrics, count, REJECTED, reason=reason)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, ca):
    folder = tmp_path_factory.mktemp("secure")
    put(folder, ca.server())
    return folder


@pytest.fixture(scope="module")
def through(folder):
    with Through(listeners=listeners(folder)) as through:
        yield through


@pytest.fixture
def caller(through, ca):
    with TlsPeer(through.server.sip("secure"), ca) as peer:
        yield peer


def is_closed(connection, seconds=DEADLINE):
    """Waits for the end of the stream; what comes before it is returned."""
    data = b""
    connection.settimeout(seconds)
    with contextlib.suppress(ConnectionResetError, ssl.SSLEOFError):
        while more := connection.recv(1 << 16):
            data += more
    return data


def test_a_parked_call_is_ended(through, caller):
    call = caller.invite()
    ringing = call.ring()
    assert ringing.all("Via")[0].startswith("SIP/2.0/TLS ")
    contact = sip.uri_of(ringing.one("Contact"))
    assert sip.address_of(contact) == caller.server and "transport=tls" in contact, contact
    found = through.api.find(call.call_id)
    assert (found.caller.transport, found.caller.remote_address) == ("tls", f"127.0.0.1:{caller.address[1]}")
    through.api.terminate(found.name, intent=pb.INTENT_BUSY)
    assert call.final().status == 486
    until(lambda: [m.status_code or m.method for m in through.api.get(found.name).messages] ==
          ["INVITE", 100, 180, 486, "ACK"], "the ladder")


@pytest.mark.parametrize("ender", ["caller", "callee", "adieu"])
@pytest.mark.parametrize("contact", ["of the connection", "another port", "a name", "sips"])
def test_a_call_goes_on_over_udp(through, caller, ender, contact):
    """What we send within the caller's dialog goes by its connection, whatever its Contact says."""
    shown = {"of the connection": None, "another port": "<sip:alice@127.0.0.1:9;transport=tls>",
             "a name": "<sip:alice@phone.invalid;transport=tls>", "sips": "<sips:alice@127.0.0.1:9>"}[contact]
    call = through.answered("udp", caller, contact=shown)
    through_contact = sip.uri_of(call.callee.invite.one("Contact"))
    assert sip.address_of(through_contact) == through.server.sip("open"), through_contact
    assert call.callee.invite.one("Via").startswith("SIP/2.0/UDP ")
    call.end_answered(ender)
    began, ended = " <BYE >200", " >BYE <200"
    call.expect_ladders(ANSWERED[0] + (began if ender == "caller" else ended),
                        ANSWERED[1] + (began if ender == "callee" else ended))


@pytest.mark.parametrize("uri, contact, scheme", [
    ("sip:bob@127.0.0.1", None, "sip"), ("sips:bob@127.0.0.1", "<sips:alice@127.0.0.1>", "sips"),
    ("sip:bob@127.0.0.1", "<sips:alice@127.0.0.1>", "sips")])
def test_the_contact_is_sips_for_whoever_asks_for_it(through, caller, uri, contact, scheme):
    """In 180, and in the 200 of a call that never rang (RFC 3261 12.1.1)."""
    call = caller.invite(uri=uri, contact=contact)
    shown = [call.ring().one("Contact")]
    through.api.terminate(through.api.find(call.call_id).name, treatment=answer_then_bye())
    shown.append(call.final().one("Contact"))
    call.expect_bye()
    host, port = caller.server
    wanted = f"<{scheme}:{host}:{port}{';transport=tls' if scheme == 'sip' else ''}>"
    assert shown == [wanted] * 2


def test_ipv6(tmp_path, ca):
    if not ipv6_works():
        pytest.skip("no IPv6 on this machine")
    put(tmp_path, ca.server())
    six = {"name": "six", "address": "[::1]:0", "transports": ["tls"], "tls": {"certificate_dir": str(tmp_path)}}
    with Server(config=json.dumps({"sip": {"listeners": [six]}}), sip_listen=None) as server, Api(server.grpc) as api, \
            TlsPeer(server.sip(), ca) as peer:
        call = peer.invite(contact="<sip:alice@[::1]:9;transport=tls>")
        call.ring()
        api.terminate(api.find(call.call_id).name, treatment=answer_then_bye())
        assert call.final().status == 200
        call.expect_bye()


def test_a_ringing_call_is_cancelled_and_ended(through, caller):
    through.ringing("udp", caller).cancel()
    call = through.ringing("udp", caller)
    termination = through.api.terminate(call.name, intent=pb.INTENT_ELSEWHERE)
    assert call.caller.final().status >= 400
    call.callee.expect_cancelled()
    assert call.settled(termination) == {"caller": "FINAL_RESPONSE ENDED", "callee": "CANCEL ENDED"}


def test_a_caller_that_vanished_gets_no_connection_of_ours(through, ca):
    """We could not tell whom we would reach: the BYE fails, and the callee is let go."""
    with socket.create_server(("127.0.0.1", 0)) as elsewhere, TlsPeer(through.server.sip("secure"), ca) as caller:
        call = through.answered("udp", caller, contact=f"<sip:alice@127.0.0.1:{elsewhere.getsockname()[1]};transport=tls>")
        name = call.name
        caller.close()
        until(lambda: TcpPeer(through.server.sip("open")).options().status == 200, "an answer")
        termination = through.api.terminate(name)
        call.callee.expect_bye()
        assert call.settled(termination)["callee"] == "BYE ENDED"
        through.api.wait_state(name, pb.CALL_STATE_TERMINATED)
        assert not select.select([elsewhere], [], [], 0)[0], "it connected"


def test_a_call_of_the_process_before(folder, ca):
    """Its caller comes back by a new connection: what it sends within the call finds it, and so does our BYE."""
    secure = {**listeners(folder)[1], "address": f"127.0.0.1:{free_port()}"}
    with Mortal(beside=[secure]) as mortal:
        call = mortal.answered("udp", TlsPeer(mortal.server.sip("secure"), ca))
        gone = mortal.answered("udp", call.caller.peer)
        for each in (call, gone):
            mortal.wait_dialogs(each.name, lambda dialogs: dialogs.caller.acknowledged, "what the next process needs")
        mortal.die_and_rise()
        assert mortal.api.get(call.name).state == mortal.api.get(gone.name).state == pb.CALL_STATE_ANSWERED
        termination = mortal.api.terminate(gone.name)
        gone.callee.expect_bye()
        assert gone.settled(termination)["callee"] == "BYE ENDED"
        with TlsPeer(mortal.server.sip("secure"), ca) as again:
            call.caller.peer = again
            number = call.caller.send_request("INFO", headers=[("Content-Type", "application/dtmf-relay")], body="Signal=5\r\n")
            call.callee.answer(call.callee.expect_in_dialog("INFO"))
            assert call.caller.reply_to("INFO", number).status == 200
            termination = mortal.api.terminate(call.name)
            call.caller.expect_bye()
            call.callee.expect_bye()
            assert call.settled(termination) == {"caller": "BYE ENDED", "callee": "BYE ENDED"}


def test_versions_and_ciphers(through, ca):
    for minimum, maximum, cipher, good in [
        (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3, None, True),
        (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2, None, True),
        (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2, "AES128-SHA:AES256-SHA256:@SECLEVEL=0", False),
        (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2, "aNULL:@SECLEVEL=0", False),
        (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, "ALL:@SECLEVEL=0", False),
    ]:
        context = trust.client_context(ca)
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            context.minimum_version, context.maximum_version = minimum, maximum
        if cipher:
            context.set_ciphers(cipher)
        with socket.create_connection(through.server.sip("secure"), timeout=DEADLINE) as raw:
            try:
                with context.wrap_socket(raw, server_hostname="localhost"):
                    assert good, (maximum, cipher)
            except (ssl.SSLError, ConnectionResetError):
                assert not good, (maximum, cipher)


def test_mutual(tmp_path, ca, clients):
    put(tmp_path, ca.server(), clients)
    with start(tmp_path, require_client_certificate=True) as server:
        with TlsPeer(server.sip("secure"), ca, clients.client("sbc")) as friend:
            friend.invite().ring()
            for stranger in (None, ca.client("sbc"), trust.Authority("clients CA").client("sbc")):
                # With TLS 1.3 a client learns of it with its first read.
                with contextlib.suppress(ssl.SSLError, ConnectionResetError, BrokenPipeError), \
                        TlsPeer(server.sip("secure"), ca, stranger) as peer:
                    assert peer.options().status == 0, stranger
            rejected(server, 3, "handshake")
            assert friend.options().status == 200


def test_a_bad_handshake_does_not_touch_others(through, ca):
    """OpenSSL's queue of errors is one for the thread: half a record of one peer comes while another's is refused."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = trust.client_context(ca).wrap_bio(incoming, outgoing, server_hostname="localhost")
    with socket.create_connection(through.server.sip("secure"), timeout=DEADLINE) as raw:
        def step(action):
            while True:
                try:
                    return action()
                except ssl.SSLWantReadError:
                    raw.sendall(outgoing.read())
                    incoming.write(raw.recv(1 << 16))
        step(tls.do_handshake)
        raw.sendall(outgoing.read())
        peer = UdpPeer(through.server.sip("open"))
        with peer:
            for _ in range(3):
                host, port = raw.getsockname()
                tls.write(sip.request("OPTIONS", "sip:127.0.0.1", [
                    ("Via", f"SIP/2.0/TLS {host}:{port};branch={sip.branch()}"), ("Max-Forwards", "70"),
                    ("From", f"<sip:a@{host}>;tag={sip.token()}"), ("To", "<sip:127.0.0.1>"), ("Call-ID", sip.token()),
                    ("CSeq", "1 OPTIONS")]))
                record = outgoing.read()
                raw.sendall(record[:40])
                with socket.create_connection(through.server.sip("secure"), timeout=DEADLINE) as wrong:
                    wrong.sendall(b"OPTIONS sip:127.0.0.1 SIP/2.0\r\n\r\n")
                    is_closed(wrong)
                raw.sendall(record[40:70])
                assert peer.options().status == 200
                raw.sendall(record[70:])
                assert step(lambda: tls.read(4096)).startswith(b"SIP/2.0 200 ")


def test_a_certificate_changes(tmp_path, ca, clients):
    """New connections get the new one, those that are there stay; a bad one changes nothing."""
    put(tmp_path, ca.server(), clients)
    new_ca, new_clients = trust.Authority("new"), trust.Authority("new clients")
    old, new = clients.client("a"), new_clients.client("a")
    with start(tmp_path, require_client_certificate=True) as server, TlsPeer(server.sip("secure"), ca, old) as before:
        before.invite().ring()
        (tmp_path / "agent.pem").write_text("x")
        server.wait_log("sip certificate refused, the old one counts on", DEADLINE)
        with TlsPeer(server.sip("secure"), ca, old) as peer:
            assert peer.options().status == 200
        put(tmp_path, new_ca.server(), new_clients)

        def is_new():
            with contextlib.suppress(ssl.SSLError, ConnectionResetError, BrokenPipeError, AssertionError), \
                    TlsPeer(server.sip("secure"), new_ca, new) as peer:
                return peer.options().status == 200
        until(is_new, "the new certificate")
        with pytest.raises(ssl.SSLCertVerificationError):
            TlsPeer(server.sip("secure"), ca, old)
        assert before.options().status == 200
        page = metrics.scrape(server.metrics)
        assert page.value("adieu_certificate_expiry_timestamp_seconds", use="sip:secure") > 0


def test_plaintext_and_a_silent_client_are_dropped(folder, ca):
    with start(folder) as server, TlsPeer(server.sip("secure"), ca) as good:
        assert good.options().status == 200
        with TcpPeer(server.sip("secure")) as plain:
            with pytest.raises(AssertionError, match="closed the connection"):
                plain.options()
        rejected(server, 1, "handshake")
        with socket.create_connection(server.sip("secure")) as silent, \
                socket.create_connection(server.sip("secure")) as slow:
            slow.sendall(b"\x16\x03\x01\x02\x00\x01")
            assert is_closed(silent) == is_closed(slow) == b""
        rejected(server, 2, "silent")
        good.invite().ring()


@pytest.mark.parametrize("listener", ["open", "secure"])
def test_a_peer_that_never_reads(through, ca, listener):
    """Its answers fill the socket and the stack's queue, then it goes."""
    peer = TlsPeer(through.server.sip(listener), ca) if listener == "secure" else TcpPeer(through.server.sip(listener))
    with peer:
        host, port = peer.address
        peer._socket.settimeout(1)
        with contextlib.suppress(TimeoutError, OSError):
            for _ in range(20000):
                peer._socket.sendall(sip.request("OPTIONS", "sip:127.0.0.1", [
                    ("Via", f"SIP/2.0/{peer.transport} {host}:{port};branch={sip.branch()};x={'x' * 3000}"),
                    ("Max-Forwards", "70"), ("From", f"<sip:a@{host}>;tag={sip.token()}"), ("To", "<sip:127.0.0.1>"),
                    ("Call-ID", sip.token()), ("CSeq", "1 OPTIONS")]))
    with TlsPeer(through.server.sip("secure"), ca) as other:
        assert other.options().status == 200
        other.invite().ring()


def test_one_address_has_no_more_than_1000_connections(folder):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    try:
        with start(folder) as server, contextlib.ExitStack() as stack:
            for _ in range(1000):
                assert stack.enter_context(TcpPeer(server.sip("open"))).options().status == 200
            for number, listener in enumerate(("open", "secure"), 1):
                with socket.create_connection(server.sip(listener)) as one_more:
                    assert is_closed(one_more) == b""
                rejected(server, number, "connections")
            with UdpPeer(server.sip("open")) as other:
                other.invite().ring()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_connections_leave_nothing_behind(through, ca):
    """No descriptors, and no memory."""
    def come_and_go(times):
        for _ in range(times):
            with TlsPeer(through.server.sip("secure"), ca) as peer:
                assert peer.options().status == 200

    def kilobytes():
        status = pathlib.Path(f"/proc/{through.server.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))

    def files():
        return len(list(pathlib.Path(f"/proc/{through.server.pid}/fd").iterdir()))
    come_and_go(40)
    before, files_before = kilobytes(), files()
    come_and_go(200)
    assert kilobytes() - before < 1000, "more than 5 kB for each connection"
    until(lambda: files() <= files_before + 2, "the end of the connections")


def test_a_source_that_is_not_allowed_has_no_connection(folder, ca):
    with start(folder, {"allow": ["127.0.0.2/32"]}) as server:
        with socket.socket() as stranger:
            stranger.settimeout(1)
            with pytest.raises(TimeoutError):
                stranger.connect(server.sip("secure"))


def big(peer, size, where):
    """An OPTIONS with this much in its body or its header."""
    host, port = peer.address
    padding = "x" * size
    lines = [f"X-Padding: {padding}"[:1000] for _ in range(size // 1000)] if where == "header" else []
    return sip.request("OPTIONS", "sip:127.0.0.1", [
        ("Via", f"SIP/2.0/{peer.transport} {host}:{port};rport;branch={sip.branch()}"), ("Max-Forwards", "70"),
        ("From", f"<sip:a@{host}>;tag={sip.token()}"), ("To", "<sip:127.0.0.1>"), ("Call-ID", "big"), ("CSeq", "1 OPTIONS"),
        *(tuple(line.split(": ")) for line in lines),
        *([("Content-Type", "text/plain")] if where == "body" else [])], padding if where == "body" else "")


def peer_of(server, transport, ca):
    if transport == "tls":
        return TlsPeer(server.sip("secure"), ca)
    return (TcpPeer if transport == "tcp" else UdpPeer)(server.sip("open"))


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
@pytest.mark.parametrize("where", ["body", "header"])
def test_large_messages_are_taken(through, ca, transport, where):
    """One that nearly fills a datagram, and of streams several in a row."""
    with peer_of(through.server, transport, ca) as peer:
        for _ in range(1 if transport == "udp" else 3):
            peer.send(big(peer, 40000, where))
        assert peer.expect("big", lambda m: m.status, "an answer").status == 200
        assert peer.options().status == 200


@pytest.mark.parametrize("transport", ["tcp", "tls"])
@pytest.mark.parametrize("where", ["body", "header"])
@pytest.mark.parametrize("first", [True, False], ids=["first", "second"])
def test_too_large_messages_end_the_connection(through, ca, transport, where, first):
    with peer_of(through.server, transport, ca) as peer:
        before = b"" if first else big(peer, 100, "body")
        with contextlib.suppress(OSError):
            peer._socket.sendall(before + big(peer, 70000, where))
        answer = is_closed(peer._socket)
        if where == "body":
            assert answer.count(b"SIP/2.0 413 ") == 1, answer
    with peer_of(through.server, transport, ca) as peer:
        assert peer.options().status == 200


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_an_endless_header_is_cut_off(through, ca, transport):
    """Memory stays bounded: the connection is closed long before a megabyte is there, also behind a good message."""
    with peer_of(through.server, transport, ca) as peer:
        with pytest.raises(OSError):
            peer._socket.sendall(big(peer, 100, "body") + b"OPTIONS sip:127.0.0.1 SIP/2.0\r\n")
            for _ in range(20000):
                peer._socket.sendall(b"X-Padding: " + b"x" * 1000 + b"\r\n")


def test_a_burst_of_messages_is_no_large_message(through):
    with peer_of(through.server, "tcp", None) as peer:
        peer._socket.sendall(b"".join(big(peer, 3000, "body") for _ in range(200)))
        peer._seen = set()
        until(lambda: peer.pump(1) and sum(m.status == 200 for m in peer.received) == 200, "200 answers")


@pytest.mark.parametrize("break_it, expected", [
    (lambda folder: (folder / "agent.pem").unlink(), "agent.pem: the file "),
    (lambda folder: (folder / "agent.pem").write_text("x"), "agent.pem has no certificate in PEM"),
    (lambda folder: (folder / "agent.pem").write_text(trust.Authority().server().certificate), "agent.pem must have the key"),
    (lambda folder: (folder / "cafile.pem").write_text("x"), "cafile.pem has no certificate in PEM"),
])
def test_files_that_are_no_good(tmp_path, ca, clients, break_it, expected):
    put(tmp_path, ca.server(), clients)
    break_it(tmp_path)
    config = json.dumps({"sip": {"listeners": listeners(tmp_path, require_client_certificate=True)}})
    for flags in ([], ["--check"]):
        code, output = run_to_exit(flags, config=config)
        assert code == 2, output
        assert "sip.listeners[1].tls.certificate_dir: " in output and expected in output, output


def test_good_files_pass_the_check(folder):
    code, output = run_to_exit(["--check"], config=json.dumps({"sip": {"listeners": listeners(folder)}}))
    assert code == 0, output
