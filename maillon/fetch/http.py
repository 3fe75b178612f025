"""Turns an http(s) address into a kept body, within limits of time, size, redirects and reach.

HTTP semantics RFC 9110, caching RFC 9111 (every request revalidates, so a 304 saves the transfer and never hides a
change). Only 200 is an answer. Proxy variables of the environment are not read, because behind a proxy the guard could
not see where a name leads; ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` are.
"""

import email.utils
import logging
import re
import sqlite3
import time
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final, Self
from urllib.parse import unquote, urldefrag

import hishel
import httpx2
import stamina
from hishel.httpx2 import CacheTransport
from stamina.instrumentation import LoggingOnRetryHook, set_on_retry_hooks

from maillon import __version__
from maillon.errors import SourceUnavailable
from maillon.fetch.guard import Deadline, DeadlinePassed, GuardedBackend, GuardedTransport, canonical_host, is_loopback
from maillon.fetch.pace import Gate
from maillon.fetch.raw import Kept, RawFolder, now
from maillon.fetch.robots import LONGEST, Robots
from maillon.settings import Settings
from maillon.sources import Source

MAX_REDIRECTS: Final = 5
_ATTEMPTS: Final = 4
FIRST_WAIT = 0.5  # seconds before the second attempt; doubled for each further one
_LONGEST_WAIT: Final = 120.0  # seconds that a Retry-After may ask for; portals that limit a rate say 60
_CONNECT: Final = 15.0  # seconds
_SILENCE: Final = 30.0  # seconds without an octet
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_TRANSIENT: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_WANTED: Final = (
    "etag", "last-modified", "content-type", "content-encoding", "content-language", "date", "link", "cache-control",
)  # fmt: skip
_ADVICE: Final = {
    401: "it wants a login. Ask its publisher for an open address",
    403: "it refuses us. Ask its publisher to let Maillon in",
    404: "there is nothing there. Correct url in the source's TOML, or ask its publisher where it moved",
    406: "it has no such format. Ask its publisher which one it offers",
    407: "it is behind a proxy. Run Maillon where the source can be reached directly",
    410: "it was removed for good. Correct url in the source's TOML, or ask its publisher where it moved",
    429: "it was asked too often. Run the harvest again later",
}

_CERTIFICATE: Final = "CERTIFICATE_VERIFY_FAILED"
_LOGIN = re.compile(r"^([a-z][a-z0-9+.-]*://)[^/?#]*@", re.IGNORECASE)

# What these libraries log is told by the error that we raise; without a handler Python would print it.
# By default stamina logs through structlog where that is installed, which prints to standard output: into our JSON.
set_on_retry_hooks([LoggingOnRetryHook])
for _name in ("stamina", "hishel"):
    logging.getLogger(_name).addHandler(logging.NullHandler())


