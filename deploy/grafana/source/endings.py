"""*Endings*: what callers were told, why, and who won the races."""

from board import Board
from panel import Panel, Query
from promql import counted, per_second, quantile, share

# What left towards callers as a response to INVITE. Without those that end no call: 1xx, challenges, session timers and
# the glare of re-INVITEs.
TO_CALLERS = 'adieu_sip_responses_total{$at, side!="callee", direction="sent", method="INVITE", '
ENDING = 'class!="1xx", code!~"401|407|422|491"}'
ERROR = 'class=~"4xx|5xx|6xx", code!~"401|407|422|480|486|487|491|600|603"}'
TOLD = {
    "answered": ('class="2xx"}', "green"),
    "redirected": ('class="3xx"}', "purple"),
    "quiet end": ('code=~"480|487"}', "blue"),
    "busy or declined": ('code=~"486|600|603"}', "yellow"),
    "error": (ERROR, "red"),
}
LEGS = "adieu_terminations_total{$at}"
UNSURE = 'adieu_terminations_total{$at, outcome=~"failed|timed_out"}'
OUTCOMES = {"ended": "green", "peer_first": "blue", "answered_first": "purple", "timed_out": "orange", "failed": "red"}
QUANTILES = (("0.5", "half of them within"), ("0.9", "90 % within"), ("0.99", "99 % within"))


def within(histogram):
    return tuple(Query(quantile(q, histogram), legend) for q, legend in QUANTILES)


GLANCE = (
    Panel("stat", "Calls ended", "Calls that ended in the time range, whoever ended them.", "short",
          (Query(counted("adieu_calls_ended_total{$at}")),), ("metrics.md",), width=4),
    Panel("stat", "Told an error",
          "Of the callers that got a final response in the time range: how many got one that phones show as a failure. "
          "Quiet ends (480, 487), busy and declined (486, 600, 603) are none. Retransmissions count.", "percentunit",
          (Query(share(TO_CALLERS + ERROR, TO_CALLERS + ENDING)),),
          ("monitoring.md#what-callers-are-told", "runbooks.md#adieucallerstolderrors"), width=4,
          thresholds=((None, "green"), (0.1, "yellow"), (0.2, "red"))),
    Panel("stat", "Not known to have ended",
          "Of the legs that terminations ended in the time range: how many failed, or were confirmed by nobody in "
          "time.", "percentunit", (Query(share(UNSURE, LEGS)),),
          ("metrics.md", "runbooks.md#adieuterminationsunsure"), width=4,
          thresholds=((None, "green"), (0.01, "yellow"), (0.05, "red"))),
    Panel("stat", "Leaves within",
          "99 % of the terminations of the last minutes had their first message on the wire within this time after "
          "they were accepted.", "s", (Query(quantile(0.99, "adieu_termination_sent_seconds{$at}")),),
          ("benchmarks.md", "runbooks.md#adieuendingsslow"), width=4,
          thresholds=((None, "green"), (0.1, "yellow"), (0.5, "red"))),
    Panel("stat", "Is over within",
          "99 % of the terminations of the last minutes had their final outcome within this time: the ACK, the 487, "
          "the 200 to the BYE. The peer's answer is in it; 32 s is a peer that says nothing.", "s",
          (Query(quantile(0.99, "adieu_termination_ended_seconds{$at}")),), ("metrics.md",), width=4),
    Panel("stat", "Far-end failures rewritten",
          "Final responses of the far end that the caller got another one for, in the time range.", "short",
          (Query(counted("adieu_far_end_rewrites_total{$at}") + " or vector(0)"),), ("quiet-kills.md",), width=4),
)

TOLD_ROW = (
    Panel("timeseries", "What callers were told",
          "Final responses to callers' INVITEs per second: answered (2xx), redirected (3xx), a quiet end (480, 487), "
          "busy or declined (486, 600, 603), or an error. Challenges, session timers (422) and 491 end no call and are "
          "left out. Retransmissions count.", "cps",
          tuple(Query(per_second(TO_CALLERS + codes), told) for told, (codes, _) in TOLD.items()),
          ("monitoring.md#what-callers-are-told", "runbooks.md#adieucallerstolderrors"), width=12, stacked=True,
          colors={told: color for told, (_, color) in TOLD.items()}),
    Panel("bargauge", "Final responses by code",
          "How often each code left towards callers in the time range. A code that was sent once is shown too.",
          "short", (Query(f"sort_desc ({counted(TO_CALLERS + ENDING, 'code')})", "{{code}}"),),
          ("metrics.md", "builtin-policy.md"), width=6),
    Panel("timeseries", "Final responses by class",
          "Final responses to callers' INVITEs per second, by class, challenges included. Retransmissions count.",
          "cps", (Query(per_second(TO_CALLERS + 'class!="1xx"}', "class"), "{{class}}"),), ("metrics.md",), width=6,
          colors={"2xx": "green", "3xx": "purple", "4xx": "yellow", "5xx": "orange", "6xx": "red"}),
)

