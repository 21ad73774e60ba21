"""A real Prometheus with the configuration and the rules of deploy/prometheus, which scrapes every second."""

import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/integration"), str(ROOT / "deploy/grafana")]

import render  # noqa: E402
from harness.server import free_port  # noqa: E402
from harness.wait import until  # noqa: E402

CONFIG = ROOT / "deploy/prometheus/prometheus.yml"
# Seconds.
INTERVAL = 1


def _config(targets):
    """deploy/prometheus/prometheus.yml for these targets, in a hurry."""
    config = yaml.safe_load(CONFIG.read_text())
    config["global"] |= {"scrape_interval": f"{INTERVAL}s", "evaluation_interval": f"{INTERVAL}s"}
    config["rule_files"] = [str(CONFIG.parent / name) for name in config["rule_files"]]
    (job,) = config["scrape_configs"]
    (group,) = job["static_configs"]
    assert group["targets"] == ["adieu:9464"], group
    group["targets"] = targets
    return yaml.safe_dump(config)


class PrometheusServer(render.Prometheus):
    """Always ended; keeps its data in a folder of its own. `targets` are addresses of adieud's metrics."""

    def __init__(self, targets):
        self._folder = tempfile.TemporaryDirectory(prefix="adieu-prometheus-")
        folder = pathlib.Path(self._folder.name)
        (folder / "prometheus.yml").write_text(_config(targets))
        address = f"127.0.0.1:{free_port()}"
        super().__init__(f"http://{address}")
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
                 f"--web.listen-address={address}", "--log.level=warn"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=folder)
        try:
            until(self._ready, "Prometheus is ready")
        except AssertionError as late:
            log = (folder / "log").read_text(errors="replace")
            self.close()
            raise AssertionError(f"{late}\n{log[-3000:]}") from None

    def _ready(self):
        assert self._process.poll() is None, "Prometheus ended"
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def value(self, expr):
        """The sum of what an instant query returns; None when that is nothing."""
        series = self.instant(expr, time.time())
        return sum(points[-1][1] for _, points in series) if series else None

    def lowest(self, expr):
        return min((points[-1][1] for _, points in self.instant(expr, time.time())), default=None)

    def wait(self, expr, wanted):
        return until(lambda: self.value(expr) == wanted, f"{expr} is {wanted}")

    def close(self):
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        self._folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