class HttpFailure(SourceUnavailable):
    """A request that came to nothing; ``status`` is 0 where there was no answer."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class _Busy(HttpFailure):
    """An answer that may be another one soon; ``wait`` is what Retry-After says, in seconds."""

    def __init__(self, message: str, status: int, wait: float | None) -> None:
        super().__init__(message, status)
        self.wait = wait


def bare(url: str) -> str:
    """Return an address without fragment, user and password: as it is kept, shown and compared."""
    return _LOGIN.sub(r"\1", urldefrag(url.strip()).url)


class HttpClient:
    """Fetches the addresses of one source. For one thread.

    Args:
        source: Whose limits and allowed hosts count.
        settings: The settings in force.
        raw: Where answers are kept.
    """

    def __init__(self, source: Source, settings: Settings, raw: RawFolder) -> None:
        self._source = source
        self._settings = settings
        self._raw = raw
        self._limit = source.max_bytes or settings.fetch_max_bytes
        self._deadline = Deadline()
        self._end = time.monotonic() + source.time_limit
        self._total = self._end  # when the document under way must be there, with all attempts
        self._gate = Gate(settings.data / "pace")
        self._robots = Robots(self._robots_file) if source.robots else None
        self._cache_file = settings.data / "http-cache" / "hishel-2.sqlite"
        self._client = self._make_client()

    def _make_client(self) -> httpx2.Client:
        self._cache_file.parent.mkdir(parents=True, exist_ok=True)
        guarded = GuardedTransport(GuardedBackend(self._source.allow_hosts, self._deadline), connections=4)
        silence = min(_SILENCE, self._settings.fetch_timeout)
        return httpx2.Client(
            transport=CacheTransport(guarded, hishel.SqliteStorage(database_path=self._cache_file), rfc=True),
            headers={
                "User-Agent": f"Maillon/{__version__} (+{self._settings.base_iri})",
                "Accept-Encoding": "gzip, deflate",
                "Cache-Control": "no-cache",  # hishel: revalidate what is stored
            },
            timeout=httpx2.Timeout(silence, connect=min(_CONNECT, silence)),
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections and the cache."""
        self._client.close()

    def get(self, url: str, accept: str) -> Kept:
        """Fetch one address and keep its body; transient failures are tried again while there is time.

        Raises:
            HttpFailure: There is no usable answer.
            SourceUnavailable: The address may not be fetched, or the answer is too large.
        """
        shown = bare(url)
        if time.monotonic() > self._end:
            raise HttpFailure(
                f"Source {self._source.name} took more than {self._source.time_limit:g} seconds, so {shown} was not "
                "fetched. If it needs them, raise time_limit in its TOML."
            )
        self._total = min(self._end, time.monotonic() + self._settings.fetch_total)
        try:
            return self._tried(url, accept)
        except DeadlinePassed as error:
            raise HttpFailure(
                f"{shown} was not complete after {self._deadline.seconds:g} seconds. If the source is only slow, raise "
                "the setting fetch_timeout; else ask its publisher."
            ) from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise HttpFailure(f"{shown} cannot be fetched: {_explain(error)}") from error
        except (sqlite3.Error, RuntimeError) as error:
            raise HttpFailure(f"The HTTP cache is damaged ({error}): delete {self._cache_file.parent}.") from error

    def _tried(self, url: str, accept: str) -> Kept:
        for attempt in stamina.retry_context(
            on=self._again,
            attempts=_ATTEMPTS,
            timeout=None,
            wait_initial=FIRST_WAIT,
            wait_max=10.0,
            wait_jitter=FIRST_WAIT,
        ):
            with attempt:
                return self._follow(url, accept)
        raise HttpFailure(f"{bare(url)} cannot be fetched.")

    def _left(self) -> float:
        """Return the seconds that are left for the document under way."""
        return self._total - time.monotonic()

    def _again(self, error: Exception) -> bool | float:
        """Tell stamina whether to try once more, and after how many seconds where the server said so."""
        if self._left() <= 0:
            return False
        if isinstance(error, _Busy):
            if error.wait is None:
                return True
            return error.wait if error.wait <= min(_LONGEST_WAIT, self._left()) else False
        refused = isinstance(error, httpx2.UnsupportedProtocol | httpx2.LocalProtocolError) or _CERTIFICATE in str(
            error
        )
        return isinstance(error, httpx2.TransportError) and not refused

    def _follow(self, url: str, accept: str) -> Kept:
        target = httpx2.URL(url.strip())
        self._polite(target)
        self._deadline.start(min(self._settings.fetch_timeout, max(self._left(), 0.1)))
        for _ in range(MAX_REDIRECTS + 1):
            request = self._client.build_request("GET", target, headers={"Accept": accept})
            response = self._client.send(request, stream=True, follow_redirects=False)
            try:
                # Portals set session cookies; sent back, they would make every answer look personal to the cache.
                self._client.cookies.clear()
                if response.status_code not in _REDIRECTS:
                    return self._receive(response, url, accept)
                target = self._next(target, response.headers.get("location", ""))
            finally:
                response.close()
            self._deadline.lengthen(self._polite(target))
        raise HttpFailure(f"{bare(url)} redirects more than {MAX_REDIRECTS} times: ask its publisher for the address.")

    def _polite(self, target: httpx2.URL) -> float:
        """Ask the robots.txt of a host where that is wished, and wait for our turn; return the seconds waited."""
        delay = 0.0 if self._robots is None else self._robots.delay(bare(str(target)))
        host = canonical_host(target.host)
        own = is_loopback(host) and host in map(canonical_host, self._source.allow_hosts)
        interval = max(delay, 1.0 / self._source.rate if self._source.rate and not own else 0.0)
        if not interval:
            return 0.0
        wait = self._gate.place(f"{host}:{target.port or target.scheme}", interval)
        if wait > self._left():
            raise HttpFailure(
                f"{bare(str(target))} was not fetched: requests to its host go {interval:g} seconds apart, and its "
                f"turn comes only in {wait:.0f} seconds. Harvest the sources of this host one after the other, or "
                "raise rate in their TOML if its publisher agrees."
            )
        time.sleep(wait)
        return wait

    def first(self, url: str, octets: int) -> bytes:
        """Return the first octets of a document, empty where they cannot be had; nothing of it is kept."""
        try:
            self._total = min(self._end, time.monotonic() + self._settings.fetch_timeout)
            self._polite(httpx2.URL(url.strip()))
        except (SourceUnavailable, httpx2.InvalidURL, ValueError):
            return b""
        headers = {"Range": f"bytes=0-{octets - 1}", "Cache-Control": "no-store"}
        status, body = self._beginning(url.strip(), octets, headers)
        return body if status in (200, 206) else b""

    def _robots_file(self, url: str) -> tuple[int, bytes]:
        """Return status and first octets of a robots.txt; status 0 without answer."""
        return self._beginning(url, LONGEST, {})

    def _beginning(self, url: str, octets: int, headers: dict[str, str]) -> tuple[int, bytes]:
        """Return status and first octets of a document, after at most five redirects; status 0 without answer."""
        try:
            target = httpx2.URL(url)
            for _ in range(MAX_REDIRECTS + 1):
                self._deadline.start(min(self._settings.fetch_timeout, max(self._left(), 0.1)))
                with self._client.stream("GET", target, headers=headers, follow_redirects=False) as response:
                    if response.status_code not in _REDIRECTS:
                        return response.status_code, _first(response, octets)
                    target = self._next(target, response.headers.get("location", ""))
        except (DeadlinePassed, SourceUnavailable, httpx2.HTTPError, httpx2.InvalidURL):
            return 0, b""
        return 404, b""  # RFC 9309, section 2.3.1.2: more redirects than five may count as absent

    def _next(self, current: httpx2.URL, location: str) -> httpx2.URL:
        try:
            target = current.join(location)
        except (httpx2.InvalidURL, ValueError) as error:
            raise HttpFailure(f"{bare(str(current))} redirects to something that is no address: {error}.") from error
        shown = bare(str(target))[:200]
        if not location or target.scheme not in ("http", "https"):
            raise HttpFailure(f"{bare(str(current))} redirects to {shown!r}, which is no http address: it is refused.")
        if target.userinfo and canonical_host(target.host) != canonical_host(current.host):
            raise HttpFailure(
                f"{bare(str(current))} redirects to {shown} with a user name, at another host: it is refused."
            )
        return target

    def _receive(self, response: httpx2.Response, url: str, accept: str) -> Kept:
        final = bare(str(response.url))
        self._check_status(response, final)
        encoding = response.headers.get("content-encoding", "").strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise HttpFailure(f"{final} answers in the encoding {encoding!r} that was not asked for.", 200)
        with self._raw.receive(self._limit, final) as (body, name):
            if response.headers.get("content-length", "").isdecimal():
                body.expect(int(response.headers["content-length"]))
            for chunk in response.iter_raw():
                body.write(chunk)
        return Kept(
            asked=bare(url),
            accept=accept,
            name=unquote(final.partition("?")[0].rpartition("/")[2]),
            url=final,
            status=200,
            media_type=response.headers.get("content-type", "").partition(";")[0].strip().lower(),
            encoding=encoding,
            headers={key: response.headers[key] for key in _WANTED if key in response.headers},
            file=name,
            gzipped=body.gzipped,
            sha256=body.sha256,
            octets=body.octets,
            time=now(),
        )

    def _check_status(self, response: httpx2.Response, final: str) -> None:
        status = response.status_code
        if status == 200:
            return
        phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
        usual = "it has a fault. Run the harvest again later, or ask its publisher" if status >= 500 else ""
        advice = _ADVICE.get(status) or usual or "that is not the document. Ask its publisher for the address"
        wait = _retry_after(response.headers.get("retry-after", ""))
        if wait is not None and wait > _LONGEST_WAIT:
            advice = f"it wants to be left alone for {wait:.0f} seconds. Run the harvest again after that"
        message = f"{final} answers {status} {phrase}".rstrip() + f": {advice}."
        if status in _TRANSIENT:
            raise _Busy(message, status, wait)
        raise HttpFailure(message, status)


