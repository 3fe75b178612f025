"""The standard suite: turns a kind of source and a folder of its recordings into a verdict, check by check.

Every kind that comes with Maillon passes it, and any third party can run it on theirs, with or without pytest (see
docs/how-to/write-a-harvester.md, `maillon kinds check`). Each check is one function that takes ``Recordings`` and
raises ``SuiteFailed`` with what is wrong and who should do what.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from pyoxigraph import Literal

from maillon import mapping
from maillon.errors import RecordRejected, SourceDefinitionError, SourceUnavailable
from maillon.harvest import hostile
from maillon.harvest.recordings import BASE, Expected, Outcome, Recordings
from maillon.rdf import canonical
from maillon.records import Bookmark, DataService, Dataset, Deleted, Described, Entity, Record
from maillon.vocabulary import PREFIXES

__all__ = ["CHECKS", "Recordings", "Result", "SuiteFailed", "run"]

SLOW: Final = 60.0
"""Seconds that one harvest of recordings, however hostile, may take."""

_DATES: Final = {PREFIXES["dct"] + "issued", PREFIXES["dct"] + "modified"} | {
    PREFIXES["dcat"] + name for name in ("startDate", "endDate")
}
_LEXICAL: Final = {
    "date": r"\d{4}-\d\d-\d\d(?:Z|[+-]\d\d:\d\d)?",
    "dateTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?",
    "gYearMonth": r"\d{4}-\d\d",
    "gYear": r"\d{4}",
}


class SuiteFailed(AssertionError):
    """A kind does not keep the contract of harvesters; the message says where and what to do."""


@dataclass(frozen=True, slots=True)
class Result:
    """The verdict of one check: its name, and what failed, empty where nothing did."""

    check: str
    failure: str = ""


def yields_records(recordings: Recordings) -> None:
    """The recordings give the records and rejections that are expected of them."""
    outcome, expected = _whole(recordings), recordings.expected
    if not outcome.records:
        raise SuiteFailed("no record came out: correct the recordings or what the kind reads of them.")
    if expected.records not in (None, len(outcome.records)):
        raise SuiteFailed(f"{len(outcome.records)} records came out where suite.toml expects {expected.records}.")
    if expected != Expected() and len(outcome.rejected) != expected.rejected:
        why = ", ".join(f"{item.identifier}: {item.reason}" for item in outcome.rejected) or "none"
        raise SuiteFailed(f"{len(outcome.rejected)} rejections where suite.toml expects {expected.rejected}: {why}.")


def reads_every_recording(recordings: Recordings) -> None:
    """Every recorded answer was asked for, so paging and links are followed to their end."""
    asked = _whole(recordings).asked
    wanted = set(recordings.answers) if recordings.source.is_http else {recordings.source.url}
    if lacking := sorted(wanted - asked):
        raise SuiteFailed(f"never fetched: {', '.join(lacking)}. Follow the pages to the end, or remove the recording.")


def keeps_to_the_types(recordings: Recordings) -> None:
    """Records are of the contract's types down to their last value; a bookmark comes once, and last."""
    outcome = _whole(recordings)
    for item in (*outcome.records, *outcome.rejected):
        _check_types(item, "")
    if outcome.bookmarks not in ((), (outcome.yielded - 1,)):
        raise SuiteFailed("a Bookmark was not the last that was yielded, or came twice: yield one, at the end.")


def identifiers_are_unique(recordings: Recordings) -> None:
    """No two records of a class have one identifier, and no two entities that differ one IRI."""
    _check_unique(_whole(recordings), "")
    known: dict[tuple[str, str], str] = {}
    for record in _whole(recordings).records:
        for entity in _entities(record, recordings, ""):
            said = canonical.version(entity, BASE).hash
            if entity.kind in ("dataset", "distribution") and known.setdefault((entity.kind, entity.iri), said) != said:
                raise SuiteFailed(
                    f"two descriptions of {entity.iri}: give each {entity.kind} an identifier of its own."
                )


