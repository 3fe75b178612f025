#!/usr/bin/env python3
"""Turns the files of ``../shared/corpus`` into ``docs/corpus-results.md``: what the real command makes of each of them.

Every file of a kind that Maillon harvests is a source of its own with a ledger of its own, so that no file is rejected
because another one came first, and is read by ``maillon harvest --json``. The command is called inside the processes of
a pool: starting Python some five hundred times would take longer than harvesting. A file of which nothing is said, one
whose numbers do not add up and a crash are faults: the script then ends with status 1.

    .venv/bin/python docs/corpus_results.py            # all of it, about five minutes on two cores
    .venv/bin/python docs/corpus_results.py iso stac   # only these folders, printed instead of written
"""

import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from maillon.cli import main as maillon
from maillon.ledger import Ledger

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT.parent / "shared" / "corpus"
PAGE = ROOT / "docs" / "corpus-results.md"
SPREADSHEETS = ROOT / "tests" / "harvesters" / "spreadsheet" / "sources"

FOLDERS: Mapping[str, tuple[str, ...]] = {
    "ckan": ("ckan",),
    "opendatasoft": ("opendatasoft/terria", "opendatasoft/udata-ods-v1"),
    "udata": ("udata",),
    "datajson": ("dcat-us", "arcgis-hub"),
    "dcat": ("dcat",),
    "csw": ("iso",),
    "oaipmh": ("oai-pmh",),
    "stac": ("stac",),
}
"""Folders of the corpus by the kind that reads them; ``spreadsheet`` needs a TOML for each inventory."""

OTHERWISE: Sequence[tuple[str, str]] = (
    (r"dcat/be-data-gov-ldes/.*\.tar\.xz", "ldes"),
    (r"dcat/ckanext-dcat/ckan/.*|dcat/swiss/dataset.*\.json", "ckan"),  # packages beside the RDF made of them
    (r"dcat/ckanext-dcat/croissant/.*", "schemaorg"),
    (r"iso/semic-tests/.*/expected_output\..*|iso/geocat-ch/.*\.(?:rdf|ttl)", "dcat"),
)
"""Files that are not of the kind of their folder, by a pattern of their path."""

NO_SOURCE = re.compile(r"README|LICEN[CS]E|PROVENANCE|SOURCES", re.IGNORECASE)
"""Names of files that tell where the others come from."""


@dataclass(frozen=True)
class Task:
    """One file, and the TOML of the source that it is."""

    kind: str
    name: str
    toml: str


@dataclass
class Result:
    """What became of one file."""

    kind: str
    name: str
    counts: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    crash: str = ""
    others: dict[str, int] = field(default_factory=dict)
    """Entities in the ledger that are no datasets, by kind."""

    @property
    def rejected(self) -> int:
        """Records, files and cells that were rejected."""
        return sum(self.counts.get("rejected", {}).values())

    def number(self, key: str) -> int:
        """Return one of the counts."""
        return int(self.counts.get(key, 0))


def tasks() -> Iterator[Task]:
    """Yield every file of a kind that Maillon harvests, as a source; of spreadsheets the folders of forms too."""
    for kind, folders in FOLDERS.items():
        for folder in folders:
            for path in sorted((CORPUS / folder).rglob("*")):
                if path.is_file() and not NO_SOURCE.search(path.name):
                    name = path.relative_to(CORPUS).as_posix()
                    yield plain(
                        next((other for pattern, other in OTHERWISE if re.fullmatch(pattern, name)), kind), name
                    )
    for toml in sorted(SPREADSHEETS.glob("*.toml")):
        text = toml.read_text(encoding="utf-8")
        if found := re.search(r'^url = "(.+)"$', text, re.MULTILINE):
            yield Task("spreadsheet", found[1], text.replace(found[1], f"{CORPUS}/{found[1]}", 1))


def plain(kind: str, name: str) -> Task:
    """Return the source that a file is when nothing but its kind is known."""
    text = f'kind = "{kind}"\nurl = {json.dumps(str(CORPUS / name))}\n'
    text += 'base = "https://corpus.example/"\n' if kind in {"dcat", "ldes"} else ""
    return Task(kind, name, text + ("[options]\nitems = true\n" if kind == "stac" else ""))


def harvest(task: Task) -> Result:
    """Run the command over one source in a folder of its own."""
    result = Result(task.kind, task.name)
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "file.toml"
        head, table, rest = task.toml.partition("[options")
        source.write_text(f'{head}name = "file"\n{table}{rest}', encoding="utf-8")
        done = CliRunner().invoke(maillon, ["harvest", "--json", "--data", f"{name}/data", str(source)])
        for line in done.stdout.splitlines():
            result.counts = json.loads(line)
        text = done.stderr.replace(f"{CORPUS}/", "").replace(name, "")
        result.notes = [
            re.sub(r"\s+", " ", note).strip() for note in re.split(r"^file: ", text, flags=re.MULTILINE)[1:]
        ]
        if done.exit_code not in (0, 1):
            result.crash = f"{done.exception!r} (exit status {done.exit_code})"
        with Ledger(f"sqlite:///{name}/data/ledger.sqlite") as ledger:
            result.others = dict(Counter(item.kind for item in ledger.current() if item.kind != "dataset"))
    return result


