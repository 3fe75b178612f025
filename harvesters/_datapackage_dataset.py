"""Turns the descriptor of one data package into a ``records.Dataset``; the kind ``datapackage`` reads with it.

https://specs.frictionlessdata.io/data-package/ and https://datapackage.org/standard/data-package/
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urljoin

from harvesters._ckan_package import text
from maillon import authority
from maillon.records import Agent, Contact, Dataset, Distribution, Rejected, Texts

Fields = Mapping[str, Any]

_TABULAR: Final = "https://specs.frictionlessdata.io/tabular-data-package/"
_WEB: Final = ("http://", "https://", "ftp://")
_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*|")
_PERSON = re.compile(r"([^<(]*)(?:<([^>]*)>)?\s*(?:\(([^)]*)\))?")
_CREATORS: Final = ("author", "creator", "datacurator")
_CONTACTS: Final = ("maintainer", "contact", "wrangler", *_CREATORS, "contributor", "")


@dataclass(frozen=True, slots=True)
class Package:
    """A descriptor with its own address and that of the archive it is in, empty where not on the web."""

    fields: Fields
    address: str
    archive: str
    language: str


def _objects(value: Any) -> list[Fields]:
    items = value if isinstance(value, list) else [value]
    return [item if isinstance(item, dict) else {"": item} for item in items if item]


def _texts(value: Any, language: str) -> Texts:
    """Return a text, or texts by language as the pattern "Language support" has them."""
    pairs = value.items() if isinstance(value, dict) else [(language, value)]
    found = {tag or language: text(words) for tag, words in pairs if _TAG.fullmatch(tag)}
    return {tag: words for tag, words in found.items() if words}


def dataset(identifier: str, package: Package, rejected: list[Rejected]) -> Dataset:
    fields, language = package.fields, package.language
    people = _contributors(fields)
    keywords = fields["keywords"] if isinstance(fields.get("keywords"), list) else []
    profile = f"{text(fields.get('profile'))} {text(fields.get('$schema'))}"
    sources = [text(item.get("path") or item.get("web") or item.get("url")) for item in _objects(fields.get("sources"))]
    return Dataset(
        identifier=identifier,
        title=_texts(fields.get("title"), language) or _texts(fields.get("name"), ""),
        description=_texts(fields.get("description"), language),
        keyword=tuple((language, word) for item in keywords if (word := text(item))),
        publisher=_agent(people, ("publisher",), language),
        creator=_agent(people, _CREATORS, language),
        contact=_contact(people),
        landing_page=text(fields.get("homepage")) or None,
        issued=text(fields.get("created")) or None,
        modified=text(fields.get("modified") or fields.get("updated") or fields.get("last_updated")) or None,
        license=_licence(fields),
        version=text(fields.get("version")) or None,
        conforms_to=(_TABULAR,) if "tabular-data-package" in profile else (),
        documentation=tuple(address for address in sources if address.startswith(_WEB)),
        distributions=tuple(_distributions(identifier, package, rejected)),
    )  # fmt: skip


def _licence(fields: Fields) -> str | None:
    """Return what names the licence best: what the EU table knows, else an address, else a name."""
    items = _objects(fields.get("licenses") or fields.get("license"))
    stated = [found for item in items for key in ("path", "url", "name", "type", "id", "title", "")
              if (found := text(item.get(key)))]  # fmt: skip
    known = [item for item in stated if authority.lookup("licence", item)]
    return next(iter((*known, *(item for item in stated if item.startswith(_WEB)), *stated)), None)


def _contributors(fields: Fields) -> list[tuple[tuple[str, ...], Fields]]:
    """Return the contributors with their roles; ``author`` and ``maintainers`` are of older versions."""
    found = []
    for role, name in (("", "contributors"), ("author", "author"), ("maintainer", "maintainers"),
                       ("publisher", "publisher"), ("publisher", "publishers")):  # fmt: skip
        for item in _objects(fields.get(name)):
            roles = item.get("roles") if isinstance(item.get("roles"), list) else [item.get("role")]
            stated = tuple(text(part).lower() for part in roles or () if text(part))
            found.append((stated or (role,), _person(item)))
    return found


def _person(item: Fields) -> Fields:
    """Return name, email and path of a contributor, also of one written as ``Name <mailbox> (page)``."""
    if "" in item:
        match = _PERSON.match(text(item[""]))
        parts = match.groups() if match else (text(item[""]), None, None)
        return dict(zip(("name", "email", "path"), ((part or "").strip() for part in parts), strict=True))
    given = " ".join(filter(None, (text(item.get("givenName")), text(item.get("familyName")))))
    name = text(item.get("title")) or text(item.get("name")) or given or text(item.get("organization"))
    return {"name": name, "email": text(item.get("email")), "path": text(item.get("path") or item.get("web"))}


def _agent(people: list[tuple[tuple[str, ...], Fields]], roles: tuple[str, ...], language: str) -> Agent | None:
    for stated, person in people:
        if person["name"] and set(stated) & set(roles):
            return Agent(
                name={language: person["name"]}, homepage=person["path"] or None, email=person["email"] or None
            )
    return None


def _contact(people: list[tuple[tuple[str, ...], Fields]]) -> tuple[Contact, ...]:
    """Return who can be asked: the first with a mailbox, maintainers before authors before others."""
    for role in _CONTACTS:
        for stated, person in people:
            if role in stated and person["email"]:
                return (Contact(name=person["name"] or None, email=person["email"], url=person["path"] or None),)
    return ()


def _distributions(identifier: str, package: Package, rejected: list[Rejected]) -> Iterator[Distribution]:
    seen: set[str] = set()
    for number, resource in enumerate(package.fields["resources"], start=1):
        place = f"{identifier}/{text(resource.get('name')) if isinstance(resource, dict) else ''}".rstrip("/")
        if not isinstance(resource, dict) or not (resource.get("path") or "data" in resource or resource.get("url")):
            rejected.append(Rejected(place, "resource without path and data", f"resource {number}", is_dataset=False))
            continue
        for part in _parts(resource, place, package, rejected):
            if part.identifier in seen:
                rejected.append(Rejected(place, "resource stands twice", part.identifier, is_dataset=False))
                continue
            seen.add(part.identifier)
            yield part


def _parts(resource: Fields, place: str, package: Package, rejected: list[Rejected]) -> Iterator[Distribution]:
    """Yield one distribution for each path of a resource; size and hash are those of the whole."""
    stated = resource.get("path") or resource.get("url")
    paths = [path for item in (stated if isinstance(stated, list) else [stated]) if (path := text(item))]
    if not paths:
        rejected.append(Rejected(place, "resource with inline data: it is in the descriptor", "", is_dataset=False))
        yield _distribution(resource, text(resource.get("name")) or "data", package.address, package, is_inline=True)
    for path in paths:
        address = _address(path, package)
        if address is None:
            rejected.append(Rejected(place, "resource path leads out of the package", path[:200], is_dataset=False))
            continue
        if not address and not package.archive:
            reason = "resource without web address: give the base of the source"
            rejected.append(Rejected(place, reason, path[:200], is_dataset=False))
        name = text(resource.get("name"))
        own = f"{name or path} {paths.index(path) + 1}" if len(paths) > 1 else name or path
        yield _distribution(resource, own, address, package, is_part=len(paths) > 1)


def _address(path: str, package: Package) -> str | None:
    """Return the address of a path, empty where the package has none on the web, None where it leads out of it."""
    if path.lower().startswith(_WEB):
        return path
    parts = path.replace("\\", "/").split("/")
    if path.startswith(("/", "~", "\\")) or ".." in parts or ":" in parts[0] or "\0" in path:
        return None
    return urljoin(package.address, quote(path, safe="/%?=&+,;@!$'()*~")) if package.address else ""


def _distribution(
    resource: Fields, identifier: str, address: str, package: Package, is_part: bool = False, is_inline: bool = False
) -> Distribution:
    name = re.split("[?#]", address)[0].rpartition("/")[2] or text(resource.get("path"))
    suffix = name.rpartition(".")[2] if "." in name else ""
    kind = "json" if is_inline else text(resource.get("format")) or suffix
    media_type, encoding = text(resource.get("mediatype")), text(resource.get("encoding"))
    if media_type and encoding and encoding.lower() not in ("utf-8", "utf8"):
        media_type = f"{media_type}; charset={encoding}"
    size, digest = ("", "") if is_part else (text(resource.get("bytes")), text(resource.get("hash")))
    page = text(package.fields.get("homepage"))
    return Distribution(
        identifier=identifier,
        access_url=address or package.archive or page or None,
        download_url=None if is_inline else address or None,
        title=_texts(resource.get("title"), package.language) or _texts(resource.get("name"), ""),
        description=_texts(resource.get("description"), package.language),
        format=kind or None,
        media_type=None if is_inline else media_type or None,
        license=_licence(resource),
        byte_size=size or None,
        checksum=(digest if ":" in digest else f"md5:{digest}") if digest else None,
    )
