"""Turns the reason why reading ended early, which the readers say in English, into French, Dutch or German.

Readers and fetchers speak English to the log of an operator; a report is for the publisher. The reasons that occur are
told whole in the language of the report; the words of a parser, of the network and of an archive stay as they are, in
brackets. A reason that is not known here stays in English.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from maillon.check.values import Report

_GIVE: Final = r"(?: give the address of Turtle, TriG, RDF/XML, JSON-LD, N-Triples or N-Quads)?\.?"
_KIND: Final = r"(?P<kind> If it is an export of another kind, name that with --kind .*)?"

_KINDS: Final[Mapping[str, str]] = {
    "fr": " Si c'est un export d'un autre genre, nommez-le avec --kind (`maillon kinds` en donne la liste).",
    "nl": " Is het een export van een andere soort, noem die dan met --kind (`maillon kinds` geeft de lijst).",
    "de": " Ist es ein Export anderer Art, nennen Sie diese mit --kind (`maillon kinds` listet sie auf).",
}


@dataclass(frozen=True, slots=True)
class _Reason:
    """One reason: the pattern of the English sentence, and it in three languages with the groups as fields."""

    english: re.Pattern[str]
    texts: Mapping[str, str]


def _reason(english: str, fr: str, nl: str, de: str) -> _Reason:
    return _Reason(re.compile(english, re.DOTALL), {"fr": fr, "nl": nl, "de": de})


_CONTENT: Final = (
    _reason(
        rf"(?P<what>.+) is empty:{_GIVE}{_KIND}",
        "{what} est vide : vérifiez que l'export est allé jusqu'au bout.{kind}",
        "{what} is leeg: ga na of de export voltooid is.{kind}",
        "{what} ist leer: Prüfen Sie, ob der Export zu Ende lief.{kind}",
    ),
    _reason(
        rf"(?P<what>.+) is a web page, no RDF: check the file itself\.{_KIND}",
        "{what} est une page web et non du RDF : vérifiez le fichier lui-même.{kind}",
        "{what} is een webpagina, geen RDF: controleer het bestand zelf.{kind}",
        "{what} ist eine Webseite, kein RDF: Prüfen Sie die Datei selbst.{kind}",
    ),
    _reason(
        rf"(?P<what>.+) is a file of octets that are no text, no RDF: check the file itself\.{_KIND}",
        "{what} n'est pas un texte mais un fichier binaire, donc pas du RDF : vérifiez le fichier lui-même.{kind}",
        "{what} is geen tekst maar een binair bestand, dus geen RDF: controleer het bestand zelf.{kind}",
        "{what} ist kein Text, sondern eine Binärdatei, also kein RDF: Prüfen Sie die Datei selbst.{kind}",
    ),
    _reason(
        rf"(?P<what>.+) is no RDF:{_GIVE}{_KIND}",
        "{what} n'est pas du RDF : donnez du Turtle, TriG, RDF/XML, JSON-LD, N-Triples ou N-Quads.{kind}",
        "{what} is geen RDF: geef Turtle, TriG, RDF/XML, JSON-LD, N-Triples of N-Quads.{kind}",
        "{what} ist kein RDF: Geben Sie Turtle, TriG, RDF/XML, JSON-LD, N-Triples oder N-Quads an.{kind}",
    ),
    _reason(
        r"(?P<what>.+) cannot be read as (?P<format>[\w/ -]+), tell its producer: (?P<said>.+?)"
        r"(?: \(line (?P<line>\d+)(?:, column (?P<column>\d+))?\))?",
        "{what} n'est pas lisible comme {format}{place} : prévenez qui le produit [{said}].",
        "{what} is niet leesbaar als {format}{place}: verwittig wie het maakt [{said}].",
        "{what} ist nicht als {format} lesbar{place}: Sagen Sie es denen, die sie erzeugen [{said}].",
    ),
    _reason(
        r"The document has faults after which, or so many that, reading could not go on: correct those listed\.",
        "Le document a des fautes après lesquelles, ou tant de fautes que, la lecture n'a pu continuer : corrigez "
        "celles qui sont citées.",
        "Het document heeft fouten waarna, of zoveel fouten dat, het lezen niet verder kon: verbeter de vermelde.",
        "Das Dokument hat Fehler, nach denen, oder so viele, dass nicht weitergelesen werden konnte: Berichtigen Sie "
        "die aufgeführten.",
    ),
    _reason(
        r"the folder (?P<what>.+) holds no files: fill it or correct its url\.",
        "le dossier {what} ne contient aucun fichier : remplissez-le ou donnez-en un autre.",
        "de map {what} bevat geen bestanden: vul ze of geef een andere.",
        "Der Ordner {what} enthält keine Dateien: Füllen Sie ihn oder geben Sie einen anderen an.",
    ),
    _reason(
        r"A fault in the harvester (?P<what>\S+) or in Maillon, not in what is checked: (?P<said>.+?)\.? Report it\.",
        "Une faute du moissonneur {what} ou de Maillon, non de ce qui est vérifié : signalez-la [{said}].",
        "Een fout in de harvester {what} of in Maillon, niet in wat wordt gecontroleerd: meld ze [{said}].",
        "Ein Fehler im Harvester {what} oder in Maillon, nicht in dem, was geprüft wird: Melden Sie ihn [{said}].",
    ),
    _reason(
        r"(?P<what>.+) cannot be read \((?P<said>.+)\): let the user that runs Maillon read it\.",
        "{what} ne peut être lu : donnez à l'utilisateur qui lance Maillon le droit de le lire [{said}].",
        "{what} kan niet worden gelezen: geef de gebruiker die Maillon uitvoert leesrecht [{said}].",
        "{what} kann nicht gelesen werden: Geben Sie dem Benutzer, der Maillon ausführt, das Leserecht [{said}].",
    ),
)

_LIMITS: Final = (
    _reason(
        r"(?P<what>.+) (?:is larger than|has more than) (?P<number>[\d,]+) octets(?P<packed> once unpacked)?\. "
        r"If that is right, give --max-megabytes more\.",
        "{what} dépasse {count} octets. Si c'est normal, augmentez --max-megabytes.",
        "{what} is groter dan {count} bytes. Als dat klopt, verhoog --max-megabytes.",
        "{what} ist größer als {count} Bytes. Wenn das stimmt, erhöhen Sie --max-megabytes.",
    ),
    _reason(
        r"(?P<what>.+) gets more than (?P<number>\d+) times larger when unpacked, as a decompression bomb does\..*",
        "{what} devient plus de {number} fois plus grand une fois décompressé, comme une bombe de décompression : "
        "donnez le fichier lui-même, décompressé.",
        "{what} wordt uitgepakt meer dan {number} keer groter, zoals een decompressiebom: geef het uitgepakte bestand.",
        "{what} wird entpackt mehr als {number}-mal größer, wie eine Dekompressionsbombe: Geben Sie die entpackte "
        "Datei an.",
    ),
    _reason(
        r"(?P<what>.+) is cut short or damaged \((?P<said>.+)\): ask for a whole copy\.",
        "{what} est tronqué ou abîmé : demandez-en une copie entière [{said}].",
        "{what} is onvolledig of beschadigd: vraag een volledige kopie [{said}].",
        "{what} ist abgeschnitten oder beschädigt: Bitten Sie um eine ganze Kopie [{said}].",
    ),
    _reason(
        r"Reading took (?:longer than|more than) (?:its time_limit of )?(?P<number>[\d.]+) seconds.*",
        "La lecture a pris plus de {number} secondes. Si le document est seulement grand, augmentez --timeout.",
        "Het lezen duurde langer dan {number} seconden. Als het document alleen groot is, verhoog --timeout.",
        "Das Lesen dauerte länger als {number} Sekunden. Ist das Dokument nur groß, erhöhen Sie --timeout.",
    ),
    _reason(
        r"(?P<what>\S+) was not complete after (?P<number>[\d.]+) seconds\..*",
        "{what} n'est pas arrivé entier en {number} secondes : augmentez --timeout, ou demandez à qui le publie.",
        "{what} was na {number} seconden niet volledig: verhoog --timeout, of vraag het aan wie het publiceert.",
        "{what} war nach {number} Sekunden nicht vollständig: Erhöhen Sie --timeout oder fragen Sie, wer es anbietet.",
    ),
)

_NETWORK: Final = (
    _reason(
        r"Host (?P<host>\S+) leads to (?P<said>.+), which is not a public address\..*",
        "L'hôte {host} mène à une adresse qui n'est pas publique [{said}]. S'il est permis de l'y lire, donnez "
        "--allow-host {host}.",
        "Host {host} leidt naar een adres dat niet openbaar is [{said}]. Mag het daar worden gelezen, geef dan "
        "--allow-host {host}.",
        "Der Host {host} führt zu einer nicht öffentlichen Adresse [{said}]. Darf dort gelesen werden, geben Sie "
        "--allow-host {host} an.",
    ),
    _reason(
        r"There is no host (?P<host>\S+) \((?P<said>.+)\)\..*",
        "L'hôte {host} n'existe pas : vérifiez l'adresse et le DNS de cette machine [{said}].",
        "Host {host} bestaat niet: controleer het adres en de DNS van deze machine [{said}].",
        "Den Host {host} gibt es nicht: Prüfen Sie die Adresse und das DNS dieses Rechners [{said}].",
    ),
    _reason(
        r"(?P<what>\S+) cannot be fetched: its certificate is not valid \((?P<said>.+)\)\..*",
        "{what} ne peut être lu : le certificat n'est pas valable. Prévenez qui le publie, ou vérifiez l'horloge et "
        "les autorités de cette machine [{said}].",
        "{what} kan niet worden opgehaald: het certificaat is niet geldig. Verwittig wie het publiceert, of controleer "
        "de klok en de autoriteiten van deze machine [{said}].",
        "{what} kann nicht abgerufen werden: Das Zertifikat ist ungültig. Fragen Sie, wer es anbietet, oder prüfen Sie "
        "Uhr und Zertifizierungsstellen dieses Rechners [{said}].",
    ),
    _reason(
        r"(?P<what>\S+) cannot be fetched: (?:its host does not answer|it fell silent)\..*",
        "{what} ne peut être lu : l'hôte ne répond pas. Réessayez plus tard, ou demandez à qui le publie.",
        "{what} kan niet worden opgehaald: de host antwoordt niet. Probeer later opnieuw, of vraag het aan wie het "
        "publiceert.",
        "{what} kann nicht abgerufen werden: Der Host antwortet nicht. Versuchen Sie es später, oder fragen Sie, wer "
        "es anbietet.",
    ),
    _reason(
        r"(?P<what>\S+) cannot be fetched: (?P<said>.*Connection refused.*)\. Check the address.*",
        "{what} ne peut être lu : la connexion est refusée. Vérifiez l'adresse et le réseau de cette machine [{said}].",
        "{what} kan niet worden opgehaald: de verbinding is geweigerd. Controleer het adres en het netwerk van deze "
        "machine [{said}].",
        "{what} kann nicht abgerufen werden: Die Verbindung wurde abgelehnt. Prüfen Sie die Adresse und das Netz "
        "dieses Rechners [{said}].",
    ),
    _reason(
        r"(?P<what>\S+) cannot be fetched: (?P<said>.+?)\.?(?: (?:Check|Try) .*)?",
        "{what} ne peut être lu : vérifiez l'adresse et le réseau de cette machine, ou réessayez plus tard [{said}].",
        "{what} kan niet worden opgehaald: controleer het adres en het netwerk van deze machine, of probeer later "
        "opnieuw [{said}].",
        "{what} kann nicht abgerufen werden: Prüfen Sie die Adresse und das Netz dieses Rechners, oder versuchen Sie "
        "es später [{said}].",
    ),
)

_STATUS: Final = (
    _reason(
        r"(?P<what>\S+) answers (?P<said>(?:404|410)\b[^:]*): .*",
        "{what} n'existe pas ou plus [{said}] : corrigez l'adresse, ou demandez à qui le publie où il se trouve.",
        "{what} bestaat niet (meer) [{said}]: verbeter het adres, of vraag aan wie het publiceert waar het staat.",
        "{what} gibt es nicht (mehr) [{said}]: Berichtigen Sie die Adresse, oder fragen Sie, wer es anbietet.",
    ),
    _reason(
        r"(?P<what>\S+) answers (?P<said>(?:401|403|407)\b[^:]*): .*",
        "{what} nous est refusé [{said}] : demandez à qui le publie une adresse ouverte.",
        "{what} wordt ons geweigerd [{said}]: vraag aan wie het publiceert een open adres.",
        "{what} wird uns verweigert [{said}]: Bitten Sie, wer es anbietet, um eine offene Adresse.",
    ),
    _reason(
        r"(?P<what>\S+) answers (?P<said>(?:5\d\d|408|425|429)\b[^:]*): .*",
        "{what} ne répond pas comme il faut pour l'instant [{said}] : réessayez plus tard, ou prévenez qui le publie.",
        "{what} antwoordt nu niet zoals het hoort [{said}]: probeer later opnieuw, of verwittig wie het publiceert.",
        "{what} antwortet zurzeit nicht richtig [{said}]: Versuchen Sie es später, oder sagen Sie es, wer es anbietet.",
    ),
    _reason(
        r"(?P<what>\S+) answers (?P<said>\d{3}\b[^:]*): .*",
        "{what} ne donne pas le document [{said}] : demandez la bonne adresse à qui le publie.",
        "{what} geeft het document niet [{said}]: vraag het juiste adres aan wie het publiceert.",
        "{what} liefert das Dokument nicht [{said}]: Fragen Sie, wer es anbietet, nach der Adresse.",
    ),
)

_PLACES: Final[Mapping[str, tuple[str, str]]] = {
    "fr": (" (ligne {line})", " (ligne {line}, colonne {column})"),
    "nl": (" (regel {line})", " (regel {line}, kolom {column})"),
    "de": (" (Zeile {line})", " (Zeile {line}, Spalte {column})"),
}


def worded(report: Report, language: str) -> Report:
    """Return a report whose reason of failure is in a language, fr, nl, de or en."""
    return replace(report, failure=said(report.failure, language))


def said(failure: str, language: str) -> str:
    """Return a reason in a language; in English where that is asked for, or where it is not known here.

    Args:
        failure: As ``reading`` says it.
        language: fr, nl, de or en.
    """
    for reason in (*_CONTENT, *_LIMITS, *_STATUS, *_NETWORK) if language in _KINDS else ():
        match = reason.english.fullmatch(failure)
        if match is not None:
            return reason.texts[language].format(**_fields(match, language)).strip()
    return failure


def _fields(match: re.Match[str], language: str) -> Mapping[str, str]:
    """Return what a sentence is filled with: the groups, numbers and places as the language writes them."""
    found = {name: value or "" for name, value in match.groupdict().items()}
    line, column = found.get("line", ""), found.get("column", "")
    form = _PLACES[language][bool(column)] if line else ""
    number = found.get("number", "").replace(",", "\u202f" if language == "fr" else ".")
    kind = _KINDS[language] if found.get("kind") else ""
    shape = found.get("format", "").replace(" or ", "/")
    return {**found, "kind": kind, "format": shape, "place": form.format(line=line, column=column), "count": number}
