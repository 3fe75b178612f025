"""The files of a dataset: a card for each of a few, a list in pages where they are many.

Turns the distributions of a dataset into what fits on one page: data.gov.be has a dataset of 420 files, and the corpus
one of more than a thousand. Every file can be reached; ``?files=2`` is the second page.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from flask import url_for

from maillon.store.documents import Document, Documents
from maillon.vocabulary import DOWNLOAD_URL, TITLE, term
from maillon.web import display
from maillon.web.described import Description, read
from maillon.web.display import Link
from maillon.web.pages import distributions
from maillon.web.pages.datasets import Step
from maillon.web.pages.distributions import DistributionCard

FEW: Final = 10
"""Files that are shown as cards; more of them make a list."""

PAGE_SIZE: Final = 50
"""Files on a page of the list."""

PARAMETER: Final = "files"
"""Parameter of the address that holds the number of the page."""

_LICENCE: Final = term("dct:license")
_DIGITS: Final = re.compile(r"(\d{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a dataset as far as one page shows them.

    Attributes:
        shown: Those of this page.
        total: Number of all.
        is_list: Whether they are too many for cards.
        first: Number of the first one shown, from 1.
        licences: Licences that all of them have in common; empty where they differ, or are few.
        unlicensed: Whether all are without a licence, which is said once.
        page: Number of this page of the list, from 1.
        steps: Links to the pages of the list, empty where there is one.
        previous: Address of the page before, empty on the first.
        next: Address of the page after, empty on the last.
        address: Address of this page of the list.
    """

    shown: list[DistributionCard]
    total: int
    is_list: bool
    first: int
    licences: list[Link]
    unlicensed: bool
    page: int
    steps: list[Step]
    previous: str
    next: str
    address: str


@dataclass(frozen=True, slots=True)
class _File:
    """A distribution with what it is sorted by.

    Attributes:
        document: The distribution.
        number: Its place in the record, from 1.
        order: Those with a file first, then by title, numbers in it by their value.
        licence: Its licences.
    """

    document: Document
    number: int
    order: tuple[bool, list[tuple[int, str]]]
    licence: tuple[str, ...]


def natural(text: str) -> list[tuple[int, str]]:
    """Return what a title is sorted by: without case, and "Map 9" before "Map 10"."""
    pieces = _DIGITS.split(text.casefold())
    return [(int(piece), "") if place % 2 else (-1, piece) for place, piece in enumerate(pieces)]


def _file(document: Document, number: int, language: str) -> _File:
    said = read(document.iri, document.text)
    kind = "" if said.values(TITLE) else distributions.format_name(said, language)
    named = distributions.title(said, number, kind, language)
    has_file = any(map(display.followed, said.strings(DOWNLOAD_URL)))
    return _File(document, number, (not has_file, natural(named.value)), tuple(sorted(said.strings(_LICENCE))))


def _address(key: str, page: int) -> str:
    return url_for("pages.dataset", key=key) + (f"?{PARAMETER}={quote(str(page))}" if page > 1 else "")


def _steps(key: str, page: int, last: int) -> list[Step]:
    if last < 2:
        return []
    near = sorted({1, 2, last - 1, last, *(item for item in range(page - 1, page + 2) if 1 <= item <= last)})
    made: list[Step] = []
    for item in near:
        if made and item > made[-1].number + 1:
            made.append(Step(0, "", current=False))
        made.append(Step(item, f"{_address(key, item)}#files", item == page))
    return made


def _known(items: Sequence[_File], documents: Documents) -> Mapping[str, Document]:
    return documents.many(dict.fromkeys(licence for item in items for licence in item.licence))


def _common(items: Sequence[_File], known: Mapping[str, Document], language: str) -> list[Link]:
    """Return the licences that all files of a list have in common."""
    if not items or len({item.licence for item in items}) > 1:
        return []
    document = items[0].document
    said = read(document.iri, document.text)
    return [] if _has_own(said, items[0]) else distributions.licences(said, known, language)


def _has_own(said: Description, item: _File) -> bool:
    """Tell whether a licence is described in the record of the file itself: the next file may describe another."""
    return any(said.is_embedded(licence) for licence in item.licence)


def page_number(given: str) -> int:
    """Return the number of a page as an address gives it; the first where that makes no sense."""
    return max(1, int(given)) if given.isascii() and given.isdigit() and len(given) < 9 else 1


def files(
    parts: Sequence[Document], key: str, wanted: int, documents: Documents, language: str, is_paged: bool = True
) -> Files:
    """Return the files that a page of a dataset shows; a page beyond the last becomes the last.

    Args:
        parts: The distributions, as the record lists them.
        key: Key of the dataset.
        wanted: Number of the page, from 1.
        documents: Where licences are looked up.
        language: Of the texts.
        is_paged: Whether a list goes by pages; samples stand on one.
    """
    made = [_file(part, number, language) for number, part in enumerate(parts, 1)]
    ordered = sorted(made, key=lambda item: item.order)
    is_list = len(ordered) > FEW
    size = PAGE_SIZE if is_list and is_paged else max(1, len(ordered))
    last = max(1, -(-len(ordered) // size))
    page = min(wanted, last)
    first = (page - 1) * size
    shown = ordered[first : first + size]
    known = _known(ordered if is_list else shown, documents)
    licences = _common(ordered, known, language) if is_list else []
    return Files(
        shown=[distributions.card(item.document, item.number, known, language) for item in shown],
        total=len(ordered),
        is_list=is_list,
        first=first + 1,
        licences=licences,
        unlicensed=is_list and not any(item.licence for item in ordered),
        page=page,
        steps=_steps(key, page, last),
        previous=f"{_address(key, page - 1)}#files" if page > 1 else "",
        next=f"{_address(key, page + 1)}#files" if page < last else "",
        address=_address(key, page),
    )
