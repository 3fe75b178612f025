"""DCAT-US ``data.json``: turns Project Open Data catalogues and ArcGIS Hub feeds into ``records.Dataset``.

Read are DCAT-US 1.1 (``{"dataset": [...]}``), its forerunner 1.0 (a bare list, ``mbox``, addresses on the dataset), and
DCAT-US 3 as far as it has the same shape: nested catalogues, members of series, services. A feed is one document
without pages or counts (Hub's too), so nothing can shift while it is read; one without a list of datasets is an error,
never an empty catalogue. ``non-public`` speaks of the data: its record is public. ``_datajson_dataset`` reads fields.
https://resources.data.gov/resources/dcat-us/ https://developers.arcgis.com/hub/services/feeds/
"""

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any, Final
from urllib.parse import urlsplit

from harvesters import _datajson_dataset, _json
from harvesters._datajson_dataset import Fields, address, get, listed, mapping, text
from maillon.errors import SourceUnavailable
from maillon.records import DataService, Dataset, Record, Rejected
from maillon.sources import Fetch, Source

_PARTS: Final = ("dataset", "catalog", "datasetSeries", "service")
_NOT_SHOWN: Final = frozenset({"deleted", "draft", "withdrawn"})


def records(source: Source, fetch: Fetch) -> Iterator[Record]:
    """Yield a record for every dataset and service, or why it is left out.

    Raises:
        SourceUnavailable: The document holds no list of datasets, such as a portal's message of an error.
        ParseFailed: A document is not JSON; says where.
    """
    parts = urlsplit(source.url)
    bare = source.is_http and parts.path in ("", "/") and not parts.query
    answers = fetch.documents(f"{source.url.rstrip('/')}/data.json" if bare else source.url, "application/json")
    first, seen = list(islice(answers, 2)), set[str]()
    for answer in chain(first, answers):
        name = answer.url.rsplit("/", 1)[-1]
        try:
            entries = sorted(_entries(_json.decoded(answer), name), key=lambda entry: entry[2] == "member")
        except SourceUnavailable as error:
            if len(first) == 1:
                raise
            yield Rejected(name, "file without datasets", str(error), is_dataset=False)
            continue
        for place, item, role in entries:
            record = _record(item, place, role, source.language)
            known = f"{type(record).__name__} {record.identifier}"  # a service may be called as its dataset is
            names = {known, getattr(record, "iri", None) or known}
            if isinstance(record, Rejected) or not names & seen:
                yield record
            elif role != "member":  # a series or service repeats whole datasets where it only names them
                yield Rejected(record.identifier, "identifier stands twice in the source", place, role == "dataset")
            seen |= set() if isinstance(record, Rejected) else names


def _catalogue(document: Any, name: str) -> Fields:
    """Return a document as a catalogue, also where it is a list of datasets or one alone.

    Raises:
        SourceUnavailable: It is none.
    """
    alone = "identifier" in mapping(document) and not any(part in mapping(document) for part in _PARTS)
    if isinstance(document, list) or alone:
        return {"dataset": document}
    if any(isinstance(get(document, part), list | dict) for part in _PARTS):
        return mapping(document)
    said = next((found for key in ("message", "error", "title") if (found := text(get(document, key)))), "nothing")
    raise SourceUnavailable(f"{name} has no list of datasets but says {said[:200]!r}: correct the address.")


def _entries(document: Any, name: str) -> Iterator[tuple[str, Any, str]]:
    """Yield (place, value, role) of all that a catalogue and those nested in it hold."""
    waiting: list[tuple[str, Any]] = [(name, _catalogue(document, name))]
    for where, value in waiting:
        if not isinstance(value, dict):
            yield where, value, "catalogue"
            continue
        for place, item in _placed(value, "dataset", f"{where}, item"):
            if isinstance(get(item, "dataset"), list) and "identifier" not in item:
                waiting.append((place, item))
            else:
                yield place, item, "dataset"
        for place, item in _placed(value, "service", f"{where}, service"):
            yield place, item, "service"
            yield from _members(item, ("servesDataset",), place)
        for place, item in _placed(value, "datasetSeries", f"{where}, series"):
            yield from _members(item, ("seriesMember", "first", "last"), place)
        waiting += _placed(value, "catalog", f"{where}, catalogue")


def _placed(value: Fields, key: str, place: str) -> list[tuple[str, Any]]:
    return [(f"{place} {number}", item) for number, item in enumerate(listed(value.get(key)), start=1)]


def _members(value: Any, keys: tuple[str, ...], place: str) -> Iterator[tuple[str, Any, str]]:
    """Yield the datasets that stand whole in a series or a service; those that are only named stand elsewhere."""
    for key in keys:
        yield from ((place, item, "member") for item in listed(get(value, key)) if len(mapping(item)) > 2)


def _record(item: Any, place: str, role: str, language: str) -> Dataset | DataService | Rejected:
    """Return what an entry of a catalogue says, or why it cannot be used."""
    is_dataset = role in ("dataset", "member")
    if not isinstance(item, dict) or role == "catalogue":
        return Rejected(place, f"{role} that is no object", text(item) or type(item).__name__, is_dataset=False)
    identifier = text(item.get("identifier")) or text(item.get("@id"))
    status = text(item.get("status")).rsplit("/", 1)[-1].lower()
    if text(item.get("private")).lower() in ("true", "1", "yes"):
        known = address(item.get("@id")) or identifier or place
        return Rejected(known, "private", is_dataset=is_dataset, is_private=True)
    if status in _NOT_SHOWN:
        return Rejected(identifier or place, f"status {status}", is_dataset=is_dataset)
    if not identifier:
        return Rejected(place, "no identifier", is_dataset=is_dataset)
    return (_datajson_dataset.dataset if is_dataset else _datajson_dataset.service)(identifier, item, language)
