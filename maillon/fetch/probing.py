"""Turns a web address into what a server says of it, without fetching the file: HEAD, else the first octets of a GET.

HTTP semantics RFC 9110 (sections 9.3.2 and 14.2). Reaches public addresses only, as harvests do; keeps nothing. Many
servers answer HEAD wrongly (405, 403 or 404 for a file that is there), so a bad answer counts only when GET gives it
too. Requests to one host keep their distance through the same gate as harvests.
"""

import logging
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import httpcore2
import httpx2

from maillon import __version__
from maillon.errors import SourceUnavailable
from maillon.fetch.guard import Deadline, DeadlinePassed, GuardedBackend, GuardedTransport, canonical_host, is_loopback
from maillon.fetch.pace import Gate

MAX_REDIRECTS: Final = 5
FIRST_OCTETS: Final = 4_096
"""Octets of a body that are looked at, to tell a file from a page that says there is none."""
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PERMANENT: Final = frozenset({301, 308})
_UNREACHABLE: Final = (httpx2.TransportError, httpcore2.ConnectError, ssl.SSLError, OSError)

logging.getLogger("httpx2").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a server says of an address.

    Attributes:
        status: HTTP status of the last answer, 0 where there was none.
        final: The address after redirections.
        is_moved: Whether the first redirection was permanent.
        media_type: Media type without parameters, lower case, empty where none was sent.
        octets: Size of the whole file, None where the server does not say.
        first: The first octets of the body; empty after a HEAD.
        failure: Why there was no answer: ``slow``, ``unreachable`` or ``wrong``; empty where there was one.
        detail: The same in words.
        wait: Seconds after which the server wants to be asked again, 0 where it says nothing.
    """

    status: int = 0
    final: str = ""
    is_moved: bool = False
    media_type: str = ""
    octets: int | None = None
    first: bytes = b""
    failure: str = ""
    detail: str = ""
    wait: float = 0.0


class Prober:
    """Looks at addresses, one at a time. For one thread.

    Args:
        data: Folder of the gate that is shared with harvests.
        agent: Who asks, for the header ``User-Agent``: the address of the catalogue.
        seconds: What one address may take, redirections included.
        rate: Requests a second to one host.
        allow_hosts: Hosts that may be asked though their addresses are not public.
    """

    def __init__(self, data: Path, agent: str, seconds: float, rate: float, allow_hosts: Iterable[str] = ()) -> None:
        self._seconds = seconds
        self._rate = rate
        self._own = frozenset(map(canonical_host, allow_hosts))
        self._deadline = Deadline()
        self._gate = Gate(data / "pace")
        self._client = httpx2.Client(
            transport=GuardedTransport(GuardedBackend(self._own, self._deadline), connections=2),
            headers={"User-Agent": f"Maillon/{__version__} (+{agent}; link check)", "Accept": "*/*"},
            timeout=httpx2.Timeout(seconds),
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def look(self, url: str) -> Look:
        """Look at an address; whatever goes wrong is in what is returned."""
        try:
            found = self._ask("HEAD", url)
            usable = 200 <= found.status < 300 and found.media_type and not found.media_type.startswith("text/html")
            return found if usable else self._ask("GET", url)
        except DeadlinePassed:
            return Look(failure="slow", detail=f"no answer within {self._seconds:g} seconds")
        except httpx2.TimeoutException:
            return Look(failure="slow", detail="it fell silent")
        except SourceUnavailable as refused:
            return Look(failure="unreachable" if "There is no host" in str(refused) else "wrong", detail=str(refused))
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol, httpx2.LocalProtocolError, ValueError) as error:
            return Look(failure="wrong", detail=str(error))
        except _UNREACHABLE as error:
            return Look(failure="unreachable", detail=str(error) or type(error).__name__)

    def _ask(self, method: str, url: str) -> Look:
        target, moved = httpx2.URL(url.strip()), False
        if target.scheme not in ("http", "https") or not target.host:
            raise httpx2.UnsupportedProtocol(f"{target.scheme or 'nothing'}: is not http")
        for hop in range(MAX_REDIRECTS + 1):
            self._wait(target)
            self._deadline.start(self._seconds)
            headers = {"Range": f"bytes=0-{FIRST_OCTETS - 1}"} if method == "GET" else {}
            with self._client.stream(method, target, headers=headers, follow_redirects=False) as response:
                self._client.cookies.clear()
                if response.status_code not in _REDIRECTS:
                    return _seen(response, moved, method)
                moved = moved or (hop == 0 and response.status_code in _PERMANENT)
                target = target.join(response.headers.get("location", ""))
            if target.scheme not in ("http", "https"):
                raise httpx2.UnsupportedProtocol(f"it leads to {str(target)[:200]}, which is not http")
        return Look(status=310, final=str(target), detail=f"it is redirected more than {MAX_REDIRECTS} times")

    def _wait(self, target: httpx2.URL) -> None:
        host = canonical_host(target.host)
        if self._rate and not (is_loopback(host) and host in self._own):
            time.sleep(self._gate.place(f"{host}:{target.port or target.scheme}", 1.0 / self._rate))


def _seen(response: httpx2.Response, moved: bool, method: str) -> Look:
    headers = response.headers
    first = b""
    if method == "GET":
        for chunk in response.iter_bytes():
            first += chunk
            if len(first) >= FIRST_OCTETS:
                break
    status = 200 if response.status_code == 206 else response.status_code
    wait = headers.get("retry-after", "")
    return Look(
        status=200 if status == 416 and _size(headers) == 0 else status,  # of an empty file there is no first octet
        final=str(response.url),
        is_moved=moved,
        media_type=headers.get("content-type", "").partition(";")[0].strip().lower(),
        octets=_size(headers),
        first=first[:FIRST_OCTETS],
        wait=float(wait) if wait.isdecimal() and len(wait) < 7 else 0.0,
    )


def _size(headers: httpx2.Headers) -> int | None:
    """Return the size of the whole file (``Content-Range: bytes 0-9/1234``, else ``Content-Length``)."""
    whole = headers.get("content-range", "").rpartition("/")[2]
    plain = "" if "content-range" in headers or headers.get("content-encoding") else headers.get("content-length", "")
    size = whole or plain
    return int(size) if size.isdecimal() and len(size) < 19 else None
