"""Makes CKAN packages as Belgian portals have them: every one different, the same ones for the same seed.

The share of each field was set after the pages of ``package_search`` that our tests read: texts in French or Dutch (in
a third of the packages in both, as ckanext-fluent has them), one to eight resources, licences and formats in the
spellings met, a few fields in ``extras``, GeoJSON in one package of four.
"""

import json
import uuid
from collections.abc import Iterator
from random import Random
from typing import Any, Final


def _split(words: str) -> list[str]:
    return words.split()


_WORDS: Final = {
    "fr": _split(
        "le la les des du de et en pour par avec dans commune région données adresse station comptage vélo trafic eau "
        "air qualité mesure école quartier population ménage logement permis bâtiment arbre parc ligne arrêt horaire "
        "énergie consommation budget dépense marché subside décision séance plan périmètre zone parcelle cadastre "
        "température précipitation bruit déchet collecte point carte couche inventaire liste relevé nombre année mois "
        "l'âge d'accès d'été façade évolution répartition résultat élection santé crèche bibliothèque culture musée"
    ),
    "nl": _split(
        "de het een van en in voor met op bij gemeente gewest gegevens adres station telling fiets verkeer water lucht "
        "kwaliteit meting school wijk bevolking gezin woning vergunning gebouw boom park lijn halte dienstregeling "
        "energie verbruik begroting uitgave opdracht subsidie besluit zitting plan perimeter zone perceel kadaster "
        "temperatuur neerslag geluid afval ophaling punt kaart laag inventaris lijst opname aantal jaar maand leeftijd "
        "toegang zomer gevel evolutie spreiding resultaat verkiezing gezondheid crèche bibliotheek cultuur museum"
    ),
}
_FORMATS: Final = (
    ("CSV", "text/csv"), ("csv", None), ("XLSX", None), ("JSON", "application/json"), ("GeoJSON", None), ("PDF", None),
    ("SHP", "application/zip"), ("WMS", None), ("WFS", None), ("XML", "text/xml"), ("HTML", None), ("KML", None),
)  # fmt: skip
_LICENCES: Final = (
    ("cc-by", "Creative Commons Attribution", "http://www.opendefinition.org/licenses/cc-by"),
    ("cc-zero", "Creative Commons CCZero", "http://www.opendefinition.org/licenses/cc-zero"),
    ("CC-BY-4.0", "Creative Commons Attribution 4.0", "https://creativecommons.org/licenses/by/4.0/"),
    ("notspecified", "License not specified", None),
    ("other-open", "Other (Open)", None),
    ("odc-odbl", "Open Data Commons Open Database License (ODbL)", "http://www.opendefinition.org/licenses/odc-odbl"),
)
_THEMES: Final = ("TRAN", "ENVI", "GOVE", "SOCI", "EDUC", "ENER", "ECON", "HEAL", "REGI", "TECH", "AGRI", "JUST")
_FREQUENCIES: Final = ("ANNUAL", "MONTHLY", "DAILY", "IRREG", "QUARTERLY", "UNKNOWN", "WEEKLY")
_ORGANISATIONS: Final = 60


