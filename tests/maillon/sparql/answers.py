"""Answers that tests make up in the place of a worker's."""

import threading
from collections.abc import Iterable, Iterator

from maillon.sparql.jobs import FRAME, Answer, QueryFailed

PART = b"0123456789abcdef" * (FRAME // 16)
MEDIA_TYPE = "text/csv; charset=utf-8"


class Fake(Answer):
    """A worker's answer; ends with an error when it is closed early, as those of workers do."""

    media_type = MEDIA_TYPE

    def __init__(self, parts: Iterable[bytes], is_careless: bool = False) -> None:
        self._parts = iter(parts)
        self._is_careless = is_careless
        self.closed = threading.Event()
        self.given = 0

    def __next__(self) -> bytes:
        if self.closed.is_set():
            if self._is_careless:
                raise StopIteration
            raise QueryFailed("died", "The query ended its worker.")
        part = next(self._parts)
        self.given += 1
        return part

    def close(self) -> None:
        self.closed.set()


def gated(gate: threading.Event, *parts: bytes) -> Iterator[bytes]:
    yield PART
    assert gate.wait(20)
    yield from parts


def read(answer: Answer) -> bytes:
    try:
        return b"".join(answer)
    finally:
        answer.close()
