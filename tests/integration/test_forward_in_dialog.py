"""Requests within an answered call pass end to end, in both directions, with body and headers (RFC 3261 12.2, 5057).

    one              Adieu             other
      INFO ----------->  INFO ----------->
      <----------- code  <----------- code
"""

import pytest

from harness import sip
from harness.stubs import pb

UP = "<INVITE >100 >180 >200 <ACK", ">INVITE <180 <200 >ACK"
DOWN = " <BYE >200", " >BYE <200"
BINARY = b"\x00\xff\r\n\r\n\x01"

REQUESTS = [
    ("INFO", [("Content-Type", "application/dtmf-relay")], "Signal=5\r\nDuration=160\r\n"), ("INFO", [], ""),
    ("INFO", [("Content-Type", "application/isup;version=itu-t92+"), ("Content-Disposition", "signal;handling=optional")],
     BINARY),
    ("INFO", [("Info-Package", "foo"), ("Content-Type", "text/plain")], "x"),
    ("OPTIONS", [("Accept", "application/sdp")], ""), ("MESSAGE", [("Content-Type", "text/plain;charset=utf-8")], "hällo"),
    ("MESSAGE", [("Content-Type", "multipart/mixed;boundary=b")],
     b"--b\r\nContent-Type: text/plain\r\n\r\n" + BINARY + b"\r\n--b--"),
    ("UPDATE", [("Content-Type", "application/sdp"), ("Contact", None)], sip.OFFER),
    ("UPDATE", [("Contact", None), ("Session-Expires", "1800;refresher=uac"), ("Supported", "timer")], ""),
]
IDS = ["info-dtmf", "info-empty", "info-binary", "info-package", "options", "message", "message-multipart", "update-sdp",
       "update-timer"]


def ends(call, way):
    return (call.caller, call.callee) if way == "caller-to-callee" else (call.callee, call.caller)


def way_ladders(way, steps):
    """`steps` of the sender, mirrored on the other leg."""
    mirrored = steps.translate(str.maketrans("<>", "><"))
    return (steps, mirrored) if way == "caller-to-callee" else (mirrored, steps)


WAYS = pytest.mark.parametrize("way", ["caller-to-callee", "callee-to-caller"])


@WAYS
@pytest.mark.parametrize("method,headers,body", REQUESTS, ids=IDS)
def test_a_request_and_its_answer(through, way, method, headers, body):
    call = through.answered()
    one, other = ends(call, way)
    own = [(name, one.contact if value is None else value) for name, value in headers]
    own += [("X-Own", "one, two"), ("X-Own", "three")]
    number = one.send_request(method, headers=own, body=body)
    received = other.expect_in_dialog(method)
    wanted = body if isinstance(body, bytes) else body.encode()
    assert received.body == wanted
    for name, value in own:
        if name not in ("Contact", "X-Own", "Supported", "Accept"):
            assert received.all(name) == [value], received
    assert received.members("X-Own") == ["one", "two", "three"]
    back = [("X-Back", "yes"), ("Content-Type", "application/x-back")]
    if method == "UPDATE":
        back.append(("Contact", other.contact))
    other.answer(received, 200, "Understood", headers=back, body=b"back\0")
    answer = one.reply_to(method, number)
    assert (answer.status, answer.phrase, answer.body) == (200, "Understood", b"back\0")
    assert (answer.one("X-Back"), answer.one("Content-Type")) == ("yes", "application/x-back")
    caller, callee = way_ladders(way, f" <{method} >200")
    call.hang_up()
    call.expect_ladders(UP[0] + caller + DOWN[0], UP[1] + callee + DOWN[1])


@WAYS
@pytest.mark.parametrize("method,code,header,value", [
    ("INFO", 415, "Accept", "application/dtmf-relay"), ("INFO", 469, "Recv-Info", "foo"),
    ("INFO", 400, "Reason", "SIP;cause=400"),
    ("MESSAGE", 415, "Accept", "text/plain"), ("MESSAGE", 486, "Warning", '399 x "busy"'), ("MESSAGE", 603, "X-Why", "no"),
    ("UPDATE", 488, "Warning", '304 x "media"'), ("UPDATE", 422, "Min-SE", "3600"), ("UPDATE", 491, "X-Why", "glare"),
    ("OPTIONS", 486, "X-Why", "busy"), ("INFO", 202, "X-Why", "later")])