def results(only: Sequence[str] = ()) -> list[Result]:
    """Harvest everything, the large files first."""
    every = [task for task in tasks() if not only or task.name.startswith(tuple(only))]
    every.sort(key=lambda task: task.kind != "ldes")
    found: dict[tuple[str, str], Result] = {}
    with ProcessPoolExecutor(max_workers=2) as pool:
        for number, future in enumerate(as_completed([pool.submit(harvest, task) for task in every]), 1):
            result = future.result()
            found[result.kind, result.name] = result
            if number % 25 == 0:
                print(f"{number} of {len(every)}", file=sys.stderr, flush=True)  # noqa: T201
    kinds = [*dict.fromkeys(task.kind for task in tasks())]
    return sorted(found.values(), key=lambda item: (kinds.index(item.kind), item.name))


STATED: Sequence[tuple[str, str, str, str]] = (
    ("datasets of data.gov.be, event stream", r"dcat/be-data-gov-ldes/.*\.tar\.xz", "17,828", ""),
    ("its Brussels subset", r"dcat/be-data-gov-ldes/derived.*", "604", ""),
    (
        "feeds of ArcGIS Hub, seven files",
        r"arcgis-hub/.*",
        "3,196",
        "17 identifiers stand twice: the first of each is kept",
    ),
    ("portal of the Iowa DOT", r"arcgis-hub/.*/03a-02_.*", "1,024", "14 identifiers stand twice: the first is kept"),
    ("portal of Lake County", r"arcgis-hub/.*/12b-17097.*", "1,595", ""),
    (
        "Belgian federal inventory of 2016",
        r"inventory/be-psi/PSI_Export_2016.*",
        "273",
        "of the 274 rows of the sheet three are headers (term, number, name): 271 are left",
    ),
    ("the same, older export", r"inventory/be-psi/PSI_Export\.xlsx", "225", ""),
    ("inventory of HDR UK", r"inventory/hdruk/.*", "605", ""),
    ("inventory of the Comunitat Valenciana", r"inventory/valencia/.*", "2,116", ""),
    (
        "forms of the city of Zürich",
        r"inventory/zurich.*",
        "20",
        "one is the empty template, rejected for want of a title",
    ),
    ("catalogue of Paris as CSV", r"opendatasoft/public-csv-export/.*", "186", ""),
    (
        "entries of Opendatasoft, version 1",
        r"opendatasoft/udata-ods-v1/.*",
        "8",
        "8 files, of which `no-data.json` holds 2",
    ),
    ("datasets of udata", r"udata/.*", "15", ""),
    ("packages of dataportals.org", r"ckan/dataportals-org/.*", "390", ""),
    (
        "records of data.gv.at",
        r"ckan/data-gv-at/.*",
        "63",
        "three are empty on purpose and have no identifier: rejected",
    ),
    (
        "names of Open Alberta",
        r"ckan/open-alberta/.*",
        "0 (31,340 names)",
        "a list of names holds no datasets: refused",
    ),
)
"""What the README of the corpus counts: words, pattern of paths, number, why another is found."""

INTRODUCTION = """# What harvesting makes of the corpus

Made by `docs/corpus_results.py` with the real command, `maillon harvest --json`: one source a file, each with a ledger
of its own. A file without a dataset says why, and of no file more datasets are missing than were rejected by name (the
script fails otherwise). That found = published + withheld + rejected datasets, exactly, is checked on whole folders by
`tests/corpus/test_corpus_harvest.py`.

- *found*: datasets that the file lists; *published*: those that a publication would show; *repairs*: entities that a
  rule of repair changed, summed over the rules; *findings*: of the shapes, in what was sent and after repair.
- What is rejected is a dataset, or a record, file or cell of another kind: each is listed with its reason by
  `maillon runs --rejected SOURCE`.
- Files of `inventory` need a mapping of columns: those of `tests/harvesters/spreadsheet/sources/`. Lists of portals,
  of codes or of people in that folder are no inventories of datasets and are left out.
- `cpsv`, `csvw`, `reference`, `sparql` and `spending` hold no catalogues of datasets and are left out here; the CSVW
  examples have their own test (`tests/maillon/tabular/test_csvw_examples.py`). The kinds `schemaorg`, `datapackage`
  and `sparql` have one file or none in the corpus; their tests use recorded answers.
"""


