"""Real phones call each other through adieud, and an operator ends the call: both are idle afterwards."""

import pytest

ENDED = {"LEG_SIDE_CALLER": "LEG_OUTCOME_ENDED", "LEG_SIDE_CALLEE": "LEG_OUTCOME_ENDED"}


class Talk:
    def __init__(self, world, caller, callee):
        self.world = world
        self.caller, self.callee = world.phones[caller], world.phones[callee]
        self.begin = {phone.name: phone.mark() for phone in world.phones.values()}

    def ring(self):
        self.caller.call(self.world.uri(self.callee.name))
        self.callee.rings()
        self.caller.hears_ringback()

    def answer(self):
        self.ring()
        self.callee.pick_up()
        self.caller.talks()
        self.callee.talks()

    def is_over(self):
        """What each phone says of the end: the caller, the callee."""
        ends = self.caller.ends(), self.callee.ends()
        self.caller.is_idle()
        self.callee.is_idle()
        assert not self.world.adieu("calls", "list", "--state", "ringing", "--state", "answered").get("calls")
        return ends

    def tones(self, phone="baresip"):
        return self.world.phones[phone].tones(self.begin[phone])


@pytest.fixture(params=["linphone calls baresip", "baresip calls linphone"])
def talk(world, request):
    caller, _, callee = request.param.split()
    return Talk(world, caller, callee)


# As a caller: what baresip says, the tones that it plays after the ringback, and those of Linphone.
AS_CALLERS = {"quiet": ("487 Call ended", [], []), "busy": ("486 Busy Here", ["busy"], ["busy"]),
              "elsewhere": ("487 Call ended", [], [])}


@pytest.mark.parametrize("intent, linphone_logs, rung_linphone_plays", [  # a caller who hangs up sounds like "quiet"
    ("quiet", "missed", ["call lost"]), ("busy", "missed", ["call lost"]), ("elsewhere", "answered elsewhere", ["hung up"])])
def test_ended_while_it_rings(talk, intent, linphone_logs, rung_linphone_plays):
    baresip_says, baresip_plays, linphone_plays = AS_CALLERS[intent]
    talk.ring()
    assert talk.world.terminate("ringing", intent) == ENDED
    caller_says, _ = talk.is_over()
    if talk.caller.name == "baresip":
        assert caller_says == baresip_says
        assert talk.tones() == ["ringback", *baresip_plays]
        assert talk.callee.last_status() == linphone_logs
        assert talk.tones("linphone") == rung_linphone_plays
    else:
        assert talk.tones() == ["ring"]
        assert talk.tones("linphone") == linphone_plays


@pytest.mark.parametrize("intent", AS_CALLERS)
@pytest.mark.parametrize("caller", ["linphone", "baresip"])
def test_ended_while_it_is_parked(world, caller, intent):
    baresip_says, baresip_plays, linphone_plays = AS_CALLERS[intent]
    phone = world.phones[caller]
    begin = phone.mark()
    phone.call(world.uri("nobody"))
    phone.hears_ringback()
    assert world.terminate("ringing", intent) == {"LEG_SIDE_CALLER": "LEG_OUTCOME_ENDED"}
    says = phone.ends()
    phone.is_idle()
    if caller == "baresip":
        assert says == baresip_says
        assert phone.tones(begin) == ["ringback", *baresip_plays]
    else:
        assert phone.tones(begin) == linphone_plays


def test_ended_while_they_talk(talk):
    talk.answer()
    assert talk.world.terminate("answered") == ENDED
    talk.is_over()
    assert talk.tones() == ["ringback" if talk.caller.name == "baresip" else "ring"]
    assert talk.world.phones["linphone"].last_status() == "completed"


@pytest.mark.parametrize("who", ["caller", "callee"])
def test_a_phone_hangs_up(talk, who):
    talk.answer()
    getattr(talk, who).hang_up()
    talk.is_over()
