"""HTTP with the operator's own SPARQL 1.1 server: two sides of it, sign-on, deadlines, errors that say what to check.

SPARQL 1.1 Protocol and Graph Store HTTP Protocol over HTTP/1.1 (RFC 9112). The addresses are the operator's settings,
so private ones are allowed; redirects are not followed, because a password must not travel on. An answer that has
neither a length nor chunks is refused: where its connection breaks it would look whole.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlencode

import httpx2

from maillon import __version__
from maillon.errors import MaillonError, SettingsError
from maillon.settings import Settings

SIDES: Final = ("1", "2")
"""Names of the two sides, put in the place of SIDE in the addresses: one is read while the other is loaded."""
SIDE: Final = "{side}"
NOTHING: Final = "urn:x-maillon:nothing"
"""A graph that is never there: names an empty default graph, or none, to servers that would take all they have."""
FUSEKI: Final = "Fuseki"
"""What Fuseki is called here: it numbers its answers in a header, and names itself in none."""
_CUT: Final = b"##  Query cancelled due to timeout during execution"
"""Beginning of the two lines by which Fuseki ends an answer that it stops, in whatever form, with 200 and the last
chunk."""
_CONNECT: Final = 10.0
_SAID: Final = 4_000
_PART: Final = 65_536
_LAST: Final = 200

Fields = Sequence[tuple[str, str]]


class ServerFailed(MaillonError):
    """The server gave no usable answer. The message is for the operator: it names the address.

    Attributes:
        status: HTTP status code, 0 where there was no whole answer.
        said: The first characters of the body of a refusal; never to be shown to the public as it is.
        late: Whether its time was used up.
    """

    def __init__(self, message: str, status: int = 0, said: str = "", late: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.said = said
        self.late = late


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two datasets: its name and its three addresses."""

    name: str
    query_url: str
    update_url: str
    graph_url: str


def sides(settings: Settings) -> tuple[Side, ...]:
    """Return the two sides of the server of the settings.

    Raises:
        SettingsError: An address does not tell the two sides apart.
    """
    addresses = (settings.store_query_url, settings.store_update_url, settings.store_graph_url)
    for name, address in zip(("store_query_url", "store_update_url", "store_graph_url"), addresses, strict=True):
        if SIDE not in address or not address.startswith(("http://", "https://")):
            raise SettingsError(
                f"{name} is {address!r}: it must be an http(s) address with {SIDE} in it, which becomes 1 and 2, for "
                "the two datasets of which one is read while the other is loaded. See docs/how-to/bigger-engine.md."
            )
    return tuple(Side(name, *(address.replace(SIDE, name) for address in addresses)) for name in SIDES)


class _SignOn(httpx2.Auth):
    """Signs on as the server asks for it: Digest (Virtuoso) or Basic; nothing is sent to one that does not ask."""

    def __init__(self, user: str, password: str) -> None:
        self._basic = httpx2.BasicAuth(user, password)
        self._digest = httpx2.DigestAuth(user, password)
        self._chosen: httpx2.Auth | None = None

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        if self._chosen is not None:
            yield from self._chosen.auth_flow(request)
            return
        response = yield request
        asked = " ".join(response.headers.get_list("www-authenticate")).lower() if response.status_code == 401 else ""
        if asked:
            self._chosen = self._digest if "digest" in asked else self._basic
            yield from self._chosen.auth_flow(request)


