"""Turns a host name into a connection to a public address, or refuses it: the guard against SSRF.

The check is made where the connection is made, after the name was resolved, and the connection goes to exactly the
address that was checked. So decimal, hexadecimal and mapped forms, names that point inside, names that change between
check and use, and redirects are all one case. Which addresses are special: IANA IPv4 and IPv6 Special-Purpose Address
Registries (RFC 6890), https://www.iana.org/assignments/iana-ipv4-special-registry/.

The same streams keep the total deadline of a request: a server that sends one octet a second passes every
inactivity time-out, also in the middle of its headers, so each read gets only what is left of the whole.
"""

import ipaddress
import socket
import time
from collections.abc import Iterable
from ssl import SSLContext
from typing import Any, Final

import httpcore2
import httpx2

from maillon.errors import SourceUnavailable

_SPECIAL: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64",
        "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20", "5f00::/16", "fc00::/7",
        "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
"""Networks that no source on the public Internet lives in; IPv6 forms that carry an IPv4 address are among them."""


class DeadlinePassed(Exception):
    """A request took longer than it may as a whole."""


class Deadline:
    """The moment at which the request under way must have ended. For one thread."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._end = float("inf")

    def start(self, seconds: float) -> None:
        """Give the next request so many seconds from now."""
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def lengthen(self, seconds: float) -> None:
        """Give the request under way more time, because it was made to wait here."""
        self._end += seconds

    def clamp(self, timeout: float | None) -> float:
        """Return the shorter of a time-out and what is left, in seconds. Raises DeadlinePassed if nothing is."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise DeadlinePassed
        return left if timeout is None else min(timeout, left)


def is_public(address: str) -> bool:
    """Tell whether an IP address lies in the public Internet; a text that is no address is not."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _SPECIAL)


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine by what it is called, without asking a resolver."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def canonical_host(host: str) -> str:
    """Return a host as it is compared: lower case, without brackets and final dot."""
    return host.strip("[]").rstrip(".").lower()


def resolve(host: str, port: int, allowed: frozenset[str]) -> list[str]:
    """Return the IP addresses of a host that may be connected to, in the resolver's order.

    Raises:
        OSError: The name cannot be resolved.
        SourceUnavailable: It only leads to addresses that are not public, and is not among ``allowed``.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise SourceUnavailable(f"{host[:80]!r} is not a host name: correct the address.") from error
    addresses = list(dict.fromkeys(str(item[4][0]) for item in found))
    usable = addresses if canonical_host(host) in allowed else [item for item in addresses if is_public(item)]
    if not usable:
        raise SourceUnavailable(
            f"Host {host} leads to {', '.join(addresses[:3])}, which is not a public address. "
            "If this source may be read there, add the host to allow_hosts in its TOML."
        )
    return usable


class _TimedStream(httpcore2.NetworkStream):
    """A connection whose every operation ends with the deadline of the request under way."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._deadline.clamp(timeout)
        try:
            return self._stream.read(max_bytes, left)
        except httpcore2.ReadTimeout:
            self._deadline.clamp(None)
            raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        left = self._deadline.clamp(timeout)
        try:
            self._stream.write(buffer, left)
        except httpcore2.WriteTimeout:
            self._deadline.clamp(None)
            raise

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = self._deadline.clamp(timeout)
        try:
            return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)
        except httpcore2.ConnectTimeout:
            self._deadline.clamp(None)
            raise

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class GuardedBackend(httpcore2.SyncBackend):
    """Opens connections to public addresses and to the hosts that a source's TOML allows, to nothing else."""

    def __init__(self, allow_hosts: Iterable[str], deadline: Deadline) -> None:
        self._allowed = frozenset(canonical_host(host) for host in allow_hosts)
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to a checked address of the host. Raises SourceUnavailable where none may be used."""
        try:
            addresses = resolve(host, port, self._allowed)
        except socket.gaierror as error:
            if error.errno != socket.EAI_AGAIN:  # the only one that another attempt can change
                raise SourceUnavailable(
                    f"There is no host {host} ({error.strerror}). "
                    "Check url in the source's TOML and this machine's DNS."
                ) from error
            raise httpcore2.ConnectError(f"the name {host} cannot be resolved now") from error
        failure: Exception | None = None
        for address in addresses[:4]:
            try:
                left = self._deadline.clamp(timeout)
                stream = super().connect_tcp(address, port, left, local_address, socket_options)
                return _TimedStream(stream, self._deadline)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        self._deadline.clamp(None)
        raise failure or httpcore2.ConnectError(f"the name {host} has no address")

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None
    ) -> httpcore2.NetworkStream:
        """Refuse: no source is behind a socket of this machine."""
        raise httpcore2.ConnectError("connections to sockets of this machine are refused")


class GuardedTransport(httpx2.HTTPTransport):
    """httpx2's transport with our own way of connecting, which its constructor does not take.

    Args:
        backend: The way of connecting.
        connections: At most so many at the same time.
    """

    def __init__(self, backend: GuardedBackend, connections: int) -> None:
        context = httpx2.create_ssl_context()
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=context, max_connections=connections, keepalive_expiry=30.0, network_backend=backend
        )
