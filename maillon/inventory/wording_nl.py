"""The words of the inventory workbook in Dutch."""

from maillon.inventory.wording import Wording

DUTCH = Wording(
    datasets="Datasets",
    files="Bestanden",
    help="Hulp",
    lists="Lijsten",
    columns={
        "identifier": ("Referentie", "Een korte code die u zelf kiest, voor elke dataset een andere, bijvoorbeeld "
                       "ENV-001. Verander die later niet meer: daaraan herkennen we de dataset."),
        "title": ("Titel", "De naam van de dataset, zoals u die aan een inwoner zou zeggen. "
                  "Bijvoorbeeld: Bomen in de gemeenteparken."),
        "description": ("Beschrijving", "Twee of drie eenvoudige zinnen: wat staat er in de gegevens, waar komen ze "
                        "vandaan, waarvoor dienen ze?"),
        "theme": ("Thema", "Kies uit de lijst. Zijn er meer, zet er dan een puntkomma ( ; ) tussen."),
        "keyword": ("Trefwoorden", "De woorden die iemand zou typen om deze gegevens te vinden. Zet er een "
                    "puntkomma ( ; ) tussen. Bijvoorbeeld: boom ; park ; natuur."),
        "publisher": ("Verantwoordelijke organisatie", "De volledige naam van het bestuur dat de gegevens publiceert."),
        "contact.name": ("Dienst voor vragen", "De naam van de dienst (niet van een persoon) die vragen beantwoordt."),
        "contact.email": ("E-mail voor vragen", "Het e-mailadres van de dienst. Neem liever een algemeen adres, zoals "
                          "opendata@gemeente.example, dan dat van een persoon."),
        "license": ("Licentie", "Wat anderen met de gegevens mogen doen. Kies uit de lijst. "
                    "CC0: alles mag. Naamsvermelding: alles mag als men de bron noemt."),
        "access_rights": ("Toegang", "Wie mag de gegevens bekijken? Meestal: publiek."),
        "frequency": ("Bijgewerkt", "Hoe vaak veranderen de gegevens? Kies uit de lijst."),
        "issued": ("Datum van publicatie", "De dag waarop ze voor het eerst verschenen. Bijvoorbeeld: 31/12/2024."),
        "modified": ("Laatst gewijzigd", "De dag van de laatste wijziging. Bijvoorbeeld: 31/12/2024."),
        "spatial": ("Gebied", "De gemeente, de provincie of het gewest waarover de gegevens gaan."),
        "temporal.start": ("Begin van de periode", "Over welke periode gaan de gegevens? Hier de eerste dag."),
        "temporal.end": ("Einde van de periode", "De laatste dag van de periode. Laat leeg als ze nog loopt."),
        "language": ("Taal", "De taal van de gegevens. Kies uit de lijst."),
        "landing_page": ("Webpagina", "Het adres van de pagina over de gegevens. Het begint met https://."),
        "file.dataset": ("Referentie van de dataset", "De referentie die op het blad 'Datasets' staat. "
                         "Kies ze uit de lijst."),
        "file.access_url": ("Adres van het bestand", "Het volledige webadres van het bestand. Het begint met "
                            "https://."),
        "file.format": ("Formaat", "Het soort bestand. Kies uit de lijst."),
        "file.title": ("Naam van het bestand", "Een eenvoudige naam. Bijvoorbeeld: Lijst van de bomen 2024."),
        "file.description": ("Beschrijving", "Wat er bijzonder is aan dit bestand, als dat nuttig is."),
        "file.modified": ("Laatst gewijzigd", "De dag van de laatste wijziging. Bijvoorbeeld: 31/12/2024."),
        "file.language": ("Taal", "De taal van het bestand. Kies uit de lijst."),
    },
    languages={"fr": "in het Frans", "nl": "in het Nederlands", "de": "in het Duits", "en": "in het Engels"},
    other_language="Niet verplicht: dezelfde tekst in deze taal, als u die hebt.",
    required="In te vullen.",
    choose="Kies uit de lijst.",
    wrong_choice=("Niet in de lijst", "Deze waarde staat niet in de lijst. Kies een waarde uit de lijst, of houd de "
                  "uwe als u zeker bent."),
    wrong_date=("Onleesbare datum", "Schrijf een datum, bijvoorbeeld 31/12/2024."),
    guide=(
        ("Waarvoor dient deze werkmap?", "Om een lijst van uw gegevens te maken, zodat iedereen ze kan vinden. U vult "
         "ze in, stuurt ze terug, en wij doen de rest."),
        ("1. Beschrijf uw gegevens", "Op het blad 'Datasets' komt één rij per dataset. Een dataset is een geheel van "
         "gegevens over één onderwerp: de bomen, de scholen, de begroting..."),
        ("2. Noem de bestanden", "Op het blad 'Bestanden' komt één rij per bestand. De eerste kolom zegt bij welke "
         "dataset het bestand hoort: schrijf daar de referentie van die dataset. Een dataset kan meer bestanden "
         "hebben, of geen."),
        ("De sterretjes (*)", "Kolommen met een sterretje vult u in. De andere helpen, maar mogen leeg blijven. "
         "Schrijf niet 'geen' of '-': laat het vak leeg."),
        ("Uitleg nodig?", "Ga met de muis over de titel van een kolom: er verschijnt uitleg."),
        ("De lijsten", "Veel vakken hebben een lijst: klik op het vak en dan op het pijltje rechts. Meer thema's "
         "mogen: zet er een puntkomma ( ; ) tussen."),
        ("De datums", "Schrijf dag, maand en jaar: 31/12/2024. Alleen het jaar (2024) mag ook."),
        ("De voorbeelden", "Rijen waarvan de referentie met 'voorbeeld-' begint, zijn voorbeelden. U mag ze wissen of "
         "laten staan: ze worden niet gepubliceerd."),
        ("Wat u mag veranderen", "U mag rijen toevoegen of sorteren, kolommen verplaatsen of verbergen, en opslaan "
         "met Excel of LibreOffice. Verander rij 2 niet, die verborgen is: daaraan herkennen we de kolommen."),
        ("En als ik me vergis?", "Dat is niet erg. Wij zeggen u welk vak u moet verbeteren, bijvoorbeeld "
         "'Datasets!D14': het blad, dan kolom D en rij 14."),
        ("Privacy", "Wat u hier schrijft, wordt openbaar. Zet er geen persoonsgegevens in."),
    ),
    example_prefix="voorbeeld-",
    example_datasets=(
        {"identifier": "voorbeeld-bomen", "title.nl": "Bomen in de gemeenteparken",
         "description.nl": "De lijst van de bomen in de parken van de gemeente: soort, hoogte en plaats.",
         "theme": "code:ENVI", "keyword.nl": "boom ; park ; natuur", "publisher.nl": "Gemeente Weidedal",
         "contact.name": "Groendienst", "contact.email": "groen@weidedal.example",
         "license": "code:CC_BY_4_0", "access_rights": "code:PUBLIC", "frequency": "code:ANNUAL",
         "issued": "2023-03-01", "modified": "2024-11-15", "spatial": "Weidedal", "temporal.start": "2023-01-01",
         "temporal.end": "2024-10-31", "language": "code:NLD",
         "landing_page": "https://www.weidedal.example/gegevens/bomen", "title.fr": "Arbres des parcs communaux"},
        {"identifier": "voorbeeld-begroting", "title.nl": "Begroting van de gemeente",
         "description.nl": "De inkomsten en uitgaven van de gemeente, per jaar en per dienst.",
         "theme": "code:ECON", "keyword.nl": "begroting ; uitgaven", "publisher.nl": "Gemeente Weidedal",
         "contact.email": "financien@weidedal.example", "license": "code:CC0", "access_rights": "code:PUBLIC",
         "frequency": "code:ANNUAL", "issued": "2024-01-15", "spatial": "Weidedal", "language": "code:NLD"},
    ),
    example_files=(
        {"dataset": "voorbeeld-bomen", "access_url": "https://www.weidedal.example/gegevens/bomen.csv",
         "format": "code:CSV", "title.nl": "Lijst van de bomen", "modified": "2024-11-15", "language": "code:NLD"},
        {"dataset": "voorbeeld-bomen", "access_url": "https://www.weidedal.example/gegevens/bomen.geojson",
         "format": "code:GEOJSON", "title.nl": "Kaart van de bomen"},
        {"dataset": "voorbeeld-begroting", "access_url": "https://www.weidedal.example/gegevens/begroting.xlsx",
         "format": "code:XLSX", "title.nl": "Begroting 2024"},
    ),
)  # fmt: skip
