"""A dashboard: its name, its rows of panels, and the JSON of it all."""

import dataclasses

from panel import DATASOURCE, DOCS
from promql import expand

# That of Grafana 10.0; later ones take it over.
SCHEMA_VERSION = 38
GRID = 24


@dataclasses.dataclass(frozen=True)
class Board:
    uid: str
    title: str
    description: str
    # (title, panels); the panels of the first row stand above the first title, which is empty.
    rows: tuple

    def json(self, other):
        return {
            "annotations": {"list": [_STARTS]},
            "description": self.description,
            "editable": True,
            "fiscalYearStartMonth": 0,
            "graphTooltip": 1,
            "id": None,
            "links": [_docs_link("Monitoring", "monitoring.md"), _docs_link("Metrics", "metrics.md"),
                      _docs_link("Runbooks", "runbooks.md"), _OTHERS],
            "liveNow": False,
            "panels": self._panels(other),
            "refresh": "30s",
            "schemaVersion": SCHEMA_VERSION,
            "tags": ["adieu"],
            "templating": {"list": [_DATASOURCE, _variable("job", "Job", "label_values(adieu_build_info, job)"),
                                    _variable("instance", "Instance",
                                              'label_values(adieu_build_info{job=~"$job"}, instance)')]},
            "time": {"from": "now-1h", "to": "now"},
            "timepicker": {},
            "timezone": "browser",
            "title": self.title,
            "uid": self.uid,
            "version": 1,
            "weekStart": "",
        }

    def _panels(self, other):
        """Each row's panels from left to right, as many lines as they need. Their numbers begin with the row's."""
        panels, y = [], 0
        for row, (title, members) in enumerate(self.rows):
            if title:
                panels.append({"collapsed": False, "gridPos": {"h": 1, "w": GRID, "x": 0, "y": y}, "id": row * 100,
                               "panels": [], "title": title, "type": "row"})
                y += 1
            x, height = 0, 0
            for i, panel in enumerate(members, 1):
                if x + panel.width > GRID:
                    x, y, height = 0, y + height, 0
                panels.append(panel.json(row * 100 + i, x, y, other))
                x, height = x + panel.width, max(height, panel.height)
            y += height
        return panels


def _docs_link(title, page):
    return {"asDropdown": False, "icon": "doc", "includeVars": False, "keepTime": False, "tags": [],
            "targetBlank": True, "title": title, "tooltip": "", "type": "link", "url": f"{DOCS}/{page}"}


def _variable(name, label, query):
    return {"current": {"selected": True, "text": ["All"], "value": ["$__all"]}, "datasource": DATASOURCE,
            "definition": query, "hide": 0, "includeAll": True, "label": label, "multi": True, "name": name,
            "options": [], "query": {"query": query, "refId": name}, "refresh": 2, "regex": "", "skipUrlSync": False,
            "sort": 1, "type": "query"}


_OTHERS = {"asDropdown": False, "icon": "dashboard", "includeVars": True, "keepTime": True, "tags": ["adieu"],
           "targetBlank": False, "title": "Adieu", "tooltip": "", "type": "dashboards", "url": ""}
_DATASOURCE = {"current": {"selected": False, "text": "default", "value": "default"}, "hide": 0, "includeAll": False,
               "label": "Data source", "multi": False, "name": "datasource", "options": [], "query": "prometheus",
               "refresh": 1, "regex": "", "skipUrlSync": False, "type": "datasource"}
# A line wherever a process started.
_STARTS = {"datasource": DATASOURCE, "enable": True, "expr": expand("process_start_time_seconds{$at} * 1000"),
           "iconColor": "blue", "name": "Starts", "step": "60s", "textFormat": "{{instance}}",
           "titleFormat": "adieud started", "useValueForTime": "on"}
