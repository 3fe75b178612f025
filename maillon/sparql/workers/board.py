"""Shared memory in which query workers say what they do, and those who watch over them what they decided.

One file in the query server's private folder, mapped by the server, its nurseries and their workers, and read by the
web processes. Each worker has a slot; each field of a slot has one writer (the worker, or its nursery), so there are no
locks. Times are CLOCK_MONOTONIC, which all processes of a machine share.
"""

import mmap
import os
import struct
from pathlib import Path
from typing import Final, NamedTuple

FREE, STARTING, IDLE, BUSY, ENDED, RESTED = range(6)
"""States of a slot. A worker rests after a query that was set apart until its nursery lets it go on."""
QUICK, LONG, HELD, SURPLUS = range(4)
"""Lanes of a query: every one begins quick; a long one may be held while others are worked on. The worker of a surplus
one is quick still, but has been replaced already; only workers in the quick lane take another query at once."""
LANES: Final = ("quick", "long", "held", "quick")
NONE, TIME, MEMORY, MEMORY_ALL, MANY, STOPPED, GONE, PANICKED, DIED = range(9)
"""Why a worker ended: not yet; its query used up its time, its memory, the memory of all; too many long queries; the
operator stopped it; its client went away; the engine gave up (a panic, in Rust); anything else."""

SECTIONS: Final = 8
"""Nurseries that can live at the same time."""
_TEXT: Final = 4096
_HEAD: Final = 64
_RECORD: Final = struct.Struct("<IIIIQddQIIIiQ")


class Entry(NamedTuple):
    """One slot as it was at one moment.

    Attributes:
        pid: The worker's process.
        state: FREE to RESTED.
        lane: QUICK to SURPLUS.
        outcome: NONE to DIED.
        token: What the client calls its query.
        started: When the query was accepted.
        seconds: Time that it may take.
        memory: Octets that the worker has for itself.
        thread: The kernel's number of the thread that evaluates.
        length: Octets of the query's text that are kept.
        taken: Number of queries that the worker has accepted.
        code: Exit code, negative for a signal.
        ordered: Token of the query that the operator wants stopped.
    """

    pid: int
    state: int
    lane: int
    outcome: int
    token: int
    started: float
    seconds: float
    memory: int
    thread: int
    length: int
    taken: int
    code: int
    ordered: int


def _offsets() -> dict[str, tuple[int, struct.Struct]]:
    fields, place = {}, 0
    for name, code in zip(Entry._fields, _RECORD.format[1:], strict=True):
        item = struct.Struct("<" + code)
        fields[name] = (place, item)
        place += item.size
    return fields


_FIELDS: Final = _offsets()


class Board:
    """The slots of all nurseries, ``size`` of them in each of the SECTIONS.

    Args:
        path: The file.
        size: Slots of a section; given by who makes the file, read from it by the others.
    """

    def __init__(self, path: Path, size: int = 0) -> None:
        flags = os.O_RDWR | (os.O_CREAT | os.O_EXCL if size else 0)
        handle = os.open(path, flags | os.O_CLOEXEC, 0o600)
        try:
            if size:
                os.ftruncate(handle, _HEAD + SECTIONS * size * (_RECORD.size + _TEXT))
                os.pwrite(handle, struct.pack("<I", size), 0)
            self._map = mmap.mmap(handle, 0)
        finally:
            os.close(handle)
        self.size: int = struct.unpack_from("<I", self._map)[0]
        self._texts = _HEAD + SECTIONS * self.size * _RECORD.size

    def close(self) -> None:
        """Let go of the memory."""
        self._map.close()

    def entry(self, slot: int) -> Entry:
        """Return one slot."""
        return Entry._make(_RECORD.unpack_from(self._map, _HEAD + slot * _RECORD.size))

    def section(self, number: int) -> list[Entry]:
        """Return all slots of one nursery; the first has the number ``number * size``."""
        first = _HEAD + number * self.size * _RECORD.size
        return [Entry._make(item) for item in _RECORD.iter_unpack(self._map[first : first + self.size * _RECORD.size])]

    def used(self) -> list[int]:
        """Return the numbers of the sections that have a nursery."""
        return [number for number in range(SECTIONS) if self._map[8 + number]]

    def use(self, number: int, in_use: bool) -> None:
        """Empty a section and give it to a nursery, or take it back, its last outcomes still readable."""
        self._map[8 + number] = in_use
        self._map[16 + number] = 0
        first = _HEAD + number * self.size * _RECORD.size
        if in_use:
            self._map[first : first + self.size * _RECORD.size] = bytes(self.size * _RECORD.size)

    def asleep(self, number: int) -> bool:
        """Tell whether the nursery of a section wants to be woken by the next query."""
        return bool(self._map[16 + number])

    def sleep(self, number: int, asleep: bool) -> None:
        """Say whether the nursery of a section wants to be woken."""
        self._map[16 + number] = asleep

    def busy(self, number: int) -> bool:
        """Tell whether a query is being answered in a section."""
        return any(entry.state == BUSY for entry in self.section(number))

    def put(self, slot: int, name: str, value: float) -> None:
        """Write one field of a slot."""
        place, item = _FIELDS[name]
        item.pack_into(self._map, _HEAD + slot * _RECORD.size + place, value)

    def clear(self, slot: int) -> None:
        """Make a slot ready for a new worker."""
        first = _HEAD + slot * _RECORD.size
        self._map[first : first + _RECORD.size] = bytes(_RECORD.size)

    def begin(self, slot: int, token: int, times: tuple[float, float], query: str) -> None:
        """Say that a query was accepted; times are when, and the seconds it may take."""
        text = query.encode(errors="replace")[:_TEXT]
        first = self._texts + slot * _TEXT
        self._map[first : first + len(text)] = text
        for name, value in (("length", len(text)), ("token", token), ("started", times[0]), ("seconds", times[1])):
            self.put(slot, name, value)
        self.put(slot, "taken", self.entry(slot).taken + 1)
        self.put(slot, "state", BUSY)  # last: whoever sees it sees the rest

    def text(self, slot: int) -> str:
        """Return the text of the query that a worker has accepted last, its first 4,096 octets."""
        first = self._texts + slot * _TEXT
        return self._map[first : first + self.entry(slot).length].decode(errors="replace")

    def find(self, token: int) -> tuple[int, Entry] | None:
        """Return the slot whose last query has a token, None where none has it (any more)."""
        place, wanted = _HEAD, struct.pack("<Q", token)
        while (place := self._map.find(wanted, place, self._texts)) >= 0:
            slot, offset = divmod(place - _HEAD, _RECORD.size)
            entry = self.entry(slot)
            if offset == _FIELDS["token"][0] and entry.state:
                return slot, entry
            place += 1
        return None
