"""What the properties of DCAT-AP 3.0.1 are called by people who are no specialists, in four languages.

https://semiceu.github.io/DCAT-AP/releases/3.0.1/
"""

from collections.abc import Mapping
from typing import Final

from maillon.check.routes import last, short, shown
from maillon.settings import LANGUAGES

_ROWS: Final = """
adms:identifier | autre identifiant | andere identificator | weitere Kennung | other identifier
adms:sample | échantillon | voorbeeld | Beispieldaten | sample
adms:status | statut | status | Status | status
adms:versionNotes | notes de version | versienotities | Versionshinweise | version notes
dcat:accessService | service d'accès | toegangsdienst | Zugriffsdienst | access service
dcat:accessURL | adresse d'accès | toegangsadres | Zugriffsadresse | access URL
dcat:bbox | rectangle englobant | omhullende rechthoek | umschließendes Rechteck | bounding box
dcat:byteSize | taille du fichier | bestandsgrootte | Dateigröße | file size
dcat:catalog | catalogue | catalogus | Katalog | catalogue
dcat:centroid | centre | middelpunt | Mittelpunkt | centre
dcat:compressFormat | format de compression | compressieformaat | Kompressionsformat | compression format
dcat:contactPoint | point de contact | contactpunt | Kontaktstelle | contact point
dcat:dataset | jeu de données | dataset | Datensatz | dataset
dcat:distribution | distribution | distributie | Distribution | distribution
dcat:downloadURL | adresse de téléchargement | downloadadres | Downloadadresse | download URL
dcat:endDate | date de fin | einddatum | Enddatum | end date
dcat:endpointDescription | description du service | dienstbeschrijving | Dienstbeschreibung | endpoint description
dcat:endpointURL | adresse du service | adres van de dienst | Adresse des Dienstes | endpoint URL
dcat:hadRole | rôle | rol | Rolle | role
dcat:hasVersion | autre version | andere versie | andere Version | other version
dcat:inSeries | série | reeks | Reihe | in series
dcat:keyword | mot-clé | trefwoord | Schlagwort | keyword
dcat:landingPage | page de présentation | landingspagina | Einstiegsseite | landing page
dcat:mediaType | type de média | mediatype | Medientyp | media type
dcat:packageFormat | format d'archive | archiefformaat | Archivformat | packaging format
dcat:qualifiedRelation | relation qualifiée | gekwalificeerde relatie | qualifizierte Beziehung | qualified relation
dcat:record | notice du catalogue | catalogusrecord | Katalogeintrag | catalogue record
dcat:servesDataset | jeu de données servi | aangeboden dataset | bereitgestellter Datensatz | dataset served
dcat:service | service | dienst | Dienst | service
dcat:spatialResolutionInMeters | résolution spatiale | ruimtelijke resolutie | räumliche Auflösung | spatial resolution
dcat:startDate | date de début | begindatum | Anfangsdatum | start date
dcat:temporalResolution | résolution temporelle | temporele resolutie | zeitliche Auflösung | temporal resolution
dcat:theme | thème | thema | Thema | theme
dcat:themeTaxonomy | liste de thèmes | themalijst | Themenliste | theme taxonomy
dcat:version | version | versie | Version | version
dcatap:applicableLegislation | législation applicable | wetgeving | anwendbare Rechtsvorschrift | applicable legislation
dcatap:availability | disponibilité prévue | geplande beschikbaarheid | geplante Verfügbarkeit | planned availability
dcatap:hvdCategory | catégorie de forte valeur | HVD-categorie | HVD-Kategorie | high-value category
dct:accessRights | droits d'accès | toegangsrechten | Zugriffsrechte | access rights
dct:accrualPeriodicity | fréquence de mise à jour | updatefrequentie | Aktualisierungshäufigkeit | update frequency
dct:conformsTo | norme suivie | gevolgde standaard | befolgter Standard | standard followed
dct:creator | créateur | maker | Urheber | creator
dct:description | description | beschrijving | Beschreibung | description
dct:format | format | formaat | Format | format
dct:hasPart | partie | onderdeel | Teil | part
dct:identifier | identifiant | identificator | Kennung | identifier
dct:isPartOf | ensemble parent | bovenliggend geheel | übergeordnetes Ganzes | parent
dct:isReferencedBy | publication qui cite | citerende publicatie | zitierende Veröffentlichung | citing publication
dct:issued | date de publication | publicatiedatum | Veröffentlichungsdatum | release date
dct:language | langue | taal | Sprache | language
dct:license | licence | licentie | Lizenz | licence
dct:modified | date de modification | wijzigingsdatum | Änderungsdatum | modification date
dct:provenance | provenance | herkomst | Herkunft | provenance
dct:publisher | éditeur | uitgever | Herausgeber | publisher
dct:relation | ressource liée | verwante bron | verwandte Ressource | related resource
dct:rights | droits | rechten | Rechte | rights
dct:source | source | bron | Quelle | source
dct:spatial | territoire | gebied | Gebiet | geographical coverage
dct:temporal | période | periode | Zeitraum | temporal coverage
dct:title | titre | titel | Titel | title
dct:type | type | type | Typ | type
foaf:homepage | page d'accueil | startpagina | Homepage | homepage
foaf:name | nom | naam | Name | name
foaf:page | documentation | documentatie | Dokumentation | documentation
foaf:primaryTopic | objet de la notice | onderwerp | Gegenstand | primary topic
locn:geometry | géométrie | geometrie | Geometrie | geometry
odrl:hasPolicy | politique d'usage | gebruiksbeleid | Nutzungsrichtlinie | policy
prov:qualifiedAttribution | attribution qualifiée | toewijzing | qualifizierte Zuordnung | qualified attribution
prov:wasGeneratedBy | activité d'origine | activiteit van oorsprong | Ursprungstätigkeit | activity of origin
rdf:type | classe | klasse | Klasse | class
skos:inScheme | liste de concepts | conceptlijst | Konzeptliste | concept scheme
skos:prefLabel | libellé | label | Bezeichnung | label
skos:notation | notation | notatie | Notation | notation
spdx:algorithm | algorithme | algoritme | Algorithmus | algorithm
spdx:checksum | somme de contrôle | controlesom | Prüfsumme | checksum
spdx:checksumValue | valeur de la somme de contrôle | waarde van de controlesom | Prüfsummenwert | checksum value
vcard:fn | nom du contact | naam van het contact | Kontaktname | contact name
vcard:hasEmail | adresse e-mail | e-mailadres | E-Mail-Adresse | e-mail address
vcard:hasTelephone | téléphone | telefoon | Telefon | telephone
vcard:hasURL | page de contact | contactpagina | Kontaktseite | contact page
"""

NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    cells[0]: dict(zip(LANGUAGES, cells[1:], strict=True))
    for cells in ([cell.strip() for cell in row.split("|")] for row in _ROWS.strip().splitlines())
}
"""Name by language of each property, by its prefixed name."""


def field(path: str, language: str) -> str:
    """Return what a reader calls the property of a path; the path itself where we have no word for it.

    Args:
        path: As an engine writes it; empty for a constraint on the entity itself.
        language: fr, nl, de or en.
    """
    names = NAMES.get(short(last(path)), {})
    return names.get(language, "") or shown(path)
