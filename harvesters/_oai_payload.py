"""Turns the metadata of OAI-PMH records into records of the catalogue, whatever format they are in.

The namespace of the root tells the format; the prefix by which a repository names it is free. RDF of all records is
merged before it is split into subjects, because each record repeats its publisher. ISO records refer to each other, so
all are noted (``Reader.learn``) before the first is read.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final, Protocol

from lxml import etree
from pyoxigraph import Dataset, NamedNode

from harvesters import _datacite, _dublin_core, _iso_element, _iso_graph, _iso_record
from harvesters._oai_answer import Reply, content
from maillon import identifiers, records
from maillon.errors import ParseFailed
from maillon.rdf import parsing, subjects
from maillon.records import Record, Rejected
from maillon.sources import Source

_RDF, _ISO, _DATACITE, _CSW, _DC = "rdf", "iso", "datacite", "csw", "dc"
_FORMATS: Final = (
    (_RDF, re.compile(r"http://www\.w3\.org/1999/02/22-rdf-syntax-ns#|http://www\.w3\.org/ns/dcat#?")),
    (_ISO, re.compile(r"http://www\.isotc211\.org/2005/(?:gmd|gmi)|http://standards\.iso\.org/iso/19115/-3/mdb/.*|"
                      r"http://www\.geocat\.ch/2008/che")),
    (_DATACITE, re.compile(r"https?://datacite\.org/schema/kernel-.*|https?://schema\.datacite\.org/oai/oai-.*")),
    (_CSW, re.compile(r"http://www\.opengis\.net/cat/csw/.*")),
    (_DC, re.compile(r"http://www\.openarchives\.org/OAI/2\.0/oai_dc/?")),
)  # fmt: skip
"""Formats that can be read, the richest first, by namespace."""

_LOCAL_NAMES: Final = {"resource": _DATACITE, "oai_datacite": _DATACITE, "dc": _DC}
"""Formats by the name of a root without namespace."""


def _format(namespace: str, local: str = "") -> str:
    found = next((name for name, pattern in _FORMATS if pattern.fullmatch(namespace)), "")
    return found or ("" if namespace.startswith("http") and local != "dc" else _LOCAL_NAMES.get(local, ""))


def richest(offered: Mapping[str, str]) -> str:
    """Return the prefix of the richest format that can be read, empty where there is none.

    Args:
        offered: Namespaces by metadata prefix.
    """
    known = {prefix: _format(namespace) for prefix, namespace in offered.items()}
    for name, _ in _FORMATS:
        for prefix in sorted(known):
            if known[prefix] == name:
                return prefix
    return ""


def names_deletions(namespace: str) -> bool:
    """Tell whether the identifier of a record's header is the identity of what it describes."""
    return _format(namespace) in (_DATACITE, _CSW, _DC)


class _Form(Protocol):
    def types(self, root: etree._Element) -> list[str]: ...

    def dataset(self, identifier: str, root: etree._Element, language: str) -> records.Dataset: ...