def cell(text: str) -> str:
    """Return a text for a cell of a Markdown table."""
    short = text if len(text) <= 200 else f"{text[:200]}..."
    clean = re.sub(r"https?://(?:localhost:8000/source/file|corpus\.example)/", "", re.sub(r"\s+", " ", short))
    return clean.replace("|", "\\|").replace("<", "&lt;").replace("{", "&#123;")


def why(result: Result) -> str:
    """Say why what was found is not all published, and what else there is where no dataset is."""
    parts = [f"{number:,} × {reason}" for reason, number in result.counts.get("rejected", {}).items()]
    parts += [f"{result.number('withheld')} × withheld by the gate"] if result.number("withheld") else []
    parts += result.notes
    if not result.number("found") and not parts and result.others:
        entities = ", ".join(f"{number} × {kind}" for kind, number in sorted(result.others.items()))
        parts = [f"no dataset, only {entities}"]
    if not result.number("found") and not parts and result.kind == "oaipmh" and result.counts.get("status") == "done":
        parts = ["no record matches, or all are deleted: neither a dataset nor an error (OAI-PMH 2.0, 3.6)"]
    return cell("; ".join(parts))


def findings(result: Result) -> str:
    """Return the number of findings before and after repair."""
    before, after = (sum(result.counts.get(name, {}).values()) for name in ("findings_before", "findings"))
    return f"{before:,} → {after:,}" if before or after else "0"


def faults(result: Result) -> Iterator[str]:
    """Yield what must not be: a crash, a file of which nothing is said, datasets that vanished."""
    if result.crash:
        yield f"{result.name}: crashed: {result.crash}"
    if not result.number("found") and not why(result):
        yield f"{result.name}: nothing is said of it"
    if result.counts.get("status") == "done":
        gone = result.number("found") - result.number("published") - result.number("withheld")
        if not 0 <= gone <= result.rejected:
            yield f"{result.name}: found {result.number('found')}, published {result.number('published')}"


def total(name: str, found: Sequence[Result]) -> str:
    """Return the row of one kind."""
    summed: Counter[str] = Counter()
    for item in found:
        summed.update({key: item.number(key) for key in ("found", "published", "withheld")})
        summed["rejected"] += item.rejected
        summed["failed"] += item.counts.get("status") != "done"
        summed["repairs"] += sum(item.counts.get("repairs", {}).values())
        for key in ("findings_before", "findings"):
            summed[key] += sum(item.counts.get(key, {}).values())
    keys = ("found", "published", "withheld", "rejected", "failed", "repairs", "findings_before", "findings")
    return f"| {name} | {len(found):,} | {' | '.join(f'{summed[key]:,}' for key in keys)} |"


def summary(found: Sequence[Result]) -> Iterator[str]:
    """Yield the tables of totals and of what the README of the corpus counts."""
    yield "| kind | files | found | published | withheld | rejected | files refused | repairs | findings sent | left |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    for kind in dict.fromkeys(item.kind for item in found):
        yield total(kind, [item for item in found if item.kind == kind])
    yield total("**all**", found)
    yield "\n## Beside what the README of the corpus counts\n"
    yield "| what | its README | found | published | why they differ |"
    yield "|---|--:|--:|--:|---|"
    for words, pattern, number, reason in STATED:
        chosen = [item for item in found if re.fullmatch(pattern, item.name)]
        counts = " | ".join(f"{sum(item.number(key) for item in chosen):,}" for key in ("found", "published"))
        yield f"| {words} | {number} | {counts} | {reason} |"


def page(found: Sequence[Result]) -> Iterator[str]:
    """Yield the lines of the page."""
    yield INTRODUCTION
    yield from summary(found)
    for kind in dict.fromkeys(item.kind for item in found):
        yield f"\n## {kind}\n"
        yield "| file | found | published | repairs | findings | rejected, withheld, refused or noted, and why |"
        yield "|---|--:|--:|--:|--:|---|"
        for item in found:
            if item.kind == kind:
                repaired = sum(item.counts.get("repairs", {}).values())
                numbers = f"{item.number('found'):,} | {item.number('published'):,} | {repaired:,} | {findings(item)}"
                yield f"| `{item.name}` | {numbers} | {why(item)} |"


def main(only: Sequence[str]) -> None:
    """Write the page, or print that of some folders."""
    if not CORPUS.is_dir():
        sys.exit(f"There is no corpus at {CORPUS}: this page can only be made beside it.")
    found = results(only)
    text = "\n".join(page(found)) + "\n"
    if only:
        print(text)  # noqa: T201
    else:
        PAGE.write_text(text, encoding="utf-8")
    if wrong := [fault for item in found for fault in faults(item)]:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main(sys.argv[1:])
