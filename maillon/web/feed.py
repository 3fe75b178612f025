"""The DCAT-AP feed: all published datasets in Hydra pages that stand on their own.

Turns documents into pages as portals harvest them: Hydra Core in its old vocabulary (``hydra:PagedCollection``,
``hydra:nextPage``) and its new one on one node, because importers know one or the other. Pages go by key, so that none
is skipped or sent twice while a snapshot is replaced. What is reached from one dataset holds no other one. A page is
made of canonical triples only: no time stamp, no counter of ours, so that a portal sees a dataset change only when it
does.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, current_app, request
from pyoxigraph import Literal, NamedNode, Triple

from maillon.settings import Settings
from maillon.store.documents import Document
from maillon.vocabulary import CATALOG, HAS_DATASET, HAS_RECORD, TYPE, term
from maillon.web import negotiation, surroundings
from maillon.web.current import Published, snapshot
from maillon.web.negotiation import HTML, JSON_LD, N_TRIPLES, RDF_XML, TURTLE, Form

DEFAULT_LIMIT: Final = 100
MAX_LIMIT: Final = 1000

# RDF/XML first: it is what the importer of data.europa.eu takes an unnamed type for.
FORMS: Final = (RDF_XML, TURTLE, JSON_LD, N_TRIPLES, HTML)
_XSD_INTEGER: Final = term("xsd:integer")

blueprint = Blueprint("feed", __name__)
blueprint.after_request(negotiation.open_to_all)


@dataclass(frozen=True, slots=True)
class Selection:
    """What a client asked of the feed.

    Attributes:
        form: One of FORMS.
        after: Key of the last dataset of the page before.
        limit: Datasets of a page.
        conformant: Only datasets without a violation.
        source: Only datasets of this source, empty for all.
    """

    form: Form
    after: str = ""
    limit: int = DEFAULT_LIMIT
    conformant: bool = False
    source: str = ""

    def address(self, root: str, after: str, whole: bool = False) -> str:
        """Return the address of a page in the same form; of the collection as a whole without form and limit."""
        values = {
            "grade": "conformant" if self.conformant else "",
            "source": self.source,
            "limit": str(self.limit) if self.limit != DEFAULT_LIMIT and not whole else "",
            "after": after,
        }
        query = urlencode({name: value for name, value in values.items() if value})
        name = "catalog" if whole else f"catalog.{self.form.name}"
        return f"{root}{name}" + (f"?{query}" if query else "")


def _selection(extension: str) -> Selection:
    grade, text = request.args.get("grade", ""), request.args.get("limit", str(DEFAULT_LIMIT))
    if grade not in ("", "conformant"):
        negotiation.refuse(400, f"There is no grade {grade!r}: leave it out or use grade=conformant.")
    if not re.fullmatch("[0-9]{1,4}", text) or not 1 <= int(text) <= MAX_LIMIT:
        negotiation.refuse(400, f"limit={text!r}: use a whole number from 1 to {MAX_LIMIT}.")
    return Selection(
        negotiation.negotiate(FORMS, extension or request.args.get("format", "")),
        request.args.get("after", ""),
        int(text),
        grade == "conformant",
        request.args.get("source", ""),
    )


@blueprint.get("/catalog", defaults={"extension": ""}, strict_slashes=False)
@blueprint.get("/catalog.<any(rdf, ttl, jsonld, nt):extension>")
def catalog(extension: str) -> Response:
    """Answer one page of the feed."""
    selection, published = _selection(extension), snapshot()
    if selection.form is HTML:
        return negotiation.see_page("/datasets")
    root = negotiation.root(current_app.config["MAILLON"])
    manifest = published.snapshot.manifest
    entity_tag = negotiation.tag(manifest.number, manifest.content, manifest.build, root, selection)
    if answer := negotiation.unchanged(entity_tag):
        return answer
    if selection.source and selection.source not in manifest.sources:
        abort(404, f"There is no source {selection.source!r} in this catalogue.")
    triples, links = _page(published, selection, root)
    response = negotiation.graph(triples, selection.form)
    response.set_etag(entity_tag, weak=True)
    response.headers["Link"] = ", ".join(f'<{address}>; rel="{relation}"' for relation, address in links.items())
    response.headers["Content-Location"] = selection.address(root, selection.after)
    return response


def _page(published: Published, selection: Selection, root: str) -> tuple[dict[Triple, None], dict[str, str]]:
    """Return a page and its links by relation."""
    settings: Settings = current_app.config["MAILLON"]
    documents, filters = published.documents, (selection.conformant, selection.source)
    datasets = documents.page("dataset", selection.after, selection.limit + 1, *filters)
    more, datasets = len(datasets) > selection.limit, datasets[: selection.limit]
    links = {"first": selection.address(root, "")}
    if more:
        links["next"] = selection.address(root, datasets[-1].key)
    gathered = surroundings.gather(documents, datasets, settings.base_iri, 2).values()
    triples = {
        **_hydra(selection, root, links, documents.count("dataset", *filters)),
        **_catalogue(published, settings.base_iri, datasets),
        **surroundings.merged(gathered, {item.iri for item in datasets}, surroundings.listing(documents, gathered)),
    }
    return triples | dict.fromkeys(surroundings.concepts(triples)), links


def _hydra(selection: Selection, root: str, links: dict[str, str], total: int) -> dict[Triple, None]:
    page = NamedNode(selection.address(root, selection.after))
    collection = NamedNode(selection.address(root, "", whole=True))
    items = Literal(str(total), datatype=_XSD_INTEGER)
    found = [
        Triple(page, TYPE, term("hydra:PagedCollection")),
        Triple(page, TYPE, term("hydra:PartialCollectionView")),
        Triple(page, term("hydra:totalItems"), items),
        Triple(page, term("hydra:itemsPerPage"), Literal(str(selection.limit), datatype=_XSD_INTEGER)),
    ]
    for relation, names in {"first": ("first", "firstPage"), "next": ("next", "nextPage")}.items():
        if relation in links:
            found += [Triple(page, term(f"hydra:{name}"), NamedNode(links[relation])) for name in names]
    found += [
        Triple(collection, TYPE, term("hydra:Collection")),
        Triple(collection, term("hydra:totalItems"), items),
        Triple(collection, term("hydra:view"), page),
    ]
    return dict.fromkeys(found)


def _catalogue(published: Published, base: str, datasets: list[Document]) -> dict[Triple, None]:
    """Return the catalogue as a whole with its publisher, linked to the datasets of this page only."""
    node = NamedNode(f"{base}id/catalog/all")
    own = published.documents.get(node.value)
    around = surroundings.gather(published.documents, [own], base, 1) if own else {}
    found = [*surroundings.merged(around.values(), set()), Triple(node, TYPE, CATALOG)]
    for dataset in datasets:
        found.append(Triple(node, HAS_DATASET, NamedNode(dataset.iri)))
        found.append(Triple(node, HAS_RECORD, NamedNode(f"{base}id/record/{dataset.key}")))
    return dict.fromkeys(found)
