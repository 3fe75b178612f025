"""The standard suite over every kind that comes with Maillon; a kind without recordings for it fails."""

from collections.abc import Callable
from pathlib import Path

import pytest

from maillon.harvest import kinds, suite

HERE = Path(__file__).resolve().parent


@pytest.mark.parametrize("check", suite.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("kind", kinds())
def test_a_kind_passes_the_standard_suite(kind: str, check: Callable[[suite.Recordings], None]) -> None:
    folder = HERE / kind / "suite"
    if not folder.is_dir():
        pytest.fail(f"{kind} has no recordings in tests/harvesters/{kind}/suite: see docs/how-to/write-a-harvester.md.")
    check(suite.Recordings.open(kind, folder))
