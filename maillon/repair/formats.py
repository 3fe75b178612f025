"""Rules that turn declared formats and media types of distributions into the codes of DCAT-AP 3.0.1.

``dct:format`` is a concept of the EU list of file types, ``dcat:mediaType`` one of IANA. What no table knows stays as
it was. The rules of ``maillon.repair.guesses`` for undeclared formats and of ``maillon.repair.sizes`` follow.
https://op.europa.eu/en/web/eu-vocabularies/dataset/-/resource?uri=http://publications.europa.eu/resource/dataset/file-type
https://www.iana.org/assignments/media-types/
"""

from collections.abc import Iterator
from typing import Final

from pyoxigraph import NamedNode, Triple

from maillon.repair import guesses, sizes, values
from maillon.repair.filetypes import EU, IANA, file_type, media_type, media_type_of, packed, says_nothing, uninformative
from maillon.repair.rule import Change, Context, Example, Rule, Triples
from maillon.vocabulary import term

_FORMAT: Final = term("dct:format")
_MEDIA_TYPE: Final = term("dcat:mediaType")
_PACKING: Final = term("dcat:compressFormat")


_WITH_HTTP = "<http://www.iana.org/"


def _formats(triples: Triples, context: Context) -> Iterator[Change]:
    yield from values.recode(triples, _FORMAT, file_type)


def _media_types(triples: Triples, context: Context) -> Iterator[Change]:
    for change in values.recode(triples, _MEDIA_TYPE, media_type):
        # With http it is IANA's address too, and what DCAT-AP itself writes: a repair of nothing would only be noise.
        if not any(str(triple.object).startswith(_WITH_HTTP) for triple in change.removed):
            yield change


def _packed(triples: Triples, context: Context) -> Iterator[Change]:
    for triple in triples.having(_FORMAT):
        if isinstance(triple.object, NamedNode):
            continue
        value = values.read(triples, triple)
        found = next((known for text in value.texts if (known := packed(text))), None)
        if found:
            packing = Triple(triple.subject, _PACKING, NamedNode(IANA + found[1]))
            yield values.swap(value, Triple(triple.subject, _FORMAT, NamedNode(EU + found[0])), packing)


def _mixed_up(triples: Triples, context: Context) -> Iterator[Change]:
    """Put file types given as media type, and media types given as format, where they belong."""
    formats, media_types = triples.having(_FORMAT), triples.having(_MEDIA_TYPE)
    known = any(isinstance(t.object, NamedNode) and t.object.value.startswith(EU) for t in formats)
    for triple in media_types:
        value = values.read(triples, triple)
        found = {file_type(text) for text in value.texts if not media_type(text)} - {None}
        if len(found) == 1:
            concept = Triple(triple.subject, _FORMAT, NamedNode(str(found.pop())))
            yield values.swap(value, *(() if known else (concept,)))
    for triple in formats:
        value = values.read(triples, triple)
        found = {media_type(text) for text in value.texts if not file_type(text) and "/" in text} - {None}
        if len(found) == 1 and not media_types:
            yield values.swap(value, Triple(triple.subject, _MEDIA_TYPE, NamedNode(str(found.pop()))))


def _vague(triples: Triples, context: Context) -> Iterator[Change]:
    """Replace a media type that says nothing where the declared format tells what it is."""
    codes = [t.object.value for t in triples.having(_FORMAT) if isinstance(t.object, NamedNode)]
    concept = next((code for code in codes if code.startswith(EU) and code not in uninformative()), None)
    if concept is None:
        return
    for triple in triples.having(_MEDIA_TYPE):
        value = values.read(triples, triple)
        if value.texts and all(says_nothing(text) for text in value.texts):
            better = media_type_of(concept)
            yield values.swap(value, *([Triple(triple.subject, _MEDIA_TYPE, NamedNode(better))] if better else ()))


_DISTRIBUTIONS: Final = frozenset({"distribution"})