WHY_ROW = (
    Panel("timeseries", "Legs ended, by intent",
          "What the people were to experience. A forwarded call has two legs.", "cps",
          (Query(per_second(LEGS, "intent"), "{{intent}}"),), ("metrics.md", "builtin-policy.md"), width=6,
          stacked=True),
    Panel("timeseries", "Legs ended, by trigger",
          "What made the ending be decided: an application's request, an arrival, a ring timeout, a failure of the far "
          "end, a caller's CANCEL, the drain.", "cps", (Query(per_second(LEGS, "trigger"), "{{trigger}}"),),
          ("policies.md#when-triggers",), width=6, stacked=True),
    Panel("timeseries", "Legs ended, by what they got",
          "What was sent: a final response, a redirect, an answer and then BYE, CANCEL, BYE; or nothing, because the "
          "leg was over.", "cps", (Query(per_second(LEGS, "action"), "{{action}}"),), ("policies.md#what-treatments",),
          width=6, stacked=True),
    Panel("timeseries", "Calls ended, by whom",
          "Who ended the call: the caller, the callee, Adieu on request, or a timeout.", "cps",
          (Query(per_second("adieu_calls_ended_total{$at}", "ended_by"), "{{ended_by}}"),), ("metrics.md",), width=6,
          stacked=True),
)

DECISIONS = "adieu_policy_decisions_total{$at, "
POLICY_ROW = (
    Panel("table", "Who decided",
          "Calls that a rule of a cancel policy decided about in the time range. `rule` is empty for policies that are "
          "not shipped; mode `disabled`: a request named the policy.", "short",
          (Query(counted(DECISIONS + 'mode!="shadow"}', "policy, rule, trigger, mode")),), ("policies.md",), width=10),
    Panel("table", "What shadows would have decided",
          "Calls of the time range that a policy in SHADOW mode would have decided about. Nothing of it was done; the "
          "terminations' records say what it would have been.", "short",
          (Query(counted(DECISIONS + 'mode="shadow"}', "policy, trigger")),), ("policies.md#trying-one-shadow-first",),
          width=7),
    Panel("table", "Far-end failures, rewritten",
          "The code of the far end, the code that the caller got instead, and how often in the time range.", "short",
          (Query(counted("adieu_far_end_rewrites_total{$at}", "from, to")),), ("quiet-kills.md",), width=7),
)

RACES_ROW = (
    Panel("timeseries", "Who won the races",
          "The outcome of each leg that a termination ended: ended by us; the peer was first; it was answered first, "
          "across our CANCEL; nobody confirmed it in time; it failed.", "cps",
          (Query(per_second(LEGS, "outcome"), "{{outcome}}"),),
          ("metrics.md", "runbooks.md#adieuterminationsunsure"), width=12, stacked=True, colors=OUTCOMES),
    Panel("timeseries", "Endings that met one of the peer",
          "`answered_first`: the 2xx crossed our CANCEL, or came while it was held. `peer_first`: the peer ended an "
          "unanswered leg. `bye_crossed`: both sides sent BYE.", "cps",
          (Query(per_second("adieu_glare_total{$at}", "kind"), "{{kind}}"),),
          ("metrics.md", "runbooks.md#adieuglarespike"), width=6),
    Panel("timeseries", "Forks",
          "Further To tags that answered an INVITE of ours: somebody behind us forks.", "cps",
          (Query(per_second("adieu_fork_total{$at}"), "forks"),), ("metrics.md",), width=6),
)

TIME_ROW = (
    Panel("timeseries", "Until the ending leaves",
          "From a termination's acceptance to its first message on the wire.", "s",
          within("adieu_termination_sent_seconds{$at}"), ("benchmarks.md", "runbooks.md#adieuendingsslow")),
    Panel("timeseries", "Until it is over",
          "From a termination's acceptance to its final outcome, the answer of the peer included. 32 s (64*T1) is a "
          "peer that says nothing.", "s", within("adieu_termination_ended_seconds{$at}"), ("metrics.md",)),
    Panel("timeseries", "Asking the policies",
          "How long one choice among the cancel policies took.", "s", within("adieu_policy_evaluation_seconds{$at}"),
          ("policies.md", "benchmarks.md")),
)

SWEEP_ROW = (
    Panel("timeseries", "Calls that sweeps came to",
          "`ended`: it got its ending. `failed`: it was to get one, and did not. `skipped`: it ended otherwise before "
          "its turn.", "cps", (Query(per_second("adieu_sweep_calls_total{$at}", "result"), "{{result}}"),),
          ("cli.md", "metrics.md"), width=12, stacked=True,
          colors={"ended": "green", "failed": "red", "skipped": "blue"}),
    Panel("timeseries", "Sweeps under way", "Sweeps that have calls left.", "short",
          (Query("sum (adieu_sweeps{$at})", "sweeps"),), ("cli.md", "metrics.md"), width=12),
)

BOARD = Board(
    "adieu-endings", "Adieu: endings", "What callers were told, why, and who won the races.",
    (("", GLANCE), ("What callers were told", TOLD_ROW), ("Why", WHY_ROW), ("Cancel policies", POLICY_ROW),
     ("Races", RACES_ROW), ("How long", TIME_ROW), ("Sweeps", SWEEP_ROW)))
