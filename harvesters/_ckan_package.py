"""One CKAN package: turns its fields, extras and resources into a ``records.Dataset``.

Extras are read by the names of ckanext-dcat and of the DCAT-AP schema of ckanext-scheming, texts in several languages
as ckanext-fluent writes them, and the older names met at data.gov.uk, data.gv.at and DKAN portals. JSON inside a text
is decoded in the fields named here only. Any value may be of any type: what is not of the expected one says nothing.
https://github.com/ckan/ckanext-dcat/blob/master/docs/mapping.md
"""

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from maillon import authority
from maillon.records import Agent, Contact, Dataset, Distribution

Fields = Mapping[str, Any]
"""Values by name: lower case, with underscores."""

# What each property may be called, in the order in which the names count.
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "issued": ("issued", "release_date", "date_released", "datefirstpublished", "metadata_created"),
    "modified": ("modified", "update_date", "date_updated", "datelastupdated", "metadata_modified"),
    "frequency": (
        "frequency", "accrual_periodicity", "update_frequency", "update_freq", "updateinterval", "frequency_of_update",
    ),
    "access_rights": ("access_rights",),
    "theme": ("theme", "themes", "categorization", "theme_primary", "theme_secondary"),
    "language": ("language", "languages", "schema_language"),
    "spatial": ("spatial_uri", "spatial", "geographic_bbox", "spatial_text", "spatial_coverage", "geographic_toponym"),
    "conforms_to": ("conforms_to",),
    "documentation": ("documentation",),
    "legislation": ("applicable_legislation",),
    "hvd_category": ("hvd_category",),
    "start": ("temporal_start", "temporal_coverage_from", "begin_datetime"),
    "end": ("temporal_end", "temporal_coverage_to", "end_datetime"),
    "landing_page": ("landing_page", "url"),
    "version": ("version",),
    "licence": ("license_url", "license_id", "license", "license_title", "licence"),
    "resource_issued": ("issued", "created"),
    "resource_modified": ("modified", "last_modified"),
    "mailbox": ("contact_email", "contact_point"),
    "telephone": ("contact_phone", "contact_telephone"),
}  # fmt: skip

_LANGUAGES: Final = ("fr", "nl", "de", "en", "it")
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_USER_NAME = re.compile(r"[a-z0-9_.-]*")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_DKAN_GROUP: Final = "group/"
_BOX: Final = ("bbox_west_long", "bbox_south_lat", "bbox_east_long", "bbox_north_lat")


def text(value: Any) -> str:
    """Return a text or a number as a text without outer blanks, of a list its first; anything else is empty."""
    if value is None:
        return ""
    if type(value) is str and value.isascii():  # of 80 calls a package most
        return value.strip()
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, bool):
        return "true" if value else "false"
    return _encodable(str(value)).strip() if isinstance(value, str | int | float) else ""


def _encodable(value: str) -> str:
    """Return a text without lone surrogates; only they have no UTF-8, and that is told faster."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", value)
    return value


def embedded(value: Any) -> Any:
    """Return the JSON that stands inside a text, the value itself where it is none; DKAN escapes it as HTML too."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return json.loads(html.unescape(value) if "&quot;" in value else value)
    except (ValueError, RecursionError):
        return value


def _fields(package: Mapping[str, Any]) -> Fields:
    """Return the fields of a package with those of its extras; an empty field gives way to the extra of its name."""
    extras = package.get("extras")
    pairs: Iterable[tuple[str, Any]] = package.items()
    if isinstance(extras, dict):
        pairs = (*extras.items(), *pairs)
    elif isinstance(extras, list) and extras:
        listed = [(str(item.get("key")), item.get("value")) for item in extras if isinstance(item, dict)]
        pairs = (*listed, *pairs)
    # False and 0 say something; None, which a third are, is told fastest by itself.
    return {_NAME[key]: value for key, value in pairs if value is not None and (value or value == 0)}


