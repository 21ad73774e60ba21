"""The checks of this folder must be able to fail: each gets a tree with a fault in it, and the same without."""

import pathlib
import shutil
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import doc_links  # noqa: E402
import format as cc_format  # noqa: E402
import npm_packages  # noqa: E402
import proto_docs  # noqa: E402
import proto_lint  # noqa: E402
import shell_lint  # noqa: E402
import workflows  # noqa: E402


def write(root: pathlib.Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("text", "status"), [("int main() { return 0; }\n", 0), ("int main(){return 0;}\n", 1)])
def test_format(tmp_path, text, status):
    shutil.copy(HERE.parents[1] / ".clang-format", tmp_path)
    write(tmp_path, "server/main.cc", text)
    assert cc_format.main(tmp_path) == status


@pytest.mark.parametrize(("text", "status"), [('echo "$1"\n', 0), ("echo $1\n", 1)])
def test_shell_lint(tmp_path, text, status):
    write(tmp_path, "scripts/run", "#!/usr/bin/env bash\n" + text)
    assert shell_lint.main(tmp_path) == status


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("[a](docs/b.md)", []),
        ("[a](docs/b.md#two-words)", []),
        ("[a](https://example.org/nothing)", []),
        ("`[a](nothing.md)`", []),
        ("```\n[a](nothing.md)\n```", []),
        ("[a](nothing.md)", ["README.md: nothing.md: no such file"]),
        ("[a](docs/b.md#three)", ["README.md: docs/b.md#three: no such heading"]),
        ("[a][b]\n\n[b]: nothing.md", ["README.md: nothing.md: no such file"]),
    ],
)
def test_doc_links(tmp_path, text, problems):
    write(tmp_path, "README.md", text)
    write(tmp_path, "docs/b.md", "# Two words\n")
    assert doc_links.broken(tmp_path) == problems


COMPLETE = """syntax = "proto3";
package a.v1;
// M.
message M {
  // F.
  int32 f = 1;
  // O.
  oneof o {
    // G.
    int32 g = 2;
  }
  // P.
  optional int32 p = 3;
  // Q.
  map<string, string> q = 4;
}
// E.
enum E {
  // Zero.
  E_UNSPECIFIED = 0;
}
// S.
service SService {
  // R.
  rpc R(M) returns (M);
}
"""


@pytest.mark.parametrize("comment", ["M", "F", "O", "G", "P", "Q", "E", "Zero", "S", "R"])
def test_proto_docs(tmp_path, comment):
    write(tmp_path, "a/v1/a.proto", COMPLETE)
    assert proto_docs.undocumented(tmp_path)[0] == []
    write(tmp_path, "a/v1/a.proto", COMPLETE.replace(f"// {comment}.\n", "\n"))
    assert len(proto_docs.undocumented(tmp_path)[0]) == 1


def test_proto_lint_fails_without_npm(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match="cannot install the packages"):
        npm_packages.install(proto_lint.HERE, tmp_path / "work")


WORKFLOW = """on: {pull_request: }
name: ci
permissions:
  contents: read
concurrency:
  group: a
  cancel-in-progress: true
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 9
    strategy:
      matrix:
        stage: [dev, asan]
    container:
      image: debian:bookworm
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
      - run: .ci/run ${{ matrix.stage }}
"""


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("", "", None),
        ("    timeout-minutes: 9\n", "", "timeout-minutes"),
        ("timeout-minutes: 9", "timeout-minutes: 900", "timeout-minutes"),
        ("timeout-minutes", "timeout_minutes", "timeout_minutes is not a key"),
        ("contents: read", "contents: write", "permissions must be"),
        ("permissions:\n  contents: read\n", "", "no permissions"),
        ("  cancel-in-progress: true\n", "", "concurrency needs"),
        ("@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2", "@v4", "not pinned"),
        (" # v4.2.2", "", "no version"),
        ("debian:bookworm", "ubuntu:24.04", "no debian:bookworm"),
        ("ubuntu-24.04", "ubuntu-latest", "names no version"),
        ("matrix.stage }}", "github.head_ref }}", "what others write could run"),
        ("[dev, asan]", "[dev, asn]", "no stage asn"),
        ("[dev, asan]", "[dev]", "no workflow calls the stage asan"),
        ("run: .ci/run ${{ matrix.stage }}", "run: make", "does not call .ci/run"),
    ],
)
def test_workflows(tmp_path, old, new, problem):
    write(tmp_path, ".ci/run", "every_change=(dev asan)\nstage_dev() {\n}\nstage_asan() {\n}\n")
    write(tmp_path, ".github/workflows/ci.yml", WORKFLOW.replace(old, new))
    problems = workflows.wrong(tmp_path)
    assert any(problem in line for line in problems) if problem else not problems, problems
