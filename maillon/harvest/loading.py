"""Finds the harvester for a source's ``kind``: a module of ``harvesters``, or any other by its dotted path."""

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator
from typing import Protocol, cast

from maillon import tabular
from maillon.errors import SourceDefinitionError
from maillon.records import Record
from maillon.sources import Fetch, Source


class Harvester(Protocol):
    """What a harvester's module offers."""

    def records(self, source: Source, fetch: Fetch) -> Iterator[Record]:
        """Yield what the source says, record by record."""


def kinds() -> list[str]:
    """Return the kinds of sources that come with Maillon, by name; nothing is imported to know them."""
    package = importlib.import_module("harvesters")
    return sorted(item.name for item in pkgutil.iter_modules(package.__path__) if not item.name.startswith("_"))


def check(source: Source) -> None:
    """Make sure that there is a harvester for a source.

    Raises:
        SourceDefinitionError: There is none, or its tables cannot be used.
    """
    tabular.declared(source)
    if "." not in source.kind:
        if source.kind not in kinds():
            raise SourceDefinitionError(_unknown(source, "There is no such kind"))
        return
    try:
        found = importlib.util.find_spec(source.kind)
    except ModuleNotFoundError as error:
        raise SourceDefinitionError(_unknown(source, f"{error}")) from error
    if found is None:
        raise SourceDefinitionError(_unknown(source, "There is no such module"))


def load(source: Source) -> Harvester:
    """Import the harvester of a source. Whatever a third party's module raises on import comes through.

    Raises:
        SourceDefinitionError: The module has no function ``records``.
    """
    module = importlib.import_module(source.kind if "." in source.kind else f"harvesters.{source.kind}")
    if not callable(getattr(module, "records", None)):
        raise SourceDefinitionError(_unknown(source, "This module has no function records(source, fetch)"))
    return cast(Harvester, module)


def _unknown(source: Source, why: str) -> str:
    return (
        f"Source {source.name}: kind = {source.kind!r}. {why}: correct the source's TOML. Kinds that come with "
        f"Maillon: {', '.join(kinds()) or 'none'}; another one is named by the dotted path of its module."
    )