class Reader:
    """Reads the payloads of one run.

    Args:
        source: Where they come from.
        base: The setting ``base_iri``.
    """

    def __init__(self, source: Source, base: str) -> None:
        self._source, self._base = source, base
        self._identities: dict[str, _iso_record.Identity] = {}
        self._known: dict[str, _iso_record.Known] = {}
        self._shared = _iso_graph.Shared()
        self._seen: set[str] = set()
        self._merged = Dataset()
        self._notes: set[str] = set()
        types = source.options.get("types")
        self._types = None if types is None else {str(item).lower() for item in types}

    def learn(self, reply: Reply) -> None:
        """Note the resources of one answer, so that other records can refer to them."""
        for item in reply.items():
            if item.payload is not None and _format(etree.QName(item.payload).namespace or "") == _ISO:
                who = _iso_record.identity(_iso_element.plain(item.payload))
                self._identities.setdefault(who.identifier, who)

    def _iso_known(self) -> dict[str, _iso_record.Known]:
        """Return the resources of ISO records; an IRI that several claim is nobody's."""
        if not self._known:
            claims = Counter(who.own for who in self._identities.values())
            for name, who in self._identities.items():
                if name and who.kind:
                    minted = NamedNode(identifiers.mint(self._base, who.kind, self._source.name, name))
                    own = who.own if who.own is not None and claims[who.own] == 1 else minted
                    self._known[name] = _iso_record.Known(own, who.kind)
        return self._known

    def records(self, identifier: str, payload: etree._Element, note: str, place: str) -> Iterator[Record]:
        """Yield what a payload describes; RDF only in the end, by ``merged``.

        Args:
            identifier: What the repository calls the record.
            payload: Root of the metadata.
            note: What had to be done to read the answer.
            place: Where it stands, for messages.
        """
        if identifier in self._seen:
            yield Rejected(identifier, "identifier stands twice in the source", place)
            return
        self._seen.add(identifier)
        name = etree.QName(payload)
        kind = _format(name.namespace or "", name.localname)
        if kind == _RDF:
            yield from self._merge(identifier, payload)
        elif kind == _ISO:
            yield from self._iso(identifier, payload, note)
        elif kind == _DATACITE:
            resource = payload if name.localname == "resource" else next(payload.iter("{*}resource"), None)
            if resource is None:
                yield Rejected(identifier, "no metadata", "oai_datacite without a resource")
            else:
                yield self._typed(identifier, resource, _datacite)
        elif kind:
            yield self._typed(identifier, payload, _dublin_core)
        else:
            yield Rejected(
                identifier, "unknown metadata format", f"{name.namespace or 'no namespace'} {name.localname}"
            )

    def _typed(self, identifier: str, payload: etree._Element, form: _Form) -> Record:
        """Return the dataset or service of a record, or why it is left out."""
        types = form.types(payload)
        if not content(payload):
            return Rejected(identifier, "no metadata", "all elements are empty")
        if self._types is not None and not self._types.intersection(types):
            return Rejected(identifier, "type not wanted", ", ".join(types) or "no type", is_dataset=False)
        found = form.dataset(identifier, payload, self._source.language)
        return _service(found) if "service" in types else found

    def _merge(self, identifier: str, payload: etree._Element) -> Iterator[Rejected]:
        try:
            parsed = parsing.parse(etree.tostring(payload), "urn:base:unknown", "application/rdf+xml", identifier)
        except ParseFailed as error:
            yield Rejected(identifier, "cannot be parsed", str(error))
            return
        self._notes.add(parsed.note)
        for quad in parsed.quads:
            self._merged.add(quad)

    def _iso(self, identifier: str, payload: etree._Element, note: str) -> Iterator[Record]:
        record = _iso_element.plain(payload)
        who = _iso_record.identity(record)
        if not who.identifier:
            yield Rejected(identifier, "no identifier", "the ISO record has none")
        elif not who.kind:
            yield Rejected(identifier, f"type {who.scope[:40] or 'unknown'}, not a dataset", is_dataset=False)
        else:
            if who.identifier not in self._identities:  # a payload without its envelope was not learnt
                self._identities[who.identifier] = who
                self._known.clear()
            yield from _iso_record.described(record, self._iso_known(), self._shared, self._source, self._base, note)

    def merged(self) -> Iterator[Record]:
        """Yield the subjects of all RDF payloads, and the organisations that ISO records share."""
        yield from self._shared.described({item.iri for item in self._known.values()})
        note = next(iter(self._notes)) if len(self._notes) == 1 else ""
        yield from subjects.split(self._merged, self._source, self._base, note)


def _service(found: records.Dataset) -> Record:
    address = next((item.access_url for item in found.distributions if item.access_url), found.landing_page)
    if address is None:
        return Rejected(found.identifier, "service without an address", is_dataset=False)
    return records.DataService(
        identifier=found.identifier,
        endpoint_url=address,
        title=found.title,
        description=found.description,
        publisher=found.publisher,
        contact=found.contact,
        license=found.license,
    )
