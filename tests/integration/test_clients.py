"""The generated clients of other languages against the real server."""

import os
import pathlib
import subprocess

from harness.wait import SCALE

RUN = pathlib.Path(__file__).resolve().parents[1] / "clients" / "run.sh"


def test_python_and_node_clients(server):
    host, port = server.sip("v4")
    environment = {**os.environ, "ADIEU_GRPC": server.grpc, "ADIEU_SIP": f"{host}:{port}"}
    done = subprocess.run(
        [str(RUN)], env=environment, capture_output=True, timeout=240 * SCALE, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace")[-8000:]
