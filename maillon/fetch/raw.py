"""Turns what a run fetched into a folder that the run can be replayed from: ``index.jsonl`` and bodies.

Each line of the index is one ``Kept``: what was asked, what came back, and in which file. A body is complete on disk
before its line is written, and a line is written at once, so a process that is killed at any moment leaves an index
whose complete lines can all be used. Bodies are kept as they were sent; those not compressed already are gzipped.
"""

import contextlib
import gzip
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from maillon.errors import SourceUnavailable
from maillon.fetch.archives import is_packed

INDEX = "index.jsonl"
VOID = "#void"
"""What is "asked" by the line of an index that says: what stands before is not to be used by the next run."""
_KNOWN = 6  # octets that tell whether a body is compressed


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One request and its answer.

    Attributes:
        asked: Address that was asked for, without fragment and password; of a file its address under our base.
        accept: The Accept header that went with it.
        name: File name or path inside the source's folder; of an HTTP answer the last segment of its address.
        url: Address after redirects.
        status: HTTP status, 200 for files, 0 where there was no answer.
        media_type: As declared, without parameters, lower case.
        encoding: Content-Encoding of the body as it is kept.
        headers: Those wanted to understand it later (ETag, Last-Modified ...).
        file: Name of the body inside the folder; empty where none was kept.
        gzipped: Whether we compressed the body to keep it.
        sha256: Of the body as it was sent, hexadecimal.
        octets: Of the body as it was sent.
        time: When it was received, ISO 8601 UTC.
        error: Why it cannot be used, as it was told; empty where it can.
        documents: For the closing line of a source of files: ``asked`` of all its files, by name.
        reused: Whether it was fetched by an earlier run and only taken over.
    """

    asked: str
    accept: str = ""
    name: str = ""
    url: str = ""
    status: int = 0
    media_type: str = ""
    encoding: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    file: str = ""
    gzipped: bool = False
    sha256: str = ""
    octets: int = 0
    time: str = ""
    error: str = ""
    documents: list[str] | None = None
    reused: bool = False


def now() -> str:
    """Return the time, ISO 8601 UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Body:
    """A body on its way to disk: hashed, counted against a limit, gzipped unless it is compressed already."""

    def __init__(self, part: Path, limit: int, what: str) -> None:
        self.octets = 0
        self.gzipped = False
        self._hash = hashlib.sha256()
        self._head = b""
        self._limit = limit
        self._what = what
        self._file: BinaryIO = part.open("wb")
        self._sink: BinaryIO | gzip.GzipFile | None = None

    def expect(self, octets: int) -> None:
        """Compare a size with the limit, before or while it comes. Raises SourceUnavailable over it."""
        if octets > self._limit:
            raise SourceUnavailable(
                f"{self._what} is larger than {self._limit:,} octets. If that is right, raise max_bytes in the "
                "source's TOML (or the setting fetch_max_bytes)."
            )

    def write(self, data: bytes) -> None:
        """Take the next octets. Raises SourceUnavailable over the limit."""
        self.octets += len(data)
        self.expect(self.octets)
        self._hash.update(data)
        if self._sink is not None:
            self._sink.write(data)
            return
        self._head += data
        if len(self._head) >= _KNOWN:
            self._begin()

    def _begin(self) -> None:
        self.gzipped = not is_packed(self._head)
        self._sink = self._file
        if self.gzipped:
            self._sink = gzip.GzipFile(filename="", mode="wb", compresslevel=3, fileobj=self._file, mtime=0)
        self._sink.write(self._head)

    def close(self, complete: bool) -> None:
        """End the file; where it is complete it is on disk afterwards."""
        if complete and self._sink is None:
            self._begin()
        if isinstance(self._sink, gzip.GzipFile):
            self._sink.close()
        if complete:
            self._file.flush()
            os.fsync(self._file.fileno())
        self._file.close()

    @property
    def sha256(self) -> str:
        """SHA-256 of the octets taken so far, hexadecimal."""
        return self._hash.hexdigest()


