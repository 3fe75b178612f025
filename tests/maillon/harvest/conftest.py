"""A town whose catalogue is a JSON file, and a third party's harvester that reads it, found by its dotted path.

The harvester is a real module on the path, read through the real fetcher, mapped, validated and stored for real.
"""

import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from maillon import harvest
from maillon.harvest import Options, Report
from maillon.ledger import Ledger, Stored, schema
from maillon.settings import Settings
from maillon.sources import Source

HARVESTER = '''
"""Reads a JSON list of datasets; a line may ask for any misfortune."""

import json
import pathlib

from pyoxigraph import NamedNode, Literal, Triple, parse, RdfFormat

from maillon.errors import PagesShifted, RecordRejected, SourceUnavailable
from maillon.records import Agent, Bookmark, DataService, Dataset, Deleted, Described, Distribution, Rejected

FAULTS = {"KeyError": KeyError("result"), "SourceUnavailable": SourceUnavailable("Half of the answer is missing."),
          "RecordRejected": RecordRejected("lost", "no title"), "Interrupt": KeyboardInterrupt(),
          "PagesShifted": PagesShifted("A record is on two pages."), "Panic": BaseException("panicked")}


def records(source, fetch):
    for line in json.loads(fetch(source.url).read()):
        if line.get("since", fetch.bookmark) != fetch.bookmark:
            continue
        if "shift once" in line:
            if pathlib.Path(line["shift once"]).exists():
                pathlib.Path(line["shift once"]).unlink()
                raise PagesShifted("A record is on two pages.")
            continue
        if "raise" in line:
            raise FAULTS[line["raise"]]
        if "page" in line:
            yield Rejected(line["id"], "cannot be parsed", is_dataset=False)
        elif "deleted" in line:
            yield Deleted(line["deleted"])
        elif "bookmark" in line:
            yield Bookmark(line["bookmark"], line["partial"])
        elif "private" in line:
            yield Rejected(line["id"], "private", "marked so by its source", is_private=True)
        elif "service" in line:
            title = {"fr": line["title"]}
            yield DataService(identifier=line["service"], endpoint_url="https://x.example/", title=title)
        elif "turtle" in line:
            triples = tuple(quad.triple for quad in parse(line["turtle"].encode(), RdfFormat.TURTLE))
            yield Described(NamedNode(line["id"]), triples, line.get("note", ""))
        else:
            yield dataset(line)


def dataset(line):
    publisher = Agent(name={"fr": line["publisher"]}, identifier="pub") if "publisher" in line else None
    return Dataset(
        identifier=line["id"], iri=line.get("iri"), title={"fr": line["title"]} if line["title"] else {},
        publisher=publisher,
        distributions=tuple(
            Distribution(identifier=f"{line['id']}-{name}", access_url=f"https://data.example.org/{url}")
            for name, url in line.get("files", {}).items()
        ),
    )
'''


def dataset(number: int, title: str = "Arbres", **more: Any) -> dict[str, Any]:
    return {"id": f"d{number}", "title": f"{title} {number}", "files": {"csv": f"{number}.csv"}, **more}


@dataclass
class Town:
    """A source under test: ``town.lists(...)`` says what its catalogue holds, ``town.run()`` harvests it."""

    folder: Path
    settings: Settings
    ledger: Ledger
    source: Source
    now: datetime = datetime(2026, 11, 21, 19, 0, tzinfo=UTC)
    stages: list[tuple[str, int, int | None]] = field(default_factory=list)

    def lists(self, *lines: dict[str, Any]) -> None:
        Path(self.source.url).write_text(json.dumps(lines), encoding="utf-8")

    def sleeps(self, **time: float) -> None:
        self.now += timedelta(**time)

    def run(self, **options: Any) -> Report:
        options = {"now": lambda: self.now, **options}
        report = harvest.run(
            self.source, self.settings, self.ledger, Options(**options), lambda *stage: self.stages.append(stage)
        )
        self.check(report)
        return report

    def check(self, report: Report) -> None:
        """What must hold after any run."""
        assert (
            report.found
            == sum((report.new, report.changed, report.unchanged, report.withheld))
            + sum(item.is_dataset for item in report.rejections)
            or report.status != "done"
        )
        if report.run:
            assert report.published == self.ledger.count(self.source.name, "dataset", ("live", "missing"))
            assert report.missing == self.ledger.count(self.source.name, "dataset", ("missing",))
        left = {path.name for path in (self.settings.data / "staging").glob(f"{self.source.name}.*")}
        assert left <= {f"{self.source.name}.error.txt"}

    def policy(self, **values: Any) -> None:
        self.source = replace(self.source, **values)

    def state(self) -> dict[str, Stored]:
        return {item.iri: item for item in self.ledger.current()}

    def states(self, kind: str = "dataset") -> dict[str, str]:
        """State of entities by the end of their IRI."""
        return {item.iri.rsplit("/", 1)[-1]: item.state for item in self.ledger.current(kinds=[kind])}

    def neighbour(self, name: str) -> "Town":
        """Another source in the same catalogue."""
        return replace(self, source=replace(self.source, name=name, url=str(self.folder / f"{name}.json")), stages=[])


@pytest.fixture(scope="session")
def harvester(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dotted path of the harvester, importable while the tests run."""
    folder = tmp_path_factory.mktemp("third_party")
    package = folder / "towns"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "listing.py").write_text(HARVESTER, encoding="utf-8")
    (package / "nothing.py").write_text('"""No harvester."""\n')
    (package / "broken.py").write_text('"""Cannot be imported."""\nraise ValueError("no licence key")\n')
    sys.path.insert(0, str(folder))
    yield "towns.listing"
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.split(".")[0] == "towns"]:
        del sys.modules[name]


@pytest.fixture
def town(tmp_path: Path, harvester: str) -> Iterator[Town]:
    settings = Settings(data=tmp_path / "data", base_iri="https://catalogue.example.org/")
    source = Source(name="town", kind=harvester, url=str(tmp_path / "town.json"), language="fr")
    with Ledger(settings.ledger) as ledger:
        yield Town(tmp_path, settings, ledger, source)


def _check_ledger(ledger: Ledger) -> None:
    """Everything refers to what is there, and replaying the changes gives what is published."""
    with ledger.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        versions = {(row.iri, row.hash) for row in connection.execute(schema.versions.select())}
    current = {item.iri: item for item in ledger.current()}
    for item in current.values():
        assert hashlib.sha256(item.text.encode()).hexdigest() == item.hash
        assert (item.iri, item.hash) in versions
    replayed = {}
    for change in ledger.changes():
        assert (change.iri, change.hash) in versions
        replayed[change.iri] = (change.hash, schema.STATE_AFTER[change.operation])
    published = {"missing": "live"}
    assert replayed == {iri: (item.hash, published.get(item.state, item.state)) for iri, item in current.items()}


@pytest.fixture
def check_ledger() -> Callable[[Ledger], None]:
    """Asserts that a ledger is consistent in itself."""
    return _check_ledger


@pytest.fixture
def make() -> Callable[..., dict[str, Any]]:
    """Makes a line of the catalogue: ``make(3, title=..., files={...})``."""
    return dataset
