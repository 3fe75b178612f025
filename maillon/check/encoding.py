"""Turns a document whose octets are in the wrong encoding into a record of its own with one finding.

A harvest reads it nevertheless, by guessing (``rdf.decoding``); other readers refuse it or show wrong letters. Turtle,
TriG, N-Triples and N-Quads are UTF-8 (https://www.w3.org/TR/turtle/#sec-mediaReg), JSON-LD too (RFC 8259, section 8.1);
XML is in what its declaration or byte order mark says, else UTF-8 (https://www.w3.org/TR/xml/#charencoding). Exports of
spreadsheets and of older editors on Windows are seen in Windows-1252.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from pyoxigraph import RdfFormat

from maillon.check.reading import Document
from maillon.check.values import DOCUMENT, Checked, Noted, Place
from maillon.rdf import decoding, parsing
from maillon.records import Finding, Texts

SHAPE: Final = "urn:maillon:check:encoding"
"""Names the rule in reports for machines."""

_TITLE: Final[Texts] = {
    "en": "The file itself", "fr": "Le fichier lui-même", "nl": "Het bestand zelf", "de": "Die Datei selbst",
}  # fmt: skip
_NAMES: Final[Mapping[str, str]] = {
    "cp1252": "Windows-1252 (ISO-8859-1)", "utf-16": "UTF-16", "utf-32": "UTF-32",
}  # fmt: skip
_SHOWN: Final = 100  # characters of the first line at fault

_MUST: Final[Texts] = {
    "en": "The file is not in UTF-8, as {format} must be. It was read as {encoding}: letters may be wrong, and other "
    "readers will refuse it. Save or export it as UTF-8.",
    "fr": "Le fichier n'est pas en UTF-8, comme {format} doit l'être. Il a été lu comme {encoding} : des lettres "
    "peuvent être fausses, et d'autres lecteurs le refuseront. Enregistrez-le ou exportez-le en UTF-8.",
    "nl": "Het bestand is niet in UTF-8, wat voor {format} verplicht is. Het werd gelezen als {encoding}: letters "
    "kunnen verkeerd zijn, en andere lezers zullen het weigeren. Sla het op of exporteer het als UTF-8.",
    "de": "Die Datei ist nicht in UTF-8, wie es für {format} vorgeschrieben ist. Sie wurde als {encoding} gelesen: "
    "Buchstaben können falsch sein, und andere Programme werden sie ablehnen. Speichern oder exportieren Sie sie als "
    "UTF-8.",
}
_XML: Final[Texts] = {
    "en": "The file is not in the encoding that its XML declaration says (UTF-8 where it says none). It was read as "
    "{encoding}: letters may be wrong, and other readers will refuse it. Save or export it as UTF-8.",
    "fr": "Le fichier n'est pas dans l'encodage qu'annonce sa déclaration XML (UTF-8 si elle n'en annonce pas). Il a "
    "été lu comme {encoding} : des lettres peuvent être fausses, et d'autres lecteurs le refuseront. Enregistrez-le ou "
    "exportez-le en UTF-8.",
    "nl": "Het bestand is niet in de codering die zijn XML-declaratie noemt (UTF-8 als ze er geen noemt). Het werd "
    "gelezen als {encoding}: letters kunnen verkeerd zijn, en andere lezers zullen het weigeren. Sla het op of "
    "exporteer het als UTF-8.",
    "de": "Die Datei ist nicht in der Kodierung, die ihre XML-Deklaration nennt (UTF-8, wo sie keine nennt). Sie wurde "
    "als {encoding} gelesen: Buchstaben können falsch sein, und andere Programme werden sie ablehnen. Speichern oder "
    "exportieren Sie sie als UTF-8.",
}
_FORMATS: Final = {RdfFormat.TRIG: "Turtle/N-Triples", RdfFormat.N_QUADS: "N-Quads", RdfFormat.JSON_LD: "JSON-LD"}


def records(documents: Iterable[Document]) -> list[Checked]:
    """Return a record for each document that is in the wrong encoding."""
    return [record for document in documents if (record := _record(document)) is not None]


def _record(document: Document) -> Checked | None:
    data = document.path.read_bytes()
    encoding, is_declared = decoding.encoding(data)
    if encoding == "utf-8":
        return None
    found = parsing.sniff(data, document.media_type, document.name)
    if found is None or (found == RdfFormat.RDF_XML and is_declared):
        return None
    texts = _XML if found == RdfFormat.RDF_XML else _MUST
    said = {"format": _FORMATS.get(found, ""), "encoding": _NAMES.get(encoding, encoding)}
    line, column, shown = _first(data, encoding)
    place = Place(document.name, line, column)
    finding = Finding(
        shape=SHAPE,
        component=SHAPE,
        severity="Violation",
        focus=document.base,
        path="",
        value="",
    )
    messages = {language: text.format(**said) for language, text in texts.items()}
    return Checked(
        iri=document.base,
        is_named=False,
        kind=DOCUMENT,
        title=_TITLE,
        notes=(Noted(finding=finding, messages=messages, part=document.base, value=shown, place=place),),
        counts={"Violation": 1},
        repairs={},
        place=place,
    )


def _first(data: bytes, encoding: str) -> tuple[int, int, str]:
    """Return line, column and text of the first octet that is not UTF-8; no column where all of it is otherwise."""
    if encoding != "cp1252":
        return 1, 0, ""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        start = data.rfind(b"\n", 0, error.start) + 1
        before = data[start : error.start].decode("utf-8")
        end = data.find(b"\n", start)
        text = data[start : end if end >= 0 else len(data)].decode(encoding, "replace")
        shown = text[max(0, len(before) - _SHOWN // 2) :][:_SHOWN].strip()
        return data.count(b"\n", 0, start) + 1, len(before) + 1, shown
    return 1, 0, ""
