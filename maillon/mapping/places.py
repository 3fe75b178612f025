"""Turns what sources say of a place into dct:Location: IRI, GeoJSON, WKT, four numbers, or a name.

Geometries are literals of GeoSPARQL 1.1; ``dcat:bbox`` is their envelope in WKT. A name that no table of countries
knows and a geometry that cannot be read are kept as labels, which the rules of ``maillon.repair.places`` may read.
"""

from maillon.mapping import codes, literals
from maillon.mapping.subject import Subject
from maillon.rdf import geometry
from maillon.rdf.ntriples import iri


def add(subject: Subject, value: str | None) -> None:
    """Add one place that is stated, as dct:spatial."""
    text = literals.stated(value)
    found = geometry.read(text)
    if found is None:
        _add_named(subject, text)
        return
    node = subject.embed("dct:spatial", "dct:Location")
    subject.add("locn:geometry", None if found.literal is None else str(found.literal), of=node)
    if found.box is not None:
        envelope = geometry.wkt(found.box)
        is_point = envelope.value.startswith("POINT")
        subject.add("dcat:centroid" if is_point else "dcat:bbox", str(envelope), of=node)


def _add_named(subject: Subject, text: str) -> None:
    concept = codes.known("country", text) or codes.known("continent", text)
    if concept is None:
        codes.reference(subject, "dct:spatial", "dct:Location", text)
    else:
        subject.add("dct:spatial", iri(concept))
