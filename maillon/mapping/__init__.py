"""Turns records of any source into entities of DCAT-AP 3.0.1: subject IRIs with their triples.

``entities`` is the way of every record; the others make what no record says: catalogues and catalogue records.
https://semiceu.github.io/DCAT-AP/releases/3.0.1/
"""

from maillon.mapping import dataset, described, service
from maillon.mapping.agent import publisher
from maillon.mapping.catalog import catalog, catalog_record, region_catalog
from maillon.mapping.described import kind_of
from maillon.records import DataService, Dataset, Described, Entity
from maillon.sources import Source

__all__ = ["catalog", "catalog_record", "entities", "kind_of", "publisher", "region_catalog"]


def entities(record: Dataset | DataService | Described, source: Source, base: str) -> list[Entity]:
    """Return the entities of a record: itself first, then its distributions, then organisations.

    Args:
        record: What a harvester yielded.
        source: Its source; part of minted IRIs, and names the publisher and language of records that have none.
        base: The setting ``base_iri``.

    Raises:
        RecordRejected: The record has no identity.
    """
    if isinstance(record, Described):
        return [described.entity(record)]
    if isinstance(record, DataService):
        return service.entities(record, source, base)
    return dataset.entities(record, source, base)