RULES: Final[tuple[Rule, ...]] = (
    Rule(
        id="format-packed",
        title={
            "fr": "Distingue le format des données et leur compression dans « CSV (zip) ».",
            "nl": "Onderscheidt het formaat van de gegevens en hun compressie in ‘CSV (zip)’.",
            "de": "Trennt Datenformat und Komprimierung in „CSV (zip)“.",
            "en": "Tells the format of the data from its compression in “CSV (zip)”.",
        },
        matches="dct:format as a text such as `CSV (zip)`, `Zipped CSV`, `GML (ZIP)` (data.gov.be, ArcGIS Hub).",
        changes="dct:format with the EU code of what is inside and dcat:compressFormat with the packing.",
        kinds=_DISTRIBUTIONS,
        predicates=frozenset({_FORMAT}),
        example=Example(
            kind="distribution",
            before='<urn:example> a dcat:Distribution ; dct:format "CSV (zip)" .',
            after="<urn:example> a dcat:Distribution ; "
            "dct:format <http://publications.europa.eu/resource/authority/file-type/CSV> ; "
            "dcat:compressFormat <https://www.iana.org/assignments/media-types/application/zip> .",
        ),
        repair=_packed,
    ),
    Rule(
        id="format-eu",
        title={
            "fr": "Remplace le nom d'un format par son code dans la liste européenne.",
            "nl": "Vervangt de naam van een formaat door de code in de Europese lijst.",
            "de": "Ersetzt den Namen eines Formats durch seinen Code in der EU-Liste.",
            "en": "Replaces the name of a format by its code in the EU list.",
        },
        matches="dct:format as a text (115 in DCAT feeds), a labelled node (18), or an address at IANA, of data.gov.be "
        "(.well-known/genid/fmt/csv) or a relative `CSV` (49); 45 spellings at ArcGIS Hub portals.",
        changes="The concept of the EU list of file types. A text that no list knows stays.",
        predicates=frozenset({_FORMAT}),
        example=Example(
            kind="distribution",
            before="<urn:example> a dcat:Distribution ; "
            'dct:format [ a dct:MediaTypeOrExtent ; rdf:value "esri shapefile" ; rdfs:label "SHP" ] .',
            after="<urn:example> a dcat:Distribution ; "
            "dct:format <http://publications.europa.eu/resource/authority/file-type/SHP> .",
        ),
        repair=_formats,
    ),
    Rule(
        id="media-type-iana",
        title={
            "fr": "Remplace un type de média par son adresse à l'IANA.",
            "nl": "Vervangt een mediatype door het adres ervan bij IANA.",
            "de": "Ersetzt einen Medientyp durch seine Adresse bei der IANA.",
            "en": "Replaces a media type by its address at IANA.",
        },
        matches="dcat:mediaType as a text (`text/csv; charset=utf-8`, 43 in DCAT feeds), `ZIP` (6), or an address at "
        "IANA without www.",
        changes="The address at IANA with https, as data.gov.be writes it.",
        predicates=frozenset({_MEDIA_TYPE}),
        example=Example(
            kind="distribution",
            before='<urn:example> a dcat:Distribution ; dcat:mediaType "text/csv; charset=utf-8" .',
            after="<urn:example> a dcat:Distribution ; "
            "dcat:mediaType <https://www.iana.org/assignments/media-types/text/csv> .",
        ),
        repair=_media_types,
    ),
    Rule(
        id="format-and-media-type-mixed-up",
        title={
            "fr": "Remet à leur place un format et un type de média inversés.",
            "nl": "Zet een verwisseld formaat en mediatype op hun plaats.",
            "de": "Setzt ein vertauschtes Format und einen Medientyp an ihren Platz.",
            "en": "Puts a format and a media type that were mixed up where they belong.",
        },
        matches="dcat:mediaType with a file type (`ESRI Shapefile`, a concept of the EU list), dct:format with a media "
        "type for which the EU list has no file type.",
        changes="The value moves to the other property where that one is free; a file type in both stands once.",
        predicates=frozenset({_FORMAT, _MEDIA_TYPE}),
        example=Example(
            kind="distribution",
            before="<urn:example> a dcat:Distribution ; "
            "dcat:mediaType <http://publications.europa.eu/resource/authority/file-type/SHP> .",
            after="<urn:example> a dcat:Distribution ; "
            "dct:format <http://publications.europa.eu/resource/authority/file-type/SHP> .",
        ),
        repair=_mixed_up,
    ),
    Rule(
        id="media-type-says-nothing",
        title={
            "fr": "Remplace un type de média qui ne dit rien quand le format est connu.",
            "nl": "Vervangt een mediatype dat niets zegt wanneer het formaat bekend is.",
            "de": "Ersetzt einen nichtssagenden Medientyp, wenn das Format bekannt ist.",
            "en": "Replaces a media type that says nothing where the format is known.",
        },
        matches="dcat:mediaType application/octet-stream or application/http beside a known dct:format (2,029 at "
        "data.gov.be, 845 at ArcGIS Hub).",
        changes="The media type of that format; none where files of that type have none of their own.",
        predicates=frozenset({_MEDIA_TYPE}),
        example=Example(
            kind="distribution",
            before="<urn:example> a dcat:Distribution ; "
            "dct:format <http://publications.europa.eu/resource/authority/file-type/CSV> ; "
            "dcat:mediaType <https://www.iana.org/assignments/media-types/application/octet-stream> .",
            after="<urn:example> a dcat:Distribution ; "
            "dct:format <http://publications.europa.eu/resource/authority/file-type/CSV> ; "
            "dcat:mediaType <https://www.iana.org/assignments/media-types/text/csv> .",
        ),
        repair=_vague,
    ),
    *guesses.RULES,
    *sizes.RULES,
)
"""In the order in which they are tried."""
