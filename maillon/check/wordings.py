"""The words of a check by language, and what turns values of a report into words."""

from collections.abc import Mapping
from math import floor
from typing import Final

from maillon.check.values import DOCUMENT, SEVERITIES, Checked, Noted, Place, Refused, Report
from maillon.check.wording import Wording
from maillon.check.wording_de import GERMAN
from maillon.check.wording_en import ENGLISH
from maillon.check.wording_fr import FRENCH
from maillon.check.wording_nl import DUTCH
from maillon.quality import lists, mqa
from maillon.quality.gains import FIXES
from maillon.records import Texts
from maillon.settings import LANGUAGES
from maillon.validation import profiles

WORDINGS: Final[Mapping[str, Wording]] = {item.tag: item for item in (FRENCH, DUTCH, GERMAN, ENGLISH)}


def clean(text: str, width: int = 0) -> str:
    """Return a text in one line in which nothing commands a terminal or turns the direction of writing.

    Args:
        text: What a document says.
        width: How many characters it may have; 0 for any number.
    """
    line = "".join(sign if sign.isprintable() else "\ufffd" for sign in " ".join(text.split()))
    return line if not width or len(line) <= width else f"{line[: width - 1]}…"


def best(texts: Texts, language: str) -> str:
    """Return a text in a language, else in ours, else in any; empty where there is none."""
    return clean(next((texts[tag] for tag in (language, *LANGUAGES, *texts) if tag in texts), ""))


def title(record: Checked, words: Wording) -> str:
    """Return what a record is called."""
    return best(record.title, words.tag) or words.untitled


def address(record: Checked, words: Wording) -> str:
    """Return the IRI of a record, or that its document gives it none; of a file its name."""
    if record.kind == DOCUMENT:
        return clean(record.place.document.rpartition("/")[2])
    return clean(record.iri) if record.is_named else words.unnamed


def target(report: Report, words: Wording) -> str:
    """Return what was checked."""
    return words.standard_input if report.target == "-" else clean(report.target)


def profile(report: Report, words: Wording) -> str:
    """Return under which rules it was checked."""
    known = profiles.PROFILES.get(report.profile)
    title = f"{report.profile} ({known.title[words.tag]})" if known else report.profile
    return words.profile.format(profile=title)


def place(where: Place, words: Wording, whole: str) -> str:
    """Return where something stands, empty where that is not known.

    Args:
        where: The place.
        words: The language.
        whole: What was checked; a document is named only where it is another.
    """
    form = words.column if where.column else words.line
    line = form.format(line=where.line, column=where.column) if where.line else ""
    document = clean(where.document) if where.document != whole else ""
    return ", ".join(item for item in (document, line) if item)


def reason(item: Refused, words: Wording) -> str:
    """Return why something could not be used."""
    said = words.reasons.get(item.reason, clean(item.reason))
    return f"{said} ({clean(item.detail)})" if item.detail else said


def counts(found: Mapping[str, int], words: Wording) -> str:
    """Return numbers of findings in words, as ``3 errors, 1 warning``."""
    return ", ".join(words.counted(words.severities[item], found[item]) for item in SEVERITIES if found.get(item))


def kinds(report: Report, words: Wording) -> str:
    """Return the numbers of entities in words."""
    return ", ".join(words.counted(words.kinds[kind], number) for kind, number in report.kinds.items())


def score(report: Report, words: Wording) -> list[str]:
    """Return the European score and what would raise it, each in one line; nothing where there is none."""
    found = report.rating
    if found is None:
        return []
    name = mqa.rating(found.points)
    label = next(item.label[words.tag] for item in lists.ratings() if item.name == name)
    datasets = words.counted(words.kinds["dataset"], found.datasets)
    points = words.number(floor(found.points + 0.5))
    gains = (
        words.gain.format(
            points=words.number(fix.points),
            work=FIXES[fix.name].title[words.tag],
            values=words.counted(words.values, fix.values),
            datasets=words.counted(words.kinds["dataset"], fix.datasets),
        )
        for fix in found.fixes
    )
    return [words.score.format(points=points, rating=label, datasets=datasets), words.unlinked, *gains]


def verdict(report: Report, words: Wording, fail_on: str) -> str:
    """Return in a sentence whether it passes."""
    if not report.is_read:
        return words.nothing
    if not report.fails(fail_on):
        return f"{words.passes} {counts(report.counts, words)}".strip()
    faults = sum(item.is_fault for item in report.refused) or int(bool(report.failure))
    unread = words.counted(words.unread, faults) if faults else ""
    return words.fails.format(findings=", ".join(item for item in (counts(report.counts, words), unread) if item))


def inside(note: Noted, record: Checked, words: Wording) -> str:
    """Return in which distribution of a record a value stands, empty where it is in the record itself."""
    return "" if note.part == record.iri else words.inside.format(part=clean(note.part_name or note.part, 200))
