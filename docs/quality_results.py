#!/usr/bin/env python3
"""Turns the event stream of data.gov.be into ``docs/quality-results.md``: findings, scores, the federal report of 2023.

One run of the real commands: ``maillon harvest`` (every entity is repaired and validated), the validation once more by
itself to measure it, ``maillon publish`` (every dataset is scored). What was counted is kept in
``docs/quality_results.json``, the words and the numbers of the federal report stand in ``docs/quality_results.toml``.
The Brussels part is also validated with the official shapes of DCAT-AP 2.1.1 that the federal portal used.
A fault - a dataset without a score, a rule without words in a language, findings that come out otherwise the second
time - ends the script with status 1.

    .venv/bin/python docs/quality_results.py FOLDER        # the run, some minutes; a step already done is not repeated
    .venv/bin/python docs/quality_results.py FOLDER FILE   # another file (N-Triples), printed instead of written
    .venv/bin/python docs/quality_results.py --page        # only the page, from the numbers of the last run
"""

import dataclasses
import gzip
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from pyoxigraph import RdfFormat, parse
from quality_page import federal, page

from maillon import identifiers, validation
from maillon.ledger import Ledger, repairs
from maillon.quality import aggregation, indicators, lists, mqa
from maillon.quality.aggregation import Counted, Totals
from maillon.quality.file import QualityFile
from maillon.quality.values import Assessment, Scope
from maillon.records import Finding, Version
from maillon.settings import LANGUAGES, Settings
from maillon.store import snapshots
from maillon.store.documents import Document, Documents
from maillon.validation import shapes
from maillon.validation.engine import ShaclEngine
from maillon.vocabulary import PREFIXES, term
from maillon.web import quality_rules

ROOT: Final = Path(__file__).resolve().parents[1]
STREAM: Final = ROOT.parent / "shared/corpus/dcat/be-data-gov-ldes/datagovbe-ldes-2025-04-14.tar.xz"
SUBSET: Final = STREAM.with_name("derived-brussels-subset.nt.gz")
"""The Brussels part of the stream as it was sent."""

OFFICIAL: Final = ROOT.parent / "shared/standards/dcat-ap/2.1.1"
PARTS: Final = ("shapes", "shapes_recommended", "mdr-vocabularies.shape", "range")
"""Files of the official shapes that the federal report names."""

PAGE: Final = ROOT / "docs" / "quality-results.md"
NUMBERS: Final = ROOT / "docs" / "quality_results.json"
SOURCE: Final = "be"
BRUSSELS: Final = ("http://data.gov.be/dataset/brussels/", "http://data.gov.be/dist/brussels/")
"""How the addresses start that data.gov.be gives to what it harvests from Brussels, services too."""

SHARED: Final = ("organisation", "contact", "resource")
"""Kinds of which a part has those that its entities refer to; they come last."""

COMMAND: Final = "import sys; from maillon.cli import main; sys.exit(main())"
SPREAD: Final = 5
BATCH: Final = 3_000


@dataclass(frozen=True, slots=True)
class Step:
    """What one command cost.

    Attributes:
        name: What was done.
        wall: Seconds on the clock.
        cpu: Seconds of both cores, user and system.
        memory: Peak in MB.
        said: What it printed.
    """

    name: str
    wall: float
    cpu: float
    memory: int
    said: Mapping[str, Any]


@dataclass(slots=True)
class Tally:
    """Findings of some entities, as sent and after repair.

    Attributes:
        entities: Number by kind.
        sent: Findings of what the source sent, by shape and severity.
        left: Findings of what is published.
        records: Entities with a finding of a shape, as published.
        spread: How many entities refer to a publisher or contact point with a violation, by its IRI and the shape.
    """

    entities: Counter[str] = field(default_factory=Counter)
    sent: Counter[tuple[str, str]] = field(default_factory=Counter)
    left: Counter[tuple[str, str]] = field(default_factory=Counter)
    records: Counter[str] = field(default_factory=Counter)
    spread: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, item: Document, sent: Iterable[Finding]) -> None:
        """Count one entity."""
        self.entities[item.kind] += 1
        self.sent.update((finding.shape, finding.severity) for finding in sent)
        self.left.update((finding.shape, finding.severity) for finding in item.findings)
        self.records.update({finding.shape for finding in item.findings})

    def rules(self) -> list[dict[str, Any]]:
        """Return the rules with findings, the most first, with their English words of now."""
        order = sorted({*self.sent, *self.left}, key=lambda item: (-self.left[item], -self.sent[item], item))
        return [
            {
                "rule": shape.removeprefix("urn:maillon:shape:"),
                "severity": severity,
                "name": quality_rules.name(shape, "en"),
                "wrong": quality_rules.wrong_and_to_do(shape, "en")[0],
                "sent": self.sent[shape, severity],
                "left": self.left[shape, severity],
                "records": self.records[shape],
            }
            for shape, severity in order
        ]


