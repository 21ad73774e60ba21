"""What is wrong with a dashboard, as a list of texts."""

import pathlib
import re
import sys
import urllib.parse

import expression

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/lint"))

from doc_links import anchors  # noqa: E402

DOCS = "https://github.com/adieu-sip/adieu/blob/main/"
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
# That of Grafana 10.0.
SCHEMA_VERSION = 38
GRID = 24
KINDS = {"bargauge", "row", "stat", "state-timeline", "table", "timeseries"}
UNITS = {"bytes", "cps", "percentunit", "reqps", "s", "short"}
# Those that Grafana has a light and a dark form of.
COLORS = {"blue", "green", "orange", "purple", "red", "text", "yellow"}
MODES = {"fixed", "palette-classic", "thresholds"}


def page_problem(url):
    """What is wrong with the address of a page of ours; None when it leads to a heading or the top of one."""
    path, _, anchor = url.removeprefix(DOCS).partition("#")
    page = ROOT / urllib.parse.unquote(path)
    if not url.startswith(DOCS) or not page.is_file():
        return f"{url} is no page of {DOCS}"
    if anchor and anchor not in anchors(page.read_text(encoding="utf-8")):
        return f"{url}: no such heading"
    return None


def _walk(value, path=""):
    """Each (path, value) below it."""
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in items:
        yield from _walk(member, f"{path}.{key}")


def _overlap(one, other):
    return (one["x"] < other["x"] + other["w"] and other["x"] < one["x"] + one["w"]
            and one["y"] < other["y"] + other["h"] and other["y"] < one["y"] + one["h"])


def _frame(board):
    if board["schemaVersion"] < SCHEMA_VERSION:
        yield f"schemaVersion {board['schemaVersion']}"
    for key in ("uid", "title", "description"):
        if not board[key]:
            yield f"no {key}"
    if board["id"] is not None:
        yield "an id of one installation"
    if "adieu" not in board["tags"]:
        yield "without the tag by which the dashboards find each other"
    variables = {variable["name"]: variable for variable in board["templating"]["list"]}
    if variables.keys() != {"datasource", "instance", "job"}:
        yield f"variables {sorted(variables)}"
    elif variables["datasource"]["type"] != "datasource" or variables["datasource"]["query"] != "prometheus":
        yield "datasource is not one of Prometheus"
    for path, value in _walk(board):
        if path.endswith(".datasource") and value != DATASOURCE:
            yield f"{path} is {value}"
        if path.endswith("olor") and isinstance(value, str) and value not in COLORS:
            yield f"{path} is {value}, which is not for both themes"
        if path.endswith(".color.mode") and value not in MODES:
            yield f"{path} is {value}"
        if isinstance(value, str) and re.search(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(", value) and ".url" not in path:
            yield f"{path} has a colour of its own"
    for link in board["links"]:
        if link["type"] == "link":
            yield page_problem(link["url"])


def _layout(board):
    panels = board["panels"]
    numbers = [panel["id"] for panel in panels]
    if len(set(numbers)) != len(numbers):
        yield "two panels have one id"
    for i, panel in enumerate(panels):
        grid = panel["gridPos"]
        if grid["x"] < 0 or grid["w"] < 1 or grid["x"] + grid["w"] > GRID:
            yield f"{panel['title']} is beside the grid"
        for other in panels[:i]:
            if _overlap(grid, other["gridPos"]):
                yield f"{panel['title']} lies upon {other['title']}"


def _panel(panel, uids):
    if panel["type"] not in KINDS:
        yield f"type {panel['type']}"
    if panel["type"] == "row":
        return
    if len(panel.get("description", "")) < 10:
        yield "no description"
    if panel["fieldConfig"]["defaults"].get("unit") not in UNITS:
        yield f"unit {panel['fieldConfig']['defaults'].get('unit')}"
    yield from _links(panel["links"], uids)
    letters = [target["refId"] for target in panel["targets"]]
    if not letters or len(set(letters)) != len(letters):
        yield f"queries {letters}"
    for target in panel["targets"]:
        yield from _query(target)


def _links(links, uids):
    pages = [link["url"] for link in links if link["url"].startswith("https:")]
    boards = [link["url"] for link in links if link["url"].startswith("/d/")]
    if not pages:
        yield "no link to the documents"
    if not boards:
        yield "no link to the other dashboard"
    for link in links:
        if not link["title"]:
            yield f"{link['url']} has no title"
    for url in pages:
        yield page_problem(url)
    for url in boards:
        if url[len("/d/"):].partition("?")[0] not in uids:
            yield f"{url}: no such dashboard"
        for kept in ("${__url_time_range}", "${datasource:queryparam}", "${job:queryparam}", "${instance:queryparam}"):
            if kept not in url:
                yield f"{url} forgets {kept}"


def _query(target):
    selected = expression.selectors(target["expr"])
    if not selected:
        yield f"{target['expr']!r} asks for nothing"
    for metric, matchers in selected:
        for variable in ('job=~"$job"', 'instance=~"$instance"'):
            if variable not in matchers:
                yield f"{metric} is asked for without {variable}"
    for metric in expression.metrics(target["expr"]) - {metric for metric, _ in selected}:
        yield f"{metric} is asked for without job and instance"


def problems(board, uids):
    """`uids`: the uid of every dashboard."""
    found = [*_frame(board), *_layout(board)]
    for panel in board["panels"]:
        if not panel["title"]:
            found.append(f"panel {panel['id']} has no title")
        found += [f"{panel['title']}: {problem}" for problem in _panel(panel, uids) if problem]
    return [problem for problem in found if problem]
