"""The facts about a dataset that stand beside its description: who, when, where, under which terms."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from maillon.store.documents import Document, Documents
from maillon.vocabulary import IDENTIFIER, ISSUED, MODIFIED, PUBLISHER, term
from maillon.web import display, links, texts
from maillon.web.described import Description
from maillon.web.display import Link
from maillon.web.texts import Text
from maillon.web.wording import _

_BEGIN: Final = (term("dcat:startDate"), term("schema:startDate"), term("time:hasBeginning"))
_END: Final = (term("dcat:endDate"), term("schema:endDate"), term("time:hasEnd"))
_PLACE: Final = (term("skos:prefLabel"), term("rdfs:label"), term("dct:title"), term("foaf:name"), term("schema:name"))
_GEOMETRY: Final = (term("dcat:bbox"), term("locn:geometry"), term("dcat:centroid"))


@dataclass(frozen=True, slots=True)
class Fact:
    """A property with its values, as shown.

    Attributes:
        label: Name of the property in the visitor's language.
        values: Its values, at least one.
    """

    label: str
    values: list[Link]


def _dates(said: Description, language: str, *names: str) -> list[Link]:
    found = said.strings(*(term(name) for name in names))
    return [Link(Text(display.moment(value, language))) for value in found]


def _languages(said: Description, language: str) -> list[Link]:
    return [
        Link(link.label if ":" in link.iri else Text(display.language_name(link.label.value, language)))
        for link in display.concepts(said.strings(term("dct:language")), language)
    ]


def _places(said: Description, documents: Documents, language: str) -> list[Link]:
    made = []
    for value in said.strings(term("dct:spatial")):
        node = said.about(value)
        label = texts.choose(node.texts(*_PLACE), language)
        if label:
            made.append(Link(label, display.followed(value) if not said.is_embedded(value) else "", value))
        elif said.is_embedded(value):
            made.append(Link(Text(_("An area given by coordinates (see all properties)")), "#all"))
        else:
            made += links.resolve([value], documents, language) if ":" in value else [Link(Text(value))]
    return made


def _instant(said: Description, value: str) -> str:
    inner = said.about(value).string(
        term("time:inXSDDate"), term("time:inXSDDateTimeStamp"), term("time:inXSDDateTime")
    )
    return inner or value


def _periods(said: Description, language: str) -> list[Link]:
    made = []
    for value in said.strings(term("dct:temporal")):
        node = said.about(value)
        begin, end = (display.moment(_instant(said, node.string(*names)), language) for names in (_BEGIN, _END))
        if begin and end:
            shown = _("%(begin)s to %(end)s", begin=begin, end=end)
        elif begin or end:
            shown = _("from %(begin)s", begin=begin) if begin else _("until %(end)s", end=end)
        else:
            shown = display.concept(value, language).value
        made.append(Link(Text(shown)))
    return made


def _concepts(said: Description, language: str, *names: str) -> list[Link]:
    """Return concepts by name only: where a code list lives helps nobody in a hurry, and all properties show it."""
    found = display.concepts(said.strings(*(term(name) for name in names)), language)
    return [Link(link.label) for link in found]


def _linked(said: Description, documents: Documents, language: str, *names: str) -> list[Link]:
    values = said.strings(*(term(name) for name in names))
    plain = [Link(Text(value)) for value in values if ":" not in value]
    return plain + links.resolve([value for value in values if ":" in value], documents, language)


def _addresses(said: Description, *names: str) -> list[Link]:
    values = said.strings(*(term(name) for name in names))
    return [Link(Text(value), display.followed(value), value, outside=True) for value in values]


def _texts(said: Description, language: str, *names: str) -> list[Link]:
    found = texts.choose_all(said.texts(*(term(name) for name in names)), language)
    return [Link(text) for text in found]


def _when_and_where(said: Description, documents: Documents, language: str) -> Iterator[tuple[str, list[Link]]]:
    yield _("Last updated"), _dates(said, language, "dct:modified")
    yield _("First published"), _dates(said, language, "dct:issued")
    yield _("Update frequency"), _concepts(said, language, "dct:accrualPeriodicity")
    yield _("Period covered"), _periods(said, language)
    yield _("Area covered"), _places(said, documents, language)
    yield _("Language of the data"), _languages(said, language)
    yield _("Version"), _texts(said, language, "dcat:version", "owl:versionInfo")
    yield _("What is new in this version"), _texts(said, language, "adms:versionNotes")


def _terms(said: Description, documents: Documents, language: str) -> Iterator[tuple[str, list[Link]]]:
    yield _("Access"), _concepts(said, language, "dct:accessRights")
    yield _("High-value category"), _concepts(said, language, "dcatap:hvdCategory")
    yield _("Applicable legislation"), _linked(said, documents, language, "dcatap:applicableLegislation")
    yield _("Conforms to"), _linked(said, documents, language, "dct:conformsTo")
    yield _("Part of the series"), _linked(said, documents, language, "dcat:inSeries")
    yield (
        _("Related to"),
        _linked(said, documents, language, "dct:relation", "dct:isPartOf", "dct:source", "dct:isVersionOf"),
    )
    yield _("Documentation"), _addresses(said, "foaf:page")
    yield _("Made by"), _linked(said, documents, language, "dct:creator")
    yield _("Identifier"), [Link(Text(value)) for value in said.strings(IDENTIFIER) if value != said.iri]


def facts(said: Description, documents: Documents, language: str) -> list[Fact]:
    """Return the facts that a dataset states, in the order in which people ask for them."""
    pairs = [*_when_and_where(said, documents, language), *_terms(said, documents, language)]
    return [Fact(label, values) for label, values in pairs if values]


def updated(said: Description, language: str) -> str:
    """Return the day of the last change in words; empty where the source states none."""
    return display.moment(said.string(MODIFIED), language)


def published(said: Description, language: str) -> str:
    """Return the day of publication in words; empty where the source states none."""
    return display.moment(said.string(ISSUED), language)


def publishers(said: Description, documents: Documents, language: str) -> list[Link]:
    """Return the publishers of a dataset."""
    return links.resolve(said.iris(PUBLISHER), documents, language)


def services(document: Document, documents: Documents, language: str) -> list[Link]:
    """Return the data services that serve a dataset."""
    found = documents.many(documents.referrers(document.iri, kind="service", limit=50))
    return [links.to_document(item, language) for item in found.values()]