def repeats_itself(recordings: Recordings) -> None:
    """The same recordings give the same IRIs and the same canonical hashes."""
    first, second = (_hashes(recordings.harvest(), recordings) for _ in range(2))
    if first != second:
        differing = sorted({iri for iri, _ in set(first) ^ set(second)})
        raise SuiteFailed(
            f"a second harvest of the same recordings differs in {', '.join(differing[:5])}: take nothing from the "
            "clock, from chance or from the order of a set."
        )


def maps_every_record(recordings: Recordings) -> None:
    """Every record becomes entities, and every entity canonical N-Triples."""
    for record in _whole(recordings).records:
        found = _entities(record, recordings, "")
        if not found and not isinstance(record, Deleted):
            raise SuiteFailed(f"{_called(record)} became no entity.")
        for entity in found:
            if not canonical.version(entity, BASE).text:
                raise SuiteFailed(f"{entity.iri} has nothing to say.")


def dates_are_dates(recordings: Recordings) -> None:
    """A date in the result is well-formed or stayed a text, and none is that of the harvest."""
    today = datetime.now(UTC).date().isoformat()
    known = any(today.encode() in recordings.read(name) for name in recordings.names())
    for record in (item for item in _whole(recordings).records if isinstance(item, Dataset)):
        for entity in _entities(record, recordings, ""):
            for triple in entity.triples:
                if triple.predicate.value in _DATES:
                    _check_date(entity, triple.object, "" if known else today)


def deletes_nothing_that_lives(recordings: Recordings) -> None:
    """What the source says it deleted is not yielded as a record of the same run."""
    records = _whole(recordings).records
    deleted = {item.identifier for item in records if isinstance(item, Deleted)}
    living = {_called(item) for item in records if not isinstance(item, Deleted)}
    living |= {item.iri for item in records if isinstance(item, Dataset | DataService) and item.iri}
    if both := sorted(deleted & living):
        raise SuiteFailed(f"Deleted and yet a record: {', '.join(both[:5])}. Yield Deleted for what is gone only.")


def goes_on_from_its_bookmark(recordings: Recordings) -> None:
    """A run that begins at the bookmark of the last one ends well, and yields nothing that is not in the recordings."""
    whole = _whole(recordings)
    if whole.bookmark is None:
        return
    outcome = _harvested(replace(recordings, bookmark=whole.bookmark.value), {}, f"bookmark {whole.bookmark.value!r}")
    known = {_called(item) for item in whole.records}
    if strange := sorted({_called(item) for item in outcome.records} - known):
        raise SuiteFailed(f"records that only a run from the bookmark knows: {', '.join(strange[:5])}.")
    for bookmark in ("TODO", "\x00", "null", "{}", "[1]", "0"):  # as another version of the kind may have left
        _harvested(replace(recordings, bookmark=bookmark), {}, f"bookmark {bookmark[:20]!r}")


def stays_inside_fetch(recordings: Recordings) -> None:
    """Nothing is fetched, read, written or started beside ``fetch``."""
    outcome = _harvested(recordings, {}, "")
    if outcome.touched:
        raise SuiteFailed(
            f"it went past fetch: {'; '.join(outcome.touched)}. Read only with the fetch that it is given."
        )


def notices_missing_answers(recordings: Recordings) -> None:
    """A recorded answer that is gone ends in SourceUnavailable or in a rejection."""
    whole = _whole(recordings)
    for name in recordings.names() if recordings.source.is_http else ():
        _check_loss(recordings, whole, name, None, "answers 404")


def notices_truncated_answers(recordings: Recordings) -> None:
    """A recording that is cut off ends in SourceUnavailable or in a rejection, never in silently fewer records."""
    whole = _whole(recordings)
    for name in recordings.names():
        for what, content in hostile.truncated(recordings.read(name)):
            if name not in recordings.expected.no_end:
                _check_loss(recordings, whole, name, content, what)


def survives_hostile_documents(recordings: Recordings) -> None:
    """A document that is empty, deep, huge, of another format or an error page never ends in a crash."""
    for name in recordings.names():
        for what, content in hostile.DOCUMENTS.items():
            _check_survival(recordings, name, content, what, ())


