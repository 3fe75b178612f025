"""Turns finished answers into files that the processes of one machine share, and keeps them within a number of octets.

Layout: ``<folder>/<snapshot>/<hash of the key>``, each file one line ``maillon <20 digits: octets> <media type>`` and
the octets of the answer; ``....part`` while it is being made, under a lock (flock) that the kernel takes off a killed
process. The digits are written last and compared with the size of the file, so a torn file is no answer.
"""

import contextlib
import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from maillon.sparql.jobs import FRAME
from maillon.sparql.kept.spool import FileAnswer, HeldAnswer, WholeAnswer

BLOCK: Final = 4096
"""Octets that the smallest file takes on a disk."""
MOST: Final = 50_000
"""Entries: looking at all of them takes about 0.2 seconds."""
_MAGIC: Final = b"maillon "
_DIGITS: Final = 20
_TOUCH: Final = 60.0
_TRIES: Final = 3
_PAUSE: Final = 600.0
"""Seconds without a cache after its folder could not be written to."""
_LOG: Final = logging.getLogger("maillon.sparql")


def head(media_type: str, length: int) -> bytes:
    """Return the first line of an entry."""
    return b"%s%020d %s\n" % (_MAGIC, length, media_type.encode())


@dataclass(frozen=True, slots=True)
class Part:
    """An entry that is being made.

    Attributes:
        descriptor: Of its file.
        path: Of its file; None where it is nameless and will not be kept.
        final: Where it goes when it is whole.
        start: Where the octets of the answer start.
    """

    descriptor: int
    path: str | None
    final: str
    start: int


@dataclass(slots=True)
class _File:
    used: float
    octets: int
    path: str