class RawFolder:
    """The raw answers of one run. For one thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._number = 0

    def create(self) -> None:
        """Make the folder ready to be written to; an index that a killed process tore is mended first."""
        self.path.mkdir(parents=True, exist_ok=True)
        index = self.path / INDEX
        if index.is_file() and index.stat().st_size and not index.read_bytes().endswith(b"\n"):
            with index.open("ab") as file:
                file.write(b"\n")
        for part in self.path.glob("*.part"):
            part.unlink()

    def entries(self) -> list[Kept]:
        """Return all usable lines of the index, oldest first."""
        index = self.path / INDEX
        if not index.is_file():
            return []
        known = {item.name for item in fields(Kept)}
        found = []
        for line in index.read_bytes().split(b"\n"):
            values = _object(line)
            if isinstance(values.get("asked"), str):
                found.append(Kept(**{key: value for key, value in values.items() if key in known}))
        return found

    @contextlib.contextmanager
    def receive(self, limit: int, what: str) -> Iterator[tuple[Body, str]]:
        """Yield a body to write to and its file name; it stays only where the block ends without an error.

        Args:
            limit: Octets that it may have.
            what: How to call it in a message.
        """
        self._number += 1
        while (self.path / f"{self._number:06d}").exists():
            self._number += 1
        name = f"{self._number:06d}"
        part = self.path / f"{name}.part"
        body = Body(part, limit, what)
        try:
            yield body, name
        except BaseException:
            body.close(complete=False)
            part.unlink(missing_ok=True)
            raise
        body.close(complete=True)
        part.rename(self.path / name)

    def append(self, kept: Kept) -> None:
        """Write one line of the index; it is on disk afterwards."""
        line = json.dumps(asdict(kept), ensure_ascii=True, separators=(",", ":")) + "\n"
        with (self.path / INDEX).open("ab") as file:
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())

    def open(self, kept: Kept) -> BinaryIO | gzip.GzipFile:
        """Open a body as it was sent. Raises SourceUnavailable where it is not there."""
        path = self.path / kept.file
        if not kept.file or path.parent != self.path or not path.is_file():
            raise SourceUnavailable(f"The kept answer of {kept.asked} is gone from {self.path}: harvest anew.")
        return gzip.open(path, "rb") if kept.gzipped else path.open("rb")

    def verify(self, kept: Kept) -> None:
        """Check a body against its SHA-256. Raises SourceUnavailable where it is damaged or gone."""
        state = hashlib.sha256()
        try:
            with self.open(kept) as file:
                while data := file.read(1 << 20):
                    state.update(data)
        except (OSError, EOFError) as error:
            raise SourceUnavailable(
                f"The kept answer of {kept.asked} cannot be read ({error}): harvest anew."
            ) from error
        if state.hexdigest() != kept.sha256:
            raise SourceUnavailable(f"The kept answer of {kept.asked} was changed since it was kept: harvest anew.")

    def void(self) -> None:
        """Note that what was kept so far belongs to a state of the source that is over, or cannot be used."""
        if self.path.is_dir():
            self.append(Kept(asked=VOID, time=now()))

    def usable(self, not_before: str) -> list[Kept]:
        """Return the answers that another run may take over: whole, not void, and received at this time or later."""
        found: list[Kept] = []
        for kept in self.entries():
            if kept.asked == VOID:
                found.clear()
            elif kept.file and kept.status == 200 and not kept.error and kept.time >= not_before:
                found.append(kept)
        return found

    def take_over(self, other: "RawFolder", kept: Sequence[Kept]) -> list[Kept]:
        """Keep answers of another run as if this one had received them; bodies are linked. Damaged ones are left."""
        taken = []
        for item in kept:
            try:
                other.verify(item)
            except SourceUnavailable:
                continue
            if not (self.path / item.file).exists():
                _link(other.path / item.file, self.path / item.file)
            taken.append(replace(item, reused=True))
            self.append(taken[-1])
        return taken

    def adopt(self, other: Path) -> None:
        """Take over the answers of another run, so that a replayed run can be replayed itself; bodies are linked."""
        index = other / INDEX
        if index.is_file() and not (self.path / INDEX).exists():
            self.path.mkdir(parents=True, exist_ok=True)
            for body in sorted(other.glob("[0-9]*[0-9]")):
                _link(body, self.path / body.name)
            shutil.copyfile(index, self.path / INDEX)


def _link(body: Path, target: Path) -> None:
    try:
        target.hardlink_to(body)
    except FileExistsError:
        return
    except OSError:  # another file system, or one without links
        shutil.copyfile(body, target)


def _object(line: bytes) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}
