"""Each page does what it says: its commands are run as they are written, from top to bottom."""

import pathlib

import pytest

import tree
from conftest import not_run
from page import Wrong, steps
from reader import Failed

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [page.relative_to(ROOT) for page in tree.files(ROOT, ".md") if "node_modules" not in page.parts]


def follow(page, request, reader):
    """What is wrong with the page, or nothing."""
    try:
        todo = steps((ROOT / page).read_text(encoding="utf-8"))
        skipped = [f"{page}:{step.line}: {step.argument}" for step in todo if step.kind == "skip"]
        request.config.stash.setdefault(not_run, []).extend(skipped)
        for step in todo:
            reader.take(step)
    except (Failed, Wrong) as problem:
        return problem
    return None


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_page(page, request, reader):
    problem = follow(page, request, reader)
    if problem:
        pytest.fail(f"{page}: {problem}", pytrace=False)


def test_there_are_pages():
    assert pathlib.Path("README.md") in PAGES and len(PAGES) > 10