def _first(response: httpx2.Response, octets: int) -> bytes:
    """Return the first octets of a body, decoded."""
    taken = b""
    for chunk in response.iter_bytes():
        taken += chunk
        if len(taken) >= octets:
            break
    return taken[:octets]


def _retry_after(value: str) -> float | None:
    """Return the seconds that a Retry-After header asks for (RFC 9110, section 10.2.3), None where it says nothing."""
    if value.strip().isdecimal() and len(value) < 12:
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _explain(error: Exception) -> str:
    """Say what a transport error means and who should do what."""
    text = str(error) or type(error).__name__
    if _CERTIFICATE in text:
        return (
            f"its certificate is not valid ({text}). Ask its publisher, or check this machine's clock and authorities."
        )
    if isinstance(error, httpx2.ConnectTimeout):
        return "its host does not answer. Try again later, or ask its publisher."
    if isinstance(error, httpx2.TimeoutException):
        return "it fell silent. Try again later, or ask its publisher."
    if isinstance(error, httpx2.RemoteProtocolError):
        return f"the answer is cut short or is not HTTP ({text}). Try again later, or ask its publisher."
    if isinstance(error, httpx2.ConnectError | httpx2.InvalidURL | httpx2.UnsupportedProtocol):
        return f"{text}. Check url in the source's TOML and this machine's network."
    return f"{text}. Try again later, or ask its publisher."
