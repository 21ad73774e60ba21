"""What must never leave on the wire, read from a call's ladder on both legs (RFC 3261 9.1, 15, 16.7, 17.2.1)."""

from harness.stubs import pb


def _invites(messages):
    """The transactions of the INVITEs that began the leg: the first one's CSeq, and each later one before an answer."""
    numbers, answered = [], False
    for message in messages:
        if message.method != "INVITE":
            continue
        if not message.status_code:
            if not answered and message.cseq not in numbers:
                numbers.append(message.cseq)
        elif 200 <= message.status_code < 300:
            answered = True
    return numbers


def check_caller(messages, timed_out):
    number = next(m.cseq for m in messages if m.method == "INVITE")
    finals = [m.status_code for m in messages
              if m.direction == pb.DIRECTION_SENT and m.method == "INVITE" and m.cseq == number and m.status_code >= 200]
    assert len(set(finals)) <= 1, f"final responses {finals}"
    assert 503 not in finals, "a 503 was passed to the caller"
    acknowledged = False
    for message in messages:
        if message.direction == pb.DIRECTION_RECEIVED:
            acknowledged = acknowledged or message.method == "ACK"
        elif message.method == "BYE" and not message.status_code:
            assert finals and finals[0] < 300, "BYE on an early dialog"
            assert acknowledged or timed_out, "BYE before the ACK"


def check_callee(messages):
    numbers = _invites(messages)
    provisional = answered = acknowledged = final = cancelled = False
    for message in messages:
        sent, code = message.direction == pb.DIRECTION_SENT, message.status_code
        initial = message.cseq in numbers
        if sent and message.method == "INVITE" and not code and initial and not answered:
            provisional = final = False  # another target
        elif not sent and message.method == "INVITE" and code and initial:
            provisional = provisional or code < 200
            final = final or code >= 200
            answered = answered or 200 <= code < 300
        elif sent and message.method == "CANCEL" and not code and initial:
            assert provisional, "CANCEL before a 1xx"
            assert not final or cancelled, "CANCEL after a final response"
            cancelled = True
        elif sent and message.method == "ACK":
            acknowledged = acknowledged or answered
        elif sent and message.method == "BYE" and not code:
            assert answered, "BYE on an early dialog"
            assert acknowledged, "BYE before the ACK"


def check(call, timed_out=False):
    """`timed_out`: the caller's ACK never came."""
    by_side = {side: [m for m in call.messages if m.side == side] for side in (pb.LEG_SIDE_CALLER, pb.LEG_SIDE_CALLEE)}
    timed_out = timed_out or call.ended_by == pb.ENDED_BY_TIMEOUT
    check_caller(by_side[pb.LEG_SIDE_CALLER], timed_out)
    check_callee(by_side[pb.LEG_SIDE_CALLEE])
