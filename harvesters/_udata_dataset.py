"""One dataset of udata: turns its fields and resources into a ``records.Dataset``.

Documentation among the resources becomes a page, not a distribution. A copy of another portal's dataset (``harvest``)
keeps the IRI, the page and the dates that it has there. Community resources are not the publisher's and are left out;
the owner of a dataset without organisation is a private person and is never named.
https://doc.data.gouv.fr/api/reference/
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from maillon import authority
from maillon.records import Agent, Contact, Dataset, Distribution
from maillon.sources import Source

Fields = Mapping[str, Any]

FREQUENCIES: Final = {
    "punctual": "AS_NEEDED", "realtime": "UPDATE_CONT", "continuous": "UPDATE_CONT", "semidaily": "DAILY_2",
    "semiweekly": "WEEKLY_2", "threetimesaweek": "WEEKLY_3", "fortnighly": "BIWEEKLY", "semimonthly": "MONTHLY_2",
    "threetimesamonth": "MONTHLY_3", "semiannual": "ANNUAL_2", "biannual": "ANNUAL_2", "threetimesayear": "ANNUAL_3",
    "threetimesaday": "OTHER", "fourtimesaday": "OTHER", "fourtimesaweek": "OTHER", "weekly_5": "OTHER",
}  # fmt: skip
"""EU code by udata's own, in lower case, where the EU table does not know that; after LEGACY_FREQUENCIES of udata."""

LICENCES: Final = {"fr-lo": "https://www.etalab.gouv.fr/wp-content/uploads/2014/05/Licence_Ouverte.pdf"}
"""Address by udata's licence id, where the EU table knows no such licence: the Licence Ouverte 1.0 is not in it."""

ACCESS: Final = {"open": "PUBLIC", "open_with_account": "PUBLIC", "restricted": "NON_PUBLIC"}
"""EU code by udata's ``access_type``, as udata itself exports it."""

_SURROGATE = re.compile(r"[\ud800-\udfff]")
_INSEE = re.compile(r"fr:(region|departement|commune):(\w+)(?:@.*)?")


def text(value: Any) -> str:
    """Return a text or a number as a text without outer blanks; anything else is empty."""
    known = isinstance(value, str | int | float) and not isinstance(value, bool)
    return _SURROGATE.sub("\ufffd", str(value)).strip() if known else ""


def _first(*values: Any) -> str | None:
    return next(filter(None, map(text, values)), None)


def _part(fields: Fields, name: str) -> Fields:
    return value if isinstance(value := fields.get(name), dict) else {}


def _list(fields: Fields, name: str) -> list[Any]:
    return value if isinstance(value := fields.get(name), list) else []


def _texts(value: Any, language: str) -> dict[str, str]:
    return {language: content} if (content := text(value)) else {}


def _code(fields: Fields, name: str) -> str:
    """Return a code; API 2 can give an object with it instead."""
    return text(_part(fields, name).get("id") or fields.get(name))


def iri(item: Fields) -> str | None:
    """Return the IRI of a dataset that the portal copied from another, where that one has stated it."""
    iri = text(_part(item, "harvest").get("uri"))
    return iri if iri.startswith(("http://", "https://")) else None


def _dates(fields: Fields, names: tuple[str, str, str]) -> str | None:
    """Return the date of a thing itself, of the portal it is copied from, else of its entry in this portal."""
    own, harvested, internal = names
    harvest = _part(fields, "harvest")
    return _first(
        fields.get(own), harvest.get(harvested), harvest.get(own), _part(fields, "internal").get(internal),
        fields.get(internal),
    )  # fmt: skip


