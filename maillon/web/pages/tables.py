"""Open datasets whose rows are linked data: the tables of a dataset, and where a row comes from.

A row says in which table it stands (``void:inDataset``, in a cube ``qb:dataSet``) and of which row of which
distribution it was made (``prov:wasDerivedFrom``, with a fragment after RFC 7111); the table, whose IRI is that of the
graph of its rows, names the distribution and the dataset (``dct:source``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urldefrag

from pyoxigraph import NamedNode

from maillon.store.documents import Document, Documents
from maillon.vocabulary import term
from maillon.web import display, links
from maillon.web.described import read
from maillon.web.display import Link

MOST_TABLES: Final = 20
_IN: Final = (term("void:inDataset"), NamedNode("http://purl.org/linked-data/cube#dataSet"))
_FROM: Final = term("prov:wasDerivedFrom")
_DATASET: Final = term("dct:source")
_ROW: Final = "row="


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose rows are linked data.

    Attributes:
        link: The page about it.
        rows: Number of its rows, in the digits of the language.
    """

    link: Link
    rows: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a row, or a table, of an open dataset comes from.

    Attributes:
        tables: The table, for a row.
        datasets: The dataset.
        files: The distribution.
        row: Number of the row in it, empty where unknown.
        rows: Number of rows of the table, empty where there are none or it is no table.
    """

    tables: list[Link]
    datasets: list[Link]
    files: list[Link]
    row: str
    rows: str


def tables(iris: Iterable[str], documents: Documents, language: str) -> list[Table]:
    """Return the tables that were made of some distributions or datasets."""
    made = (table for iri in iris for table in documents.referrers(iri, kind="data", limit=MOST_TABLES))
    found = documents.many(list(dict.fromkeys(made))[:MOST_TABLES])
    whole = [item for item in found.values() if term("void:Dataset").value in read(item.iri, item.text).types()]
    counted = [(item, documents.times_referred(item.iri)) for item in whole]
    return [Table(links.to_document(item, language), display.number(rows, language)) for item, rows in counted if rows]


def origin(document: Document, documents: Documents, language: str) -> Origin | None:
    """Return where an item of open data comes from, None for other kinds."""
    if document.kind != "data":
        return None
    said = read(document.iri, document.text)
    above = documents.many(said.iris(*_IN))
    described = [read(item.iri, item.text) for item in above.values()] or [said]
    files, fragments = zip(*(urldefrag(iri) for iri in said.iris(_FROM)), strict=True) if said.iris(_FROM) else ((), ())
    row = next((item.removeprefix(_ROW) for item in fragments if item.startswith(_ROW)), "")
    rows = 0 if above else documents.times_referred(document.iri)
    return Origin(
        tables=[links.to_document(item, language) for item in above.values()],
        datasets=links.resolve((iri for item in described for iri in item.iris(_DATASET)), documents, language),
        files=links.resolve(files, documents, language),
        row=row,
        rows=display.number(rows, language) if rows and said.iris(_DATASET) else "",
    )
