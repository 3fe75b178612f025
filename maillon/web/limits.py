"""Fairness between clients: how often one may ask, and how much of it is worked on at the same time.

Turns the client's address into 429 (RFC 6585, section 4) with ``Retry-After`` where it has had its share. Addresses are
kept in memory for as long as a rate is counted and for as long as an answer is sent, and nowhere else.
"""

import ipaddress
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from flask import Blueprint, Flask, Response, current_app, request
from flask_limiter import Limiter, RequestLimit
from werkzeug.middleware.proxy_fix import ProxyFix

from maillon.settings import Settings
from maillon.web import negotiation

_NETWORK: Final = 64
"""Bits of an IPv6 address that name one client: a household or an office has the rest."""


def client() -> str:
    """Return who asks."""
    return name_of(request.remote_addr)


def name_of(text: str | None) -> str:
    """Return how a client is called: its address, of IPv6 its network."""
    text = text or "unknown"
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if address.version == 4:
        return text
    return str(ipaddress.ip_network((address, _NETWORK), strict=False))


class Turns:
    """Counts the answers that each client has open."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._open: Counter[str] = Counter()

    def take(self, name: str) -> Callable[[], None] | None:
        """Give a client a turn; call what is returned when it is over, once or more. None where it has its share."""
        with self._lock:
            if self._open[name] >= self._most:
                return None
            self._open[name] += 1
        over = threading.Lock()

        def give_back() -> None:
            if not over.acquire(blocking=False):  # given back already
                return
            with self._lock:
                self._open[name] -= 1
                if not self._open[name]:
                    del self._open[name]

        return give_back

    def open(self) -> int:
        """Return the number of open answers."""
        with self._lock:
            return self._open.total()


def turns() -> Turns:
    """Return the turns of this application."""
    found: Turns = current_app.extensions["maillon.turns"]
    return found


def charge() -> Callable[[str], bool]:
    """Return what counts one more request like this one against a client's rate, and tells whether it may be answered.

    It needs no request of Flask's.
    """
    limiter: Limiter | None = current_app.extensions.get("maillon.limiter")
    rates = [(item.limit, item.request_args) for item in limiter.current_limits] if limiter is not None else []

    def may(name: str) -> bool:
        return limiter is None or all(limiter.limiter.hit(rate, *_of(name, names)) for rate, names in rates)

    return may


def _of(name: str, names: list[str]) -> list[str]:
    """Return under which names Flask-Limiter counts a client: a prefix where one is set, the client, what was asked."""
    return [*names[:-2], name, names[-1]]


def _refused(limit: RequestLimit) -> Response:
    """Return what a client is told that has asked too often."""
    seconds = max(1, round(limit.reset_at - time.time()))
    text = f"You have asked more than {limit.limit} times. Come back in {seconds} seconds, or ask for more at once."
    response = negotiation.open_to_all(negotiation.message(429, text))
    response.headers["Retry-After"] = str(seconds)
    return response


def install(app: Flask, *limited: Blueprint) -> None:
    """Limit an application's clients.

    Args:
        app: The application.
        limited: Blueprints whose requests are counted against the setting ``query_rate``.
    """
    settings: Settings = app.config["MAILLON"]
    app.extensions["maillon.turns"] = Turns(settings.queries_per_client)
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies)  # type: ignore[method-assign]
    if not settings.query_rate:
        return
    limiter = Limiter(client, app=app, storage_uri=settings.rate_storage, on_breach=_refused)
    app.extensions["maillon.limiter"] = limiter
    for blueprint in limited:
        limiter.limit(settings.query_rate)(blueprint)
