"""A source: what to harvest, from where, under which policy; and what a harvester is handed to read it with.

Turns ``harvesters/sources/<name>.toml`` (or any TOML given by path) into a frozen ``Source``. Only ``kind`` and ``url``
are required; an unknown key is refused, because a policy that silently does nothing is worse than none.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Protocol, get_type_hints

from maillon import identifiers, paths
from maillon.errors import SourceDefinitionError

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_TAKEN = {"all"}  # <base>id/catalog/all is the catalogue of the whole site
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


def _key(default: Any, text: str) -> Any:
    return field(default=default, metadata={"help": text})


def _table(text: str) -> Any:
    return field(default_factory=dict, metadata={"help": text})


@dataclass(frozen=True, kw_only=True)
class Source:
    """One source of records, as its TOML declares it."""

    name: str = field(metadata={"help": "Part of minted IRIs, so never change it; default: the name of the TOML file."})
    kind: str = field(
        metadata={"help": "Module in harvesters/ that reads it (dcat, ckan), or a dotted path to another."}
    )
    url: str = field(metadata={"help": "http(s) address, or path of a file, an archive or a folder."})
    title: Mapping[str, str] = _table("Name of the source by language; a plain text counts as the source's language.")
    description: Mapping[str, str] = _table("What the source holds, by language.")
    publisher: str = _key("", "Name of the body that publishes the source; default publisher of its datasets.")
    publisher_iri: str = _key("", "IRI of that body, if it has one.")
    homepage: str = _key("", "Page where people find the source.")
    language: str = _key("", "BCP 47 tag of texts that carry none; empty leaves them untagged.")
    license: str = _key("", "Licence of the source's metadata, an IRI. Never applied to datasets.")
    base: str = _key("", "Base IRI for relative IRIs in RDF; default: the document's own address.")
    allow_hosts: tuple[str, ...] = _key((), "Hosts that may be fetched though they are private or loopback addresses.")
    page_size: int = _key(100, "Records asked for in one page, where the interface has pages.")
    time_limit: float = _key(7200.0, "Seconds that a run may take as a whole.")
    max_bytes: int = _key(0, "Octets one answer may have once unpacked; 0 means the setting fetch_max_bytes.")
    grace_days: float = _key(7.0, "Days that a dataset may be missing before it counts as gone.")
    grace_runs: int = _key(3, "Complete runs that a dataset may be missing before it counts as gone.")
    mass_change: float = _key(0.2, "Share of datasets (0 to 1) that one run may remove before a person must agree.")
    enabled: bool = _key(True, "Whether `maillon harvest` without a name includes it.")

    @property
    def is_http(self) -> bool:
        """Whether the source is fetched over the network."""
        return self.url.lower().startswith(("http://", "https://"))


@dataclass(frozen=True, slots=True)
class Answer:
    """One document as it was fetched, kept on disk for replay.

    Attributes:
        url: Its address after redirects; for files an IRI under our own base, never a path of this machine. Base IRI
            of what it holds.
        media_type: As declared, without parameters, lower case; empty where none was.
        path: File with its content, unpacked.
    """

    url: str
    media_type: str
    path: Path

    def read(self) -> bytes:
        """Return the whole content, in octets, as it was sent (unpacked)."""
        return self.path.read_bytes()


class Fetch(Protocol):
    """What a harvester reads with: bounded, guarded, kept for replay. It may raise SourceUnavailable."""

    @property
    def base_iri(self) -> str:
        """The setting ``base_iri``, under which a harvester mints IRIs."""

    def __call__(self, url: str, accept: str = "*/*") -> Answer:
        """Fetch one document; asking twice for the same address in one run answers from what was kept."""

    def documents(self, url: str, accept: str = "*/*") -> Iterator[Answer]:
        """Yield every document behind an address, by name: the file, an archive's members, a folder's files."""


def _texts(value: Any, language: str) -> Any:
    return {language: value} if isinstance(value, str) else value


def _resolve(url: str, folder: Path) -> str:
    """Make a path absolute: as given, beside the TOML, in the working directory, or among the shipped folders."""
    if _SCHEME.match(url):
        if url.lower().startswith(("http://", "https://")):
            return url
        raise SourceDefinitionError(f"url {url!r}: use http, https or a path.")
    for base in (folder, Path.cwd(), paths.ROOT):
        if (base / url).exists():
            return str((base / url).resolve())
    return str((folder / url).absolute())


_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*|")
_RANGES: Mapping[str, tuple[float, float]] = {
    "page_size": (1, 100_000),
    "time_limit": (1, float("inf")),
    "max_bytes": (0, float("inf")),
    "grace_days": (0, float("inf")),
    "grace_runs": (0, float("inf")),
    "mass_change": (0, 1),
}
_IRIS = ("publisher_iri", "homepage", "license", "base")


def _text_faults(values: Mapping[str, Any]) -> Iterator[str]:
    texts = [(name, *pair) for name in ("title", "description") for pair in values.get(name, {}).items()]
    for name, language, text in texts:
        if not isinstance(text, str) or not _LANGUAGE.fullmatch(language):
            yield f"{name}.{language} = {text!r}: give a text for each BCP 47 language tag"


def _faults(values: Mapping[str, Any]) -> Iterator[str]:
    """Say what is wrong with values that the types alone do not tell."""
    yield from _text_faults(values)
    if not all(isinstance(host, str) for host in values.get("allow_hosts", ())):
        yield "allow_hosts: give host names as texts"
    if not _LANGUAGE.fullmatch(values.get("language", "")):
        yield f"language = {values['language']!r} is no BCP 47 tag such as fr"
    for name in _IRIS:
        if not identifiers.is_absolute(values.get(name) or "urn:none"):
            yield f"{name} = {values[name]!r} is no absolute IRI"
    for name, (least, most) in _RANGES.items():
        if not least <= values.get(name, least) <= most:
            yield f"{name} = {values[name]}: give a number from {least:g} to {most:g}"


def _check(name: str, values: Mapping[str, Any]) -> None:
    hints = get_type_hints(Source)
    known = {item.name for item in fields(Source)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise SourceDefinitionError(
            f"Source {name}: unknown key {', '.join(unknown)}. Known keys: {', '.join(sorted(known))}."
        )
    for required in ("kind", "url"):
        if not isinstance(values.get(required), str) or not values[required]:
            raise SourceDefinitionError(f"Source {name}: give {required!r}, a text.")
    for key_name, value in values.items():
        expected: Any = {float: (int, float), int: int, bool: bool, str: str}.get(hints[key_name], (dict, list, tuple))
        if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
            raise SourceDefinitionError(f"Source {name}: {key_name} = {value!r} is not of the right type.")


def parse(text: str, name: str, folder: Path) -> Source:
    """Read a source's TOML.

    Args:
        text: The TOML.
        name: Its name where the TOML gives none.
        folder: Where relative paths start.

    Raises:
        SourceDefinitionError: It is not TOML, a key is unknown, missing or of the wrong type.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SourceDefinitionError(f"Source {name}: not valid TOML: {error}.") from error
    values = {"name": name, **values}
    for key_name in ("title", "description"):
        if key_name in values:
            values[key_name] = _texts(values[key_name], str(values.get("language", "")))
    _check(name, values)
    if fault := next(_faults(values), ""):
        raise SourceDefinitionError(f"Source {name}: {fault}.")
    if not _NAME.fullmatch(values["name"]):
        raise SourceDefinitionError(f"Source name {values['name']!r}: use lower-case letters, digits and hyphens.")
    if values["name"] in _TAKEN:
        raise SourceDefinitionError(f"Source name {values['name']!r} is taken by the catalogue itself: choose another.")
    values["url"] = _resolve(values["url"], folder)
    values["allow_hosts"] = tuple(values.get("allow_hosts", ()))
    return Source(**values)


