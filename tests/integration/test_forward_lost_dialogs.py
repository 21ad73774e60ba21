"""A refusal within the call must not leave a phone in a call that nobody owns (RFC 5057; the stack drops legs by itself).

    one              Adieu             other
      INFO ----------->  INFO ----------->
      <------ 488 or 500  <----------- 404     the other side's dialog is gone for it
      <------------- BYE

Either the call is alive at both ends afterwards, or each phone that believes in it gets a BYE.
"""

import pytest

from harness.wait import until

# RFC 5057 5.1: these end the dialog for whoever says them.
GONE = {404, 410, 416, 482, 484, 485, 502, 604, 481}
NEVER_RELAYED = GONE | {405, 408, 480}
ROWS = [
    *[("INFO", code) for code in (404, 502, 481, 410, 416, 482, 484, 485, 604, 405, 408, 480, 500, 501, 503, 504, 600, 483)],
    *[("MESSAGE", code) for code in (404, 481, 502, 480, 408, 503)],
    *[("OPTIONS", code) for code in (404, 481, 502, 480)],
    *[("INVITE", code) for code in (404, 481, 408, 480, 405, 500, 503, 504, 600, 483, 501, 502, 410)],
    *[("UPDATE", code) for code in (481, 404, 408, 480, 405, 500, 503, 504, 501, 502)],
]
WAYS = pytest.mark.parametrize("way", ["caller-to-callee", "callee-to-caller"])


def probe_alive(call, one, other):
    """Asks through the call: INFO from `one` reaches `other`. Where the call has ended it cannot, and a BYE comes."""
    if any(not m.status and m.method == "BYE" for m in one.peer.inbox[one.call_id]):
        return False
    number = one.send_request("INFO", headers=[("X-Probe", "1")])

    def seen():
        one.peer.pump()
        other.peer.pump()
        if any(m.method == "INFO" and m.has("X-Probe") for m in other.peer.inbox[other.call_id]):
            return "alive"
        if any(m.method == "BYE" and not m.status for m in one.peer.inbox[one.call_id]):
            return "ended"
        return None
    if until(seen, f"the INFO at the other end, or a BYE; the call is {call.get()}") == "ended":
        return False
    other.answer(other.peer.expect(other.call_id, lambda m: m.method == "INFO" and m.has("X-Probe"), "INFO"))
    assert one.reply_to("INFO", number).status == 200
    return True


@WAYS
@pytest.mark.parametrize("method,code", ROWS, ids=[f"{method}-{code}" for method, code in ROWS])
def test_a_refusal(through, way, method, code):
    call = through.answered()
    one, other = (call.caller, call.callee) if way == "caller-to-callee" else (call.callee, call.caller)
    if method in ("INVITE", "UPDATE"):
        number = one.send_reinvite(method=method)
    else:
        number = one.send_request(method, headers=[("Content-Type", "text/plain")], body="x")
    other.answer(other.expect_in_dialog(method), code, "Refused")
    refused = one.reply_to(method, number)
    if method == "INVITE":
        other.expect_request("ACK")
        one.ack(refused)
    # What would end the asker's dialog too is told as 488 or 500.
    if code in GONE or (method in ("INVITE", "UPDATE") and code in NEVER_RELAYED):
        assert refused.status in (488, 500), refused
    assert refused.status not in GONE, refused
    assert method == "INVITE" or refused.status != 408, refused  # RFC 4320
    one.peer.options()
    other.peer.options()
    if probe_alive(call, one, other):
        call.hang_up()
        return
    # The asker believes in the call: it gets a BYE with a Reason.
    assert one.expect_bye().has("Reason")
    # So does the other one, unless its own answer said that there is no such call.
    if code not in GONE:
        other.expect_bye()
    else:
        other.peer.options()
        for message in other.peer.inbox[other.call_id]:
            if message.method == "BYE" and not message.status:
                other.answer(message, 481, "Call/Transaction Does Not Exist")
    call.ended()


@pytest.mark.parametrize("code", [404, 481])
def test_a_phone_that_lost_the_call_is_not_asked_again(through, code):
    """The answer to our BYE may be 481 as well: the call ends all the same."""
    call = through.answered()
    number = call.caller.send_request("INFO")
    call.callee.answer(call.callee.expect_in_dialog("INFO"), code, "Gone")
    assert call.caller.reply_to("INFO", number).status in (488, 500)
    if probe_alive(call, call.caller, call.callee):
        termination = through.api.terminate(call.name)
        call.caller.expect_bye()
        call.callee.answer(call.callee.expect_bye(answer=False), 481, "Gone")
        call.settled(termination)
    else:
        call.caller.expect_bye()
        call.callee.peer.options()
        for message in [m for m in call.callee.peer.inbox[call.callee.call_id] if m.method == "BYE" and not m.status]:
            call.callee.answer(message, 481, "Gone")
    call.ended()