class _Normalised(dict[str, str]):
    """The names of fields as we look for them, by how portals write them: a hundred, in every package."""

    def __missing__(self, key: str) -> str:
        name = key.lower().replace("-", "_").removeprefix("dcat_")
        if len(self) < 5_000 and len(key) < 100:  # whatever a source sends, memory stays flat
            self[key] = name
        return name


_NAME: Final = _Normalised()


def _first(fields: Fields, name: str) -> str | None:
    """Return the first text among the fields of a property, None where there is none."""
    for key in _NAMES[name]:
        if key in fields and (found := text(fields[key])):
            return found
    return None


@cache
def _tagged(name: str) -> tuple[tuple[str, str], ...]:
    return tuple((tag, f"{name}_{tag}") for tag in _LANGUAGES)


@cache
def _translations(name: str) -> tuple[str, ...]:
    return (f"{name}_translated", *(key for _, key in _tagged(name)))


def _texts(fields: Fields, name: str, language: str) -> dict[str, str]:
    """Return a text by language: ``title_translated``, ``title`` as an object, ``title_fr``, or plain ``title``."""
    for key in _translations(name):
        if key in fields:
            return _translated(fields, name, language)
    value = fields.get(name)
    if value is None:
        return {}
    plain = text(value)
    if plain.startswith("{") or isinstance(value, dict):
        return _translated(fields, name, language)
    return {language: plain} if plain else {}  # nine of ten


def _translated(fields: Fields, name: str, language: str) -> dict[str, str]:
    for key in (f"{name}_translated", name):
        value = embedded(fields[key]) if key in fields else None
        if isinstance(value, dict):
            found = {tag.replace("_", "-"): text(words) for tag, words in value.items() if _TAG.fullmatch(tag)}
            if any(found.values()):
                return {tag: words for tag, words in found.items() if words}
    said = {tag: words for tag, key in _tagged(name) if key in fields and (words := text(fields[key]))}
    if plain := text(fields.get(name)):
        said[language] = plain
    return said


def _list(fields: Fields, name: str) -> tuple[str, ...]:
    """Return the texts of a property that may have many: a list, JSON in a text, or addresses parted by commas."""
    found: list[str] = []
    for key in _NAMES[name]:
        if key not in fields:
            continue
        value = embedded(fields[key])
        if isinstance(value, dict) and name == "spatial":
            value = [value]
        if isinstance(value, list):
            found += [item for part in value for item in (_place(part) if isinstance(part, dict) else [text(part)])]
        elif text(value).startswith("http") or name == "language":
            found += re.split(r"[\s,;]+", text(value))
        else:
            found.append(text(value))
    return tuple(dict.fromkeys(filter(None, found))) if found else ()


def _place(value: Mapping[str, Any]) -> list[str]:
    """Return what a spatial object holds: GeoJSON as it is, or the parts that ckanext-scheming gives it."""
    if "coordinates" in value or "geometry" in value:
        return [json.dumps(value)]
    return [
        json.dumps(part) if isinstance(part, dict) else text(part)
        for part in (value.get(name) for name in ("uri", "geom", "bbox", "text"))
    ]


def _objects(value: Any) -> list[Fields]:
    """Return the objects of a repeated subfield of ckanext-scheming."""
    if value is None:
        return []
    value = embedded(value)
    items = value if isinstance(value, list) else [value]
    return [_fields(item) for item in items if isinstance(item, dict)]


def uri(package: Mapping[str, Any]) -> str:
    """Return the IRI that a package says it has, empty where it says none."""
    return text(_fields(package).get("uri"))


