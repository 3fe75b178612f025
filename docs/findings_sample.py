#!/usr/bin/env python3
"""Turns descriptions of data into findings picked at random, one a rule, as a steward reads them in four languages.

So that somebody who has never heard of SHACL can judge whether each says which field, which value, why and what next;
``docs/findings-review.md`` tells what was found that way. Documents are files of any serialisation of RDF
(https://www.w3.org/TR/vocab-dcat-3/), or data folders, of which so many published datasets are drawn too.

    .venv/bin/python docs/findings_sample.py --seed 20261122 ../shared/corpus/dcat/belgif/exemple.rdf
    .venv/bin/python docs/findings_sample.py --seed 1 --rules 10 --datasets 500 data catalogue.ttl
"""

import random
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import click

from maillon import paths
from maillon.check import Input, Report, check, choosing, text
from maillon.check.values import Checked, Noted
from maillon.check.wordings import WORDINGS
from maillon.errors import OperatorError
from maillon.settings import LANGUAGES, Settings
from maillon.store import snapshots
from maillon.store.documents import Documents
from maillon.validation import profiles
from maillon.vocabulary import term
from maillon.web import findings, quality_rules
from maillon.web.described import read

_PARTS: Final = tuple(term(name) for name in ("dcat:distribution", "dct:publisher", "dcat:contactPoint", "dct:creator"))
_EMBEDDED: Final = re.compile(r"<[^<>\s]*/\.well-known/genid/([^<>\s]+)>")
_SIGNS: Final = re.compile("[^0-9A-Za-z]")


@dataclass(frozen=True, slots=True)
class Pick:
    """One finding that was picked.

    Attributes:
        document: What was checked.
        record: The record in which it is.
        note: The finding.
    """

    document: str
    record: Checked
    note: Noted


def published(folder: Path, datasets: int, chance: random.Random) -> str:
    """Return the N-Triples of published datasets drawn at random, with what they refer to.

    Embedded nodes are blank nodes again, as a steward writes them.

    Args:
        folder: A data folder; it is only read.
        datasets: How many.
        chance: Draws them.

    Raises:
        OperatorError: Nothing is published there.
    """
    number = snapshots.current_number(folder / "snapshots")
    if number is None:
        raise OperatorError(f"{folder} has no published snapshot: give a file, or run `maillon publish` first.")
    file = Documents(snapshots.folder(folder / "snapshots", number) / "documents.sqlite")
    try:
        iris = [row[0] for row in file._rows("SELECT iri FROM documents WHERE kind = 'dataset' AND state = 'live'")]
        chosen = file.many(chance.sample(sorted(iris), min(datasets, len(iris))))
        parts = {iri for item in chosen.values() for iri in read(item.iri, item.text).iris(*_PARTS)}
        texts = [item.text for item in (*chosen.values(), *file.many(sorted(parts - chosen.keys())).values())]
    finally:
        file.close()
    return _EMBEDDED.sub(lambda match: f"_:b{_SIGNS.sub('x', match[1])}", "".join(texts))


def documents(targets: Iterable[Path], datasets: int, chance: random.Random, folder: Path) -> Iterator[Path]:
    """Yield the files to check; what is drawn from a data folder is written to a file of its own."""
    for target in targets:
        if target.is_dir():
            drawn = folder / f"{datasets} datasets of {target.name}.nt"
            drawn.write_text(published(target, datasets, chance), encoding="utf-8")
            yield drawn
        else:
            yield target


def checked(target: Path) -> Report:
    """Check a file as ``maillon check`` does."""
    return check(Input(target=str(target)), Settings(), choosing.profile(profiles.DEFAULT, None), lambda *_: None)


def pick(reports: Sequence[Report], rules: int, chance: random.Random) -> list[Pick]:
    """Pick rules at random among those with findings, and of each one finding at random."""
    found: dict[str, list[Pick]] = {}
    for report in reports:
        for record in report.records:
            for note in record.notes:
                found.setdefault(note.finding.shape, []).append(Pick(report.target, record, note))
    chosen = chance.sample(sorted(found), min(rules, len(found)))
    click.echo(f"{sum(map(len, found.values()))} findings of {len(found)} rules; {len(chosen)} of them were picked.")
    return [chance.choice(found[shape]) for shape in chosen]


def as_text(item: Pick, language: str) -> str:
    """Return the lines of a finding in the report of ``maillon check``, without those of its record."""
    alone = replace(item.record, notes=(item.note,), counts={item.note.finding.severity: 1}, repairs={})
    report = Report(target=item.document, profile=profiles.DEFAULT, engine="", records=(alone,))
    lines = text.write(report, WORDINGS[language], "violation").splitlines()
    first = next(place for place, line in enumerate(lines) if line.startswith("   - "))
    return "\n".join(lines[first : lines.index("", first)])


def as_row(item: Pick, language: str) -> str:
    """Return a finding as the table of findings on the web has it: field, value, what is wrong, what to do."""
    finding = item.note.finding
    wrong, to_do = quality_rules.wrong_and_to_do(finding.shape, language)
    field = f"{quality_rules.name(finding.shape, language)} ({findings.path_name(finding.path)})"
    return f"{field} | {item.note.value or '-'} | {wrong} | {to_do or '-'}"


@click.command()
@click.argument("targets", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--seed", default=0, show_default=True, help="The same seed picks the same findings.")
@click.option("--rules", default=30, show_default=True, help="How many findings, each of another rule.")
@click.option("--datasets", default=300, show_default=True, help="How many datasets of each data folder.")
def main(targets: tuple[Path, ...], seed: int, rules: int, datasets: int) -> None:
    """Print findings picked at random in TARGETS, files or data folders, in four languages."""
    click.echo(f"Seed {seed}; rules of {paths.SHAPES.name}/.")
    chance = random.Random(seed)  # noqa: S311 - draws a sample, no secret
    with tempfile.TemporaryDirectory() as folder:
        reports = [checked(path) for path in documents(targets, datasets, chance, Path(folder))]
        for number, item in enumerate(pick(reports, rules, chance), 1):
            shape = item.note.finding.shape
            click.echo(f"\n{number}. {shape.rpartition(':')[2]} [{Path(item.document).name}, {item.record.kind}]")
            for language in LANGUAGES:
                click.echo(f"{language} {as_text(item, language).strip()}\n   web: {as_row(item, language)}")


if __name__ == "__main__":
    main()
