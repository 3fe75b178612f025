"""One frozen set of settings, read from a TOML file and from ``MAILLON_...`` variables.

Order of precedence, highest first: environment, the TOML file named by ``MAILLON_SETTINGS`` (default
``maillon.toml`` in the working directory, if it is there), the defaults below. A key that does not exist is refused.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_type_hints

from maillon.errors import SettingsError

LANGUAGES = ("fr", "nl", "de", "en")
SECRETS = ("operator_token", "store_password")
"""Settings whose values are never shown."""
_MAILBOX = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
"""One plain address, whose signs need no escape in ``mailto:`` (RFC 6068) but the per cent."""
_WEB = re.compile(r"https?://[^\s/?#<>\"{}|\\^`@]+(?:[/?#][^\s<>\"{}|\\^`]*)?")
_MAY_BE_ZERO = ("proxies", "query_cache", "query_in_memory", "query_waiting")


def _setting(default: Any, text: str) -> Any:
    return field(default=default, metadata={"help": text})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings with their defaults; ``maillon settings`` prints what is in force."""

    base_iri: str = _setting(
        "http://localhost:8000/",
        "Where this catalogue's own IRIs live; ends with a slash. Changing it renames everything.",
    )
    title: str = _setting("Maillon", "Name of the catalogue, shown on every page and in the feed.")
    publisher: str = _setting("Maillon demonstration", "Name of the body that publishes the catalogue.")
    contact_email: str = _setting(
        "",
        "E-mail address to which visitors report barriers and mistakes, shown on every page and in the feed; Directive "
        "(EU) 2016/2102, article 7, wants such a way of the public sector.",
    )
    contact_url: str = _setting("", "Address of a contact form (http or https), beside or instead of `contact_email`.")
    data: Path = _setting(Path("data/run"), "Folder of everything Maillon keeps: ledger, raw answers, snapshots.")
    ledger_url: str = _setting("", "SQLAlchemy URL of the ledger; empty means a SQLite file in the data folder.")
    default_language: str = _setting("fr", "Language of the interface where a visitor states none: fr, nl, de or en.")
    keep_snapshots: int = _setting(3, "Number of snapshots that `maillon snapshots prune` keeps.")
    fetch_timeout: float = _setting(60.0, "Seconds that one HTTP request may take as a whole.")
    fetch_total: float = _setting(300.0, "Seconds that one document may take with all attempts and waits.")
    fetch_max_bytes: int = _setting(1_000_000_000, "Octets that one answer or file may have once unpacked.")
    fetch_max_ratio: int = _setting(200, "How many times larger than packed an archive or a compressed answer may get.")
    harvest_jobs: int = _setting(2, "Sources that are harvested side by side.")
    harvest_executor: str = _setting(
        "maillon.harvest.executor:process_pool",
        "Function `module:name` that is called with the settings and the number of jobs and returns the "
        "`concurrent.futures` executor that harvests.",
    )
    harvest_grace: float = _setting(60.0, "Seconds after its time_limit at which a run is ended by force.")
    lease_seconds: float = _setting(120.0, "Seconds without a sign of life after which a run may be taken over.")
    resume_hours: float = _setting(
        6.0, "Hours for which pages of a failed run are taken for the next; see --no-resume."
    )
    keep_raw_runs: int = _setting(
        3, "Complete runs of each source whose raw answers are kept, failed ones between too."
    )
    nightly: str = _setting(
        "40 1 * * *",
        "When `maillon schedule run` checks web addresses and compares validation engines, as cron writes it, in UTC; "
        "empty for never.",
    )
    links_seconds: float = _setting(3600.0, "Seconds that one run of link checks may take; the rest waits.")
    links_timeout: float = _setting(15.0, "Seconds that the check of one web address may take.")
    links_rate: float = _setting(1.0, "Link checks a second to one host.")
    query_timeout: float = _setting(60.0, "Seconds that one SPARQL query may take, waiting included.")
    query_quick: float = _setting(
        0.2, "Seconds after which a SPARQL query is long: it then gives way to those that came after it."
    )
    query_queue: float = _setting(
        2.0, "Seconds that a SPARQL query waits for a free worker; then it is refused for now."
    )
    query_workers: int = _setting(4, "SPARQL query workers that are kept ready for quick queries.")
    query_long: int = _setting(2, "Long SPARQL queries that are worked on side by side.")
    query_waiting: int = _setting(8, "Long SPARQL queries that are held while others are worked on; more are refused.")
    query_max_bytes: int = _setting(500_000_000, "Octets that one SPARQL answer may have.")
    query_memory: int = _setting(2_000_000_000, "Octets of memory that one SPARQL query may use.")
    query_memory_all: int = _setting(6_000_000_000, "Octets of memory that all SPARQL queries may use together.")
    query_in_memory: int = _setting(
        4_000_000_000,
        "Octets up to which a snapshot is held in memory for SPARQL, but no more than a quarter of the machine's "
        "memory; larger ones are read from disk.",
    )
    query_allocator: str = _setting(
        "jemalloc",
        "Memory allocator of the SPARQL query server, a library of this machine (Debian: libjemalloc2); without it, or "
        "left empty, queries take about a tenth longer.",
    )
    query_cache: int = _setting(1_000_000_000, "Octets of SPARQL answers kept on disk, so that they are made once.")
    queries_per_client: int = _setting(4, "SPARQL queries that one client may have answered at the same time.")
    query_rate: str = _setting(
        "600 per minute", "SPARQL queries that one client may send, in the notation of Flask-Limiter; empty for any."
    )
    rate_storage: str = _setting(
        "memory://", "Where the rates of clients are counted: `memory://`, or `redis://...` for several machines."
    )
    proxies: int = _setting(0, "Proxies before this server whose `X-Forwarded-For` tells who the client is.")
    operator_token: str = _setting(
        "", "Secret with which the operator sees /operator and writes to the working graph; empty closes both."
    )
    store_kind: str = _setting("oxigraph", "What answers SPARQL: `oxigraph` (in the snapshot), or `sparql` (a server).")
    store_query_url: str = _setting("", "SPARQL query address of that server, with `{side}`, which becomes 1 and 2.")
    store_update_url: str = _setting("", "SPARQL update address of that server, with `{side}`; never open to others.")
    store_graph_url: str = _setting("", "Graph store address of that server, with `{side}`; never open to others.")
    store_user: str = _setting("", "Name to sign on to that server with; empty for none.")
    store_password: str = _setting("", "Password for that name.")
    web_workers: int = _setting(1, "Web processes that `maillon serve` starts.")
    web_threads: int = _setting(
        24, "Threads of each web process; more than long SPARQL queries, worked on and held, so that pages go on."
    )

    def __post_init__(self) -> None:
        """Check what types cannot say. Raises SettingsError."""
        if not self.base_iri.startswith(("http://", "https://")) or not self.base_iri.endswith("/"):
            raise SettingsError(f"base_iri is {self.base_iri!r}: it must start with http(s):// and end with a slash.")
        if self.default_language not in LANGUAGES:
            raise SettingsError(f"default_language is {self.default_language!r}: use one of {', '.join(LANGUAGES)}.")
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, int | float) and (value < 0 or (value == 0 and item.name not in _MAY_BE_ZERO)):
                raise SettingsError(f"{item.name} is {value}: a number above 0 is needed.")
        self._check_rate()
        self._check_store()
        self._check_contact()

    def _check_rate(self) -> None:
        """Refuse a rate that Flask-Limiter cannot read, since it would then limit nobody."""
        if not self.query_rate or self.query_rate == Settings.query_rate:
            return
        from limits import parse_many  # noqa: PLC0415 - commands that answer no queries need not wait for it

        try:
            parse_many(self.query_rate)
        except ValueError as error:
            raise SettingsError(
                f"query_rate is {self.query_rate!r}: write `600 per minute`, or `10 per second; 600 per minute`."
            ) from error

    def _check_store(self) -> None:
        if self.store_kind not in ("oxigraph", "sparql"):
            raise SettingsError(f"store_kind is {self.store_kind!r}: use oxigraph or sparql.")
        needed = ("store_query_url", "store_update_url", "store_graph_url")
        missing = [name for name in needed if not getattr(self, name)]
        if self.store_kind == "sparql" and missing:
            raise SettingsError(f"store_kind is sparql: set {', '.join(missing)} too.")

    def _check_contact(self) -> None:
        if self.contact_email and not _MAILBOX.fullmatch(self.contact_email):
            raise SettingsError(
                f"contact_email is {self.contact_email!r}: write one address, such as data@example.org, or nothing."
            )
        if self.contact_url and not _WEB.fullmatch(self.contact_url):
            raise SettingsError(
                f"contact_url is {self.contact_url!r}: write an address that starts with http(s)://, or nothing."
            )

    @property
    def ledger(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.ledger_url or f"sqlite:///{(self.data / 'ledger.sqlite').resolve()}"

    @property
    def snapshots(self) -> Path:
        """Folder of the published snapshots."""
        return self.data / "snapshots"

    @property
    def links(self) -> Path:
        """File of what is known of web addresses."""
        return self.data / "links.sqlite"

    @property
    def quality_history(self) -> Path:
        """File of the scores of all snapshots, which outlives them."""
        return self.data / "quality.sqlite"


def _is_odd(value: Any, kind: type) -> bool:
    """Tell whether a value would be converted into something that nobody meant."""
    return isinstance(value, bool) or (kind is Path and value == "") or (kind is str and not isinstance(value, str))


def _convert(name: str, value: Any, kind: type) -> Any:
    problem = f"Setting {name} is {value!r}: a value of type {kind.__name__} is needed."
    if _is_odd(value, kind):
        raise SettingsError(problem)
    try:
        return kind(value)
    except (TypeError, ValueError) as error:
        raise SettingsError(problem) from error


def _from_file(path: Path, required: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        if required:
            raise SettingsError(f"Settings file {path} does not exist: correct MAILLON_SETTINGS.") from error
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"Settings file {path} cannot be read: {error}.") from error


def load(environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read the settings in force.

    Args:
        environment: Variables to read, default those of the process.
        overrides: Values that win over all others, such as ``data`` from the command line; None is ignored.

    Raises:
        SettingsError: A key is unknown or a value cannot be used.
    """
    env = os.environ if environment is None else environment
    named = env.get("MAILLON_SETTINGS")
    values = _from_file(Path(named or "maillon.toml"), required=named is not None)
    for key, value in env.items():
        if key.startswith("MAILLON_") and key != "MAILLON_SETTINGS":
            values[key.removeprefix("MAILLON_").lower()] = value
    values.update({key: value for key, value in overrides.items() if value is not None})
    kinds = get_type_hints(Settings)
    known = {item.name for item in fields(Settings)}
    for key in values:
        if key not in known:
            raise SettingsError(
                f"There is no setting {key!r} (nor MAILLON_{key.upper()}). Known settings: {', '.join(sorted(known))}."
            )
    return Settings(**{key: _convert(key, value, kinds[key]) for key, value in values.items()})