def dataset(identifier: str, package: Mapping[str, Any], language: str) -> Dataset:
    """Return the dataset of a package.

    Args:
        identifier: The package's id.
        package: The package, as JSON gave it.
        language: BCP 47 tag of texts that carry none.
    """
    fields = _fields(package)
    return Dataset(
        identifier=identifier,
        iri=text(fields.get("uri")) or None,
        title=_texts(fields, "title", language),
        description=_texts(fields, "notes", language) or _texts(fields, "description", language),
        keyword=tuple(dict.fromkeys(_keywords(fields, language))),
        theme=tuple(dict.fromkeys((*_list(fields, "theme"), *_groups(fields)))),
        publisher=_publisher(fields, language),
        contact=tuple(_contacts(fields)),
        landing_page=_first(fields, "landing_page"),
        issued=_first(fields, "issued"),
        modified=_first(fields, "modified"),
        frequency=_first(fields, "frequency"),
        license=_licence(fields),
        access_rights=_first(fields, "access_rights"),
        language=_list(fields, "language"),
        spatial=(*_list(fields, "spatial"), *_box(fields)),
        temporal=tuple(dict.fromkeys(_periods(fields))),
        version=_first(fields, "version"),
        conforms_to=_list(fields, "conforms_to"),
        documentation=_list(fields, "documentation"),
        legislation=_list(fields, "legislation"),
        hvd_category=_list(fields, "hvd_category"),
        distributions=tuple(_distributions(fields, language)),
    )


def _words(value: Any) -> list[str]:
    """Return the keywords of a list of texts or tag objects, or of a text with commas."""
    if value is None:
        return []
    value = embedded(value)
    words = [
        text(item.get("name") or item.get("display_name")) if isinstance(item, dict) else text(item)
        for item in (value if isinstance(value, list) else text(value).split(","))
    ]
    return [word for word in words if word]


def _keywords(fields: Fields, language: str) -> list[tuple[str, str]]:
    """Return (language, keyword); keywords given by language stand for the tags, which are then their slugs."""
    for key in ("tags_translated", "keywords", "keyword"):
        value = embedded(fields.get(key))
        if isinstance(value, dict):
            tags = filter(_TAG.fullmatch, value)
            return [(tag.replace("_", "-"), word) for tag in tags for word in _words(value[tag])]
    keys = ("tags" if "tags" in fields else "tag_string", "keywords", "keyword")
    return [(language, word) for key in keys for word in _words(fields.get(key))]


def _groups(fields: Fields) -> Iterator[str]:
    """Yield the names of the groups, which are themes in CKAN; ids say nothing, DKAN's groups are publishers."""
    groups = fields.get("groups")
    for group in groups if isinstance(groups, list) else []:
        if isinstance(group, dict):
            if not text(group.get("name")).startswith(_DKAN_GROUP):
                yield next((found for key in ("title", "display_name", "name") if (found := text(group.get(key)))), "")
        elif not _UUID.fullmatch(text(group)):
            yield text(group)


def _publisher(fields: Fields, language: str) -> Agent | None:
    """Return the publisher that the extras name, else the organisation, else DKAN's group."""
    stated = next(iter(_objects(fields.get("publisher"))), {})
    name = text(fields.get("publisher_name") or stated.get("name") or fields.get("publisher"))
    iri = text(fields.get("publisher_uri") or stated.get("uri"))
    if name or iri:
        return Agent(name={language: name} if name else {}, iri=iri or None)
    groups = fields.get("groups")
    dkan = [item for item in groups if isinstance(item, dict)] if isinstance(groups, list) else []
    dkan = [item for item in dkan if text(item.get("name")).startswith(_DKAN_GROUP)]
    for organisation in (*_objects(fields.get("organization")), *map(_fields, dkan)):
        identifier = text(organisation.get("id")) or text(organisation.get("name"))
        if identifier:
            named = text(organisation.get("name"))
            names = _texts(organisation, "title", language) or ({language: named} if named else {})
            return Agent(name=names, identifier=identifier)
    return None


