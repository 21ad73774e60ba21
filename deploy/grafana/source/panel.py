"""What a panel says, and the JSON that Grafana 10 and later make a picture of.

Colours are those of the palette, which Grafana adapts to its light and its dark theme. Where a colour means something
(an error is red) it is one of the named ones, which are adapted too.
"""

import dataclasses

from promql import expand

DOCS = "https://github.com/adieu-sip/adieu/blob/main/docs"
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
# Of Grafana's grid, which is 24 wide.
HEIGHTS = {"stat": 4, "state-timeline": 6}


@dataclasses.dataclass(frozen=True)
class Query:
    expr: str
    # As Grafana's `legendFormat`; of a table it is unused.
    legend: str = ""


@dataclasses.dataclass(frozen=True)
class Panel:
    # `timeseries`, `stat`, `bargauge`, `table` or `state-timeline`.
    kind: str
    title: str
    description: str
    # One of Grafana's units.
    unit: str
    queries: tuple
    # Where more about it stands: pages below docs/, with anchors.
    docs: tuple
    width: int = 8
    stacked: bool = False
    # The colours of legends that mean something.
    colors: dict = dataclasses.field(default_factory=dict)
    # (from this value on, colour); the first one has no value.
    thresholds: tuple = ()
    # The texts and colours of values.
    mappings: dict = dataclasses.field(default_factory=dict)
    # The greatest value that the axis must show.
    most: float | None = None
    # What the column of values of a table is called; empty: it is not shown.
    column: str = "count"

    @property
    def height(self):
        return HEIGHTS.get(self.kind, 8)

    def json(self, number, x, y, other):
        """`other` is the dashboard that this one is not on, to link to."""
        return {
            "datasource": DATASOURCE,
            "description": self.description,
            "fieldConfig": {"defaults": self._defaults(), "overrides": self._overrides()},
            "gridPos": {"h": self.height, "w": self.width, "x": x, "y": y},
            "id": number,
            "links": [_docs_link(page) for page in self.docs] + [_dashboard_link(other)],
            "options": self._options(),
            "targets": [self._target(query, chr(ord("A") + i)) for i, query in enumerate(self.queries)],
            "title": self.title,
            "type": self.kind,
            **({"transformations": [self._columns()]} if self.kind == "table" else {}),
        }

    def _options(self):
        if self.kind == "table":
            return _OPTIONS["table"] | {"sortBy": [{"desc": True, "displayName": self.column}] if self.column else []}
        return _OPTIONS[self.kind]

    def _columns(self):
        hidden = {"Time": True} | ({} if self.column else {"Value": True})
        return {"id": "organize", "options": {"excludeByName": hidden, "indexByName": {},
                                              "renameByName": {"Value": self.column} if self.column else {}}}

    def _target(self, query, letter):
        over_time = self.kind in ("timeseries", "state-timeline")
        return {
            "datasource": DATASOURCE,
            "editorMode": "code",
            "expr": expand(query.expr),
            "format": "table" if self.kind == "table" else "time_series",
            "instant": not over_time,
            "legendFormat": query.legend or "__auto",
            "range": over_time,
            "refId": letter,
        }

    def _defaults(self):
        defaults = {"unit": self.unit, "color": {"mode": "palette-classic"}}
        if self.kind == "timeseries":
            defaults |= {"min": 0, "custom": _LINES | ({"fillOpacity": 60, "stacking": {"group": "A", "mode": "normal"}}
                                                       if self.stacked else {})}
        elif self.kind == "state-timeline":
            defaults |= {"custom": {"fillOpacity": 70, "lineWidth": 0}}
        elif self.kind == "stat":
            defaults |= {"color": {"fixedColor": "text", "mode": "fixed"}}
        if self.thresholds:
            steps = [{"color": color, "value": value} for value, color in self.thresholds]
            defaults |= {"color": {"mode": "thresholds"}, "thresholds": {"mode": "absolute", "steps": steps}}
        if self.mappings:
            options = {value: {"color": color, "index": i, "text": text}
                       for i, (value, (text, color)) in enumerate(self.mappings.items())}
            defaults |= {"mappings": [{"options": options, "type": "value"}]}
        if self.unit == "short" and any("increase(" in query.expr for query in self.queries):
            # Prometheus extrapolates, and no call is counted in parts.
            defaults |= {"decimals": 0}
        if self.most is not None:
            defaults |= {"max": self.most}
        return defaults

    def _overrides(self):
        return [{"matcher": {"id": "byName", "options": name},
                 "properties": [{"id": "color", "value": {"fixedColor": color, "mode": "fixed"}}]}
                for name, color in self.colors.items()]


def _docs_link(page):
    if page.startswith("runbooks.md"):
        title = "What to do"
    else:
        title = page.partition(".md")[0].replace("-", " ").capitalize()
    return {"targetBlank": True, "title": title, "url": f"{DOCS}/{page}"}


def _dashboard_link(board):
    return {"targetBlank": False, "title": board.title,
            "url": f"/d/{board.uid}?${{__url_time_range}}&${{datasource:queryparam}}&${{job:queryparam}}"
                   "&${instance:queryparam}"}


_LINES = {"drawStyle": "line", "fillOpacity": 10, "lineWidth": 1, "showPoints": "never", "spanNulls": False}
_LAST = {"calcs": ["lastNotNull"], "fields": "", "values": False}
_OPTIONS = {
    "timeseries": {
        "legend": {"calcs": ["lastNotNull", "max"], "displayMode": "table", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
    "stat": {
        "colorMode": "value", "graphMode": "none", "justifyMode": "auto", "orientation": "auto", "reduceOptions": _LAST,
        "showPercentChange": False, "textMode": "auto", "wideLayout": True,
    },
    "bargauge": {
        "displayMode": "basic", "maxVizHeight": 300, "minVizHeight": 16, "minVizWidth": 8, "namePlacement": "auto",
        "orientation": "horizontal", "reduceOptions": _LAST, "showUnfilled": True, "sizing": "auto",
        "valueMode": "color",
    },
    "table": {
        "cellHeight": "sm", "footer": {"countRows": False, "reducer": ["sum"], "show": False}, "frameIndex": 0,
        "showHeader": True,
    },
    "state-timeline": {
        "alignValue": "center",
        "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": False}, "mergeValues": True,
        "rowHeight": 0.8, "showValue": "auto", "tooltip": {"mode": "single", "sort": "none"},
    },
}
