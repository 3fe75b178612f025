"""Linked data: an IRI names a thing, its document tells of it, in the form that the client wants.

After the Belgian URI standard and "Cool URIs for the Semantic Web": ``/id/<kind>/<key>`` answers 303 to
``/doc/<kind>/<key>``, which negotiates. Documents are the canonical triples of the ledger, so literals are as their
source wrote them; for convenience with those of what they refer to. What is gone answers 410 with what was known.
"""

from typing import Final

from flask import Blueprint, Response, abort, current_app, request
from pyoxigraph import Literal, NamedNode, Triple

from maillon import identifiers
from maillon.settings import Settings
from maillon.store.documents import READABLE, Document
from maillon.vocabulary import TITLE, TYPE, term
from maillon.web import negotiation, surroundings
from maillon.web.current import Published, snapshot
from maillon.web.engine import engine
from maillon.web.negotiation import HTML, JSON_LD, N_TRIPLES, RDF_FORMS, RDF_XML, TURTLE, Form

FORMS: Final = (TURTLE, RDF_XML, JSON_LD, N_TRIPLES, HTML)
_PAGES: Final = ("dataset", "organisation")
_VOCABULARIES: Final = ("dcat", "dct", "foaf", "vcard", "skos", "prov", "sh")
_STEPS: Final = 20

blueprint = Blueprint("linked_data", __name__)
blueprint.after_request(negotiation.open_to_all)


def _settings() -> Settings:
    settings: Settings = current_app.config["MAILLON"]
    return settings


@blueprint.get("/id/<any({}):kind>/<path:key>".format(", ".join(identifiers.KINDS)))
def identifier(kind: str, key: str) -> Response:
    """Lead from a thing to the document about it."""
    document = snapshot().documents.find(kind, key)
    if document is None:
        abort(404, f"Nothing is known of /id/{kind}/{key}.")
    return negotiation.see(f"/doc/{kind}/{key}")


@blueprint.get("/doc")
def lookup() -> Response:
    """Lead from any IRI, also one of a source, to the document about it: ``/doc?iri=<IRI>``."""
    iri = request.args.get("iri", "")
    if not identifiers.is_absolute(iri):
        negotiation.refuse(400, "Give an absolute IRI: /doc?iri=https://...")
    document = snapshot().documents.get(iri)
    if document is None:
        abort(404, f"Nothing is known of <{iri}>.")
    form = negotiation.named(RDF_FORMS, request.args.get("format", ""))
    return negotiation.see(f"/doc/{document.kind}/{document.key}" + (f".{form.name}" if form else ""))


@blueprint.get("/graph/<path:name>")
def graph(name: str) -> Response:
    """Lead from the named graph of a table to the document about it."""
    try:
        iri = NamedNode(f"{_settings().base_iri}graph/{name}").value
    except ValueError:
        iri = ""
    document = snapshot().documents.get(iri) if iri else None
    if document is None:
        abort(404, f"/graph/{name} has no document; ask /sparql with GRAPH for what is in a named graph.")
    return negotiation.see(f"/doc/{document.kind}/{document.key}")


@blueprint.get("/.well-known/genid/<path:label>")
def embedded(label: str) -> Response:
    """Lead from an embedded node (a skolem IRI) to the document of the entity that holds it."""
    published = snapshot()
    try:
        node: NamedNode | None = NamedNode(f"{_settings().base_iri}.well-known/genid/{label}")
    except ValueError:
        node = None
    for _ in range(_STEPS):  # embedded nodes may hold others
        node = _holder(published, node) if node else None
        document = published.documents.get(node.value) if node else None
        if document is not None:
            return negotiation.see(f"/doc/{document.kind}/{document.key}")
    return abort(404, f"Nothing is known of /.well-known/genid/{label}.")


def _holder(published: Published, node: NamedNode) -> NamedNode | None:
    """Return what refers to a node, or for a finding, to which nothing refers, what it is about."""
    for quad in published.store.quads_for_pattern(None, None, node, None):
        if isinstance(quad.subject, NamedNode):
            return quad.subject
    for quad in published.store.quads_for_pattern(node, term("sh:focusNode"), None, None):
        if isinstance(quad.object, NamedNode):
            return quad.object
    return None


