"""Where the modules of these tests are found."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "lint"), str(HERE.parents[1] / "integration")]

import pytest  # noqa: E402

import certificates  # noqa: E402


@pytest.fixture(scope="session")
def secrets():
    return certificates.secrets()