class Entries:
    """The finished answers in one folder.

    Args:
        folder: Made when it is needed.
        octets: How many all entries may have together, a little more for some moments; 0 for no cache.
        alive: Returns the first parts of the keys that can still be asked for; None where nothing is known of them.
    """

    def __init__(self, folder: Path, octets: int, alive: Callable[[], Collection[str]] | None) -> None:
        self._folder = str(folder)
        self._limit = octets
        self._alive = alive
        self._off_until = 0.0
        self._told = False
        self._lock = threading.Lock()
        self._fresh = 0
        self._number = 0
        self._sweeping = False
        self.octets = self.entries = self.evictions = 0

    @property
    def is_on(self) -> bool:
        """Whether entries are kept now."""
        return self._limit > 0 and time.monotonic() >= self._off_until

    @property
    def largest(self) -> int:
        """Octets of the largest answer that is kept."""
        return self._limit // 4

    def path(self, snapshot: str, name: str) -> str:
        """Return where an entry is, or would be."""
        return f"{self._folder}/{snapshot}/{name}"

    def find(self, path: str) -> HeldAnswer | None:
        """Open an entry; None where there is none."""
        if self._limit <= 0:
            return None
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            answer = self._opened(descriptor, path)
        except BaseException:
            os.close(descriptor)
            raise
        if not isinstance(answer, FileAnswer):
            os.close(descriptor)
        return answer

    def _opened(self, descriptor: int, path: str) -> HeldAnswer | None:
        try:
            status = os.fstat(descriptor)
            first = os.pread(descriptor, FRAME, 0)
            if time.time() - status.st_mtime > _TOUCH:
                with contextlib.suppress(OSError):  # a folder for reading only
                    os.utime(path)
        except OSError:
            return None
        start = first.find(b"\n") + 1
        digits, _, media_type = first[len(_MAGIC) : start - 1].partition(b" ")
        if not first.startswith(_MAGIC) or not digits.isdigit() or start + int(digits) != status.st_size:
            self._remove(path)
            return None
        if status.st_size <= len(first):
            return WholeAnswer(first[start:], media_type.decode())
        return FileAnswer(descriptor, start, int(digits), media_type.decode())

    def part(self, path: str, media_type: str) -> Part | None:
        """Start an entry; None where it cannot be kept."""
        if not self.is_on:
            return None
        first = head(media_type, 0)
        try:
            for _ in range(_TRIES):
                with self._lock:
                    self._number += 1
                    name = f"{path}.{os.getpid()}-{self._number}.part"
                descriptor = self._created(name)
                if self._claimed(descriptor, name, first):
                    return Part(descriptor, name, path, len(first))
        except OSError as error:
            self.switch_off(error)
        return None

    def _claimed(self, descriptor: int, name: str, first: bytes) -> bool:
        """Write the first line under the lock; False where somebody took the part for a leftover before."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)  # held against us only for the moment of a look
            os.write(descriptor, first)
            if os.fstat(descriptor).st_nlink:
                return True
        except OSError:
            os.close(descriptor)
            self._remove(name)
            raise
        os.close(descriptor)
        return False

    def _created(self, name: str) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with contextlib.suppress(FileNotFoundError):
            return os.open(name, flags, 0o600)
        Path(name).parent.mkdir(0o700, parents=True, exist_ok=True)
        return os.open(name, flags, 0o600)

    def keep(self, part: Part, length: int) -> None:
        """Make an entry of a part that is whole. What cannot be kept is dropped; readers have it open."""
        if part.path is None:
            return
        if length > self.largest:
            self.drop(part)
            return
        try:
            os.pwrite(part.descriptor, b"%020d" % length, len(_MAGIC))
            Path(part.path).rename(part.final)
        except OSError as error:
            self.drop(part)
            if not isinstance(error, FileNotFoundError):  # swept away with its snapshot
                self.switch_off(error)
            return
        self._told = False
        self._added(max(BLOCK, part.start + length))

    def drop(self, part: Part) -> None:
        """Take away the name of a part that will not be whole."""
        if part.path is not None:
            self._remove(part.path)

    def put(self, path: str, octets: bytes, media_type: str) -> None:
        """Keep an answer that is in memory."""
        part = self.part(path, media_type)
        if part is None:
            return
        try:
            os.pwrite(part.descriptor, octets, part.start)  # a short write is found by its length
            self.keep(part, len(octets))
        except OSError as error:
            self.drop(part)
            self.switch_off(error)
        finally:
            os.close(part.descriptor)

    def switch_off(self, error: OSError) -> None:
        """Do without a cache for ten minutes; said once."""
        self._off_until = time.monotonic() + _PAUSE
        if not self._told:
            self._told = True
            _LOG.warning(
                "SPARQL answers are not kept for now: %s (%s). Make the folder writable, or make room on its disk.",
                self._folder,
                error.strerror or error,
            )

    def _remove(self, path: str) -> bool:
        try:
            Path(path).unlink()
        except OSError:
            return False
        return True

    def _added(self, octets: int) -> None:
        with self._lock:
            self.octets += octets
            self.entries += 1
            self._fresh += max(octets, self._limit // MOST)
            due = self._fresh > self._limit // 16
        if due:
            self.tidy()

    def tidy(self) -> None:
        """Remove in the background what killed processes left, and what is too much."""
        with self._lock:
            due = self._limit > 0 and not self._sweeping and Path(self._folder).is_dir()
            self._sweeping = self._sweeping or due
        if due:
            threading.Thread(target=self._swept, name="sweep", daemon=True).start()

    def _swept(self) -> None:
        try:
            fresh = -1
            while self._fresh != fresh:  # much may come while this is done; nothing is done while another does it
                fresh = self._fresh
                self.sweep(self._limit - self._limit // 8)
                if self._fresh <= self._limit // 16:
                    break
        except Exception:
            _LOG.exception("The folder of SPARQL answers could not be tidied.")
        finally:
            self._sweeping = False

    def sweep(self, target: int) -> int:
        """Remove what is of no use, then the least recently used, until ``target`` octets and MOST entries stay.

        One process at a time does this. What others add meanwhile is counted the next time.

        Returns:
            Octets made free.
        """
        try:
            lock = os.open(f"{self._folder}/lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            return 0
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._fresh = 0
            return self._tidied(target)
        except BlockingIOError:
            return 0
        finally:
            os.close(lock)

    def _tidied(self, target: int) -> int:
        before = self.octets, self.entries
        # Folders first, then who is alive: a snapshot published in between is not taken for one that is gone.
        folders = [Path(item.path) for item in _scan(self._folder) if item.is_dir(follow_symlinks=False)]
        alive = None if self._alive is None else self._alive()
        kept: list[_File] = []
        freed = 0
        for folder in folders:
            found = list(self._entries(str(folder)))
            if alive is None or folder.name in alive:
                kept += found
                continue
            freed += sum(self._evicted(item) for item in found)
            with contextlib.suppress(OSError):  # not empty: an answer over it is still being made
                folder.rmdir()
        kept.sort(key=lambda item: item.used, reverse=True)
        total = sum(item.octets for item in kept)
        while kept and (total > target or len(kept) > MOST):
            item = kept.pop()
            total -= item.octets
            freed += self._evicted(item)
        with self._lock:  # what came meanwhile may be counted twice, until the next time
            self.octets += total - before[0]
            self.entries += len(kept) - before[1]
        return freed

    def _evicted(self, item: _File) -> int:
        removed = self._remove(item.path)
        self.evictions += removed
        return item.octets if removed else 0

    def _entries(self, folder: str) -> Iterator[_File]:
        """Yield the entries of a snapshot; what killed processes left is removed."""
        for item in _scan(folder):
            if item.name.endswith(".part"):
                _remove_left(item.path)
                continue
            with contextlib.suppress(OSError):
                status = item.stat(follow_symlinks=False)
                yield _File(status.st_mtime, max(BLOCK, status.st_size), item.path)


def _scan(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []


def _remove_left(path: str) -> None:
    """Remove a part that nobody fills any more."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        Path(path).unlink()  # under the lock: who has just made it notices
    except OSError:
        return
    finally:
        os.close(descriptor)