def _find(published: Published, kind: str, key: str) -> tuple[Document | None, str]:
    """Return a document and the extension of its address; a key may itself end like one."""
    document = published.documents.find(kind, key)
    stem, _, extension = key.rpartition(".")
    if document is None and any(extension == form.name for form in RDF_FORMS):
        return published.documents.find(kind, stem), extension
    return document, ""


@blueprint.get("/doc/<any({}):kind>/<path:key>".format(", ".join(identifiers.KINDS)))
def document(kind: str, key: str) -> Response:
    """Answer the document about an entity."""
    published = snapshot()
    found, extension = _find(published, kind, key)
    if found is None:
        abort(404, f"Nothing is known of /doc/{kind}/{key}.")
    form = negotiation.negotiate(FORMS, extension or request.args.get("format", ""))
    if form is HTML:
        place = f"/{kind}/{found.key}"
        return negotiation.see_page(place if kind in _PAGES else f"/doc{place}")
    engine().viewed(found.iri)
    related = _related(published, found)
    entity_tag = negotiation.tag(form.name, found.state, *(item.hash + item.derived for item in related))
    if found.state in READABLE and (answer := negotiation.unchanged(entity_tag)):
        return answer
    datasets = {found.iri} if found.kind == "dataset" else set()
    triples = surroundings.merged(related, datasets)
    for item in (found, *(item for item in related if item.kind == "record")):  # records of copies name the copy
        triples |= dict.fromkeys(surroundings.added(item))
    triples |= dict.fromkeys(surroundings.concepts(triples))
    response = negotiation.graph(triples, form)
    response.set_etag(entity_tag, weak=True)
    _link(response, found, form)
    response.status_code = 200 if found.state in READABLE else 410
    return response


def _related(published: Published, found: Document) -> list[Document]:
    """Return a document, then what it refers to; of what is gone, only what was known of itself.

    With a dataset come the catalogue records about it: its own, and those of its copies at other sources.
    """
    if found.state not in READABLE:
        return [found]
    documents = published.documents
    related = surroundings.gather(documents, [found], _settings().base_iri, 1)
    if found.kind == "dataset":
        related |= documents.many(documents.referrers(found.iri, kind="record"))
    return list(related.values())


def _link(response: Response, found: Document, form: Form) -> None:
    address = f"{negotiation.root(_settings())}doc/{found.kind}/{found.key}"
    links = [f'<{address}>; rel="canonical"', f'<{found.iri}>; rel="describes"']
    links += [
        f'<{address}.{other.name}>; rel="alternate"; type="{other.media_type}"' for other in RDF_FORMS if other != form
    ]
    response.headers["Link"] = ", ".join(links)
    response.headers["Content-Location"] = f"{address}.{form.name}"


@blueprint.get("/.well-known/void")
def void() -> Response:
    """Answer a short description of the data set as a whole (VoID, W3C Interest Group Note, section 7.2)."""
    form = negotiation.negotiate(RDF_FORMS, request.args.get("format", ""))
    manifest, settings = snapshot().snapshot.manifest, _settings()
    root = negotiation.root(settings)
    whole, own = NamedNode(f"{settings.base_iri}id/catalog/all"), NamedNode(f"{root}.well-known/void")
    values: list[tuple[str, NamedNode | Literal]] = [
        ("rdf:type", term("void:Dataset")),
        ("void:sparqlEndpoint", NamedNode(f"{root}sparql")),
        ("void:uriSpace", Literal(f"{settings.base_iri}id/")),
        ("foaf:page", NamedNode(root)),
        ("dct:modified", Literal(manifest.made, datatype=term("xsd:dateTime"))),
        ("dct:identifier", Literal(str(manifest.number))),
    ]
    numbers = {"void:triples": "triples", "void:entities": "entities"}
    for name, key in numbers.items():
        if key in manifest.counts:
            values.append((name, Literal(str(manifest.counts[key]), datatype=term("xsd:integer"))))
    values += [("void:vocabulary", term(f"{prefix}:")) for prefix in _VOCABULARIES]
    triples = [Triple(whole, TITLE, Literal(settings.title)), Triple(own, TYPE, term("void:DatasetDescription"))]
    triples += [Triple(own, term("foaf:primaryTopic"), whole)]
    triples += [Triple(whole, term(name), value) for name, value in values]
    return negotiation.graph(triples, form)
