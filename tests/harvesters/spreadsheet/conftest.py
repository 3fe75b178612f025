"""A harvest of one file or folder with options."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harvesters import spreadsheet
from maillon.records import Record
from maillon.sources import Source


@pytest.fixture
def harvest(fetch_folder: Callable[..., Any]) -> Callable[..., list[Record]]:
    """Return a harvest of a file or folder with the options given."""

    def run(path: Path, language: str = "fr", **options: Any) -> list[Record]:
        source = Source(name="test", kind="spreadsheet", url=str(path), language=language, options=options)
        return list(spreadsheet.records(source, fetch_folder(path.parent)))

    return run
