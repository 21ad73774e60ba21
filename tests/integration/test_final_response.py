"""Every final response that a treatment can name leaves byte for byte, and its ACK is seen."""

import pytest

from harness.api import final_response, ladder, q850, sip_reason
from harness.stubs import pb

# The phrase that leaves when none is given (RFC 3261 21 and the registrations of the others).
STANDARD = [
    (400, "Bad Request"), (402, "Payment Required"), (403, "Forbidden"), (404, "Not Found"), (406, "Not Acceptable"),
    (408, "Request Timeout"), (410, "Gone"), (413, "Request Entity Too Large"), (414, "Request-URI Too Long"),
    (415, "Unsupported Media Type"), (416, "Unsupported URI Scheme"), (480, "Temporarily Unavailable"),
    (481, "Call/Transaction Does Not Exist"), (482, "Loop Detected"), (483, "Too Many Hops"),
    (484, "Address Incomplete"), (485, "Ambiguous"), (486, "Busy Here"), (487, "Request Terminated"),
    (488, "Not Acceptable Here"), (491, "Request Pending"), (493, "Undecipherable"), (500, "Server Internal Error"),
    (501, "Not Implemented"), (502, "Bad Gateway"), (503, "Service Unavailable"), (504, "Server Time-out"),
    (505, "Version Not Supported"), (513, "Message Too Large"), (600, "Busy Everywhere"), (603, "Decline"),
    (604, "Does Not Exist Anywhere"), (606, "Not Acceptable"),
]
OWN = [(424, "Bad Location Information"), (433, "Anonymity Disallowed"), (470, "Consent Needed"), (499, "Ours"),
       (580, "Precondition Failure"), (599, "Also ours"), (607, "Unwanted"), (699, "Last")]
MANDATORY = [
    (401, "WWW-Authenticate", 'Digest realm="adieu", nonce="1"'),
    (405, "Allow", "ACK, BYE"), (407, "Proxy-Authenticate", 'Digest realm="adieu", nonce="1"'),
    (420, "Unsupported", "foo"), (421, "Require", "timer"), (422, "Min-SE", "120"), (423, "Min-Expires", "60"),
    (608, "Call-Info", "<https://example.com/redress>;purpose=jcard"),
]


def end(peer, api, treatment, **invite):
    """Rings, is ended, acknowledges. Returns (final response, settled termination, call)."""
    call = peer.invite(**invite)
    call.ring()
    name = api.find(call.call_id).name
    termination = api.terminate(name, treatment=treatment)
    final = call.final()
    return final, api.termination(termination.name, name), name


@pytest.mark.parametrize("code,phrase", STANDARD)
def test_standard_phrase(peer, api, code, phrase):
    final, termination, _ = end(peer, api, final_response(code))
    assert final.raw.startswith(f"SIP/2.0 {code} {phrase}\r\n".encode()), final
    for header in ("Reason", "Retry-After", "Warning", "Error-Info", "Contact"):
        assert not final.has(header), final
    assert final.one("Content-Length") == "0"
    leg, = termination.legs
    assert (leg.status_code, leg.reason_phrase) == (code, phrase)


@pytest.mark.parametrize("code,phrase", OWN)
def test_own_phrase(peer, api, code, phrase):
    final, _, _ = end(peer, api, final_response(code, phrase))
    assert final.raw.startswith(f"SIP/2.0 {code} {phrase}\r\n".encode()), final


@pytest.mark.parametrize("phrase", [
    "Call ended", "x", "p" * 128, "Anruf beendet: bitte später", "通話終了", 'quotes " and \\ backslash; comma, <angle>',
    "100%s %n", "SIP/2.0 200 OK"])
def test_any_phrase_as_given(any_peer, api, phrase):
    final, termination, _ = end(any_peer, api, final_response(480, phrase))
    assert final.raw.startswith(b"SIP/2.0 480 " + phrase.encode() + b"\r\n"), final
    assert termination.legs[0].reason_phrase == phrase


@pytest.mark.parametrize("code,header,value", MANDATORY)
def test_codes_with_a_mandatory_header(peer, api, code, header, value):
    given = final_response(code, headers=[pb.Header(name=header, value=value)])
    final, _, _ = end(peer, api, given)
    assert final.status == code
    assert final.all(header) == [value], final


@pytest.mark.parametrize("code", sorted({row[0] for row in MANDATORY}))
def test_codes_without_their_mandatory_header(peer, api, code):
    call = peer.invite()
    call.ring()
    name = api.find(call.call_id).name
    with api.refused("INVALID_ARGUMENT", "INVALID_FIELD"):
        api.terminate(name, treatment=final_response(code))
    call.no_final()


@pytest.mark.parametrize("code,header", [(405, "Require"), (421, "Allow"), (486, "Allow"), (486, "Require")])
def test_allow_and_require_belong_to_one_code_each(peer, api, code, header):
    call = peer.invite()
    call.ring()
    name = api.find(call.call_id).name
    given = [pb.Header(name=own, value=value) for other, own, value in MANDATORY if other == code]
    place = f"treatment.final_response.headers[{len(given)}].name"
    with api.refused("INVALID_ARGUMENT", "INVALID_FIELD", place):
        api.terminate(name, treatment=final_response(code, headers=[*given, pb.Header(name=header, value="x")]))
    call.no_final()


