"""The configuration of Prometheus, its rules, and what an operator is told: promtool, and the runbooks."""

import pathlib
import re
import subprocess
import sys

import pytest
import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from dashboard_lint import DOCS, ROOT, page_problem  # noqa: E402

PROMETHEUS = ROOT / "deploy/prometheus"
TESTS = sorted((ROOT / "tests/deploy/promtool").glob("*.yaml"))
# Seconds.
PATIENCE = 120


def _rules(name):
    (group,) = yaml.safe_load((PROMETHEUS / "rules" / name).read_text())["groups"]
    return group["rules"]


ALERTS = {rule["alert"]: rule for rule in _rules("alerts.yaml")}
RECORDS = {rule["record"] for rule in _rules("recording.yaml")}
RUNBOOKS = (ROOT / "docs/runbooks.md").read_text(encoding="utf-8")
MONITORING = (ROOT / "docs/monitoring.md").read_text(encoding="utf-8")


def _promtool(*arguments):
    done = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE)
    return done.returncode, done.stdout + done.stderr


def test_the_configuration_is_valid():
    code, output = _promtool("check", "config", PROMETHEUS / "prometheus.yml")
    assert code == 0, output
    assert f"{len(ALERTS)} rules found" in output, output


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_rules(path):
    code, output = _promtool("test", "rules", path)
    assert code == 0, output


def test_a_rule_that_is_wrong_fails(tmp_path):
    """The alert fires later than its test says."""
    (tmp_path / "rules").mkdir()
    for name in ("alerts.yaml", "recording.yaml"):
        text = (PROMETHEUS / "rules" / name).read_text()
        (tmp_path / "rules" / name).write_text(text.replace("for: 1m", "for: 30m"))
    test = (ROOT / "tests/deploy/promtool/process.yaml").read_text()
    (tmp_path / "test.yaml").write_text(test.replace("../../../deploy/prometheus/rules", "rules"))
    code, output = _promtool("test", "rules", tmp_path / "test.yaml")
    assert code != 0 and "AdieuDown" in output, output


def _asked(fires):
    """The alerts that some test sees fire, or not fire."""
    asked = [one for path in TESTS for test in yaml.safe_load(path.read_text())["tests"]
             for one in test.get("alert_rule_test", [])]
    return {one["alertname"] for one in asked if bool(one["exp_alerts"]) == fires}


@pytest.mark.parametrize("fires", [True, False])
def test_every_alert_is_seen_to_fire_and_not_to_fire(fires):
    assert _asked(fires) == ALERTS.keys()


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_what_to_do(name):
    alert = ALERTS[name]
    assert re.fullmatch(r"Adieu[A-Z][A-Za-z]+", name)
    assert alert["labels"]["severity"] in ("critical", "warning")
    texts = alert["annotations"]
    assert texts.keys() == {"summary", "description", "runbook_url"}
    assert texts["summary"].endswith(".") and "$labels.instance" in texts["summary"]
    assert texts["description"].endswith(".")
    assert texts["runbook_url"] == f"{DOCS}docs/runbooks.md#{name.lower()}"
    assert page_problem(texts["runbook_url"]) is None


def test_there_is_a_runbook_for_each_alert_and_no_other():
    """In the order of the rules, each with its three parts."""
    parts = re.split(r"^## (.+)$", RUNBOOKS, flags=re.MULTILINE)
    books = dict(zip(parts[1::2], parts[2::2]))
    assert list(books) == list(ALERTS)
    for name, text in books.items():
        assert re.findall(r"^\*\*(.+?)\*\*", text, flags=re.MULTILINE) == ["It means", "See", "Do"], name


def test_the_table_of_alerts_is_complete():
    rows = re.findall(r"^\| \[(\w+)\]\(runbooks\.md#(\w+)\) \| (\w+) \|", MONITORING, flags=re.MULTILINE)
    assert rows == [(name, name.lower(), alert["labels"]["severity"]) for name, alert in ALERTS.items()]


def test_the_table_of_recording_rules_is_complete():
    assert set(re.findall(r"^\| `(instance:[\w:]+)`", MONITORING, flags=re.MULTILINE)) == RECORDS
