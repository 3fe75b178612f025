"""Turns the list of sheets of the example cadastre, a JSON document with a count, into datasets."""

import json
from collections.abc import Iterator
from typing import Any

from maillon.errors import ParseFailed, SourceUnavailable
from maillon.records import Dataset, Distribution, Record, Rejected
from maillon.sources import Fetch, Source


def records(source: Source, fetch: Fetch) -> Iterator[Record]:
    """Yield one dataset for each sheet, in pages that name the next."""
    address, given, seen = source.url, 0, set[str]()
    while address:
        page = _page(fetch(address, "application/json").read(), address)
        for sheet in page["sheets"]:
            given += 1
            record = _record(sheet, f"sheet {given}", source.language)
            if isinstance(record, Dataset) and record.identifier in seen:
                record = Rejected(record.identifier, "identifier stands twice in the source")
            seen.add(record.identifier if isinstance(record, Dataset) else "")
            yield record
        if not page.get("next") and given != page.get("count"):
            raise SourceUnavailable(f"{address}: {given} sheets came where {page.get('count')} are counted. Try again.")
        address = page["next"] if isinstance(page.get("next"), str) else ""


def _page(content: bytes, address: str) -> dict[str, Any]:
    try:
        page = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ParseFailed(f"{address} is not JSON: {error}. Tell the cadastre.") from error
    if not isinstance(page, dict) or not isinstance(page.get("sheets"), list):
        raise SourceUnavailable(f"{address} holds no list of sheets: correct the address.")
    return page


def _record(sheet: object, place: str, language: str) -> Dataset | Rejected:
    fields = sheet if isinstance(sheet, dict) else {}
    number, title, file = (fields.get(key) for key in ("number", "title", "file"))
    if not isinstance(number, str) or not number.strip("\x00 "):
        return Rejected(place, "no number")
    file = file if isinstance(file, str) and file else None
    return Dataset(
        identifier=number,
        title={language: title} if isinstance(title, str) and title else {},
        distributions=(Distribution(identifier="file", download_url=file),) if file else (),
    )