@pytest.mark.parametrize("code,reasons,wire", [
    (486, [q850(17)], ["Q.850;cause=17"]),
    (486, [q850(17, "User busy")], ['Q.850;cause=17;text="User busy"']),
    (480, [q850(16, "Normal call clearing")], ['Q.850;cause=16;text="Normal call clearing"']),
    (487, [q850(16)], ["Q.850;cause=16"]),
    (480, [q850(31)], ["Q.850;cause=31"]),
    (404, [q850(1)], ["Q.850;cause=1"]),
    (603, [q850(21)], ["Q.850;cause=21"]),
    (603, [sip_reason(603)], ["SIP;cause=603"]),
    (603, [sip_reason(603, "Declined"), q850(21, "Call rejected")],
     ['SIP;cause=603;text="Declined"', 'Q.850;cause=21;text="Call rejected"']),
    (486, [q850(17, 'say "busy" \\ now')], ['Q.850;cause=17;text="say \\"busy\\" \\\\ now"']),
    (480, [q850(16, "später")], ['Q.850;cause=16;text="später"']),
])
def test_reason(peer, api, code, reasons, wire):
    final, termination, name = end(peer, api, final_response(code, reasons=reasons))
    assert sorted(final.members("Reason")) == sorted(wire), final
    sent = [header for header in termination.legs[0].headers if header.name == "Reason"]
    assert sent, termination
    shown = [message.reason for message in api.get(name).messages if message.status_code == code]
    assert all(value in shown[0] for value in wire), shown


def test_every_field_at_once(any_peer, api):
    treatment = final_response(
        480, "Please call later", reasons=[sip_reason(480, "Later"), q850(16, "Normal call clearing")],
        warning=pb.Warning(code=399, agent="adieu.example", text='Closed, "really"'),
        error_info="https://example.com/closed.wav", headers=[
            pb.Header(name="X-Ended-By", value="adieu; why=\"closed\""), pb.Header(name="X-Ended-By", value="twice"),
            pb.Header(name="Server", value="own/1.0")])
    treatment.final_response.retry_after.FromSeconds(120)
    final, termination, name = end(any_peer, api, treatment)
    assert final.raw.startswith(b"SIP/2.0 480 Please call later\r\n")
    for line in (b"\r\nRetry-After: 120\r\n", b'\r\nWarning: 399 adieu.example "Closed, \\"really\\""\r\n',
                 b"\r\nError-Info: <https://example.com/closed.wav>\r\n", b'\r\nX-Ended-By: adieu; why="closed"\r\n',
                 b"\r\nX-Ended-By: twice\r\n"):
        assert line in final.raw, (line, final)
    assert final.members("Reason") == ['SIP;cause=480;text="Later"', 'Q.850;cause=16;text="Normal call clearing"']
    assert final.all("Server") == ["own/1.0"], final
    leg, = termination.legs
    assert leg.side == pb.LEG_SIDE_CALLER
    assert leg.action == pb.LEG_ACTION_FINAL_RESPONSE
    assert leg.outcome == pb.LEG_OUTCOME_ENDED
    names = [header.name for header in leg.headers]
    for wanted in ("Reason", "Retry-After", "Warning", "Error-Info", "X-Ended-By", "Server"):
        assert wanted in names, leg
    assert {header.name: header.value for header in leg.headers}["Retry-After"] == "120"


def test_the_ack_ends_it_and_the_ladder_tells(any_peer, api):
    final, termination, name = end(any_peer, api, final_response(486, reasons=[q850(17)]))
    leg, = termination.legs
    assert leg.outcome == pb.LEG_OUTCOME_ENDED
    assert leg.send_time.ToNanoseconds() <= leg.end_time.ToNanoseconds()
    assert termination.request_time.ToNanoseconds() <= leg.send_time.ToNanoseconds()
    call = api.get(name)
    assert call.state == pb.CALL_STATE_TERMINATED
    assert call.ended_by == pb.ENDED_BY_ADIEU
    assert call.termination == termination.name
    assert call.caller.last_status_code == 486
    assert ladder(call) == [("INVITE", "<"), (100, ">"), (180, ">"), (486, ">"), ("ACK", "<")]
    times = [message.time.ToNanoseconds() for message in call.messages]
    assert times == sorted(times)
    assert [message.reason for message in call.messages] == ["", "", "", "Q.850;cause=17", ""]
    assert {message.side for message in call.messages} == {pb.LEG_SIDE_CALLER}
    assert {message.cseq for message in call.messages} == {1}
    assert call.messages[3].reason_phrase == "Busy Here"


def test_without_an_ack_the_call_is_terminated_and_the_leg_only_sent(peer, api):
    call = peer.invite()
    call.ring()
    name = api.find(call.call_id).name
    termination = api.terminate(name, treatment=final_response(486))
    final = call.final(ack=False)
    assert termination.legs[0].outcome == pb.LEG_OUTCOME_SENT
    assert not termination.legs[0].HasField("end_time")
    api.wait_state(name, pb.CALL_STATE_TERMINATED)
    call.ack(final)
    assert api.termination(termination.name, name).legs[0].outcome == pb.LEG_OUTCOME_ENDED


def test_an_unacknowledged_180_does_not_hold_a_refusal_back(peer, api):
    call = peer.invite(headers=[("Require", "100rel"), ("Supported", "100rel")])
    call.ring()
    termination = api.terminate(api.find(call.call_id).name, treatment=final_response(486))
    assert call.final().status == 486
    assert api.termination(termination.name, termination.call).legs[0].outcome == pb.LEG_OUTCOME_ENDED