def survives_hostile_values(recordings: Recordings) -> None:
    """TODO, A REMPLIR, an emoji, no title, 10 MB of text, a wrong type in any value never end in a crash.

    Where it stands in the words for people (title, description), it does not make a record vanish either.
    """
    whole, seen = _whole(recordings), set[tuple[str, str, str]]()
    for name in recordings.names():
        for place, what, content in hostile.values(recordings.read(name)):
            case = (Path(name).suffix, ".".join(place.split(".")[-2:]), what)
            if case in seen:
                continue
            seen.add(case)
            outcome = _check_survival(recordings, name, content, f"{place} = {what}", whole.records)
            lines = len(outcome.records) + len(outcome.rejected)
            if hostile.is_title(place) and outcome.error is None and lines < len(whole.records):
                raise SuiteFailed(
                    f"{name} with {place} = {what}: {len(whole.records) - lines} records vanished without a line. "
                    "Yield them, or Rejected with the reason."
                )


CHECKS: Final[tuple[Callable[[Recordings], None], ...]] = (
    yields_records, reads_every_recording, keeps_to_the_types, identifiers_are_unique, repeats_itself,
    maps_every_record, dates_are_dates, deletes_nothing_that_lives, goes_on_from_its_bookmark, stays_inside_fetch,
    notices_missing_answers, notices_truncated_answers, survives_hostile_documents, survives_hostile_values,
)  # fmt: skip
"""All checks, in the order in which they are best read."""


def run(kind: str, folder: Path) -> list[Result]:
    """Run all checks on a kind.

    Args:
        kind: Name of a kind in ``harvesters``, or the dotted path of a module.
        folder: Its recordings.

    Raises:
        SourceDefinitionError: The folder cannot be used, or there is no such kind.
    """
    recordings = Recordings.open(kind, folder)
    results = []
    for check in CHECKS:
        try:
            check(recordings)
        except SuiteFailed as failure:
            results.append(Result(check.__name__, str(failure)))
        else:
            results.append(Result(check.__name__))
    return results


def _harvested(recordings: Recordings, changed: Mapping[str, bytes | None], what: str) -> Outcome:
    """Harvest, and make sure that it did not crash and took no more than its time."""
    began = time.monotonic()
    outcome = recordings.harvest(changed)
    if outcome.crash and not outcome.touched:
        raise SuiteFailed(
            f"{what or 'the recordings as they are'}: it crashed. Yield Rejected for the record, or raise ParseFailed "
            f"for the document.\n{outcome.crash}"
        )
    if isinstance(outcome.error, RecordRejected | SourceDefinitionError) or not isinstance(
        outcome.error, NoneType | SourceUnavailable
    ):
        raise SuiteFailed(
            f"{what}: it raised {type(outcome.error).__name__} ({outcome.error}); raise SourceUnavailable."
        )
    if (taken := time.monotonic() - began) > SLOW:
        raise SuiteFailed(f"{what}: it took {taken:.0f} seconds, more than {SLOW:.0f}.")
    return outcome


def _whole(recordings: Recordings) -> Outcome:
    """Harvest the recordings as they are."""
    outcome = _harvested(recordings, {}, "")
    if outcome.error is not None:
        raise SuiteFailed(f"the recordings cannot be harvested: {outcome.error}")
    return outcome


def _check_loss(recordings: Recordings, whole: Outcome, name: str, content: bytes | None, what: str) -> None:
    outcome = _harvested(recordings, {name: content}, f"{name} {what}")
    noticed = outcome.error is not None or set(outcome.rejected) - set(whole.rejected)
    if not noticed and outcome.records != whole.records:
        raise SuiteFailed(
            f"{name} {what}: {len(outcome.records)} records came out instead of {len(whole.records)}, or others, and "
            "nothing says why. Raise SourceUnavailable, or yield Rejected; where the format has no end that could be "
            "missing, name the file in no_end of suite.toml."
        )


