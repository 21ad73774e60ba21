"""The rooms check must catch each forbidden include, and let the allowed ones pass."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import check_rooms  # noqa: E402

ALLOWED = [
    ("server/main.cc", '"server/sip/agent.h"'),
    ("server/main.cc", '"server/api/server.h"'),
    ("server/api/server.cc", '"server/engine/terminator.h"'),
    ("server/api/server.cc", '"adieu/v1/call_control_service.grpc.pb.h"'),
    ("server/engine/terminator.h", '"server/sip/port.h"'),
    ("server/sip/agent.cc", "<sofia-sip/nua.h>"),
    ("server/sip/agent.cc", '"server/sip/leg.h"'),
    ("server/sip/dns_lookup.cc", "<ares.h>"),
    ("server/metrics/counters.h", "<prometheus/counter.h>"),
    ("server/store/sqlite.cc", "<sqlite3.h>"),
    ("server/policy/builtin.cc", '"server/base/error.h"'),
    ("server/base/error.h", "<absl/status/status.h>"),
    ("client/adieu/client.h", '"adieu/v1/call_control_service.grpc.pb.h"'),
    ("client/cli/get.cc", '"client/adieu/client.h"'),
]

FORBIDDEN = [
    # An arrow that points up.
    ("server/base/log.h", '"server/config/config.h"'),
    ("server/policy/match.cc", '"server/engine/terminator.h"'),
    ("server/store/memory.cc", '"server/policy/render.h"'),
    # Policy is pure.
    ("server/policy/match.cc", '"server/store/store.h"'),
    ("server/policy/match.cc", '"server/metrics/counters.h"'),
    # Sip and api never meet, and engine knows only the port.
    ("server/api/server.cc", '"server/sip/agent.h"'),
    ("server/api/server.cc", '"server/sip/port.h"'),
    ("server/sip/agent.cc", '"server/api/server.h"'),
    ("server/sip/agent.cc", '"server/engine/terminator.h"'),
    ("server/engine/terminator.cc", '"server/sip/agent.h"'),
    # Libraries stay in their rooms.
    ("server/engine/terminator.cc", '"adieu/v1/call_control_service.grpc.pb.h"'),
    ("server/engine/terminator.cc", "<grpcpp/grpcpp.h>"),
    ("server/engine/terminator.cc", "<sofia-sip/nua.h>"),
    ("server/main.cc", "<sofia-sip/su.h>"),
    ("server/engine/terminator.cc", "<ares.h>"),
    ("server/config/check.cc", "<ares_dns.h>"),
    ("server/sip/agent.cc", "<prometheus/counter.h>"),
    ("server/api/server.cc", "<sqlite3.h>"),
    ("client/cli/get.cc", "<sofia-sip/nua.h>"),
    # The server and its clients share only the API.
    ("client/adieu/client.cc", '"server/base/error.h"'),
    ("server/api/server.cc", '"client/adieu/client.h"'),
    # Ways around the check.
    ("server/policy/match.cc", '"../engine/terminator.h"'),
    ("server/policy/match.cc", '"server/policy/../engine/terminator.h"'),
    ("server/policy/match.cc", "<server/engine/terminator.h>"),
    ("server/policy/match.cc", "<server/policy/../engine/terminator.h>"),
    ("server/sip/agent.cc", '"leg.h"'),
    ("server/utils/strings.h", "<string>"),
]


def complaints(root: pathlib.Path, file: str, include: str) -> list[str]:
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#pragma once\n\n  # include {include}\n", encoding="utf-8")
    return check_rooms.check(root)[0]


@pytest.mark.parametrize(("file", "include"), ALLOWED)
def test_allowed(tmp_path, file, include):
    assert complaints(tmp_path, file, include) == []


@pytest.mark.parametrize(("file", "include"), FORBIDDEN)
def test_forbidden(tmp_path, file, include):
    assert len(complaints(tmp_path, file, include)) == 1


def test_exit_status(tmp_path):
    assert check_rooms.main(tmp_path) == 1, "an empty tree is a mistake, not a success"
    complaints(tmp_path, "server/base/a.h", "<string>")
    assert check_rooms.main(tmp_path) == 0
    complaints(tmp_path, "server/base/a.h", "<sofia-sip/su.h>")
    assert check_rooms.main(tmp_path) == 1
