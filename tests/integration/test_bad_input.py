"""What is wrong is refused with the right code, the field's path, and nothing on the wire."""

import re
import socket

import pytest

from harness.api import final_response, ladder, q850, redirect, sip_reason
from harness.peer import Call
from harness.server import ipv6_works, run_to_exit
from harness.stubs import pb

FINAL = "treatment.final_response"


@pytest.fixture
def ringing(peer, api):
    """A ringing call; after the test it must still ring, and its caller must have heard nothing more."""
    call = peer.invite()
    call.ring()
    name = api.find(call.call_id).name
    yield name
    call.no_final()
    after = api.get(name)
    assert after.state == pb.CALL_STATE_RINGING
    assert after.termination == ""
    assert ladder(after) == [("INVITE", "<"), (100, ">"), (180, ">")]
    assert not api.terminations(match=pb.CallMatch(names=pb.StringList(values=[name])))
    call.cancel()
    call.final()


def long_reason(text):
    return final_response(480, reasons=[q850(16, text)])


def with_header(name, value):
    return final_response(480, headers=[pb.Header(name=name, value=value)])


def with_retry_after(nanoseconds):
    treatment = final_response(480)
    treatment.final_response.retry_after.FromNanoseconds(nanoseconds)
    return treatment


def with_warning(**fields):
    return final_response(480, warning=pb.Warning(**{"code": 399, "text": "x", **fields}))


def with_after(nanoseconds):
    treatment = pb.Treatment(answer_then_bye=pb.AnswerThenBye())
    treatment.answer_then_bye.after.FromNanoseconds(nanoseconds)
    return treatment


