"""Turns the headers of a table that nobody described into fields: ``Titre``, ``beschrijving (nl)``, ``Lizenz``.

Only words that mean one field in inventories of French, Dutch, German and English administrations; what may mean
several (nom, code, contact, date) is left to the source's TOML. Which column was taken for what, and which is not read,
is said in the report of the run. Labels of the fields: DCAT-AP 3.0 (https://semiceu.github.io/DCAT-AP/releases/3.0.0/).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

from harvesters._sheet_columns import Header
from harvesters._sheet_fields import kind_of
from harvesters._sheet_file import Sheet
from harvesters._sheet_plan import Reference
from harvesters._sheet_scan import column_letter
from maillon.records import Rejected

REASON: Final = "columns are known by their headers only"
"""Why the report names the columns of a table; nothing is wrong with them."""

_LEAST: Final = 2  # columns, the title among them, that must be known before a table counts as an inventory
_LONGEST: Final = 60  # characters of a header that can be one of these words
_SHOWN: Final = 80  # columns that the report names
_LANGUAGE: Final = re.compile(r"(.+?) (fr|nl|de|en)")
_WORDS: Final = """
identifier | id, identifier, identifiant, identificatie, identificator, kennung, reference, referentie, referenz
title | title, titre, titel, intitule, titre du jeu de donnees, nom du jeu de donnees, dataset title, dataset name,
  naam dataset, naam van de dataset, titel van de dataset, name des datensatzes, titel des datensatzes
description | description, beschrijving, omschrijving, beschreibung, resume, samenvatting, zusammenfassung
keyword | keyword, keywords, tags, mot cle, mots cles, trefwoord, trefwoorden, schlagwort, schlagworte, schlagworter,
  stichworter
theme | theme, themes, thema, thema's, themas, themen
publisher | publisher, editeur, uitgever, herausgeber
license | license, licence, licentie, lizenz
frequency | frequency, update frequency, frequence, frequence de mise a jour, frequentie, updatefrequentie,
  aktualisierungshaufigkeit, haufigkeit
issued | publication date, release date, date de publication, publicatiedatum, veroffentlichungsdatum
modified | last modified, last update, modification date, date de modification, derniere mise a jour,
  derniere modification, wijzigingsdatum, laatste wijziging, anderungsdatum, letzte anderung
language | language, languages, langue, langues, taal, talen, sprache, sprachen
spatial | geographical coverage, spatial coverage, couverture geographique, couverture spatiale, territoire,
  geografische dekking, raumliche abdeckung
contact.email | email, e mail, mail, courriel, adresse e mail, e mailadres, e mail adresse, contact email
landing_page | landing page, page web, webpagina, webseite
distribution.access_url | url, link, lien, hyperlien, hyperlink, lien url, adresse url, adresse web, webadres,
  webadresse, access url, url d'acces
distribution.download_url | download, download url, downloadlink, telechargement, lien de telechargement,
  url de telechargement
distribution.format | format, formaat, bestandsformaat, dateiformat, file format, format de fichier
"""
_FIELDS: Final[Mapping[str, str]] = {
    word.strip(): field.strip()
    for field, words in (row.split("|") for row in _WORDS.replace(",\n ", ",").strip().splitlines())
    for word in words.split(",")
}


def fields(header: Header, taken: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """Return the columns (from 1) of a header that are known by a usual word, by field; the first of two counts.

    Args:
        header: Of the table.
        taken: What is known of it already; neither its fields nor its columns are guessed.
    """
    found: dict[str, tuple[int, ...]] = {}
    stems = {name.partition(".")[0] if kind_of(name) in ("texts", "words") else name for name in taken}
    columns = {number for numbers in taken.values() for number in numbers}
    for number, shown in enumerate(header.shown, 1):
        name = _field(shown)
        if name and number not in columns and name not in found and not {name, name.partition(".")[0]} & stems:
            found[name] = (number,)
    return found


def inventory(header: Header) -> dict[str, tuple[int, ...]]:
    """Return what ``fields`` does if that makes an inventory: a title and something else; else nothing."""
    found = fields(header, {})
    has_title = any(name.partition(".")[0] == "title" for name in found)
    return found if has_title and len(found) >= _LEAST else {}


def told(sheet: Sheet, header: Header, columns: Mapping[str, tuple[Reference, ...]], book: str) -> Iterator[Rejected]:
    """Yield which columns were taken for what, and which are not read, where any of them was guessed."""
    named = {number: name for name, numbers in columns.items() for number in numbers if isinstance(number, int)}
    known = {number: name for number, name in named.items() if header.shown[number - 1].lower() != name}
    if not known:
        return
    parts = [f"{_shown(header, number)} is {name}" for number, name in sorted(known.items())]
    others = [_shown(header, number) for number, text in enumerate(header.shown, 1) if text and number not in named]
    unread = f"; not read: {', '.join(others[:_SHOWN])}" if others else ""
    detail = f"{', '.join(parts)}{unread}. If that is wrong, say under columns which column is what"
    yield Rejected(f"{book}{sheet.name}", REASON, detail, is_dataset=False)


def _shown(header: Header, number: int) -> str:
    return f"{column_letter(number - 1)} {header.shown[number - 1][:_LONGEST]!r}"


def _field(shown: str) -> str:
    """Return the field that a header means, empty where that is not known; of two languages each part may tell."""
    for part in (shown, *re.split(r"\s+/\s+|\n", shown)):
        word = _plain(part[: _LONGEST + 1])
        if word in _FIELDS:
            return _FIELDS[word]
        tagged = _LANGUAGE.fullmatch(word)
        name = _FIELDS.get(tagged[1], "") if tagged else ""
        if tagged and kind_of(name) in ("texts", "words"):
            return f"{name}.{tagged[2]}"
    return ""


def _plain(text: str) -> str:
    """Return a header without case, accents and signs: ``Mots-clés (FR) *`` is ``mots cles fr``."""
    letters = unicodedata.normalize("NFKD", text.replace("\u2019", "'")).casefold()
    kept = "".join(sign for sign in letters if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^\w']|_", " ", kept).split())
