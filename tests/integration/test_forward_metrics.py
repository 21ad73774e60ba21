"""The counters of two legs after known traffic, exactly: each message counts for its side."""

import re

import pytest

from harness.api import final_response
from harness.metrics import scrape, wait_value
from harness.stubs import pb
from harness.through import Through

RESPONSES = "adieu_sip_responses_total"
REQUESTS = "adieu_sip_requests_total"
RETRANSMISSIONS = "adieu_sip_retransmissions_total"
GLARE = "adieu_glare_total"


@pytest.fixture(scope="module")
def traffic():
    """4 calls on a fresh server: hung up by the caller after an INFO of the callee, cancelled, refused, ended by us; an OPTIONS."""
    with Through() as through:
        call = through.answered()
        number = call.callee.send_request("INFO")
        call.caller.answer(call.caller.expect_in_dialog("INFO"))
        call.callee.reply_to("INFO", number)
        call.hang_up()
        through.ringing().cancel()
        call = through.ringing()
        call.callee.respond(486)
        call.caller.final()
        call.callee.expect_ack()
        call.ended()
        call = through.ringing()
        termination = through.api.terminate(call.name, treatment=final_response(404), intent=pb.INTENT_NOT_FOUND)
        call.caller.final()
        call.callee.expect_cancelled()
        call.settled(termination)
        call.ended()
        assert through.caller().options().status == 200
        wait_value(through.server.metrics, 4, REQUESTS, side="caller", direction="received", method="ACK")
        yield through, wait_value(through.server.metrics, 4, "adieu_calls_total")


@pytest.mark.parametrize("side,direction,method,count", [
    ("caller", "received", "INVITE", 4), ("caller", "received", "ACK", 4), ("caller", "received", "CANCEL", 1),
    ("caller", "received", "BYE", 1), ("caller", "sent", "INFO", 1), ("caller", "sent", "INVITE", 0),
    ("caller", "sent", "CANCEL", 0),
    ("callee", "sent", "INVITE", 4), ("callee", "sent", "ACK", 4), ("callee", "sent", "CANCEL", 2),
    ("callee", "sent", "BYE", 1),
    ("callee", "received", "INFO", 1), ("callee", "received", "INVITE", 0),
    ("none", "received", "OPTIONS", 1), ("none", "received", "INVITE", 0)])
def test_requests(traffic, side, direction, method, count):
    through, _ = traffic
    wait_value(through.server.metrics, count, REQUESTS, side=side, direction=direction, method=method)


@pytest.mark.parametrize("side,direction,method,code,count", [
    ("caller", "sent", "INVITE", 180, 4), ("caller", "sent", "INVITE", 200, 1), ("caller", "sent", "INVITE", 487, 1),
    ("caller", "sent", "INVITE", 486, 1), ("caller", "sent", "INVITE", 404, 1), ("caller", "sent", "CANCEL", 200, 1),
    ("caller", "sent", "BYE", 200, 1), ("caller", "received", "INFO", 200, 1),
    ("callee", "received", "INVITE", 180, 4), ("callee", "received", "INVITE", 200, 1),
    ("callee", "received", "INVITE", 487, 2),
    ("callee", "received", "INVITE", 486, 1), ("callee", "received", "CANCEL", 200, 2),
    ("callee", "received", "BYE", 200, 1),
    ("callee", "sent", "INFO", 200, 1), ("callee", "sent", "INVITE", 180, 0), ("none", "sent", "OPTIONS", 200, 1)])
def test_responses(traffic, side, direction, method, code, count):
    through, _ = traffic
    labels = {"side": side, "direction": direction, "method": method, "code": str(code)}
    page = wait_value(through.server.metrics, count, RESPONSES, **labels)
    assert page.value(RESPONSES, **labels, **{"class": f"{code // 100}xx"}) == count


def test_every_sample_has_its_side(traffic):
    _, page = traffic
    for name in (RESPONSES, REQUESTS, RETRANSMISSIONS):
        assert {tags.get("side") for tags, _ in page.select(name)} <= {"caller", "callee", "none"}, page.select(name)