def _check_survival(recordings: Recordings, name: str, content: bytes, what: str, known: Sequence[Record]) -> Outcome:
    """Harvest with one recording changed; what came out must keep the contract, but for records known to do."""
    outcome, where = _harvested(recordings, {name: content}, f"{name} with {what}"), f"{name} with {what}: "
    _check_unique(outcome, where)
    fresh = [record for record in outcome.records if record not in known]
    for item in (*fresh, *outcome.rejected):
        _check_types(item, where)
    for record in fresh:
        try:
            for entity in _entities(record, recordings, where):
                canonical.version(entity, BASE)
        except RecordRejected:
            continue
    return outcome


def _check_unique(outcome: Outcome, where: str) -> None:
    counts = Counter((type(item).__name__, _called(item)) for item in outcome.records)
    if twice := [name for (_, name), number in counts.items() if number > 1]:
        raise SuiteFailed(f"{where}identifier twice: {', '.join(twice[:5])[:300]}. Yield Rejected for the second.")


def _called(record: Any) -> str:
    return record.subject.value if isinstance(record, Described) else str(record.identifier)


def _entities(record: Record, recordings: Recordings, where: str) -> list[Entity]:
    if not isinstance(record, Dataset | DataService | Described):
        return []
    try:
        return mapping.entities(record, recordings.source, BASE)
    except RecordRejected:
        if not where:
            raise SuiteFailed(f"{_called(record)} has no identity: yield Rejected instead.") from None
        return []
    except Exception as error:
        raise SuiteFailed(f"{where}{_called(record)[:200]} cannot be mapped: {error!r}"[:1000]) from error


def _hashes(outcome: Outcome, recordings: Recordings) -> list[tuple[str, str]]:
    entities = [entity for record in outcome.records for entity in _entities(record, recordings, "")]
    return [(entity.iri, canonical.version(entity, BASE).hash) for entity in entities]


def _check_date(entity: Entity, value: object, today: str) -> None:
    if not isinstance(value, Literal):
        raise SuiteFailed(f"{entity.iri}: the date {value} is no literal.")
    name = value.datatype.value.removeprefix(PREFIXES["xsd"])
    if name in _LEXICAL and not re.fullmatch(_LEXICAL[name], value.value):
        raise SuiteFailed(f"{entity.iri}: {value.value!r} is no {name}. Keep the date as the source wrote it.")
    if today and value.value.startswith(today):
        raise SuiteFailed(f"{entity.iri}: its date is that of the harvest, which no recording states. Leave it empty.")


def _check_types(item: object, where: str) -> None:
    if not isinstance(item, Record):
        raise SuiteFailed(
            f"{where}{type(item).__name__} was yielded, which is no record of maillon.records: {item!r}"[:500]
        )
    if fault := _fault(item, type(item), type(item).__name__):
        raise SuiteFailed(f"{where}{fault}. Yield what maillon.records says."[:500])
    if not isinstance(item, Described | Bookmark) and not item.identifier:
        raise SuiteFailed(f"{where}{type(item).__name__} without identifier: yield Rejected instead.")


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _fault(value: Any, hint: Any, place: str) -> str:
    """Return where a value is not of its declared type, empty where it is."""
    kind, arguments = get_origin(hint) or hint, get_args(hint)
    if kind in (Union, UnionType):
        fitting = [part for part in arguments if isinstance(value, get_origin(part) or part)]
        return _fault(value, fitting[0], place) if fitting else f"{place} is {type(value).__name__}: {value!r}"
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        return f"{place} is {type(value).__name__} where {getattr(kind, '__name__', kind)} is due: {value!r}"
    if is_dataclass(kind):
        declared: Any = kind
        hints = _hints(declared)
        parts = [(getattr(value, item.name), hints[item.name], f"{place}.{item.name}") for item in fields(kind)]
    elif kind is tuple:
        types = [arguments[0]] * len(value) if arguments[1:] == (...,) else list(arguments)
        if len(types) != len(value):
            return f"{place} has {len(value)} parts where {len(types)} are due"
        parts = [(part, type_, f"{place}[]") for part, type_ in zip(value, types, strict=True)]
    elif arguments:  # texts by language
        if "" in value.values():
            return f"{place} holds an empty text: leave it out"
        parts = [(part, arguments[1], f"{place}.{key}") for key, part in value.items()]
    else:
        parts = []
    return next(filter(None, (_fault(*part) for part in parts)), "")
