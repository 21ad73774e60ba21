"""A redirect names where to go, best first (RFC 3261 8.1.3.4, 20.10, 21.3)."""

import re

import pytest

from harness.api import redirect
from harness.sip import uri_of
from harness.stubs import pb

PHRASES = {300: "Multiple Choices", 301: "Moved Permanently", 302: "Moved Temporarily", 305: "Use Proxy",
           380: "Alternative Service"}


def quality(contact):
    found = re.search(r"q=([0-9.]+)", contact)
    return float(found.group(1)) if found else 1.0


@pytest.mark.parametrize("code", [0, 300, 301, 302, 305, 380])
def test_each_code(any_peer, api, code):
    call = any_peer.invite()
    call.ring()
    name = api.find(call.call_id).name
    termination = api.terminate(name, treatment=redirect(["sip:desk@example.com:5062;transport=tcp"], code))
    final = call.final()
    wanted = code or 302
    assert final.raw.startswith(f"SIP/2.0 {wanted} {PHRASES[wanted]}\r\n".encode()), final
    assert [uri_of(contact) for contact in final.members("Contact")] == ["sip:desk@example.com:5062;transport=tcp"]
    leg, = api.termination(termination.name, name).legs
    assert leg.action == pb.LEG_ACTION_REDIRECT
    assert leg.status_code == wanted
    assert leg.outcome == pb.LEG_OUTCOME_ENDED
    assert any(header.name == "Contact" and "sip:desk@example.com" in header.value for header in leg.headers)
    ended = api.get(name)
    assert ended.state == pb.CALL_STATE_TERMINATED and ended.ended_by == pb.ENDED_BY_ADIEU


def test_several_contacts_in_order_with_falling_q(peer, api):
    contacts = ["sip:a@example.com", "sips:b@example.com", "tel:+493012345678", "sip:c@[2001:db8::1]:5062",
                "sip:d@example.com;user=phone", "sip:e@example.com", "sip:f@example.com", "sip:g@example.com"]
    call = peer.invite()
    call.ring()
    api.terminate(api.find(call.call_id).name, treatment=redirect(contacts, 300))
    sent = call.final().members("Contact")
    assert [uri_of(contact) for contact in sent] == contacts
    values = [quality(contact) for contact in sent]
    assert all(0 < later < earlier <= 1 for earlier, later in zip(values, values[1:])), sent


@pytest.mark.parametrize("contacts,field", [
    ([], "treatment.redirect.contacts"),
    (["sip:x@example.com"] * 9, "treatment.redirect.contacts"),
    (["http://example.com"], "treatment.redirect.contacts[0]"),
    (["sip:ok@example.com", "mailto:a@example.com"], "treatment.redirect.contacts[1]"),
    (["bob"], "treatment.redirect.contacts[0]"),
    (["sip:"], "treatment.redirect.contacts[0]"),
    ([""], "treatment.redirect.contacts[0]"),
    (["sip:a@example.com\r\nX-Evil: 1"], "treatment.redirect.contacts[0]"),
    (["sip:a@example.com>,<sip:b@example.com"], "treatment.redirect.contacts[0]"),
    (["sip:" + "a" * 510 + "@example.com"], "treatment.redirect.contacts[0]"),
])
def test_bad_contacts(peer, api, contacts, field):
    call = peer.invite()
    call.ring()
    name = api.find(call.call_id).name
    with api.refused("INVALID_ARGUMENT", "INVALID_FIELD", field):
        api.terminate(name, treatment=redirect(contacts, 302))
    call.no_final()
    assert api.get(name).state == pb.CALL_STATE_RINGING


def test_a_contact_that_points_at_us(peer, api):
    call = peer.invite()
    call.ring()
    name = api.find(call.call_id).name
    with api.refused("INVALID_ARGUMENT", "INVALID_FIELD", "treatment.redirect.contacts[0]"):
        api.terminate(name, treatment=redirect([f"sip:other@{peer.server_host}"], 302))
    call.no_final()


@pytest.mark.parametrize("code", [200, 303, 304, 381, 399, 404])
def test_bad_codes(peer, api, code):
    call = peer.invite()
    call.ring()
    name = api.find(call.call_id).name
    with api.refused("INVALID_ARGUMENT", "INVALID_FIELD", "treatment.redirect.status_code"):
        api.terminate(name, treatment=redirect(["sip:a@example.com"], code))
    call.no_final()
