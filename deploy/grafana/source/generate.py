"""Writes the dashboards of ../dashboards from the files beside this one. Usage: generate.py

Who changed a dashboard in Grafana brings the change here; a test fails when the JSON is not what this writes.
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import endings  # noqa: E402
import traffic_and_health  # noqa: E402

DASHBOARDS = pathlib.Path(__file__).resolve().parents[1] / "dashboards"


def texts():
    """{file: its text}"""
    boards = {"endings": endings.BOARD, "traffic-and-health": traffic_and_health.BOARD}
    found = {}
    for name, board in boards.items():
        other = next(one for one in boards.values() if one is not board)
        found[DASHBOARDS / f"{name}.json"] = json.dumps(
            board.json(other), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    return found


if __name__ == "__main__":
    for path, text in texts().items():
        path.write_text(text, encoding="utf-8")
