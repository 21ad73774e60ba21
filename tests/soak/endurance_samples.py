"""What the endurance soak measures of adieud while it runs, and what must not grow. Pure but for sample()."""

import dataclasses
import os
import pathlib
import re
import statistics

from harness.metrics import scrape

MB = 1 << 20
# Means over parts of the run are compared, the first sixth is the warm-up.
WARM_UP = 1 / 6
# Resident memory of the last sixth over that of the second one. Parts of a flat run differ by 1 %; a twentieth of 150 MB in
# an hour is 6 bytes for each call of the load, or 6 kB for each watcher that vanished.
RSS_RATIO = 1.05
# A short run is a warm-up, in which memory fills with the calls that are kept for reading: so much at most.
SHORT_RSS_BYTES = 128 * MB
# After everything was let go, above the beginning.
DESCRIPTORS, THREADS = 4, 8  # gRPC starts threads as it needs them
# The last third of the windows over the first one. One run on a shared machine: generous.
LATENCY_RATIO = 3.0


@dataclasses.dataclass
class Sample:
    at: float  # seconds since the beginning
    rss: int = 0  # bytes
    descriptors: int = 0
    threads: int = 0
    ringing: float = 0
    answered: float = 0
    terminating: float = 0
    queue: float = 0
    watchers: float = 0


def sample(server, at):
    process = pathlib.Path(f"/proc/{server.pid}")
    status = (process / "status").read_text()
    number = {name: int(re.search(rf"^{name}:\s+(\d+)", status, re.M).group(1)) for name in ("VmRSS", "Threads")}
    page = scrape(server.metrics)
    return Sample(
        at, number["VmRSS"] * 1024, len(os.listdir(process / "fd")), number["Threads"],
        *(page.value("adieu_calls", state=state) for state in ("ringing", "answered", "terminating")),
        page.value("adieu_queue_depth"), page.value("adieu_watchers"))


def part(values, begin, end):
    """Those from one fraction of the run to another, at least one."""
    first = min(int(len(values) * begin), len(values) - 1)
    return values[first:max(first + 1, int(len(values) * end))]


def thirds(values):
    return [part(values, i / 3, (i + 1) / 3) for i in range(3)]


def mean(samples, figure):
    return statistics.mean(getattr(one, figure) for one in samples)


def rss_growth(samples):
    """Bytes of the second sixth and of the last one."""
    return (mean(part(samples, WARM_UP, 2 * WARM_UP), "rss"), mean(part(samples, 1 - WARM_UP, 1), "rss"))


def latency_ratio(windows, figure):
    """The median of the last third of the windows over that of the first."""
    first, _, last = thirds([window[figure] for window in windows])
    return statistics.median(last) / max(0.001, statistics.median(first))


def left(before, after):
    """What is still there. `before` and `after`: samples without any load."""
    if after.descriptors > before.descriptors + DESCRIPTORS:
        yield f"{after.descriptors} descriptors are left, {before.descriptors} were there before"
    if after.threads > before.threads + THREADS:
        yield f"{after.threads} threads are left, {before.threads} were there before"
    if after.watchers:
        yield f"{after.watchers:.0f} watchers are left"


def grown(samples, windows, full):
    """`full`: the run was long enough to compare its parts."""
    if not full:
        if samples[-1].rss > samples[0].rss + SHORT_RSS_BYTES:
            yield f"resident memory grew by {(samples[-1].rss - samples[0].rss) / MB:.0f} MB"
        return
    begin, end = rss_growth(samples)
    if end > begin * RSS_RATIO:
        yield f"resident memory grew from {begin / MB:.0f} to {end / MB:.0f} MB"
    for figure in ("p50_ms", "p99_ms"):
        ratio = latency_ratio(windows, figure)
        if ratio > LATENCY_RATIO:
            yield f"{figure} of the last third is {ratio:.1f} times that of the first"


def table(samples, windows):
    """A line each: the means over the first, the middle and the last third, and what is compared."""
    yield f"{'':28}{'first':>10}{'mid':>10}{'last':>10}"
    for name, figure, unit in (
            ("resident memory, MB", "rss", MB), ("descriptors", "descriptors", 1), ("threads", "threads", 1),
            ("calls ringing", "ringing", 1), ("calls answered", "answered", 1), ("calls terminating", "terminating", 1),
            ("queue", "queue", 1), ("watchers", "watchers", 1)):
        yield f"{name:28}" + "".join(f"{mean(third, figure) / unit:10.1f}" for third in thirds(samples))
    for name, figure in (("load, calls/s", "rate_reached"), ("load, p50 ms", "p50_ms"), ("load, p99 ms", "p99_ms"),
                         ("load, CPU us per call", "cpu_us_per_call")):
        values = [statistics.median(third) for third in thirds([window[figure] for window in windows])]
        yield f"{name:28}" + "".join(f"{value:10.2f}" for value in values)
    begin, end = rss_growth(samples)
    yield (f"memory of the last sixth over the second one: {end / begin:.3f}, {(end - begin) / MB:+.1f} MB; p50 of the last "
           f"third over the first one: {latency_ratio(windows, 'p50_ms'):.2f}, p99: {latency_ratio(windows, 'p99_ms'):.2f}")
