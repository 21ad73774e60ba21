"""The dashboards: their JSON, and what each of their queries returns from a real Prometheus that scraped real calls."""

import copy
import json
import pathlib
import re
import subprocess
import sys
import time

import pytest
import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import dashboard_lint  # noqa: E402
import expression  # noqa: E402
from prometheus_server import INTERVAL, ROOT, PrometheusServer, render  # noqa: E402
from traffic import Traffic  # noqa: E402
from harness.metrics import scrape  # noqa: E402
from harness.server import free_port  # noqa: E402
from harness.wait import until  # noqa: E402

sys.path.insert(0, str(ROOT / "deploy/grafana/source"))

import generate  # noqa: E402
import promql  # noqa: E402

FILES = sorted((ROOT / "deploy/grafana/dashboards").glob("*.json"))
BOARDS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in FILES}
UIDS = {board["uid"] for board in BOARDS.values()}
PANELS = [pytest.param(panel, id=f"{name}: {panel['title']}")
          for name, board in BOARDS.items() for panel in render.panels(board)]
MONITORING = (ROOT / "docs/monitoring.md").read_text(encoding="utf-8")
RUNBOOKS = (ROOT / "docs/runbooks.md").read_text(encoding="utf-8")
RULES = [rule for path in sorted((ROOT / "deploy/prometheus/rules").glob("*.yaml"))
         for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"]]

# The panels that a good run leaves without data, and those whose values may all be zero, with the reason.
EMPTY = {
    "Certificates": "nothing is served with TLS here",
}
ZERO = {
    "Not known to have ended": "every leg is confirmed",
    "Alerts": "none needs to fire",
    "Queue, of the limit": "the queue is empty between two scrapes",
    "Terminations that wait": "the queue is empty between two scrapes",
    "Requests refused by a full queue": "whether the queue is full is up to the machine",
    "Workers at work": "the workers rest between two scrapes",
    "Sweeps under way": "a sweep of three calls is over between two scrapes",
    "Errors of the store": "the disk works",
    "Serving or draining": "nothing drains",
}
# Series that a good run does not have: (metric, a part of the matchers).
ABSENT = {
    ("adieu_certificate_expiry_timestamp_seconds", ""): "nothing is served with TLS here",
    ("adieu_terminations_total", 'outcome=~"failed|timed_out"'): "every leg is confirmed",
    ("ALERTS", ""): "no alert needs to fire",
}


# The JSON.

def test_there_are_two_dashboards():
    assert sorted(BOARDS) == ["endings", "traffic-and-health"]
    assert len(UIDS) == len(BOARDS)


@pytest.mark.parametrize("name", BOARDS)
def test_nothing_is_wrong_with_the_json(name):
    assert dashboard_lint.problems(BOARDS[name], UIDS) == []


def test_the_json_is_what_the_generator_writes():
    texts = generate.texts()
    assert sorted(texts) == FILES
    for path, text in texts.items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is stale: run deploy/grafana/source/generate.py"


def _first(board):
    return next(panel for panel in board["panels"] if panel["type"] == "timeseries")


def _move(board):
    first, second = [panel for panel in board["panels"] if panel["type"] == "timeseries"][:2]
    second["gridPos"] = {**first["gridPos"], "x": first["gridPos"]["x"] + 1}


FAULTS = {
    "an id twice": lambda board: board["panels"][1].update(id=board["panels"][0]["id"]),
    "no unit": lambda board: _first(board)["fieldConfig"]["defaults"].pop("unit"),
    "no description": lambda board: _first(board).update(description=""),
    "no title": lambda board: _first(board).update(title=""),
    "no link": lambda board: _first(board).update(links=[]),
    "a link to no page": lambda board: _first(board)["links"][0].update(url=dashboard_lint.DOCS + "docs/none.md"),
    "a link to no heading": lambda board: _first(board)["links"][0].update(url=dashboard_lint.DOCS + "README.md#no"),
    "a link to no dashboard": lambda board: _first(board)["links"][-1].update(url="/d/none"),
    "another data source": lambda board: _first(board).update(datasource={"type": "prometheus", "uid": "abc"}),
    "another data source of a query": lambda board: _first(board)["targets"][0].update(datasource="default"),
    "two panels at one place": _move,
    "a panel beside the grid": lambda board: _first(board)["gridPos"].update(x=20, w=5),
    "a colour for one theme": lambda board: _first(board)["fieldConfig"]["defaults"].update(
        color={"mode": "fixed", "fixedColor": "#1f1f20"}),
    "a query for every instance": lambda board: _first(board)["targets"][0].update(expr="sum(adieu_calls)"),
    "no instance variable": lambda board: board["templating"]["list"].pop(),
    "an old schema": lambda board: board.update(schemaVersion=30),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_lint_sees(fault):
    board = copy.deepcopy(BOARDS["endings"])
    FAULTS[fault](board)
    assert dashboard_lint.problems(board, UIDS)


# Twenty minutes end in the thirtieth: (what the series is, its instance, its values a minute apart, what is counted).
COUNTED = [
    ("it grew all the time", "a", "0+1x30", 20),
    ("it has not grown since before", "a", "7x30", 0),
    ("it appeared with its first count", "a", "_x15 1x15", 1),
    ("it appeared and grew", "a", "_x15 2x5 5x10", 5),
    ("the process began anew", "a", "9x15 0x10 4x5", 4),
    ("it is old, and new to Prometheus", "b", "_x15 100x15", 0),
]


def test_what_is_counted(tmp_path):
    """The form of the panels that count, with the first count of a series and without what is older than Prometheus."""
    up = [{"series": 'up{job="adieu", instance="a"}', "values": "1x30"},
          {"series": 'up{job="adieu", instance="b"}', "values": "_x15 1x15"}]
    series = [{"series": f'n{{job="adieu", instance="{instance}", what="{what}"}}', "values": values}
              for what, instance, values, _ in COUNTED]
    samples = [{"labels": f'{{what="{what}"}}', "value": wanted} for what, _, _, wanted in COUNTED]
    expr = promql.expand(promql.counted("n{$at}", "what")).replace("$__range", "20m")
    expr = expr.replace("$job", ".+").replace("$instance", ".+")
    test = {"interval": "1m", "input_series": up + series,
            "promql_expr_test": [{"expr": f"round({expr})", "eval_time": "30m", "exp_samples": samples}]}
    (tmp_path / "test.yaml").write_text(yaml.safe_dump({"evaluation_interval": "1m", "tests": [test]}))
    done = subprocess.run(["promtool", "test", "rules", "test.yaml"], cwd=tmp_path, capture_output=True, text=True,
                          timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_grafana_is_provisioned():
    folder = ROOT / "deploy/grafana/provisioning"
    (source,) = yaml.safe_load((folder / "datasources/prometheus.yaml").read_text())["datasources"]
    assert (source["type"], source["isDefault"]) == ("prometheus", True)
    interval = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())["global"]["scrape_interval"]
    assert source["jsonData"]["timeInterval"] == interval
    (provider,) = yaml.safe_load((folder / "dashboards/adieu.yaml").read_text())["providers"]
    assert provider["type"] == "file" and provider["options"]["path"].startswith("/")


def test_the_runbooks_name_panels_that_exist():
    titles = {panel.values[0]["title"] for panel in PANELS} | {"Endings", "Traffic and health"}
    named = {" ".join(name.split()) for name in re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", RUNBOOKS)}
    assert len(named) > 10 and named <= titles, named - titles


# The queries.

@pytest.fixture(scope="module")
def run():
    """(Prometheus, the time range of the run) after traffic of every kind, twice, with scrapes before and between."""
    with Traffic() as traffic, PrometheusServer(traffic.targets) as prometheus:
        def scraped():
            """Everything that was counted up to now is in Prometheus."""
            for state in ("ringing", "terminating"):
                until(lambda state=state: sum(scrape(address).value("adieu_calls", state=state)
                                              for address in traffic.targets) == (state == "ringing"), f"{state} calls")
            now = time.time()
            until(lambda: (prometheus.lowest("timestamp(up)") or 0) > now + INTERVAL, "two more scrapes")

        prometheus.wait("up", len(traffic.targets))
        begin = time.time()
        traffic.stay()
        for _ in range(2):
            traffic.round()
            scraped()
        seconds = time.time() - begin
        # Grafana's rates are over four scrapes: over all of the run.
        yield prometheus, render.Range(seconds, scrape=seconds / 4)


def test_a_wrong_query_is_refused(run):
    prometheus, when = run
    with pytest.raises(render.Refused, match="parse error"):
        prometheus.instant("sum(", when.end)


@pytest.mark.parametrize("panel", PANELS)
def test_every_query_returns_data(run, panel):
    prometheus, when = run
    for target, series in render.answers(prometheus, panel, when):
        if panel["title"] in EMPTY:
            assert not series, f"{panel['title']} is not empty"
            continue
        assert series, f"nothing for {target['expr']}"
        values = [value for _, points in series for _, value in points]
        assert any(values) or panel["title"] in ZERO, f"only zeros for {target['expr']}"


def _absent(metric, matchers):
    return any(metric == name and part in matchers for name, part in ABSENT)


@pytest.mark.parametrize("panel", PANELS)
def test_every_selector_finds_series(run, panel):
    """A wrong name of a metric, a label or a value would leave a panel empty for ever, behind an `or vector(0)` too."""
    prometheus, when = run
    for target in panel["targets"]:
        for metric, matchers in expression.selectors(when.put_in(target["expr"])):
            selector = f"{metric}{{{matchers}}}"
            found = prometheus.ask("series", **{"match[]": selector, "start": when.begin, "end": when.end})
            assert found or _absent(metric, matchers), f"no series for {selector}"


def test_every_exception_is_one_of_a_panel():
    assert EMPTY.keys() | ZERO.keys() <= {panel.values[0]["title"] for panel in PANELS}


def test_prometheus_evaluates_every_rule(run):
    prometheus, _ = run
    rules = [rule for group in prometheus.ask("rules")["groups"] for rule in group["rules"]]
    assert len(rules) == len(RULES)
    for rule in rules:
        assert (rule["health"], rule.get("lastError", "")) == ("ok", ""), rule


@pytest.mark.parametrize("rule", [rule for rule in RULES if "record" in rule],
                         ids=lambda rule: " ".join([rule["record"], *rule.get("labels", {}).values()]))
def test_every_recording_rule_has_a_value(run, rule):
    prometheus, _ = run
    told = ", ".join(f'{key}="{value}"' for key, value in rule.get("labels", {}).items())
    assert prometheus.value(f"{rule['record']}{{{told}}}") is not None or rule["record"] in UNRECORDED, rule


# Recorded only where there is what they count.
UNRECORDED = {"instance:adieu_terminations_unsure:ratio_rate10m": "every leg is confirmed"}


def test_every_metric_of_the_rules_exists(run):
    prometheus, _ = run
    names = set(prometheus.ask("label/__name__/values"))
    for rule in RULES:
        for metric in expression.metrics(rule["expr"]) - UNRECORDED.keys():
            assert metric in names or _absent(metric, ""), f"{metric} of {rule.get('alert') or rule['record']}"


@pytest.mark.parametrize("query", re.findall(r"^```promql\n(.+?)\n```$", MONITORING, flags=re.MULTILINE | re.DOTALL))
def test_every_query_of_the_page_returns_data(run, query):
    prometheus, when = run
    assert prometheus.instant(query, when.end)


def test_alerts_are_told_apart_from_a_good_run(run):
    """Only what the traffic met on purpose fires: the limits of the small instance."""
    prometheus, _ = run
    alerts = prometheus.ask("alerts")["alerts"]
    firing = {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}
    assert firing <= {"AdieuCallersRefused", "AdieuRequestsRefused"}, firing


@pytest.mark.parametrize("name", BOARDS)
def test_the_text_shows_every_panel(run, name):
    prometheus, when = run
    text = render.render(prometheus, BOARDS[name], when)
    for panel in BOARDS[name]["panels"]:
        assert panel["title"] in text, text


def test_the_program_that_prints_the_text(run):
    prometheus, _ = run
    program = [sys.executable, "-B", str(ROOT / "deploy/grafana/render.py"), "--since", "60", "--scrape", "1"]
    done = subprocess.run([*program, prometheus.url], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and "Final responses by code" in done.stdout, done.stderr
    done = subprocess.run([*program, f"http://127.0.0.1:{free_port()}"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 1 and "refused" in done.stderr, done.stderr