def _name_of(path: Path) -> str:
    return re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")[:60] or "source"


def load(name: str, folder: Path = paths.SOURCES) -> Source:
    """Return a source by its name in ``harvesters/sources/`` or by the path of its TOML.

    Raises:
        SourceDefinitionError: There is no such source or its TOML cannot be used.
    """
    path = folder / f"{name}.toml" if _NAME.fullmatch(name) else Path(name)
    if path.is_dir():
        raise SourceDefinitionError(f"{name!r} is a folder: give the path of a TOML whose url names the folder.")
    if not path.is_file():
        known = ", ".join(sorted(item.stem for item in folder.glob("*.toml"))) or "none"
        raise SourceDefinitionError(f"There is no source {name!r}. Give the path of a TOML, or a known name: {known}.")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceDefinitionError(f"Source {name}: {path.name} cannot be read: {error}.") from error
    return parse(text, _name_of(path), path.parent)


def known(folder: Path = paths.SOURCES) -> tuple[list[Source], list[SourceDefinitionError]]:
    """Return the sources of a folder, by name, and what is wrong with those that cannot be used."""
    usable, wrong = [], []
    for path in sorted(folder.glob("*.toml")):
        try:
            usable.append(load(str(path), folder))
        except SourceDefinitionError as error:
            wrong.append(error)
    return usable, wrong