def test_refusals_that_leave_the_call_alone_pass(through, way, method, code, header, value):
    call = through.answered()
    one, other = ends(call, way)
    number = one.send_request(method, headers=[("Contact", one.contact)] if method == "UPDATE" else [])
    other.answer(other.expect_in_dialog(method), code, "Own words", headers=[(header, value)])
    answer = one.reply_to(method, number)
    assert (answer.status, answer.phrase) == (code, "Own words")
    assert answer.members(header) == sip.split_list(value)
    caller, callee = way_ladders(way, f" <{method} >{code}")
    call.hang_up()
    call.expect_ladders(UP[0] + caller + DOWN[0], UP[1] + callee + DOWN[1])


def test_requests_of_both_sides_at_once(through):
    """Each gets its own answer."""
    call = through.answered()
    numbers = {}
    for one in (call.caller, call.callee):
        numbers[one] = one.send_request("INFO", headers=[("Content-Type", "text/plain")], body=one.local_tag)
    for one, other in ((call.caller, call.callee), (call.callee, call.caller)):
        received = other.expect_in_dialog("INFO")
        assert received.body.decode() == one.local_tag
        other.answer(received, body="for " + one.local_tag, headers=[("Content-Type", "text/plain")])
    for one in (call.caller, call.callee):
        assert one.reply_to("INFO", numbers[one]).body.decode() == "for " + one.local_tag
    call.hang_up()


@WAYS
def test_a_row_of_requests_keeps_its_order(through, way):
    call = through.answered()
    one, other = ends(call, way)
    for i in range(10):
        number = one.send_request("INFO", headers=[("Content-Type", "text/plain")], body=f"{i}")
        received = other.expect_in_dialog("INFO")
        assert received.body.decode() == f"{i}"
        other.answer(received)
        assert one.reply_to("INFO", number).status == 200
    call.hang_up()


@WAYS
def test_two_of_a_kind_at_once(through, way):
    """The second INFO before the first is answered: passed too, or refused with 491 or 500, never lost."""
    call = through.answered()
    one, other = ends(call, way)
    first = one.send_request("INFO")
    held = other.expect_in_dialog("INFO")
    second = one.send_request("INFO")
    one.peer.options()
    other.peer.options()
    for message in [m for m in other.peer.inbox[other.call_id] if m.method == "INFO"]:
        other.answer(message)
    other.answer(held)
    assert one.reply_to("INFO", first).status == 200
    refused = one.reply_to("INFO", second)
    assert refused.status in (200, 491, 500), refused
    call.hang_up()


@WAYS
@pytest.mark.parametrize("method", ["FOO", "SUBSCRIBE", "PUBLISH"])
def test_methods_that_are_not_passed_are_refused_and_the_call_stays(through, way, method):
    call = through.answered()
    one, other = ends(call, way)
    answer = one.ask(method, headers=[("Event", "dialog"), ("Contact", one.contact)])
    assert answer.status in (405, 489, 501), answer
    other.none_of(method, "BYE")
    call.hang_up()


@WAYS
@pytest.mark.parametrize("method", ["INFO", "MESSAGE", "UPDATE"])
def test_a_request_in_the_early_dialog(through, way, method):
    """It passes, or is refused; either way the call can be answered."""
    call = through.ringing()
    one, other = ends(call, way)
    number = one.send_request(method, headers=[("Contact", one.contact), ("Content-Type", "text/plain")], body="early")
    one.peer.options()
    other.peer.options()
    passed = [m for m in other.peer.inbox[other.call_id] if not m.status and m.method == method]
    if passed:
        assert passed[0].body == b"early"
        other.answer(other.expect_in_dialog(method), headers=[("Contact", other.contact)])
        assert one.reply_to(method, number).status == 200
    else:
        assert one.reply_to(method, number).status >= 400
    call.answer()
    call.hang_up()


def test_an_unanswered_request_is_answered_when_its_leg_ends(through):
    """The callee's phone is asked something, and the call is ended meanwhile: the asker gets a final answer."""
    call = through.answered()
    number = call.caller.send_request("INFO")
    call.callee.expect_in_dialog("INFO")
    through.api.terminate(call.name)
    call.callee.expect_bye()
    call.caller.expect_bye()
    assert call.caller.reply_to("INFO", number).status >= 400
    call.ended(by=pb.ENDED_BY_ADIEU)
