"""Turns a ``csw:Record`` (Brief, Summary or full; OGC CSW 2.0.2, 10.2.5) into a typed record.

It is the least that every catalogue service speaks: Dublin Core, read by ``_dublin_core``.
"""

from typing import Final

from lxml import etree

from harvesters import _dublin_core
from maillon.records import DataService, Dataset, Rejected

NAMES: Final = frozenset({"Record", "SummaryRecord", "BriefRecord"})
_DATA: Final = frozenset({"dataset", "series", "nongeographicdataset", "text", "image", "feature", "collection"})


def identifier(record: etree._Element) -> str:
    """Return the first ``dc:identifier``, empty where there is none."""
    found = ((item.text or "").strip() for item in record.iterfind("{*}identifier"))
    return next((text for text in found if text), "")


def read(record: etree._Element, place: str, language: str) -> Dataset | DataService | Rejected:
    """Return what a ``csw:Record`` describes, or why it cannot be used.

    Args:
        record: The element.
        place: What to call it where it has no identifier.
        language: BCP 47 tag for texts that carry none, empty for none.
    """
    name = identifier(record)
    if not name:
        return Rejected(place, "no identifier")
    kinds = _dublin_core.types(record)
    dataset = _dublin_core.dataset(name, record, language)
    if "service" in kinds:
        address = next((item.access_url for item in dataset.distributions if item.access_url), None)
        if address is None:
            return Rejected(name, "service without an address", is_dataset=False)
        return DataService(
            identifier=name, endpoint_url=address, title=dataset.title, description=dataset.description,
            publisher=dataset.publisher, license=dataset.license,
        )  # fmt: skip
    if kinds and not _DATA.intersection(kinds):
        return Rejected(name, f"type {kinds[0][:30]}, not a dataset", is_dataset=False)
    return dataset
