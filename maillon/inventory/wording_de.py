"""The words of the inventory workbook in German."""

from maillon.inventory.wording import Wording

GERMAN = Wording(
    datasets="Datensätze",
    files="Dateien",
    help="Hilfe",
    lists="Listen",
    columns={
        "identifier": ("Kennung", "Ein kurzer Code, den Sie selbst wählen, für jeden Datensatz ein anderer, zum "
                       "Beispiel ENV-001. Ändern Sie ihn später nicht mehr: Daran erkennen wir den Datensatz."),
        "title": ("Titel", "Der Name des Datensatzes, wie Sie ihn einem Einwohner sagen würden. "
                  "Beispiel: Bäume in den Gemeindeparks."),
        "description": ("Beschreibung", "Zwei oder drei einfache Sätze: Was steht in den Daten, woher kommen sie, "
                        "wozu dienen sie?"),
        "theme": ("Thema", "Wählen Sie aus der Liste. Mehrere trennen Sie mit einem Strichpunkt ( ; )."),
        "keyword": ("Stichwörter", "Die Wörter, die jemand eingeben würde, um diese Daten zu finden. Trennen Sie sie "
                    "mit einem Strichpunkt ( ; ). Beispiel: Baum ; Park ; Natur."),
        "publisher": ("Verantwortliche Stelle", "Der volle Name der Verwaltung, die die Daten veröffentlicht."),
        "contact.name": ("Dienst für Fragen", "Der Name des Dienstes (keiner Person), der Fragen beantwortet."),
        "contact.email": ("E-Mail für Fragen", "Die E-Mail-Adresse des Dienstes. Besser eine allgemeine Adresse wie "
                          "opendata@gemeinde.example als die einer Person."),
        "license": ("Lizenz", "Was andere mit den Daten tun dürfen. Wählen Sie aus der Liste. "
                    "CC0: Alles ist erlaubt. Namensnennung: Alles ist erlaubt, wenn man die Quelle nennt."),
        "access_rights": ("Zugang", "Wer darf die Daten ansehen? Meistens: öffentlich."),
        "frequency": ("Aktualisierung", "Wie oft ändern sich die Daten? Wählen Sie aus der Liste."),
        "issued": ("Veröffentlicht am", "Der Tag der ersten Veröffentlichung. Beispiel: 31.12.2024."),
        "modified": ("Zuletzt geändert", "Der Tag der letzten Änderung. Beispiel: 31.12.2024."),
        "spatial": ("Gebiet", "Die Gemeinde, die Provinz oder die Region, um die es in den Daten geht."),
        "temporal.start": ("Beginn des Zeitraums", "Um welchen Zeitraum geht es? Hier der erste Tag."),
        "temporal.end": ("Ende des Zeitraums", "Der letzte Tag des Zeitraums. Leer lassen, wenn er noch läuft."),
        "language": ("Sprache", "Die Sprache der Daten. Wählen Sie aus der Liste."),
        "landing_page": ("Webseite", "Die Adresse der Seite über die Daten. Sie beginnt mit https://."),
        "file.dataset": ("Kennung des Datensatzes", "Die Kennung, die auf dem Blatt „Datensätze“ steht. "
                         "Wählen Sie sie aus der Liste."),
        "file.access_url": ("Adresse der Datei", "Die vollständige Webadresse der Datei. Sie beginnt mit https://."),
        "file.format": ("Format", "Die Art der Datei. Wählen Sie aus der Liste."),
        "file.title": ("Name der Datei", "Ein einfacher Name. Beispiel: Liste der Bäume 2024."),
        "file.description": ("Beschreibung", "Was an dieser Datei besonders ist, wenn das nützt."),
        "file.modified": ("Zuletzt geändert", "Der Tag der letzten Änderung. Beispiel: 31.12.2024."),
        "file.language": ("Sprache", "Die Sprache der Datei. Wählen Sie aus der Liste."),
    },
    languages={"fr": "auf Französisch", "nl": "auf Niederländisch", "de": "auf Deutsch", "en": "auf Englisch"},
    other_language="Freiwillig: derselbe Text in dieser Sprache, wenn Sie ihn haben.",
    required="Bitte ausfüllen.",
    choose="Wählen Sie aus der Liste.",
    wrong_choice=("Nicht in der Liste", "Dieser Wert steht nicht in der Liste. Wählen Sie einen Wert aus der Liste, "
                  "oder behalten Sie Ihren, wenn Sie sicher sind."),
    wrong_date=("Datum nicht lesbar", "Schreiben Sie ein Datum, zum Beispiel 31.12.2024."),
    guide=(
        ("Wozu dient diese Arbeitsmappe?", "Um Ihre Daten aufzulisten, damit alle sie finden können. Sie füllen sie "
         "aus, schicken sie zurück, und wir erledigen den Rest."),
        ("1. Beschreiben Sie Ihre Daten", "Auf dem Blatt „Datensätze“ steht eine Zeile für jeden Datensatz. Ein "
         "Datensatz ist alles, was Sie zu einem Thema haben: die Bäume, die Schulen, der Haushalt ..."),
        ("2. Nennen Sie die Dateien", "Auf dem Blatt „Dateien“ steht eine Zeile für jede Datei. Die erste Spalte sagt, "
         "zu welchem Datensatz die Datei gehört: Schreiben Sie dort die Kennung des Datensatzes. Ein Datensatz kann "
         "mehrere Dateien haben oder keine."),
        ("Die Sternchen (*)", "Spalten mit einem Sternchen füllen Sie bitte aus. Die anderen helfen, dürfen aber leer "
         "bleiben. Schreiben Sie nicht „keine“ oder „-“: Lassen Sie das Feld leer."),
        ("Brauchen Sie Erklärungen?", "Fahren Sie mit der Maus über den Titel einer Spalte: Es erscheint eine Hilfe."),
        ("Die Listen", "Viele Felder haben eine Liste: Klicken Sie auf das Feld und dann auf den kleinen Pfeil rechts. "
         "Mehrere Themen sind möglich: Trennen Sie sie mit einem Strichpunkt ( ; )."),
        ("Die Daten (Tage)", "Schreiben Sie Tag, Monat und Jahr: 31.12.2024. Das Jahr allein (2024) geht auch."),
        ("Die Beispiele", "Zeilen, deren Kennung mit „beispiel-“ beginnt, sind Beispiele. Sie können sie löschen oder "
         "stehen lassen: Sie werden nicht veröffentlicht."),
        ("Was Sie ändern dürfen", "Sie dürfen Zeilen hinzufügen oder sortieren, Spalten verschieben oder ausblenden "
         "und mit Excel oder LibreOffice speichern. Ändern Sie nicht die Zeile 2, die ausgeblendet ist: Daran "
         "erkennen wir die Spalten."),
        ("Und wenn ich mich irre?", "Das ist nicht schlimm. Wir sagen Ihnen, welches Feld Sie verbessern sollen, zum "
         "Beispiel „Datensätze!D14“: das Blatt, dann Spalte D und Zeile 14."),
        ("Datenschutz", "Was Sie hier schreiben, wird öffentlich. Tragen Sie keine personenbezogenen Daten ein."),
    ),
    example_prefix="beispiel-",
    example_datasets=(
        {"identifier": "beispiel-baeume", "title.de": "Bäume in den Gemeindeparks",
         "description.de": "Die Liste der Bäume in den Parks der Gemeinde: Art, Höhe und Standort.",
         "theme": "code:ENVI", "keyword.de": "Baum ; Park ; Natur", "publisher.de": "Gemeinde Wiesental",
         "contact.name": "Dienst für Grünflächen", "contact.email": "gruen@wiesental.example",
         "license": "code:CC_BY_4_0", "access_rights": "code:PUBLIC", "frequency": "code:ANNUAL",
         "issued": "2023-03-01", "modified": "2024-11-15", "spatial": "Wiesental", "temporal.start": "2023-01-01",
         "temporal.end": "2024-10-31", "language": "code:DEU",
         "landing_page": "https://www.wiesental.example/daten/baeume", "title.fr": "Arbres des parcs communaux"},
        {"identifier": "beispiel-haushalt", "title.de": "Haushalt der Gemeinde",
         "description.de": "Die Einnahmen und Ausgaben der Gemeinde, nach Jahr und nach Dienst.",
         "theme": "code:ECON", "keyword.de": "Haushalt ; Ausgaben", "publisher.de": "Gemeinde Wiesental",
         "contact.email": "finanzen@wiesental.example", "license": "code:CC0", "access_rights": "code:PUBLIC",
         "frequency": "code:ANNUAL", "issued": "2024-01-15", "spatial": "Wiesental", "language": "code:DEU"},
    ),
    example_files=(
        {"dataset": "beispiel-baeume", "access_url": "https://www.wiesental.example/daten/baeume.csv",
         "format": "code:CSV", "title.de": "Liste der Bäume", "modified": "2024-11-15", "language": "code:DEU"},
        {"dataset": "beispiel-baeume", "access_url": "https://www.wiesental.example/daten/baeume.geojson",
         "format": "code:GEOJSON", "title.de": "Karte der Bäume"},
        {"dataset": "beispiel-haushalt", "access_url": "https://www.wiesental.example/daten/haushalt.xlsx",
         "format": "code:XLSX", "title.de": "Haushalt 2024"},
    ),
)  # fmt: skip