def measured(name: str, *arguments: str) -> Step:
    """Run Python with arguments and measure it. Ends the script where that fails."""
    began = time.monotonic()
    command = [sys.executable, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - the commands of run()
        output = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{name} ended with status {process.returncode}: {output}")
    wall = round(time.monotonic() - began, 1)
    return Step(name, wall, round(usage.ru_utime + usage.ru_stime, 1), usage.ru_maxrss // 1024, json.loads(output))


def run(folder: Path, file: Path) -> list[Step]:
    """Harvest, validate and publish; what was done before in the folder is not repeated."""
    folder.mkdir(parents=True, exist_ok=True)
    source, done = folder / f"{SOURCE}.toml", folder / "steps.json"
    source.write_text(f'kind = "dcat"\nurl = {json.dumps(str(file))}\n', "utf-8")
    data = str(folder / "data")
    plan = {
        "harvest": ("-c", COMMAND, "harvest", "--json", "--data", data, str(source)),
        "validate": (__file__, "--validate", data),
        "publish": ("-c", COMMAND, "publish", "--json", "--data", data),
    }
    steps = [Step(**values) for values in json.loads(done.read_text("utf-8"))] if done.exists() else []
    for name in list(plan)[len(steps) :]:
        steps.append(measured(name, *plan[name]))
        done.write_text(json.dumps([dataclasses.asdict(step) for step in steps]), "utf-8")
        print(steps[-1], file=sys.stderr, flush=True)  # noqa: T201
    return steps


def validate(data: Path) -> None:
    """Validate everything in a ledger once more; print how long the validating took and whether the same was found."""
    said: Counter[str] = Counter()
    spent = 0.0
    with Ledger(Settings(data=data).ledger) as ledger:
        stored = ledger.current()
        while batch := [Version(item.iri, item.kind, item.hash, item.text) for item in islice(stored, BATCH)]:
            before = time.process_time()
            found = validation.validate(batch)
            spent += time.process_time() - before
            known = ledger.findings(list(found))
            said["versions"] += len(found)
            said["findings"] += sum(map(len, found.values()))
            said["differ"] += sum(set(items) != set(known.get(key, ())) for key, items in found.items())
    print(json.dumps({**said, "validating": round(spent, 1)}))  # noqa: T201


def pages(documents: Documents, kind: str) -> Iterator[Document]:
    """Yield the published documents of a kind that a source sent."""
    after = ""
    while batch := documents.page(kind, after, 1_000):
        yield from (item for item in batch if item.source)
        after = batch[-1].key


def tallies(documents: Documents, sent: Mapping[str, list[Finding]]) -> tuple[Tally, Tally]:
    """Count the findings of everything and those of the Brussels part.

    Args:
        documents: What is published.
        sent: Findings of what the source sent, by entity; only those that were repaired.
    """
    whole, part = Tally(), Tally()
    near: set[str] = set()
    for kind in sorted(identifiers.KINDS, key=lambda kind: kind in SHARED):
        for item in pages(documents, kind):
            is_ours = item.iri.startswith(BRUSSELS)
            if is_ours:
                near.update(documents.related(item.iri))
            for tally in (whole, part) if is_ours or (kind in SHARED and item.iri in near) else (whole,):
                tally.add(item, sent.get(item.iri, item.findings))
            for shape in {finding.shape for finding in item.findings if finding.severity == "Violation"}:
                if kind in SHARED and documents.times_referred(item.iri):
                    whole.spread[item.iri, shape] = documents.times_referred(item.iri)
    return whole, part


def scope_of(assessments: Iterable[Assessment]) -> Scope:
    """Add up some datasets as a source is added up. Raises StopIteration where there are none."""
    totals = Totals()
    for item in assessments:
        totals.add(dataclasses.replace(item, source=SOURCE, organisations=()), Counted())
    return next(scope for scope in totals.scopes() if scope.kind == aggregation.SOURCE)


def part(tally: Tally, scope: Scope, assessments: Sequence[Assessment]) -> dict[str, Any]:
    """Return the numbers of the whole or of a part."""
    by_points = sorted(scope.gains, key=lambda gain: (-gain.points, gain.fix))
    names = [item.name for item in lists.ratings()]
    rated = Counter(mqa.rating(item.score.points) for item in assessments)
    return {
        "entities": dict(tally.entities.most_common()),
        "rules": tally.rules(),
        "spread": [
            [iri, shape.removeprefix("urn:maillon:shape:"), number]
            for (iri, shape), number in sorted(tally.spread.items(), key=lambda item: (-item[1], item[0]))[:SPREAD]
        ],
        "valid": sum("Violation" not in item.severities for item in assessments),
        "clean": sum(not {"Violation", "Warning"} & {*item.severities} for item in assessments),
        "datasets": scope.datasets,
        "points": scope.points,
        "rating": mqa.rating(scope.points),
        "ratings": {name: rated[name] for name in names},
        "best": max(item.score.points for item in assessments),
        "worst": min(item.score.points for item in assessments),
        "dimensions": dict(scope.dimensions),
        "indicators": {
            name: [scope.indicators.get(name), sum(item.indicators.get(name) is not None for item in assessments)]
            for name in indicators.NAMES
        },
        "gains": [[item.fix, item.points, item.values, item.datasets] for item in by_points],
    }


def official(file: Path) -> dict[str, int]:
    """Return what the official shapes of 2.1.1 find in N-Triples: number by severity, component and property."""
    if not OFFICIAL.is_dir() or not file.is_file():
        return {}
    texts = [(OFFICIAL / f"dcat-ap_2.1.1_shacl_{name}.ttl").read_bytes() for name in PARTS]
    quads = (quad for text in texts for quad in parse(text, RdfFormat.TURTLE, rename_blank_nodes=True))
    chosen = ShaclEngine("".join(f"{quad.triple} .\n" for quad in quads if quad.predicate != term("owl:imports")))
    octets = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    found = Counter(
        f"{item.severity} {item.component.removeprefix(PREFIXES['sh'])} {short(item.path.strip('<>'))}"
        for item in chosen.validate(octets.decode())
    )
    return dict(found.most_common())


def short(iri: str) -> str:
    """Return the prefixed name of a property, itself where no prefix fits."""
    names = (f"{prefix}:{iri.removeprefix(start)}" for prefix, start in PREFIXES.items() if iri.startswith(start))
    return next(names, iri)


def numbers(folder: Path, steps: Sequence[Step], sent: Path) -> dict[str, Any]:
    """Read what was published.

    Args:
        folder: Where ``run`` was told to work.
        steps: What it cost.
        sent: N-Triples of the Brussels part as it was sent.
    """
    settings = Settings(data=folder / "data")
    with Ledger(settings.ledger) as ledger, ledger.reading() as connection:
        before = {row.iri: row.findings_before() for row, _ in repairs.of_source(connection, SOURCE)}
    with snapshots.open_current(settings.snapshots) as snapshot:
        documents, quality = Documents(snapshot.documents), QualityFile(snapshot.quality)
        try:
            whole, ours = tallies(documents, before)
            every = list(quality.members(aggregation.CATALOGUE))
            scope = quality.scope(aggregation.CATALOGUE) or scope_of(every)
        finally:
            documents.close()
            quality.close()
        chosen = [item for item in every if item.iri.startswith(BRUSSELS)]
        if not chosen:
            sys.exit(f"No dataset is of Brussels: none has an address that starts with {BRUSSELS[0]}.")
        return {
            "made": snapshot.manifest.made,
            "shapes": validation.build_id()[:12],
            "steps": [dataclasses.asdict(step) for step in steps],
            "whole": part(whole, scope, every),
            "brussels": part(ours, scope_of(chosen), chosen),
            "official": official(sent),
        }


def faults(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield what must not be."""
    harvested, validated, _ = (step["said"] for step in found["steps"])
    whole = found["whole"]
    if whole["datasets"] != harvested["published"]:
        yield f"{harvested['published']} datasets are published and {whole['datasets']} scored"
    if validated["differ"]:
        yield f"{validated['differ']} versions have other findings when they are validated again"
    for name, key in (("findings_before", "sent"), ("findings", "left")):
        counted = sum(row[key] for row in whole["rules"])
        if counted != sum(harvested[name].values()):
            yield f"harvest counted {sum(harvested[name].values())} findings {key}, and there are {counted}"
    yield from strangers(found)
    for row in whole["rules"]:
        texts = shapes.messages().get(f"urn:maillon:shape:{row['rule']}", {})
        if missing := {*LANGUAGES} - {*texts}:
            yield f"{row['rule']} says nothing in {', '.join(sorted(missing))}"


def strangers(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield where the official shapes find something in more or fewer records than our rule for the same."""
    for row in federal() if found["official"] else ():
        ours = sum(item["sent"] for item in found["brussels"]["rules"] if item["rule"] in row["rules"])
        theirs = found["official"].get(row["official"], 0)
        if row["same"] and ours != theirs:
            yield f"{row['what']}: the official shapes find it {theirs} times, ours {ours} times"


def main(arguments: Sequence[str]) -> None:
    """Do what the arguments say."""
    match arguments:
        case ["--page"]:
            PAGE.write_text(page(json.loads(NUMBERS.read_text("utf-8"))), "utf-8")
            return
        case ["--validate", data]:
            validate(Path(data))
            return
        case [folder]:
            file = STREAM
        case [folder, name]:
            file = Path(name)
        case _:
            sys.exit(__doc__)
    if not file.is_file():
        sys.exit(f"There is no {file}: this page can only be made beside the corpus.")
    steps = run(Path(folder), file.resolve())
    found = numbers(Path(folder), steps, file if ".nt" in file.suffixes else SUBSET)
    if file != STREAM:
        print(page(found))  # noqa: T201
    else:
        NUMBERS.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
        PAGE.write_text(page(found), "utf-8")
    if wrong := list(faults(found)):
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main(sys.argv[1:])
