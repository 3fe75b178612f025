"""A source: what to harvest, from where, under which policy; and what a harvester is handed to read it with.

Turns the TOML of a source (``definitions`` finds it) into a frozen ``Source``. Only ``kind`` and ``url``
are required; an unknown key is refused, because a policy that silently does nothing is worse than none.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Protocol, get_type_hints
from zoneinfo import available_timezones

from maillon import cron, identifiers, paths
from maillon.errors import SourceDefinitionError

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
"""What a source may be called."""
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
    enabled: bool = _key(True, "Whether `maillon harvest --all` and the schedule include it.")
    schedule: str = _key("", "When to harvest by itself, as the five fields of cron in UTC, such as `30 2 * * *`.")
    rate: float = _key(10.0, "Requests a second to one host at most; 0 for no limit.")
    robots: bool = _key(False, "Whether the robots.txt of its hosts is asked and respected.")
    sniff: bool = _key(False, "Whether files of unknown format may be asked for their first octets to tell it.")
    aggregator: bool = _key(False, "Whether it repeats what others publish, whose own records then come first.")
    timezone: str = _key("", "IANA time zone of dates with a time but no zone, such as Europe/Brussels; empty: as is.")
    repairs_off: tuple[str, ...] = _key((), "Ids of repair rules that are not applied (`maillon rules`).")
    options: Mapping[str, Any] = _table("What only its kind understands: see the reference of that kind.")
    tables: tuple[Mapping[str, Any], ...] = _key((), "Open datasets whose rows are turned into RDF: see the how-to.")

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
        is_immutable: Whether its server says that it will never change (RFC 8246).
    """

    url: str
    media_type: str
    path: Path
    is_immutable: bool = False

    def read(self) -> bytes:
        """Return the whole content, in octets, as it was sent (unpacked)."""
        return self.path.read_bytes()


class Fetch(Protocol):
    """What a harvester reads with: bounded, guarded, kept for replay. It may raise SourceUnavailable."""

    @property
    def base_iri(self) -> str:
        """The setting ``base_iri``, under which a harvester mints IRIs."""

    @property
    def bookmark(self) -> str:
        """The value of the last ``records.Bookmark`` of this source; empty where it is to be read from the start."""

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
    "rate": (0, 1000),
}
_LISTS = ("allow_hosts", "repairs_off")
_IRIS = ("publisher_iri", "homepage", "license", "base")


def _text_faults(values: Mapping[str, Any]) -> Iterator[str]:
    texts = [(name, *pair) for name in ("title", "description") for pair in values.get(name, {}).items()]
    for name, language, text in texts:
        if not isinstance(text, str) or not _LANGUAGE.fullmatch(language):
            yield f"{name}.{language} = {text!r}: give a text for each BCP 47 language tag"
    if not _LANGUAGE.fullmatch(values.get("language", "")):
        yield f"language = {values['language']!r} is no BCP 47 tag such as fr"


def _time_faults(values: Mapping[str, Any]) -> Iterator[str]:
    if values.get("timezone") and values["timezone"] not in available_timezones():
        yield f"timezone = {values['timezone']!r} is no IANA time zone such as Europe/Brussels"
    if values.get("schedule") and (wrong := cron.fault(values["schedule"])):
        yield f"schedule = {values['schedule']!r}: {wrong}. Give the five fields of cron, such as `30 2 * * *`"


def _faults(values: Mapping[str, Any]) -> Iterator[str]:
    """Say what is wrong with values that the types alone do not tell."""
    yield from _text_faults(values)
    yield from _time_faults(values)
    for name in _LISTS:
        if not all(isinstance(item, str) for item in values.get(name, ())):
            yield f"{name}: give a list of texts"
    if not all(isinstance(item, dict) for item in values.get("tables", ())):
        yield "tables: begin each one with [[tables]]"
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
    if not NAME.fullmatch(values["name"]):
        raise SourceDefinitionError(f"Source name {values['name']!r}: use lower-case letters, digits and hyphens.")
    if values["name"] in _TAKEN:
        raise SourceDefinitionError(f"Source name {values['name']!r} is taken by the catalogue itself: choose another.")
    values["url"] = _resolve(values["url"], folder)
    for key_name in (*_LISTS, "tables"):
        values[key_name] = tuple(values.get(key_name, ()))
    return Source(**values)