def _contacts(fields: Fields) -> list[Contact]:
    """Return the contact points: those of the extras, else the maintainer, else the author; with a mailbox first."""
    listed = [
        Contact(
            name=text(item.get("name")) or None,
            email=text(item.get("email")) or None,
            url=text(item.get("url") or item.get("uri")) or None,
            telephone=text(item.get("telephone")) or None,
        )
        for item in _objects(fields.get("contact"))
    ]
    pairs = [(text(fields.get("contact_name")), _first(fields, "mailbox"), _first(fields, "telephone"))]
    pairs += [(text(fields.get(role)), text(fields.get(f"{role}_email")), None) for role in ("maintainer", "author")]
    # A maintainer without mailbox is often the name of a user account, which is nobody's concern.
    pairs = [(name, mailbox, phone) for name, mailbox, phone in pairs if mailbox or not _USER_NAME.fullmatch(name)]
    single = next((pair for pair in pairs if pair[1]), pairs[0] if pairs else None)
    if listed or single is None:
        return listed
    return [Contact(name=single[0] or None, email=single[1] or None, telephone=single[2])]


def _licence(fields: Fields) -> str | None:
    """Return what names the licence best: what the EU table knows, else an address, else the title."""
    stated = [found for key in _NAMES["licence"] if key in fields and (found := text(fields[key]))]
    if not stated:
        return None
    known = [item for item in stated if authority.lookup("licence", item)]
    addresses = [item for item in stated if item.startswith("http")]
    return next(iter((*known, *addresses, *filter(None, [text(fields.get("license_title"))]), *stated)), None)


def _box(fields: Fields) -> list[str]:
    """Return the bounding box of a record that came out of ISO 19139: west, south, east, north."""
    corners = [text(fields.get(name)) for name in _BOX]
    return [",".join(corners)] if all(corners) else []


def _periods(fields: Fields) -> Iterator[tuple[str | None, str | None]]:
    start, end = _first(fields, "start"), _first(fields, "end")
    if start or end:
        yield start, end
    for name in ("temporal", "temporal_coverage"):
        found = list(_objects(fields.get(name)))
        for period in found:
            if text(period.get("start")) or text(period.get("end")):
                yield text(period.get("start")) or None, text(period.get("end")) or None
        if not found and text(fields.get(name)):  # ``[2012-01-01 TO *]``: the rules take it apart
            yield text(fields.get(name)), None


def _distributions(fields: Fields, language: str) -> Iterator[Distribution]:
    """Yield the distributions of the resources; one without id is known by its address, else by its name."""
    seen: set[str] = set()
    for resource in _objects(fields.get("resources")):
        url = text(resource.get("url"))
        identifier = text(resource.get("id")) or url or text(resource.get("name"))
        if identifier in seen:  # some portals give the same id to two files
            identifier = f"{identifier} {url}"
        if identifier in seen or not identifier or text(resource.get("state")).lower() not in ("", "active"):
            continue
        seen.add(identifier)
        yield _distribution(identifier, url, resource, language)


def _distribution(identifier: str, url: str, resource: Fields, language: str) -> Distribution:
    uploaded = url if text(resource.get("url_type")) in ("upload", "datastore") else ""
    digest = text(resource.get("hash"))
    algorithm = re.split(r"[_/#]", text(resource.get("hash_algorithm")))[-1] if digest else ""
    return Distribution(
        identifier=identifier,
        access_url=text(resource.get("access_url")) or url or None,
        download_url=text(resource.get("download_url")) or uploaded or None,
        title=_texts(resource, "name", language) or _texts(resource, "title", language),
        description=_texts(resource, "description", language),
        format=text(resource.get("format")) or None,
        media_type=text(resource.get("mimetype")) or None,
        license=_licence(resource),
        rights=_texts(resource, "rights", language),
        byte_size=text(resource.get("size")) or None,
        issued=_first(resource, "resource_issued"),
        modified=_first(resource, "resource_modified"),
        language=_list(resource, "language"),
        checksum=(f"{algorithm}:{digest}" if algorithm else digest) or None,
    )
