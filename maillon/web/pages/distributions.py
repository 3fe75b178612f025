"""Distributions of a dataset as cards: what a visitor can fetch, in which format, under which licence."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from markupsafe import Markup

from maillon.store.documents import Document
from maillon.vocabulary import ACCESS_URL, DESCRIPTION, DOWNLOAD_URL, ISSUED, MODIFIED, TITLE, term
from maillon.web import display, known_names, links, texts
from maillon.web.described import Description, read
from maillon.web.display import Link
from maillon.web.texts import Text
from maillon.web.wording import _

_FORMAT: Final = (term("dct:format"), term("dcat:mediaType"))
_LICENCE: Final = term("dct:license")
_RIGHTS: Final = term("dct:rights")
_SIZE: Final = term("dcat:byteSize")
_LABELS: Final = (TITLE, term("rdfs:label"), term("foaf:name"), term("skos:prefLabel"))


@dataclass(frozen=True, slots=True)
class DistributionCard:
    """One distribution.

    Attributes:
        title: Its title, or what else tells it from the others.
        machine: Name of the language that the title was translated from by machine, empty for a human text.
        description: Its description as harmless HTML, empty where there is none.
        description_lang: Language of the description for the ``lang`` attribute, empty where it is the page's.
        format: Name of its format, empty where unknown.
        size: Its size with unit, empty where unknown.
        licences: Its licences by name.
        rights: What it says of rights in words.
        modified: Date of its last change in words, empty where unknown.
        issued: Date of its publication in words, empty where unknown.
        download: Address of the file, empty where there is none that may be followed.
        access: Address of a page or service that leads to it, empty where there is none that may be followed.
        host: Host of the address that leads to it.
        unsafe: Addresses that the source gave and that may not be followed, as text.
        document: Address of the page about the distribution itself, empty where it has no document.
    """

    title: Text
    machine: str
    description: Markup
    description_lang: str
    format: str
    size: str
    licences: list[Link]
    rights: list[str]
    modified: str
    issued: str
    download: str
    access: str
    host: str
    unsafe: list[str]
    document: str


def format_name(description: Description, language: str) -> str:
    """Return the name of a format: of the EU file-type table where it is one, else as the source wrote it."""
    for value in description.strings(*_FORMAT):
        node = description.about(value)
        if description.is_embedded(value):
            value = node.string(*_LABELS, term("rdf:value")) or value  # noqa: PLW2901
        label = display.concept(value, language).value
        return label.removeprefix("application/").removeprefix("text/").upper() if "/" in label else label
    return ""


def licences(description: Description, known: Mapping[str, Document], language: str) -> list[Link]:
    """Return the licences of a dataset or distribution by name."""
    found = []
    for value in description.strings(_LICENCE):
        embedded = texts.choose(description.about(value).texts(*_LABELS), language)
        if embedded and description.is_embedded(value):
            found.append(Link(embedded, iri=value))
        elif value in known:
            link, name = links.to_document(known[value], language), known_names.of(value)
            found.append(replace(link, label=Text(name)) if name else link)
        else:
            found.append(links.to_iri(value, language) if ":" in value else Link(Text(value)))
    return found


def _rights(description: Description, language: str) -> list[str]:
    made = []
    for value in description.strings(_RIGHTS):
        embedded = texts.choose(description.about(value).texts(*_LABELS, DESCRIPTION), language)
        made.append(embedded.value if embedded else value)
    return made


def title(description: Description, number: int, kind: str, language: str) -> Text:
    """Return what a distribution is called: as its source says, by its file, else by its place and format."""
    found = texts.choose(description.texts(TITLE), language)
    if found:
        return found
    address = description.string(DOWNLOAD_URL, ACCESS_URL)
    file = display.tail(address) if description.string(DOWNLOAD_URL) and "." in display.tail(address) else ""
    return Text(file or (_("File %(number)s", number=number) + (f" ({kind})" if kind else "")))


def card(document: Document, number: int, known: Mapping[str, Document], language: str) -> DistributionCard:
    """Make the card of one distribution; ``number`` is its place, from 1."""
    said = read(document.iri, document.text)
    kind = format_name(said, language)
    named = title(said, number, kind, language)
    described = texts.choose(said.texts(DESCRIPTION), language)
    addresses = {"download": said.strings(DOWNLOAD_URL), "access": said.strings(ACCESS_URL)}
    safe = {name: [address for address in map(display.followed, given) if address] for name, given in addresses.items()}
    download = next(iter(safe["download"]), "")
    access = next((address for address in safe["access"] if address != download), "")
    return DistributionCard(
        title=named,
        machine=display.language_name(named.machine, language) if named.machine else "",
        description=texts.rich(described.value) if described and described.value != named.value else Markup(),
        description_lang=described.lang if described else "",
        format=kind,
        size=display.size(said.string(_SIZE), language) if said.string(_SIZE) else "",
        licences=licences(said, known, language),
        rights=_rights(said, language),
        modified=display.moment(said.string(MODIFIED), language),
        issued=display.moment(said.string(ISSUED), language),
        download=download,
        access=access,
        host=display.host(download or access),
        unsafe=[item for given in addresses.values() for item in dict.fromkeys(given) if not display.followed(item)],
        document=links.page(document.kind, document.key),
    )
