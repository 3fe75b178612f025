"""What the reader of the inventory workbook says of a cell, in the language of the workbook.

Short and the same for every cell of one column with the same fault, so that they can be counted.
"""

from collections.abc import Mapping
from typing import Final

LANGUAGES: Final = ("fr", "nl", "de", "en")

EXAMPLES: Final = ("exemple-", "voorbeeld-", "beispiel-", "example-")
"""How identifiers of the workbook's examples begin, in any language."""

_FRENCH: Final = {
    "formula": "« {column} » : la formule de cette case donne une erreur. Écrivez la valeur elle-même.",
    "date": "« {column} » : cette date n'est pas lisible. Écrivez-la comme 31/12/2024.",
    "url": "« {column} » : ce n'est pas une adresse web. Elle doit commencer par https://.",
    "mail": "« {column} » : ce n'est pas une adresse e-mail.",
    "code": "« {column} » : cette valeur n'est pas dans la liste. Choisissez-en une dans la liste.",
    "missing": "« {column} » : cette case doit être remplie.",
    "no dataset": "« {column} » : aucun jeu de données n'a cette référence. Écrivez-la comme dans l'autre feuille.",
    "twice": "« {column} » : cette référence est déjà prise par une autre ligne. Donnez-en une autre.",
    "same file": "Ce fichier est déjà cité. Effacez l'une des deux lignes.",
    "example": "Ligne d'exemple, laissée de côté.",
    "unknown": "Cette colonne a été ajoutée : elle n'est pas lue.",
    "no column": "Il manque la colonne des références : sans elle, les fichiers restent sans jeu de données.",
}
_DUTCH: Final = {
    "formula": "'{column}': de formule in dit vak geeft een fout. Schrijf de waarde zelf.",
    "date": "'{column}': deze datum is niet leesbaar. Schrijf ze als 31/12/2024.",
    "url": "'{column}': dit is geen webadres. Het moet met https:// beginnen.",
    "mail": "'{column}': dit is geen e-mailadres.",
    "code": "'{column}': deze waarde staat niet in de lijst. Kies er een uit de lijst.",
    "missing": "'{column}': dit vak moet ingevuld worden.",
    "no dataset": "'{column}': geen enkele dataset heeft deze referentie. Schrijf ze zoals op het andere blad.",
    "twice": "'{column}': deze referentie is al gebruikt in een andere rij. Kies een andere.",
    "same file": "Dit bestand is al genoemd. Wis een van de twee rijen.",
    "example": "Rij met een voorbeeld, overgeslagen.",
    "unknown": "Deze kolom is toegevoegd: ze wordt niet gelezen.",
    "no column": "De kolom met de referenties ontbreekt: zonder die kolom blijven de bestanden zonder dataset.",
}
_GERMAN: Final = {
    "formula": "„{column}“: Die Formel in diesem Feld ergibt einen Fehler. Schreiben Sie den Wert selbst.",
    "date": "„{column}“: Dieses Datum ist nicht lesbar. Schreiben Sie es wie 31.12.2024.",
    "url": "„{column}“: Das ist keine Webadresse. Sie muss mit https:// beginnen.",
    "mail": "„{column}“: Das ist keine E-Mail-Adresse.",
    "code": "„{column}“: Dieser Wert steht nicht in der Liste. Wählen Sie einen aus der Liste.",
    "missing": "„{column}“: Dieses Feld muss ausgefüllt werden.",
    "no dataset": "„{column}“: Kein Datensatz hat diese Kennung. Schreiben Sie sie wie auf dem anderen Blatt.",
    "twice": "„{column}“: Diese Kennung hat schon eine andere Zeile. Wählen Sie eine andere.",
    "same file": "Diese Datei ist schon genannt. Löschen Sie eine der beiden Zeilen.",
    "example": "Zeile mit einem Beispiel, ausgelassen.",
    "unknown": "Diese Spalte wurde hinzugefügt: Sie wird nicht gelesen.",
    "no column": "Die Spalte der Kennungen fehlt: Ohne sie bleiben die Dateien ohne Datensatz.",
}
_ENGLISH: Final = {
    "formula": "'{column}': the formula in this cell gives an error. Write the value itself.",
    "date": "'{column}': this date cannot be read. Write it like 31/12/2024.",
    "url": "'{column}': this is not a web address. It has to begin with https://.",
    "mail": "'{column}': this is not an e-mail address.",
    "code": "'{column}': this value is not in the list. Choose one from the list.",
    "missing": "'{column}': this cell has to be filled in.",
    "no dataset": "'{column}': no dataset has this reference. Write it as in the other sheet.",
    "twice": "'{column}': another row has this reference already. Choose another one.",
    "same file": "This file is named already. Delete one of the two rows.",
    "example": "Row with an example, left out.",
    "unknown": "This column was added: it is not read.",
    "no column": "The column of references is missing: without it, the files have no dataset.",
}
_ALL: Final[Mapping[str, Mapping[str, str]]] = {"fr": _FRENCH, "nl": _DUTCH, "de": _GERMAN, "en": _ENGLISH}


def message(language: str, fault: str, column: str = "") -> str:
    """Return what to say of a fault.

    Args:
        language: One of ``LANGUAGES``.
        fault: One of the keys above.
        column: The header of the column, as the workbook has it.
    """
    return _ALL[language][fault].format(column=column)
