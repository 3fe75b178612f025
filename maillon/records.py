"""What harvesters yield: values that say what a source says of one resource, before any RDF of ours.

Two families. Sources that send RDF yield ``Described``: a subject with every triple they sent of it. Other sources
yield the typed records below, named after DCAT-AP 3.0.1, which ``maillon.mapping`` turns into triples. ``Entity`` is
what both become: one subject IRI with its embedded nodes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pyoxigraph import BlankNode, NamedNode, Triple

Texts = Mapping[str, str]
"""A text by BCP 47 language tag; the empty tag where the source states none. Never an empty text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """An organisation (foaf:Agent): name by language; identifier as the source gives it, else None."""

    name: Texts
    identifier: str | None = None
    iri: str | None = None
    homepage: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A contact point (vcard:Kind): at least one of name, email, url."""

    name: str | None = None
    email: str | None = None
    url: str | None = None
    telephone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A distribution (dcat:Distribution); codes are as the source wrote them, mapping looks them up."""

    identifier: str
    access_url: str | None = None
    download_url: str | None = None
    title: Texts = field(default_factory=dict)
    description: Texts = field(default_factory=dict)
    format: str | None = None
    media_type: str | None = None
    license: str | None = None
    rights: Texts = field(default_factory=dict)
    byte_size: str | None = None
    issued: str | None = None
    modified: str | None = None
    language: tuple[str, ...] = ()
    checksum: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A dataset (dcat:Dataset) with its distributions; dates are texts as the source wrote them."""

    identifier: str
    iri: str | None = None
    title: Texts = field(default_factory=dict)
    description: Texts = field(default_factory=dict)
    keyword: tuple[tuple[str, str], ...] = ()
    """Pairs of language tag (may be empty) and keyword."""
    theme: tuple[str, ...] = ()
    publisher: Agent | None = None
    creator: Agent | None = None
    contact: tuple[Contact, ...] = ()
    landing_page: str | None = None
    issued: str | None = None
    modified: str | None = None
    frequency: str | None = None
    license: str | None = None
    access_rights: str | None = None
    language: tuple[str, ...] = ()
    spatial: tuple[str, ...] = ()
    """Texts, IRIs or GeoJSON."""
    temporal: tuple[tuple[str | None, str | None], ...] = ()
    """Pairs of start and end as the source wrote them, None for open."""
    version: str | None = None
    conforms_to: tuple[str, ...] = ()
    documentation: tuple[str, ...] = ()
    legislation: tuple[str, ...] = ()
    hvd_category: tuple[str, ...] = ()
    distributions: tuple[Distribution, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DataService:
    """A data service (dcat:DataService)."""

    identifier: str
    endpoint_url: str
    iri: str | None = None
    title: Texts = field(default_factory=dict)
    description: Texts = field(default_factory=dict)
    endpoint_description: str | None = None
    publisher: Agent | None = None
    contact: tuple[Contact, ...] = ()
    license: str | None = None
    serves: tuple[str, ...] = ()
    """Identifiers of datasets of the same source."""


@dataclass(frozen=True, slots=True)
class Described:
    """One subject of an RDF source with all triples it sent of it, embedded blank nodes included.

    ``note`` says what had to be done to read it ("lenient", "lxml-cleaned"), empty where nothing.
    """

    subject: NamedNode
    triples: tuple[Triple, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """Something that a harvester read but that cannot be used; the run lists it and carries on.

    Attributes:
        identifier: What the source calls it, or its place.
        reason: Short and the same for all with the same fault, so that it can be counted.
        detail: What is particular to this one.
        is_dataset: Whether it is a dataset, which counts among those found, or a file, a page, a stray node.
        is_private: Whether its source marks it as not to be shown. What was published of the dataset with this
            identifier (or IRI) is then withdrawn at once, without grace.
    """

    identifier: str
    reason: str
    detail: str = ""
    is_dataset: bool = True
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Deleted:
    """Something that its source says it has deleted: gone at once and with a tombstone, without grace.

    Attributes:
        identifier: What the source calls it, or its IRI. Its distributions go with it.
    """

    identifier: str


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where the next run of the source is to go on; at most one in a run, and the last of its records.

    It is kept only when the run is applied, and handed to the next one as ``fetch.bookmark``.

    Attributes:
        value: What the harvester needs to go on, such as a date stamp; empty to begin anew next time.
        is_partial: Whether this run read only what changed since ``fetch.bookmark``. What it does not mention then
            stays as it is; otherwise it counts as missing.
    """

    value: str
    is_partial: bool


Record = Dataset | DataService | Described | Deleted | Bookmark | Rejected


@dataclass(frozen=True, slots=True)
class Entity:
    """One subject IRI with its embedded nodes; exactly one source owns it.

    Attributes:
        iri: The subject.
        kind: One of ``identifiers.KINDS``.
        triples: All its triples; embedded nodes are still blank here, ``rdf.canonical`` names them.
    """

    iri: str
    kind: str
    triples: tuple[Triple, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """What an entity says at one time.

    Attributes:
        iri: The entity.
        kind: One of ``identifiers.KINDS``.
        hash: SHA-256 of ``text`` in hexadecimal.
        text: Canonical N-Triples (sorted lines, skolem IRIs for blank nodes), UTF-8.
    """

    iri: str
    kind: str
    hash: str
    text: str


Node = NamedNode | BlankNode


@dataclass(frozen=True, slots=True)
class Finding:
    """One ``sh:ValidationResult`` about a version of an entity.

    Attributes:
        focus: Focus node, an IRI (embedded nodes have skolem IRIs by then).
        path: Result path as SPARQL path text with full IRIs, empty for a node constraint.
        value: The value node in N-Triples syntax, empty where there is none.
        severity: ``Violation``, ``Warning`` or ``Info``.
        component: IRI of the constraint component.
        shape: IRI of the shape, where the message in four languages is found.
    """

    focus: str
    path: str
    value: str
    severity: str
    component: str
    shape: str
