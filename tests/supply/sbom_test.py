"""The bill of materials: what scripts/sbom says of the built programs is by the schema, and complete."""

import copy
import json
import os
import pathlib
import re
import subprocess
import sys

import jsonschema
import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests/lint"))

import npm_packages  # noqa: E402

BUILD = pathlib.Path(os.environ["ADIEU_BUILD"])
PROGRAMS = [os.path.join(os.environ["ADIEU_BIN"], name) for name in ("adieud", "adieu")]
SCHEMAS = [f"{name}.SNAPSHOT.schema.json" for name in ("bom-1.5", "spdx", "jsf-0.82")]
# What every program in C and C++ is made with.
TOOLCHAIN = {"glibc", "gcc-12", "linux"}


def output(*command):
    return subprocess.run(command, capture_output=True, check=True, text=True, timeout=60).stdout


def make(*flags):
    return output(str(ROOT / "scripts/sbom"), *flags, *PROGRAMS)


@pytest.fixture(scope="module")
def text():
    return make()


@pytest.fixture(scope="module")
def bill(text):
    return json.loads(text)


def too_many_items(_, allowed, instance, schema):
    """jsonschema's own fails while it says which ones, when they are objects."""
    if allowed is False and isinstance(instance, list) and len(instance) > len(schema["items"]):
        yield jsonschema.ValidationError("too many items")


@pytest.fixture(scope="module")
def validator():
    """Of CycloneDX's own schema."""
    modules = npm_packages.install(HERE, BUILD / "cyclonedx", "--omit=optional")
    folder = modules / "@cyclonedx/cyclonedx-library/res/schema"
    schema, *parts = (json.loads((folder / name).read_text()) for name in SCHEMAS)
    # They call each other by the names of their files.
    store = {f"http://cyclonedx.org/schema/{name}": part for name, part in zip(SCHEMAS[1:], parts)}
    resolver = jsonschema.RefResolver.from_schema(schema, store=store)
    checks = jsonschema.validators.extend(jsonschema.Draft7Validator, {"additionalItems": too_many_items})
    return checks(schema, resolver=resolver)


def test_the_schema_holds(bill, validator):
    assert [error.message for error in validator.iter_errors(bill)] == []


@pytest.mark.parametrize("spoil", [
    lambda bill: bill.pop("bomFormat"),
    lambda bill: bill["components"][0].pop("name"),
    lambda bill: bill["components"][0].update(licenses=[{"license": {"id": "Expat"}}]),
    lambda bill: bill.update(serialNumber="1"),
])
def test_the_schema_can_fail(bill, validator, spoil):
    bad = copy.deepcopy(bill)
    spoil(bad)
    assert list(validator.iter_errors(bad))


def test_every_needed_library_is_there_with_its_version(bill):
    versions = {made["name"]: made["version"] for made in bill["components"]}
    needed = set(re.findall(r"\(NEEDED\).*\[(.+)\]", output("readelf", "--dynamic", *PROGRAMS)))
    assert len(needed) > 10
    triplet = output("gcc", "-print-multiarch").strip()
    told = output("dpkg", "-S", *(f"{triplet}/{library}" for library in needed))
    package_of = {path.rsplit("/", 1)[1]: package for package, path in re.findall(r"^([^:\s]+):\S* (\S+)$", told, re.M)
                  if package in versions}
    assert needed <= set(package_of)
    for package in {package_of[library] for library in needed}:
        assert versions[package] == output("dpkg-query", "-W", "-f", "${Version}\n", package).split()[0]


def test_whatever_headers_come_from_is_there(bill):
    """By its source: a library's headers are in another package than the library."""
    sources = {made["properties"][0]["value"] for made in bill["components"]}
    headers = {line.strip() for line in output("ninja", "-C", str(BUILD), "-t", "deps").splitlines()
               if line.startswith("    /usr/include/")}
    assert len(headers) > 100
    tests_only = ("gtest/", "gmock/", "curl/")
    one_each = {os.path.dirname(header): header for header in headers
                if not any(f"/{name}" in header for name in tests_only)}
    told = output("dpkg", "-S", *one_each.values())
    packages = {line.split(":")[0] for line in told.splitlines()}
    shown = output("dpkg-query", "-W", "-f", "${source:Package}\n", *packages)
    assert set(shown.split()) - TOOLCHAIN <= sources


def test_references_lead_somewhere(bill):
    known = {made["bom-ref"] for made in [*bill["components"], bill["metadata"]["component"]]}
    assert {one["ref"] for one in bill["dependencies"]} <= known
    assert {other for one in bill["dependencies"] for other in one["dependsOn"]} <= known
    for made in bill["components"]:
        assert re.fullmatch(r"pkg:deb/debian/[a-z0-9.%B-]+@[^@?+ ]+\?arch=\w+", made["purl"]), made["purl"]


def test_the_same_programs_give_the_same_bytes(text):
    assert make() == text


def test_another_system_is_asked_by_its_own_files(tmp_path, bill):
    """Of a system that is this one but for a version; it has no libraries, as they may lead out of it."""
    dpkg = tmp_path / "var/lib/dpkg"
    dpkg.mkdir(parents=True)
    (dpkg / "info").symlink_to("/var/lib/dpkg/info")
    (dpkg / "arch").write_text(output("dpkg", "--print-architecture"))
    status = pathlib.Path("/var/lib/dpkg/status").read_text()
    version, = (made["version"] for made in bill["components"] if made["name"] == "libjwt0")
    (dpkg / "status").write_text(status.replace(f"\nVersion: {version}\n", "\nVersion: 99-1\n"))
    other = json.loads(make("--root", str(tmp_path)))
    versions = [{made["name"]: made["version"] for made in one["components"]} for one in (bill, other)]
    assert versions[1] == {**versions[0], "libjwt0": "99-1"}
