"""Asks a Prometheus what the panels of the dashboards ask, and prints the answers as text.

Usage: render.py [--since SECONDS] [--scrape SECONDS] URL [DASHBOARD.json...]

URL is Prometheus's (http://127.0.0.1:9090), SECONDS the time range that ends now (default 3600) and the interval in
which it scrapes (default 15). Without files: every dashboard beside this program. Exits with 1 when Prometheus refuses
a query or does not answer.
"""

import argparse
import json
import math
import pathlib
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

DASHBOARDS = pathlib.Path(__file__).resolve().parent / "dashboards"
WIDTH = 100
# Seconds that one query may take.
PATIENCE = 30
# The most points of a series over time.
POINTS = 60


class Refused(Exception):
    """Prometheus says that a query is wrong."""


class Prometheus:
    """Its HTTP API."""

    def __init__(self, url):
        self.url = url.rstrip("/")

    def ask(self, path, **arguments):
        """The `data` of an answer."""
        url = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(arguments, doseq=True)}"
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            text = error.read().decode("utf-8", "replace")
            try:
                text = json.loads(text)["error"]
            except (ValueError, KeyError):
                pass
            raise Refused(text) from None

    def instant(self, expr, at):
        """[(labels, [(time, value)])], without what is no number."""
        data = self.ask("query", query=expr, time=at)
        if data["resultType"] == "scalar":
            return _series([{"metric": {}, "values": [data["result"]]}])
        return _series({"metric": one["metric"], "values": [one["value"]]} for one in data["result"])

    def over_time(self, expr, begin, end, step):
        """The same at `end` and in steps before it, not before `begin`."""
        begin = end - (end - begin) // step * step
        return _series(self.ask("query_range", query=expr, start=begin, end=end, step=step)["result"])


def _series(results):
    found = []
    for one in results:
        points = [(float(when), float(text)) for when, text in one["values"]]
        points = [(when, value) for when, value in points if math.isfinite(value)]
        if points:
            found.append((one["metric"], points))
    return found


class Range:
    """The time range of a dashboard and what its variables mean then."""

    def __init__(self, seconds, scrape, end=None):
        self.end = time.time() if end is None else end
        self.begin = self.end - seconds
        self.step = max(scrape, seconds / POINTS)
        # As Grafana chooses it.
        rate = max(self.step + scrape, 4 * scrape)
        self._texts = {"__rate_interval": f"{rate * 1000:.0f}ms", "__range": f"{seconds * 1000:.0f}ms", "job": ".+",
                       "instance": ".+"}

    def put_in(self, expr):
        """`expr` without variables; one that is not known is a KeyError."""
        return re.sub(r"\$(\w+)|\$\{(\w+)\}", lambda found: self._texts[found.group(1) or found.group(2)], expr)


def panels(dashboard):
    """Those that show something; rows do not."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def answers(prometheus, panel, when):
    """For each query of a panel: (the query, its series)."""
    found = []
    for target in panel["targets"]:
        expr = when.put_in(target["expr"])
        if target["instant"]:
            series = prometheus.instant(expr, when.end)
        else:
            series = prometheus.over_time(expr, when.begin, when.end, when.step)
        found.append((target, series))
    return found


def legend(target, labels):
    text = target["legendFormat"]
    if target["format"] == "table" or text == "__auto":
        return ", ".join(f"{key}={value}" for key, value in sorted(labels.items()) if key != "__name__")
    return re.sub(r"{{\s*(\w+)\s*}}", lambda found: labels.get(found.group(1), ""), text)


def _scaled(value, factors):
    for factor, unit in factors:
        if abs(value) >= factor:
            return f"{value / factor:.3g} {unit}".rstrip()
    factor, unit = factors[-1]
    return f"{value / factor:.3g} {unit}".rstrip() if value else f"0 {unit}".rstrip()


def _number(value):
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.3g}"


_UNITS = {
    "bytes": lambda value: _scaled(value, [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"), (1, "B")]),
    "cps": lambda value: f"{_number(value)}/s",
    "percentunit": lambda value: f"{value * 100:.3g} %",
    "reqps": lambda value: f"{_number(value)}/s",
    "s": lambda value: _scaled(value, [(86400, "d"), (3600, "h"), (60, "min"), (1, "s"), (1e-3, "ms"), (1e-6, "us")]),
    "short": _number,
}


def shown(panel, value):
    """A value as the panel shows it."""
    defaults = panel["fieldConfig"]["defaults"]
    for mapping in defaults.get("mappings", []):
        if f"{value:g}" in mapping["options"]:
            return mapping["options"][f"{value:g}"]["text"]
    if "decimals" in defaults:
        return f"{value:,.{defaults['decimals']}f}"
    return _UNITS[defaults["unit"]](value)


def _curve(panel, points, when):
    """The values over time, a block for each part of the range, a dot where there is none; and the greatest one."""
    parts = min(30, round((when.end - when.begin) / when.step))
    highest = max(value for _, value in points) or 1
    text = ""
    for i in range(parts):
        begin = when.begin + (when.end - when.begin) * i / parts
        end = when.begin + (when.end - when.begin) * (i + 1) / parts
        inside = [value for at, value in points if begin < at <= end]
        text += "▁▂▃▄▅▆▇█"[max(0, min(7, int(8 * max(inside) / highest)))] if inside else "·"
    return f"{text} {shown(panel, max(value for _, value in points))}"


def _hides_values(panel):
    return any(one["options"]["excludeByName"].get("Value") for one in panel.get("transformations", []))


def _rows(panel, found, when):
    """(name, last value, curve) of each series, the greatest last value first."""
    for target, series in found:
        for labels, points in sorted(series, key=lambda one: -one[1][-1][1]):
            yield (legend(target, labels), "" if _hides_values(panel) else shown(panel, points[-1][1]),
                   "" if target["instant"] else _curve(panel, points, when))


def panel_text(prometheus, panel, when):
    """The panel's title, and a line for each of its series."""
    rows = list(_rows(panel, answers(prometheus, panel, when), when))
    if not rows:
        return f"  {panel['title']}\n    nothing"
    if len(rows) == 1 and not rows[0][0]:
        return f"  {panel['title']:<40} {rows[0][1]:>10}"
    width = max(36, *(len(name) for name, _, _ in rows))
    return "\n".join([f"  {panel['title']}", *(
        f"    {name:<{width}} {value:>12}  {curve}".rstrip() for name, value, curve in rows)])


def render(prometheus, dashboard, when):
    """The dashboard as text."""
    lines = [dashboard["title"], "=" * len(dashboard["title"])]
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            lines += ["", f"--- {panel['title']} ".ljust(WIDTH, "-")]
            continue
        lines.append(panel_text(prometheus, panel, when))
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("url", metavar="URL")
    parser.add_argument("dashboards", metavar="DASHBOARD", nargs="*", type=pathlib.Path)
    parser.add_argument("--since", metavar="SECONDS", type=float, default=3600)
    parser.add_argument("--scrape", metavar="SECONDS", type=float, default=15)
    arguments = parser.parse_args()
    prometheus, when = Prometheus(arguments.url), Range(arguments.since, arguments.scrape)
    for path in arguments.dashboards or sorted(DASHBOARDS.glob("*.json")):
        try:
            print(render(prometheus, json.loads(path.read_text(encoding="utf-8")), when), end="\n\n")
        except (Refused, OSError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