SECOND = 10**9
CONTROL = ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b", "a\x7fb", "\r\n\r\n"]
TREATMENTS = [
    ("status 0", final_response(0), f"{FINAL}.status_code"),
    ("status 200", final_response(200), f"{FINAL}.status_code"),
    ("status 180", final_response(180), f"{FINAL}.status_code"),
    ("status 302", final_response(302), f"{FINAL}.status_code"),
    ("status 399", final_response(399), f"{FINAL}.status_code"),
    ("status 700", final_response(700), f"{FINAL}.status_code"),
    ("status -1", final_response(-1), f"{FINAL}.status_code"),
    ("phrase of 10 kB", final_response(480, "p" * 10240), f"{FINAL}.reason_phrase"),
    ("phrase of 129 bytes", final_response(480, "p" * 129), f"{FINAL}.reason_phrase"),
    ("phrase of 65 times 2 bytes", final_response(480, "ü" * 65), f"{FINAL}.reason_phrase"),
    ("486 with Q.850;16", final_response(486, reasons=[q850(16)]), f"{FINAL}.reasons[0].q850_cause"),
    ("404 with Q.850;17", final_response(404, reasons=[q850(17)]), f"{FINAL}.reasons[0].q850_cause"),
    ("486 with SIP;480", final_response(486, reasons=[sip_reason(480)]), f"{FINAL}.reasons[0].sip_status"),
    ("two Q.850", final_response(480, reasons=[q850(16), q850(31)]), f"{FINAL}.reasons[1]"),
    ("two SIP", final_response(480, reasons=[sip_reason(480), sip_reason(480)]), f"{FINAL}.reasons[1]"),
    ("Q.850;0", final_response(480, reasons=[q850(0)]), f"{FINAL}.reasons[0].q850_cause"),
    ("Q.850;128", final_response(480, reasons=[q850(128)]), f"{FINAL}.reasons[0].q850_cause"),
    ("reason without cause", final_response(480, reasons=[pb.Reason(text="x")]), f"{FINAL}.reasons[0]"),
    ("reason text of 129 bytes", long_reason("t" * 129), f"{FINAL}.reasons[0].text"),
    ("retry after half a second", with_retry_after(SECOND // 2), f"{FINAL}.retry_after"),
    ("retry after 0", with_retry_after(0), f"{FINAL}.retry_after"),
    ("retry after -1 s", with_retry_after(-SECOND), f"{FINAL}.retry_after"),
    ("retry after 1.5 s", with_retry_after(SECOND * 3 // 2), f"{FINAL}.retry_after"),
    ("retry after 32 days", with_retry_after(SECOND * 86400 * 32), f"{FINAL}.retry_after"),
    ("warning 299", with_warning(code=299), f"{FINAL}.warning.code"),
    ("warning 400", with_warning(code=400), f"{FINAL}.warning.code"),
    ("warning without text", with_warning(text=""), f"{FINAL}.warning.text"),
    ("warning text of 129 bytes", with_warning(text="w" * 129), f"{FINAL}.warning.text"),
    ("warning agent of two words", with_warning(agent="two words"), f"{FINAL}.warning.agent"),
    ("warning agent of 65 bytes", with_warning(agent="a" * 65), f"{FINAL}.warning.agent"),
    ("error info of another scheme", final_response(480, error_info="ftp://a.example"), f"{FINAL}.error_info"),
    ("error info that closes its bracket", final_response(480, error_info="sip:a@b>;x=<c"), f"{FINAL}.error_info"),
    ("error info of 513 bytes", final_response(480, error_info="https://a.example/" + "x" * 500), f"{FINAL}.error_info"),
    ("header without name", with_header("", "x"), f"{FINAL}.headers[0].name"),
    ("header with a space", with_header("X Y", "x"), f"{FINAL}.headers[0].name"),
    ("header with a colon", with_header("X:", "x"), f"{FINAL}.headers[0].name"),
    ("header name of 65 bytes", with_header("X" * 65, "x"), f"{FINAL}.headers[0].name"),
    ("header value of 513 bytes", with_header("X", "x" * 513), f"{FINAL}.headers[0].value"),
    ("17 headers", final_response(480, headers=[pb.Header(name=f"X-{i}", value="x") for i in range(17)]),
     f"{FINAL}.headers"),
    ("608 without Call-Info", final_response(608), None),
    ("bye reason without cause", pb.Treatment(bye_reasons=[pb.Reason(text="x")]), "treatment.bye_reasons[0]"),
    ("two bye reasons of a protocol", pb.Treatment(bye_reasons=[q850(16), q850(31)]), "treatment.bye_reasons[1]"),
    ("cancel reason 199", pb.Treatment(cancel_reasons=[sip_reason(199)]), "treatment.cancel_reasons[0].sip_status"),
    ("after 61 s", with_after(61 * SECOND), "treatment.answer_then_bye.after"),
    ("after -1 s", with_after(-SECOND), "treatment.answer_then_bye.after"),
    ("as_intent unspecified", pb.Treatment(as_intent=pb.INTENT_UNSPECIFIED), "treatment.as_intent"),
    ("as_intent 99", pb.Treatment(as_intent=99), "treatment.as_intent"),
    ("relay", pb.Treatment(relay=pb.Relay()), "treatment.relay"),
    ("proceed", pb.Treatment(proceed=pb.Proceed()), "treatment.proceed"),
    ("redirect without contacts", redirect([], 302), "treatment.redirect.contacts"),
    ("redirect to http", redirect(["http://example.com"], 302), "treatment.redirect.contacts[0]"),
]
RESERVED = ["Via", "From", "To", "Call-ID", "CSeq", "Contact", "Route", "Record-Route", "Max-Forwards", "Content-Type",
            "Content-Length", "Content-Disposition", "Require", "RSeq", "RAck", "Supported", "Allow", "Reason",
            "Retry-After", "Warning", "Error-Info", "content-length", "VIA",
            # The compact forms say the same (RFC 3261 7.3.3).
            "v", "f", "t", "i", "m", "c", "l", "k", "e"]


@pytest.mark.parametrize("treatment,field", [pytest.param(row[1], row[2], id=row[0]) for row in TREATMENTS])
def test_treatment(ringing, api, treatment, field):
    for validate_only in (False, True):
        with api.refused("INVALID_ARGUMENT", "INVALID_FIELD", field):
            api.terminate(ringing, treatment=treatment, validate_only=validate_only)


@pytest.mark.parametrize("name", RESERVED)
def test_reserved_headers(ringing, api, name):
    with api.refused("INVALID_ARGUMENT", "INVALID_FIELD", f"{FINAL}.headers[0].name"):
        api.terminate(ringing, treatment=with_header(name, "x"))


@pytest.mark.parametrize("text", CONTROL)
@pytest.mark.parametrize("field,fields", [
    (f"{FINAL}.reason_phrase", lambda text: {"treatment": final_response(480, text)}),
    (f"{FINAL}.reasons[0].text", lambda text: {"treatment": long_reason(text)}),
    (f"{FINAL}.warning.text", lambda text: {"treatment": with_warning(text=text)}),
    (f"{FINAL}.warning.agent", lambda text: {"treatment": with_warning(agent=text)}),
    (f"{FINAL}.error_info", lambda text: {"treatment": final_response(480, error_info="https://a/" + text)}),
    (f"{FINAL}.headers[0].name", lambda text: {"treatment": with_header("X" + text, "x")}),
    (f"{FINAL}.headers[0].value", lambda text: {"treatment": with_header("X", text)}),
    ("treatment.redirect.contacts[0]", lambda text: {"treatment": redirect(["sip:a@example.com" + text])}),
    ("treatment.bye_reasons[0].text", lambda text: {"treatment": pb.Treatment(bye_reasons=[q850(16, text)])}),
    ("treatment.cancel_reasons[0].text",
     lambda text: {"treatment": pb.Treatment(cancel_reasons=[sip_reason(200, text)])}),
    ("note", lambda text: {"note": text}),
    ("request_id", lambda text: {"request_id": text}),
])
def test_control_characters_in_every_text(ringing, api, field, fields, text):
    with api.refused("INVALID_ARGUMENT", "INVALID_FIELD", field):
        api.terminate(ringing, **fields(text))


@pytest.mark.parametrize("fields,field", [
    ({"note": "n" * 257}, "note"), ({"request_id": "r" * 129}, "request_id"), ({"request_id": "ü"}, "request_id"),
    ({"intent": 99}, "intent"), ({"wait": 99}, "wait")])
def test_other_fields(ringing, api, fields, field):
    with api.refused("INVALID_ARGUMENT", "INVALID_FIELD", field):
        api.terminate(ringing, **fields)


def test_a_policy_that_is_none(ringing, api):
    with api.refused("NOT_FOUND", "POLICY_NOT_FOUND"):
        api.terminate(ringing, policy="cancelPolicies/nobody")
    for bad in ("builtin", "cancelPolicies/", "cancelPolicies/A", "calls/a"):
        with api.refused("INVALID_ARGUMENT", "INVALID_FIELD", "policy"):
            api.terminate(ringing, policy=bad)
    with api.refused("INVALID_ARGUMENT", "INVALID_FIELD", "policy"):
        api.terminate(ringing, policy="cancelPolicies/builtin", treatment=final_response(486))


def test_neither_name_nor_call_id(api):
    with api.refused("INVALID_ARGUMENT", "INVALID_FIELD", ("call", "name", "sip_call_id")):
        api.terminate(intent=pb.INTENT_BUSY)


@pytest.mark.parametrize("name", ["", "calls/", "call", "calls/a/b", "terminations/x", "calls/\r\n", "calls/" + "x" * 1000])
def test_bad_names(api, name):
    with api.refused("INVALID_ARGUMENT", "INVALID_FIELD", ("name", "call")):
        api.terminate(name)
    with api.refused("INVALID_ARGUMENT", "INVALID_FIELD", "name"):
        api.get(name)


@pytest.mark.parametrize("call_id", ["", "a\r\nb"])
def test_bad_call_ids(api, call_id):
    with api.refused("INVALID_ARGUMENT", "INVALID_FIELD", ("sip_call_id", "call")):
        api.terminate(sip_call_id=call_id)


def test_unknown_calls(api):
    with api.refused("NOT_FOUND") as seen:
        api.terminate("calls/00000000-nobody")
    assert re.fullmatch("[A-Z_]+", seen["refusal"].reason)
    with api.refused("NOT_FOUND"):
        api.get("calls/00000000-nobody")
    with api.refused("NOT_FOUND"):
        api.terminate(sip_call_id="nobody@example.com")


def test_a_terminated_call(peer, api):
    call = peer.invite()
    call.ring()
    name = api.find(call.call_id).name
    api.terminate(name, treatment=final_response(486))
    call.final()
    api.wait_state(name, pb.CALL_STATE_TERMINATED)
    for target in ({"name": name}, {"sip_call_id": call.call_id}):
        with api.refused("FAILED_PRECONDITION", "CALL_TERMINATED"):
            api.terminate(**target)
    peer.options()
    assert len([m for m in peer.received if m.call_id == call.call_id and m.status >= 200]) == 1


def test_an_ambiguous_call_id(peer, api):
    """Two live INVITEs with the same Call-ID, as two phones behind one careless proxy send them."""
    first = peer.invite()
    first.ring()
    second = Call(peer, call_id=first.call_id)
    second.send_invite()
    peer.expect(first.call_id, lambda m: m.status == 180 and m.from_tag == second.from_tag, "second 180")
    names = sorted(call.name for call in api.by_call_id(first.call_id))
    assert len(names) == 2
    with api.refused("FAILED_PRECONDITION", "AMBIGUOUS") as seen:
        api.terminate(sip_call_id=first.call_id)
    told = " ".join(seen["refusal"].info.metadata.values())
    assert all(name in told for name in names), seen["refusal"].info
    first.no_final()
    second.no_final()
    # Each can be ended by its name; then the other one is not ambiguous any more.
    api.terminate(names[0], treatment=final_response(486))
    peer.expect(first.call_id, lambda m: m.status == 486, "486")
    assert api.terminate(sip_call_id=first.call_id, treatment=final_response(480)).call == names[1]
    peer.expect(first.call_id, lambda m: m.status == 480, "480")


def test_a_reused_request_id(peer, api):
    call = peer.invite()
    call.ring()
    name = api.find(call.call_id).name
    request_id = "reuse-" + call.call_id
    other = peer.invite()
    other.ring()
    other_name = api.find(other.call_id).name
    api.terminate(name, treatment=final_response(486), request_id=request_id)
    assert call.final().status == 486
    for fields in ({"name": other_name, "treatment": final_response(486)},
                   {"name": name, "treatment": final_response(480)}, {"name": name, "intent": pb.INTENT_BUSY},
                   {"name": name, "treatment": final_response(486), "note": "x"}):
        with api.refused("INVALID_ARGUMENT", "REQUEST_ID_REUSED"):
            api.terminate(request_id=request_id, **fields)
    other.no_final()


# The program itself.

BASE = ["--sip-listen", "127.0.0.1:0", "--grpc-listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0",
        "--store", "memory"]


def base(flag, value):
    """BASE with another value of one flag."""
    flags = list(BASE)
    flags[flags.index(flag) + 1] = value
    return flags


@pytest.mark.parametrize("config,key", [
    ("sipp: {}\n", "sipp"), ("sip: {listener: []}\n", "sip.listener"),
    ("sip: {listeners: [{name: a, address: \"127.0.0.1:0\", port: 1}]}\n", "sip.listeners[0].port"),
    ("sip: {listeners: [{name: a, address: nonsense}]}\n", "sip.listeners[0].address"),
    ("sip: {listeners: [{name: a, address: \"0.0.0.0:0\"}]}\n", "sip.listeners[0].address"),
    ("sip: {listeners: [{name: a, address: \"127.0.0.1:0\", transports: [sctp]}]}\n", "sip.listeners[0].transports"),
    ("sip: {listeners: [{name: a, address: \"127.0.0.1:0\", advertise: \"example.com:9\"}]}\n",
     "sip.listeners[0].advertise"),
    ("sip: {listeners: [{name: a, address: \"127.0.0.1:5\"}, {name: a, address: \"127.0.0.1:6\"}]}\n",
     "sip.listeners[1].name"),
    ("sip: {allow: [nowhere]}\n", "sip.allow[0]"),
    ("limits: {queue: 0}\n", "limits.queue"), ("limits: {workers: 65}\n", "limits.workers"),
    ("limits: {workers: many}\n", "limits.workers"), ("limits: {ended_calls: 1000001}\n", "limits.ended_calls"),
    ("drain: {ringing_after: soon}\n", "drain.ringing_after"), ("drain: {answered_after: 2h}\n", "drain.answered_after"),
    ("routes: [{name: a, park: {timeout: 0s}}]\n", "routes[0].park.timeout"),
    ("routes: [{name: a, forward: {}}]\n", "routes[0].forward.targets"),
    ("routes: [{name: a, forward: {targets: [\"sips:b@example.com\"]}}]\n", "routes[0].forward.targets[0]"),
    ("routes: [{name: a, forward: {targets: [\"sip:b@example.com\"], request_uri: KEP}}]\n",
     "routes[0].forward.request_uri"),
    ("routes: [{name: a, forward: {targets: [\"sip:b@example.com\"], "
     "credentials: [{realm: r, username: u, password_file: /missing}]}}]\n",
     "routes[0].forward.credentials[0].password_file"),
    ("routes: [{name: a, match: {}}]\n", "routes[0].match"),
    ("routes: [{name: a, match: {from_uri: {regex: \"(\"}}}]\n", "routes[0].match.from_uri.regex"),
    ("log: {level: loud}\n", "log.level"), ("log: {format: xml}\n", "log.format"),
    ("instance: \"Not valid\"\n", "instance"), ("api: {listen: nonsense}\n", "api.listen"),
    ("policies: {enable: [no-such]}\n", "policies.enable[0]"),
    ("api: {tokens_file: /missing}\n", "api.tokens_file"),
    ("api: {tls: {private_key_file: /missing}}\n", "api.tls.certificate_file"),
    ("limits: {api_watchers_per_client: 0}\n", "limits.api_watchers_per_client"),
    # Known, not built yet: refused by name.
    ("store: {redis: {url: \"redis://127.0.0.1\"}}\n", "store.redis"),
    ("limits: {invites_per_second: 1000001}\n", "limits.invites_per_second"),
    ("blocking: {contact: \"sip:a@example.com\"}\n", "blocking"),
    ("sip: {listeners: [{name: a, address: \"127.0.0.1:0\", tls: {certificate_dir: /x}}]}\n",
     "sip.listeners[0].tls"),
    ("sip: [unclosed\n", ""), ("just text\n", ""), ("instance: a\ninstance: b\n", "instance"),
])
def test_bad_configuration(config, key):
    flags = [] if "listen" in key else BASE
    code, output = run_to_exit(flags, config=config)
    assert code == 2, output
    assert key in output, output
    assert len(output.strip().splitlines()) == 1, f"one clear line: {output}"


def test_an_unreadable_file(tmp_path):
    for path in (tmp_path / "missing.yaml", tmp_path):
        code, output = run_to_exit(["--config", str(path), *BASE])
        assert code == 2, output
        assert str(path) in output, output


@pytest.mark.parametrize("flags", [["--nonsense"], ["--sip-listen"], ["--store", "disk:x"], ["--sip-listen", "nonsense"],
                                   ["--store", "redis://127.0.0.1"]])
def test_bad_flags(flags):
    code, output = run_to_exit(flags)
    assert code == 2, output
    assert output.strip()


def test_plaintext_off_loopback_needs_a_word():
    code, output = run_to_exit(base("--grpc-listen", "0.0.0.0:0"))
    assert code == 2, output
    assert "insecure" in output, output


@pytest.mark.parametrize("flag,kind", [
    ("--sip-listen", socket.SOCK_DGRAM), ("--sip-listen", socket.SOCK_STREAM), ("--grpc-listen", socket.SOCK_STREAM),
    ("--metrics-listen", socket.SOCK_STREAM)])
@pytest.mark.parametrize("reuse", [False, True])
def test_port_in_use(flag, kind, reuse):
    """Also when the holder shares its port: half of the calls of two servers would be nobody's."""
    with socket.socket(socket.AF_INET, kind) as holder:
        if reuse:
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            holder.listen()
        address = "127.0.0.1:%d" % holder.getsockname()[1]
        code, output = run_to_exit(base(flag, address))
    assert code not in (0, 2) and code > 0, (code, output)
    assert address in output, output
    assert '"ready"' not in output, output


@pytest.mark.parametrize("path", ["/proc/adieu.db", "/nonexistent/folder/adieu.db", "/"])
def test_a_store_that_cannot_be_opened(path):
    code, output = run_to_exit(base("--store", f"sqlite:{path}"))
    assert code > 0, output
    assert path in output, output
    assert '"ready"' not in output


@pytest.mark.skipif(not ipv6_works(), reason="no IPv6 on this machine")
def test_wildcard_addresses_are_refused():
    for address in ("0.0.0.0:0", "[::]:0"):
        code, output = run_to_exit(base("--sip-listen", address))
        assert code == 2, output
