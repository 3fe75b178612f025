"""Turns ``records.Distribution`` into a dcat:Distribution (DCAT-AP 3.0.1)."""

from typing import Final

from maillon import identifiers
from maillon.mapping import codes, dates, literals, rights
from maillon.mapping.subject import Subject
from maillon.rdf import ntriples
from maillon.records import Dataset, Distribution, Entity
from maillon.sources import Source
from maillon.vocabulary import PREFIXES

_ALGORITHM: Final = PREFIXES["spdx"] + "checksumAlgorithm_"


def iri(distribution: Distribution, dataset: Dataset, source: Source, base: str) -> str:
    """Return the IRI of a distribution, minted from its source, its dataset and its own identifier."""
    joined = f"{literals.clean(dataset.identifier)}/{literals.clean(distribution.identifier)}"
    return identifiers.mint(base, "distribution", source.name, joined)


def entity(distribution: Distribution, dataset: Dataset, source: Source, base: str) -> Entity:
    """Return the entity of a distribution.

    A licence that the source states for the dataset as a whole counts for each distribution that states none,
    because DCAT-AP has licences on distributions only.
    """
    subject = Subject(iri(distribution, dataset, source, base), "dcat:Distribution")
    subject.add("dct:title", *literals.texts(distribution.title, source.language))
    subject.add("dct:description", *literals.texts(distribution.description, source.language))
    _add_addresses(subject, distribution)
    _add_format(subject, distribution)
    licence = literals.stated(distribution.license) or dataset.license
    rights.add(subject, licence, {tag or source.language: text for tag, text in distribution.rights.items()})
    subject.add("dcat:byteSize", literals.byte_size(distribution.byte_size))
    subject.add("dct:issued", dates.temporal(distribution.issued))
    subject.add("dct:modified", dates.temporal(distribution.modified))
    for language in distribution.language:
        codes.add(subject, "dct:language", "language", "dct:LinguisticSystem", language)
    _add_checksum(subject, distribution.checksum)
    return subject.entity("distribution")


def _add_addresses(subject: Subject, distribution: Distribution) -> None:
    """Add the addresses; a download address that stands alone is also where the data is accessed."""
    download = literals.reference(distribution.download_url)
    subject.add("dcat:accessURL", literals.reference(distribution.access_url) or download)
    subject.add("dcat:downloadURL", download)


def _add_format(subject: Subject, distribution: Distribution) -> None:
    """Add dct:format (EU file types) and dcat:mediaType (IANA).

    Sources mix the two fields up (``xlsx`` as media type, ``text/csv`` as format), so each text is looked up in both
    tables; only what neither table knows is kept as a label.
    """
    kind, media_type = literals.stated(distribution.format), literals.stated(distribution.media_type)
    other_kind = codes.known("file-type", media_type) if media_type else None
    if kind or other_kind:
        codes.add(subject, "dct:format", "file-type", "dct:MediaTypeOrExtent", kind or other_kind)
    other_type = codes.known("media-type", kind) if "/" in kind else None
    if (media_type or other_type) and (not other_kind or codes.known("media-type", media_type)):
        codes.add(subject, "dcat:mediaType", "media-type", "dct:MediaType", media_type or other_type)


def _add_checksum(subject: Subject, text: str | None) -> None:
    checksum = literals.checksum(text)
    if checksum is None:
        return
    algorithm, digest = checksum
    node = subject.embed("spdx:checksum", "spdx:Checksum")
    subject.add("spdx:algorithm", ntriples.iri(_ALGORITHM + algorithm), of=node)
    subject.add("spdx:checksumValue", ntriples.literal(digest, ntriples.typed("xsd:hexBinary")), of=node)