def packages(number: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Yield packages, each as ``package_show`` gives it."""
    random = Random(seed)
    organisations = [_organisation(random, place) for place in range(_ORGANISATIONS)]
    for place in range(number):
        yield _package(random, place, random.choice(organisations))


def _id(random: Random) -> str:
    return str(uuid.UUID(int=random.getrandbits(128), version=4))


def _sentence(random: Random, language: str, words: int) -> str:
    text = " ".join(random.choices(_WORDS[language], k=words))
    return text[:1].upper() + text[1:]


def _prose(random: Random, language: str) -> str:
    """Return a description: a few sentences, sometimes in paragraphs."""
    sentences = [_sentence(random, language, random.randint(6, 20)) + "." for _ in range(random.randint(1, 5))]
    return ("\r\n\r\n" if random.random() < 0.15 else " ").join(sentences)


def _time(random: Random) -> str:
    day = f"20{random.randint(14, 26)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
    return f"{day}T{random.randint(0, 23):02}:{random.randint(0, 59):02}:{random.random() * 59:09.6f}"


def _organisation(random: Random, place: int) -> dict[str, Any]:
    return {
        "id": _id(random),
        "name": f"service-exemple-{place}",
        "title": f"Service exemple {place} {random.choice(_WORDS['fr'])}",
        "type": "organization",
        "description": _prose(random, "fr"),
        "image_url": "",
        "created": _time(random),
        "is_organization": True,
        "approval_status": "approved",
        "state": "active",
    }


def _package(random: Random, place: int, organisation: dict[str, Any]) -> dict[str, Any]:
    language = "fr" if random.random() < 0.6 else "nl"
    title = _sentence(random, language, random.randint(3, 9))
    name = f"{'-'.join(title.lower().split()[:4])}-{place}"
    licence = random.choice(_LICENCES)
    package = {
        "id": _id(random),
        "name": name,
        "title": title,
        "notes": _prose(random, language),
        "type": "dataset",
        "state": "active",
        "private": False,
        "isopen": True,
        "owner_org": organisation["id"],
        "organization": organisation,
        "creator_user_id": _id(random),
        "author": None,
        "maintainer": f"Service exemple {random.randint(1, 300)}" if random.random() < 0.7 else None,
        "maintainer_email": f"info{random.randint(1, 300)}@example.org" if random.random() < 0.6 else None,
        "url": f"https://portal.example.org/dataset/{name}" if random.random() < 0.5 else "",
        "version": random.choice((None, None, "", "1.0", f"{random.randint(1, 9)}.{random.randint(0, 9)}")),
        "license_id": licence[0],
        "license_title": licence[1],
        "metadata_created": _time(random),
        "metadata_modified": _time(random),
        "tags": [_tag(random, language) for _ in range(random.randint(0, 8))],
        "groups": [],
        "extras": _extras(random),
        "relationships_as_subject": [],
        "relationships_as_object": [],
    }
    if licence[2]:
        package["license_url"] = licence[2]
    if random.random() < 0.35:
        for field, text in (("title", title), ("notes", package["notes"])):
            other = _sentence(random, "nl", 6) if field == "title" else _prose(random, "nl")
            package[f"{field}_translated"] = {"fr": text, "nl": other}
    resources = [_resource(random, package["id"], item, language) for item in range(_many(random))]
    return {**package, "resources": resources, "num_resources": len(resources), "num_tags": len(package["tags"])}


def _many(random: Random) -> int:
    """Return a number of resources from one to eight; half of the datasets have one or two."""
    return random.choices(range(1, 9), weights=(30, 22, 16, 11, 8, 6, 4, 3))[0]


def _tag(random: Random, language: str) -> dict[str, Any]:
    name = random.choice(_WORDS[language])
    return {"id": _id(random), "name": name, "display_name": name, "state": "active", "vocabulary_id": None}


def _extras(random: Random) -> list[dict[str, str]]:
    """Return extras: dates, codes and places, where most portals keep what CKAN has no field for."""
    found: dict[str, str] = {}
    if random.random() < 0.6:
        found["issued"], found["modified"] = _time(random)[:10], _time(random)[:10]
    if random.random() < 0.5:
        found["frequency"] = _authority("frequency", random.choice(_FREQUENCIES))
    if random.random() < 0.6:
        themes = random.sample(_THEMES, random.randint(1, 2))
        found["theme"] = json.dumps([_authority("data-theme", theme) for theme in themes])
    if random.random() < 0.4:
        found["language"] = json.dumps([_authority("language", "FRA"), _authority("language", "NLD")])
    if random.random() < 0.25:
        found["spatial"] = _polygon(random)
    if random.random() < 0.2:
        found["temporal_start"], found["temporal_end"] = "2019-01-01", _time(random)[:10]
    return [{"key": key, "value": value} for key, value in found.items()]


def _authority(table: str, code: str) -> str:
    return f"http://publications.europa.eu/resource/authority/{table}/{code}"


def _polygon(random: Random) -> str:
    west, south = round(random.uniform(3, 5), 4), round(random.uniform(49.6, 51), 4)
    east, north = round(west + random.random(), 4), round(south + random.random() / 2, 4)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def _resource(random: Random, package: str, position: int, language: str) -> dict[str, Any]:
    kind, media_type = random.choice(_FORMATS)
    resource = _id(random)
    uploaded = random.random() < 0.5
    file = f"{random.choice(_WORDS['nl'])}-{random.randint(1, 9999)}.{kind.lower()}"
    return {
        "id": resource,
        "package_id": package,
        "position": position,
        "name": f"{_sentence(random, language, random.randint(1, 4))} ({kind})",
        "description": _prose(random, language) if random.random() < 0.3 else "",
        "format": kind,
        "mimetype": media_type,
        "mimetype_inner": None,
        "url": f"https://portal.example.org/dataset/{package}/resource/{resource}/download/{file}",
        "url_type": "upload" if uploaded else None,
        "size": random.randint(800, 9_000_000) if uploaded else None,
        "hash": "",
        "state": "active",
        "resource_type": None,
        "cache_url": None,
        "cache_last_updated": None,
        "created": _time(random),
        "last_modified": _time(random),
        "metadata_modified": _time(random),
        "datastore_active": False,
    }
