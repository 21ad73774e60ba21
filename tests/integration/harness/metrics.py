"""Reads the Prometheus page."""

import re
import urllib.request

from harness.wait import DEADLINE, until

_SAMPLE = re.compile(r"([A-Za-z_:][A-Za-z0-9_:]*)(?:\{(.*)\})? (\S+)(?: \d+)?\Z")
_LABEL = re.compile(r'([A-Za-z_][A-Za-z0-9_]*)="((?:[^"\\]|\\.)*)"')


class Page:
    """One scrape: (name, {label: value}, number)."""

    def __init__(self, text):
        self.text = text
        self.samples = []
        for line in text.splitlines():
            if not line or line.startswith("#"):
                continue
            found = _SAMPLE.match(line)
            assert found, f"not a sample: {line!r}"
            self.samples.append((found.group(1), dict(_LABEL.findall(found.group(2) or "")), float(found.group(3))))

    def value(self, name, **labels):
        """The sum of the samples with this name and these labels; 0 when there is none."""
        return sum(number for sample, tags, number in self.samples
                   if sample == name and all(tags.get(key) == value for key, value in labels.items()))

    def names(self):
        return {name for name, _, _ in self.samples}

    def select(self, name):
        return [(tags, number) for sample, tags, number in self.samples if sample == name]


def scrape(address):
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=DEADLINE) as answer:
        assert answer.status == 200
        return Page(answer.read().decode())


def wait_value(address, wanted, name, **labels):
    """Scrapes until the value is there; fails with the page's samples of that name."""
    def probe():
        page = scrape(address)
        return page if page.value(name, **labels) == wanted else None
    try:
        return until(probe, f"{name}{labels} == {wanted}")
    except AssertionError as late:
        raise AssertionError(f"{late}; samples: {scrape(address).select(name)}") from None