def dataset(identifier: str, item: Fields, resources: list[Fields], source: Source) -> Dataset:
    """Return the dataset of an item of the API.

    Args:
        identifier: The item's id.
        item: The item, as JSON gave it.
        resources: Its resources, wherever they stood.
        source: Where it comes from; tells the language of texts.
    """
    language, frequency, schema = source.language, _code(item, "frequency"), _part(item, "schema")
    data, documents = list[Fields](), list[Fields]()
    for part in resources:
        (documents if text(part.get("type")).lower() == "documentation" else data).append(part)
    period = _part(item, "temporal_coverage")
    start, end = _first(period.get("start")), _first(period.get("end"))
    access = text(item.get("access_type"))
    return Dataset(
        identifier=identifier,
        iri=iri(item),
        title=_texts(item.get("title"), language),
        description=_texts(item.get("description"), language),
        keyword=tuple((language, word) for word in dict.fromkeys(map(text, _list(item, "tags"))) if word),
        publisher=_publisher(_part(item, "organization"), language),
        contact=tuple(_contacts(item)),
        landing_page=_first(_part(item, "harvest").get("remote_url"), item.get("page")),
        issued=_dates(item, ("created_at", "issued_at", "created_at_internal")),
        modified=_dates(item, ("last_modified", "modified_at", "last_modified_internal")),
        frequency=FREQUENCIES.get(frequency.lower(), frequency) or None,
        license=_licence(item),
        access_rights=ACCESS.get(access.lower(), access) or None,
        spatial=tuple(dict.fromkeys(_places(_part(item, "spatial")))),
        temporal=((start, end),) if start or end else (),
        conforms_to=(standard,) if (standard := _first(schema.get("url"), schema.get("name"))) else (),
        documentation=tuple(dict.fromkeys(url for part in documents if (url := text(part.get("url"))))),
        distributions=tuple(_distributions(data, language)),
    )


def _publisher(organisation: Fields, language: str) -> Agent | None:
    identifier, name = _first(organisation.get("id"), organisation.get("slug")), text(organisation.get("name"))
    if not identifier and not name:
        return None
    return Agent(name=_texts(name, language), identifier=identifier, homepage=_first(organisation.get("url")))


def _contacts(item: Fields) -> Iterator[Contact]:
    """Yield the contact points; those with another role, such as the author, are none."""
    for point in _list(item, "contact_points"):
        if isinstance(point, dict) and _code(point, "role").lower() in ("", "contact"):
            name, email, url = (_first(point.get(key)) for key in ("name", "email", "contact_form"))
            if name or email or url:
                yield Contact(name=name, email=email, url=url)


def _licence(item: Fields) -> str | None:
    """Return the id of the licence, or its address where the EU table does not know that."""
    code = _code(item, "license")
    address = LICENCES.get(code) or text(_part(item, "license").get("url"))
    return (code if authority.lookup("licence", code) else address or code) or None


def _places(spatial: Fields) -> Iterator[str]:
    """Yield the zones and the geometry: a country by its code, French territories by their IRIs at INSEE."""
    for zone in _list(spatial, "zones"):
        uri, name, code = (text(zone.get(key)) if isinstance(zone, dict) else "" for key in ("uri", "name", "id"))
        code = code or text(zone)
        if match := _INSEE.fullmatch(code):
            uri = f"http://id.insee.fr/geo/{match[1]}/{match[2]}"
        country = code.removeprefix("country:")
        if place := uri or (country if country != code else name or code):
            yield place
    if geometry := _part(spatial, "geom"):
        yield json.dumps(geometry)


def _distributions(resources: list[Fields], language: str) -> Iterator[Distribution]:
    """Yield the distributions of the resources; one without id is known by its address, else by its title."""
    seen: set[str] = set()
    for resource in resources:
        url = text(resource.get("url"))
        identifier = _first(resource.get("id"), url, resource.get("title")) or ""
        if identifier in seen:
            identifier = f"{identifier} {url}"
        if identifier and identifier not in seen:
            seen.add(identifier)
            yield _distribution(identifier, url, resource, language)


def _distribution(identifier: str, url: str, resource: Fields, language: str) -> Distribution:
    """Return a distribution; only what was uploaded is a file for sure, a remote address may be a page."""
    kind, checksum = text(resource.get("format")), _part(resource, "checksum")
    algorithm, digest = text(checksum.get("type")).lower(), text(checksum.get("value") or resource.get("checksum"))
    return Distribution(
        identifier=identifier,
        access_url=url or None,
        download_url=(url or None) if text(resource.get("filetype")) == "file" else None,
        title=_texts(resource.get("title"), language),
        description=_texts(resource.get("description"), language),
        format=kind or None,
        media_type=text(resource.get("mime")) or authority.lookup("media-type", kind),
        byte_size=_first(resource.get("filesize")),
        issued=_dates(resource, ("created_at", "issued_at", "created_at_internal")),
        modified=_dates(resource, ("last_modified", "modified_at", "last_modified_internal")),
        checksum=(digest if algorithm in ("", "sha2") else f"{algorithm}:{digest}") if digest else None,
    )
