"""Harvests a few lines written by hand through the whole process, and tells what became of them in the ledger."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, QueryBoolean, QuerySolutions, RdfFormat, Store, parse

from maillon.harvest import Options, Report, run, silent
from maillon.ledger import Ledger
from maillon.records import Finding
from maillon.settings import Settings
from maillon.sources import parse as source_of
from maillon.vocabulary import PREFIXES

_DECLARED = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())


@dataclass(frozen=True)
class Outcome:
    """What a run said, and what stands in the ledger after it."""

    report: Report
    store: Store
    findings: tuple[Finding, ...]
    rules: frozenset[str]

    def values(self, path: str, subject: str = "?s") -> list[str]:
        """Return the objects of a property path in SPARQL, as N-Triples terms in order; literals without datatype."""
        found = self.store.query(f"{_DECLARED}SELECT DISTINCT ?o WHERE {{ {subject} {path} ?o }}")
        assert isinstance(found, QuerySolutions)
        return sorted(_written(row["o"]) for row in found)

    def holds(self, pattern: str) -> bool:
        """Say whether a pattern of SPARQL holds."""
        answer = self.store.query(f"{_DECLARED}ASK {{ {pattern} }}")
        assert isinstance(answer, QueryBoolean)
        return bool(answer)

    def found(self, path: str) -> bool:
        """Say whether there is a finding on a property, by its prefixed name."""
        prefix, _, name = path.partition(":")
        return any(PREFIXES[prefix] + name in str(finding.path) for finding in self.findings)

    def severities(self, *shapes: str) -> list[str]:
        """Return the severities of the findings of some rules, each named without ``urn:maillon:shape:``."""
        wanted = {f"urn:maillon:shape:{shape}" for shape in shapes}
        return sorted(finding.severity for finding in self.findings if finding.shape in wanted)


def _written(term: object) -> str:
    if isinstance(term, Literal):
        return f"{term.value}@{term.language}" if term.language else term.value
    return str(term.value) if isinstance(term, NamedNode) else "[]"


def _outcome(ledger: Ledger, report: Report) -> Outcome:
    store, hashes = Store(), []
    for item in ledger.current():
        hashes.append(item.hash)
        store.extend(parse(item.text.encode(), RdfFormat.N_TRIPLES))
    findings = tuple(finding for found in ledger.findings(hashes).values() for finding in found)
    return Outcome(report, store, findings, frozenset(report.repairs))


@pytest.fixture
def harvested(tmp_path: Path) -> Callable[..., Outcome]:
    """Return a function: kind, content (text, octets, value for JSON, or files by name) and keys of the TOML."""

    def harvest(kind: str, content: Any, **keys: Any) -> Outcome:
        files = content if isinstance(content, dict) and all("." in str(name) for name in content) else None
        folder = tmp_path / "files"
        folder.mkdir(exist_ok=True)
        for name, value in (files or {"file": content}).items():
            data = value if isinstance(value, str | bytes) else json.dumps(value)
            (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
        keys = {"kind": kind, "url": str(folder if files else folder / "file"), **keys}
        options = keys.pop("options", "")
        lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in keys.items())
        source = source_of(f"{lines}\n{options}", "exemple", tmp_path)
        settings = Settings(data=tmp_path / "data")
        with Ledger(settings.ledger) as ledger:
            return _outcome(ledger, run(source, settings, ledger, Options(), silent))

    return harvest