def test_terminations_count_each_leg(traffic):
    through, _ = traffic
    name = "adieu_terminations_total"
    wait_value(through.server.metrics, 1, name, action="final_response", outcome="ended", intent="not_found")
    wait_value(through.server.metrics, 1, name, action="cancel", outcome="ended", intent="not_found")
    wait_value(through.server.metrics, 2, name)


def test_calls_by_who_ended_them(traffic):
    through, _ = traffic
    for by, count in (("caller", 2), ("callee", 1), ("adieu", 1), ("timeout", 0)):
        wait_value(through.server.metrics, count, "adieu_calls_ended_total", ended_by=by)
    for state in ("ringing", "answered", "terminating"):
        wait_value(through.server.metrics, 0, "adieu_calls", state=state)


def test_the_gauge_follows_the_calls(traffic):
    through, _ = traffic
    address = through.server.metrics
    first, second = through.ringing(), through.calling()
    wait_value(address, 2, "adieu_calls", state="ringing")
    first.answer()
    wait_value(address, 1, "adieu_calls", state="answered")
    termination = through.api.terminate(second.name)
    second.caller.final()
    wait_value(address, 1, "adieu_calls", state="terminating")
    second.callee.ring()
    second.callee.expect_cancelled()
    second.settled(termination)
    first.hang_up()
    for state in ("ringing", "answered", "terminating"):
        wait_value(address, 0, "adieu_calls", state=state)


def difference(through, name, act, **labels):
    """How much the counter has grown once it differs, after `act`."""
    before = scrape(through.server.metrics).value(name, **labels)
    act()
    wait_value(through.server.metrics, before + 1, name, **labels)


def test_retransmissions_of_each_side(traffic):
    through, _ = traffic
    call = through.place()
    incoming = call.take()
    before = scrape(through.server.metrics).value(RETRANSMISSIONS, side="callee", direction="sent", method="INVITE")
    incoming.peer.expect_repeat(incoming.invite)  # no 1xx for T1
    page = scrape(through.server.metrics)
    assert page.value(RETRANSMISSIONS, side="callee", direction="sent", method="INVITE") >= before + 1
    call.ring()
    difference(through, RETRANSMISSIONS, call.caller.send_invite, side="caller", direction="received", method="INVITE")
    call.answer()
    difference(through, RETRANSMISSIONS, incoming.accept, side="callee", direction="received", method="INVITE")
    call.hang_up()


def test_glare_answered_first(traffic):
    through, _ = traffic
    call = through.ringing()

    def cross():
        termination = through.api.terminate(call.name)
        call.caller.final()
        cancel = call.callee.expect_cancel(answer=False)
        call.callee.accept()
        call.callee.answer(cancel)
        call.callee.expect_ack()
        call.callee.expect_bye()
        assert call.settled(termination)["callee"].endswith(" ANSWERED_FIRST")
    difference(through, GLARE, cross, kind="answered_first")


def test_glare_of_byes(traffic):
    through, _ = traffic
    call = through.answered()

    def cross():
        termination = through.api.terminate(call.name)
        ours = call.caller.expect_bye(answer=False)
        assert call.caller.bye().status == 200
        call.caller.answer(ours)
        call.callee.expect_bye()
        assert call.settled(termination)["caller"] == "BYE PEER_FIRST"
    difference(through, GLARE, cross, kind="bye_crossed")


def test_no_glare_where_there_was_none(traffic):
    through, _ = traffic
    before = scrape(through.server.metrics).value(GLARE)
    for state in ("ringing", "answered"):
        call = getattr(through, state)()
        termination = through.api.terminate(call.name)
        if state == "ringing":
            call.caller.final()
            call.callee.expect_cancelled()
        else:
            call.caller.expect_bye()
            call.callee.expect_bye()
        call.settled(termination)
    through.ringing().cancel()
    through.answered().hang_up()
    assert scrape(through.server.metrics).value(GLARE) == before


def test_labels_hold_no_user_data(traffic):
    through, _ = traffic
    for name, tags, _ in scrape(through.server.metrics).samples:
        for key, value in tags.items():
            assert not re.search(r"sip:|alice|udp-|@|127\.0\.0\.1", value), (name, key, value)