class Exchange:
    """One answer while it is read, by one thread; ``read`` makes it a file for parsers.

    Attributes:
        status: HTTP status code.
        media_type: Media type without parameters, in lower case.
        headers: Headers of the answer.
        software: What the server calls itself, or FUSEKI; may be empty.
    """

    def __init__(self, response: httpx2.Response, address: str, end: float) -> None:
        self.status = response.status_code
        self.media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        self.headers = response.headers
        self.software = FUSEKI if "fuseki-request-id" in response.headers else response.headers.get("server", "")
        self._response = response
        self._address = address
        self._parts: Iterator[bytes] = response.iter_raw(_PART)
        self._rest = b""
        self._last = b""
        self._expired = False
        self._timer = threading.Timer(max(end - time.monotonic(), 0.0), self.expire)
        self._timer.daemon = True
        self._timer.start()

    def expire(self) -> None:
        """Cut the connection, which ends a read that another thread is waiting in."""
        self._expired = True
        stream = self._response.extensions.get("network_stream")
        with contextlib.suppress(OSError, AttributeError):
            stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]

    def read(self, size: int = _PART) -> bytes:
        """Return the next octets, at most ``size``: pyoxigraph ends the process where it gets more; empty at the end.

        Raises:
            ServerFailed: The time is used up, or the answer ended before it was whole.
        """
        if not self._rest:
            self._rest = self._next()
        part, self._rest = (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        return part

    def _next(self) -> bytes:
        try:
            part = next(self._parts, b"")
        except (httpx2.HTTPError, httpx2.StreamError, OSError) as error:
            if self._expired or isinstance(error, httpx2.TimeoutException):
                raise ServerFailed(f"{self._address} did not answer in time.", self.status, late=True) from error
            raise ServerFailed(f"The answer of {self._address} broke off: {error}.") from error
        if not part and self.software == FUSEKI and _CUT in self._last:
            raise ServerFailed(f"{self._address} stopped a query: its own timeout is used up.", 200, late=True)
        self._last = (self._last + part[-_LAST:])[-_LAST:]
        return part

    def text(self, most: int = _SAID) -> str:
        """Return the beginning of the body."""
        found = b""
        while len(found) < most and (part := self.read()):
            found += part
        return found[:most].decode("utf-8", "replace")

    def finish(self) -> None:
        """Read a short rest, so that the connection can be used again, and let go."""
        with contextlib.suppress(ServerFailed):
            for _ in range(4):
                if not self.read():
                    break
        self.close()

    def close(self) -> None:
        """Let go of the answer; one that was not read to its end loses its connection. May be called again."""
        self._timer.cancel()
        with contextlib.suppress(httpx2.HTTPError, OSError):
            self._response.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Server:
    """The SPARQL server of the settings; usable from any thread.

    Args:
        settings: The settings in force.
        connections: How many connections may be open at the same time.
    """

    def __init__(self, settings: Settings, connections: int = 4) -> None:
        self.sides = sides(settings)
        self._user = settings.store_user
        self._password = settings.store_password
        self._local = threading.local()
        self._client = httpx2.Client(
            headers={"User-Agent": f"Maillon/{__version__}", "Accept-Encoding": "identity"},
            limits=httpx2.Limits(max_connections=connections + 2, keepalive_expiry=5.0),
            trust_env=False,
        )

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _auth(self) -> httpx2.Auth | None:
        """Return the sign-on of this thread: a digest counts its own requests."""
        if not self._user:
            return None
        if not hasattr(self._local, "auth"):
            self._local.auth = _SignOn(self._user, self._password)
        found: httpx2.Auth = self._local.auth
        return found

    def open(self, method: str, address: str, body: bytes, headers: dict[str, str], seconds: float) -> Exchange:
        """Send a request and return its answer once the headers are there, whatever its status.

        Raises:
            ServerFailed: There is no answer, or one whose end could not be told.
        """
        end = time.monotonic() + seconds
        timeout = httpx2.Timeout(seconds, connect=min(_CONNECT, seconds))
        try:
            request = self._client.build_request(method, address, content=body, headers=headers, timeout=timeout)
            response = self._client.send(request, stream=True, auth=self._auth(), follow_redirects=False)
        except httpx2.ConnectError as error:
            raise ServerFailed(
                f"{address} cannot be reached: {error}. Is the server running, the address right?"
            ) from error
        except httpx2.TimeoutException as error:
            raise ServerFailed(f"{address} did not answer within {seconds:g} seconds.", late=True) from error
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise ServerFailed(f"{address} cannot be asked: {error}.") from error
        exchange = Exchange(response, address, end)
        known = "content-length" in response.headers or "chunked" in response.headers.get("transfer-encoding", "")
        if not known and response.status_code == 200:
            exchange.close()
            raise ServerFailed(f"{address} sends answers without length and chunks, whose end cannot be told.", 200)
        return exchange

    def query(self, side: Side, fields: Fields, accept: str, seconds: float) -> Exchange:
        """Ask a query; only fields of a query are ever sent to the query address.

        Raises:
            ServerFailed: It was refused, with ``status`` and ``said``, or there is no answer.
        """
        headers = {"Accept": accept, "Content-Type": "application/x-www-form-urlencoded"}
        return self._accepted(
            self.open("POST", side.query_url, urlencode(fields).encode(), headers, seconds), side.query_url
        )

    def update(self, side: Side, text: str, seconds: float) -> None:
        """Send a SPARQL Update. Raises ServerFailed."""
        headers = {"Content-Type": "application/sparql-update", "Accept": "*/*"}
        self._accepted(self.open("POST", side.update_url, text.encode(), headers, seconds), side.update_url).finish()

    def put(self, side: Side, graph: str, triples: bytes, seconds: float, replace: bool = False) -> None:
        """Add N-Triples to a graph, or make them all that it holds. Raises ServerFailed."""
        address = _graph_address(side, graph)
        headers = {"Content-Type": "application/n-triples", "Accept": "*/*"}
        exchange = self.open("PUT" if replace else "POST", address, triples, headers, seconds)
        self._accepted(exchange, address).finish()

    @staticmethod
    def _accepted(exchange: Exchange, address: str) -> Exchange:
        if exchange.status in (200, 201, 202, 204):
            return exchange
        with exchange:
            said = exchange.text() if exchange.status >= 400 else ""
            line = " ".join(said.split())[:300]
            raise ServerFailed(
                f"{address} answered {exchange.status}{f' ({line})' if line else ''}: {_advice(exchange.status)}.",
                exchange.status,
                said,
            )


def _graph_address(side: Side, graph: str) -> str:
    return f"{side.graph_url}{'&' if '?' in side.graph_url else '?'}{urlencode({'graph': graph})}"


def _advice(status: int) -> str:
    """Return what the operator should look at."""
    if status in (401, 403):
        return "check store_user and store_password, and what that user may do there"
    if status in (404, 405, 410) or 300 <= status < 400:
        return "check the address in the settings; redirects are not followed"
    if status == 415:
        return "it does not take N-Triples or SPARQL Update there; check the address in the settings"
    return "see the server's log" if status >= 500 else "see what it says"
