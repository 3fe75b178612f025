"""Turns GET requests into status and body over one kept connection, with as little work as HTTP/1.1 allows (RFC 9112).

``http.client`` takes about 0.4 ms an answer, most of it for headers, which would hide what a server does in less.
"""

import socket
from typing import Final

_END: Final = b"\r\n\r\n"
_PART: Final = 1 << 16


class BrokenOff(OSError):
    """The server closed the connection before the end of its answer, or sent what is no HTTP."""


class Connection:
    """One connection to a port of loopback; ``get`` opens it, also anew after ``close``.

    Args:
        port: The port.
        seconds: How long to wait for each part of an answer.
    """

    def __init__(self, port: int, seconds: float = 900.0) -> None:
        self._port = port
        self._seconds = seconds
        self._socket: socket.socket | None = None
        self._rest = b""

    def get(self, target: str, accept: str) -> tuple[int, bytes]:
        """Return status and body.

        Args:
            target: Path and query.
            accept: Media type to ask for.

        Raises:
            BrokenOff: The connection ended too early; it is closed.
            OSError: It could not be opened, or nothing came in time.
        """
        head = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nAccept: {accept}\r\n"
        try:
            if self._socket is None:
                self._socket = socket.create_connection(("127.0.0.1", self._port), self._seconds)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.sendall(f"{head}Accept-Encoding: identity\r\n\r\n".encode())
            return self._answer()
        except (OSError, ValueError) as error:
            self.close()
            raise BrokenOff(str(error)) from error

    def close(self) -> None:
        """Close it. May be called again."""
        if self._socket is not None:
            self._socket.close()
        self._socket, self._rest = None, b""

    def _answer(self) -> tuple[int, bytes]:
        head = self._until(_END)
        fields = dict(line.split(b":", 1) for line in head.lower().split(b"\r\n")[1:])
        status = int(head.split(b" ", 2)[1])
        if fields.get(b"transfer-encoding", b"").strip() == b"chunked":
            body = self._chunks()
        elif b"content-length" in fields:
            body = self._exactly(int(fields[b"content-length"]))
        else:
            body = self._all()
        if fields.get(b"connection", b"").strip() == b"close":
            self.close()
        return status, body

    def _chunks(self) -> bytes:
        found = []
        while size := int(self._until(b"\r\n").split(b";")[0], 16):
            found.append(self._exactly(size))
            self._exactly(2)
        while self._until(b"\r\n"):  # trailers
            pass
        return b"".join(found)

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._rest:
            self._rest += self._more()
        found, _, self._rest = self._rest.partition(mark)
        return found

    def _exactly(self, size: int) -> bytes:
        parts, missing = [self._rest[:size]], size - len(self._rest)
        self._rest = self._rest[size:]
        while missing > 0:
            part = self._more()
            parts.append(part[:missing])
            self._rest = part[missing:]
            missing -= len(part)
        return b"".join(parts)

    def _all(self) -> bytes:
        parts, self._rest = [self._rest], b""
        while part := self._socket.recv(_PART) if self._socket is not None else b"":
            parts.append(part)
        self.close()
        return b"".join(parts)

    def _more(self) -> bytes:
        part = self._socket.recv(_PART) if self._socket is not None else b""
        if not part:
            raise BrokenOff("The connection was closed within an answer.")
        return part
