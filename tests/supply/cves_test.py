"""The list of known weaknesses: it is what the packages' changelogs say, and an old package is seen."""

import gzip
import importlib.machinery
import importlib.util
import json
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
loader = importlib.machinery.SourceFileLoader("cves", str(ROOT / "scripts/cves"))
cves = importlib.util.module_from_spec(importlib.util.spec_from_loader("cves", loader))
loader.exec_module(cves)

ROWS = cves.known(cves.LIST.read_text())


def changelog(package):
    """Version to its text; nothing when the machine keeps no such files, as images do not."""
    path = pathlib.Path("/usr/share/doc") / package / "changelog.Debian.gz"
    if not path.exists():
        return {}
    text = gzip.decompress(path.read_bytes()).decode(errors="replace")
    parts = re.split(r"^[a-z0-9.+-]+ \(([^)]+)\) .*$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


@pytest.mark.parametrize("package", sorted({package for _, package, _ in ROWS}))
def test_the_changelog_says_so(package):
    entries = changelog(package)
    if not entries:
        pytest.skip(f"no changelog of {package} here")
    for cve, of, fixed in ROWS:
        assert of != package or cve in entries.get(fixed, ""), (cve, fixed)


def test_each_is_there_once():
    assert len({row[:2] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize(("version", "faults"), [("1.18.1-3", 0), ("1.18.1-2", 2), ("1.17.2-1", 3), ("1.34.4-1", 0)])
def test_an_old_package_is_seen(tmp_path, capsys, version, faults):
    bill = tmp_path / "sbom.json"
    bill.write_text(json.dumps({"components": [{"name": "libc-ares2", "version": version}]}))
    assert cves.main([str(bill)]) == (1 if faults else 0)
    assert capsys.readouterr().out.count("is older than") == faults


def test_a_bill_without_any_of_them_is_a_failure(tmp_path):
    (tmp_path / "sbom.json").write_text('{"components": []}')
    assert cves.main([str(tmp_path / "sbom.json")]) == 1


def test_what_is_installed_is_read():
    assert "dpkg" in cves.installed()


@pytest.mark.parametrize("line", ["CVE-2024-1 libc6 2.36 x", "CVE-2024-25189 libjwt0 new x", "CVE-2024-25189 libjwt0 1.2"])
def test_a_bad_line_is_refused(line):
    with pytest.raises(SystemExit, match="cannot read"):
        cves.known(line)
