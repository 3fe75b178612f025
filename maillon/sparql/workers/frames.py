"""The octets between a client and its query worker, over a Unix stream socket.

A job is 4 octets of length (big-endian) and JSON. Its answer comes in frames: 4 octets of length, 1 of type, the
payload:

- ``H`` JSON ``{"media_type": ..., "pid": ...}``: the query was understood and is being answered;
- ``D`` up to 64 kB of the answer; one with less is the last;
- ``E`` JSON: ``{}`` after a whole answer, ``{"kind": ..., "message": ...}`` after any other.

A frame that is cut short by the end of the stream is no frame, else a torn answer would look whole.
"""

import json
import socket
import struct
from typing import Any, Final

from maillon.sparql.jobs import FRAME

_MESSAGE: Final = 500
_MOST: Final = 8 << 20
_LENGTH: Final = struct.Struct(">I")


def packed(job: dict[str, Any]) -> bytes:
    """Return a job as it is sent."""
    payload = json.dumps(job).encode()
    return _LENGTH.pack(len(payload)) + payload


def read_job(connection: socket.socket) -> dict[str, Any] | None:
    """Return the job that a client sends; None where it goes away, sends too much, or takes its time."""
    try:
        data = connection.recv(FRAME)
        wanted = _LENGTH.unpack_from(data)[0] + _LENGTH.size if len(data) >= _LENGTH.size else _LENGTH.size
        while len(data) < wanted <= _MOST:
            part = connection.recv(wanted - len(data))
            if not part:
                return None
            data += part
            wanted = _LENGTH.unpack_from(data)[0] + _LENGTH.size if len(data) >= _LENGTH.size else wanted
        job: dict[str, Any] = json.loads(data[_LENGTH.size : wanted])
    except (OSError, ValueError):
        return None
    return job


class TooLarge(Exception):
    """The answer passed the job's max_bytes."""


class Frames:
    """File object that sends what is written to it in D frames of up to 64 kB, and stops at the octets allowed.

    A small answer leaves in one piece, head and end included.
    """

    def __init__(self, connection: socket.socket, pid: int) -> None:
        self._connection = connection
        self._pid = pid
        self._head = b""
        self._buffer = bytearray()
        self._left = 0

    def start(self, media_type: str, max_bytes: int) -> None:
        """Say what form the answer has; nothing is sent before its first octets."""
        self._left = max_bytes
        self._head = _frame(b"H", json.dumps({"media_type": media_type, "pid": self._pid}).encode())

    def write(self, data: bytes) -> int:
        """Take octets of the answer. Raises TooLarge."""
        self._left -= len(data)
        if self._left < 0:
            raise TooLarge
        self._buffer += data
        while len(self._buffer) >= FRAME:
            self._send(_frame(b"D", bytes(self._buffer[:FRAME])))
            del self._buffer[:FRAME]
        return len(data)

    def flush(self) -> None:
        """Nothing: frames are filled first, because a system call a row would cost more than the row."""

    def finish(self) -> None:
        """Send the rest and say that the answer is whole."""
        rest = _frame(b"D", bytes(self._buffer)) if self._buffer else b""
        self._buffer.clear()
        self._send(rest + _frame(b"E", b"{}"))

    def fail(self, kind: str, message: str) -> None:
        """Say why the answer ends here, in at most 500 characters."""
        self._buffer.clear()
        self._send(_frame(b"E", json.dumps({"kind": kind, "message": message[:_MESSAGE]}).encode()))

    def _send(self, data: bytes) -> None:
        head, self._head = self._head, b""
        self._connection.sendall(head + data)


def _frame(kind: bytes, payload: bytes) -> bytes:
    return _LENGTH.pack(len(payload)) + kind + payload


class Reader:
    """Reads frames from a connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = bytearray()

    def frame(self) -> tuple[bytes, bytes]:
        """Return the type and payload of the next frame; two empty strings at the end of the stream.

        Raises:
            BlockingIOError: Nothing came within the connection's time limit; may be called again.
        """
        if not self._fill(5):
            return b"", b""
        length = _LENGTH.unpack_from(self._buffer)[0]
        if not self._fill(5 + length):
            return b"", b""
        kind, payload = bytes(self._buffer[4:5]), bytes(self._buffer[5 : 5 + length])
        del self._buffer[: 5 + length]
        return kind, payload

    def _fill(self, wanted: int) -> bool:
        while len(self._buffer) < wanted:
            try:
                part = self._connection.recv(FRAME + 64)
            except ConnectionResetError:  # the worker ended before it had read the job
                return False
            if not part:
                return False
            self._buffer += part
        return True
