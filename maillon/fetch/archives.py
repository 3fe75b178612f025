"""Turns a body as it was sent (plain, compressed, an archive) into plain documents on disk, within limits.

What a body is, is read from its first octets, never from its name: gzip (RFC 1952), bzip2, xz, zip, and tar with a
``ustar`` header (POSIX.1-1988 and later). A member's name is never used as a path on disk, so no name can leave the
folder; names that try are refused all the same, because they become addresses. A zip that is an office document or an
EPUB is one document, not an archive.
"""

import bz2
import contextlib
import gzip
import io
import itertools
import lzma
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from maillon.errors import SourceUnavailable

_GZIP, _BZIP2, _XZ, _ZIP = b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00", (b"PK\x03\x04", b"PK\x05\x06")
_SUFFIXES: Final = {".gz": "", ".bz2": "", ".xz": "", ".tgz": ".tar", ".txz": ".tar", ".tbz2": ".tar"}
_LAYERS = 3  # compressions inside each other, e.g. a .gz file sent with Content-Encoding
_DEPTH = 2  # archives inside each other
_RATIO_FLOOR = 10_000_000  # octets under which the ratio is no danger: short repetitive files compress very well
_HEADER = 65_536  # octets of one tar extension header; tarfile reads it into memory as a whole
_EXTENSIONS: Final = (
    tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK,
)  # fmt: skip
_ZIP_ENTRY = b"PK\x01\x02"  # begins each entry of a zip's directory
_DAMAGED: Final = (
    EOFError, OSError, zlib.error, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile, struct.error,
)  # fmt: skip
_BZIP2_BLOCKS: Final = (b"1AY&SY", b"\x17rE8P\x90")  # of a first block, of the end of an empty file


@dataclass(frozen=True, slots=True)
class Document:
    """One plain document: its name inside the source (with ``/``), and the file that holds it."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Limits:
    """What unpacking may cost: octets, how many times larger than packed, number of members."""

    octets: int
    ratio: int
    members: int = 200_000


def is_packed(head: bytes) -> bool:
    """Tell from its first six octets whether a body is compressed or a zip, so that compressing it again is vain."""
    return head.startswith((_GZIP, _BZIP2, _XZ, *_ZIP))


def _is_tar(head: bytes) -> bool:
    empty = len(head) == 512 and not head.strip(b"\0")  # an archive without members is nothing but zeros
    return head[257:262] == b"ustar" or empty


class _Counted(io.RawIOBase):
    """A stream that raises SourceUnavailable as soon as more octets come out than may."""

    def __init__(self, stream: Any, unpacker: "Unpacker") -> None:
        self._stream = stream
        self._unpacker = unpacker
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data: bytes = self._stream.read(len(buffer))
        self._count += len(data)
        self._unpacker.check(self._count)
        buffer[: len(data)] = data
        return len(data)


class _Inflated(io.RawIOBase):
    """A body with ``Content-Encoding: deflate``, with or without the zlib wrapper (RFC 9110, section 8.4.1.2)."""

    def __init__(self, stream: Any, head: bytes) -> None:
        self._stream = stream
        wrapped = len(head) > 1 and head[0] & 0x0F == 8 and (head[0] << 8 | head[1]) % 31 == 0
        self._inflater = zlib.decompressobj() if wrapped else zlib.decompressobj(-zlib.MAX_WBITS)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._inflater.eof:
            packed = self._inflater.unconsumed_tail or self._stream.read(65_536)
            if not packed:
                raise EOFError
            if data := self._inflater.decompress(packed, len(buffer)):
                buffer[: len(data)] = data
                return len(data)
        return 0


class _TarInfo(tarfile.TarInfo):
    """A header that refuses what ``tarfile`` would take: a torn archive as a short one, an extension of any size."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> "_TarInfo":
        try:
            return super().fromtarfile(archive)
        except (tarfile.InvalidHeaderError, tarfile.TruncatedHeaderError, tarfile.EmptyHeaderError) as error:  # type: ignore[attr-defined]
            raise tarfile.ReadError(str(error)) from error

    # Not frombuf, the public place: Debian's Python goes round it since a security update.
    def _proc_member(self, archive: tarfile.TarFile) -> "_TarInfo":
        if self.type in _EXTENSIONS and self.size > _HEADER:
            raise tarfile.ReadError("a header is too large")
        return super()._proc_member(archive)  # type: ignore[misc, no-any-return]


def _buffered(stream: Any) -> io.BufferedReader:
    return stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream, 65_536)


def _decompressed(stream: io.BufferedReader) -> Any:
    """Return the stream behind one compression, or None where there is none."""
    head = stream.peek(10)
    if head.startswith(_GZIP):
        return gzip.GzipFile(fileobj=stream)
    if head.startswith(_BZIP2) and head[4:10] in _BZIP2_BLOCKS:
        return bz2.BZ2File(stream)
    return lzma.LZMAFile(stream) if head.startswith(_XZ) else None


def _without_suffix(name: str) -> str:
    for suffix, rest in _SUFFIXES.items():
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)] + rest
    return name


def _is_office(archive: zipfile.ZipFile) -> bool:
    names = archive.namelist()
    return bool(names) and (names[0] == "mimetype" or "[Content_Types].xml" in names)


class Unpacker:
    """Unpacks one body into a folder; the limits count over all that is in it. For one thread.

    Args:
        folder: Where documents are written, under numbers.
        limits: What it may cost.
        packed: Octets of the body as it was sent.
        what: How to call the body in a message.
    """

    def __init__(self, folder: Path, limits: Limits, packed: int, what: str) -> None:
        self._folder = folder
        self._limits = limits
        self._packed = max(packed, 1)
        self._what = what
        self._octets = 0
        self._members = 0
        self._written = 0
        self.is_archive = False

    def expand(self, stream: Any, name: str, encoding: str = "") -> list[Document]:
        """Return the plain documents of a body, by name.

        Args:
            stream: The body, open for reading.
            name: Its name; a suffix such as ``.gz`` is dropped where it was compressed. The members of an archive
                are named by their own path alone, those of an archive inside it after that archive.
            encoding: The body's Content-Encoding; only ``deflate`` matters, the others show in the octets.

        Raises:
            SourceUnavailable: It is damaged, too large, empty, or holds what no archive of data holds.
        """
        try:
            documents = list(self._expand(_buffered(stream), name, encoding, 0))
        except _DAMAGED as error:
            if isinstance(error, OSError) and error.errno is not None:  # this machine's fault, not the archive's
                raise self._unusable(f"cannot be unpacked here ({error.strerror}): make room for it") from error
            reason = str(error) or "unexpected end"
            raise self._unusable(f"is cut short or damaged ({reason}): ask for a whole copy") from error
        except (RuntimeError, ValueError) as error:
            raise self._unusable(f"cannot be unpacked ({error}): ask for an ordinary zip or tar archive") from error
        documents.sort(key=lambda document: document.name)
        for one, other in itertools.pairwise(documents):
            if one.name == other.name:
                raise self._unusable(f"holds {one.name!r} twice: ask for an archive where each name stands once")
        return documents

    def check(self, octets: int) -> None:
        """Compare a number of unpacked octets with the limits. Raises SourceUnavailable over them."""
        if octets > self._limits.octets:
            raise self._unusable(
                f"has more than {self._limits.octets:,} octets once unpacked. If that is right, raise max_bytes in the "
                "source's TOML (or the setting fetch_max_bytes)"
            )
        if octets > _RATIO_FLOOR and octets > self._packed * self._limits.ratio:
            raise self._unusable(
                f"gets more than {self._limits.ratio} times larger when unpacked, as a decompression bomb does. "
                "If it is right, raise the setting fetch_max_ratio"
            )

    def _unusable(self, reason: str) -> SourceUnavailable:
        return SourceUnavailable(f"{self._what} {reason}.")

    def _expand(self, stream: io.BufferedReader, name: str, encoding: str, depth: int) -> Iterator[Document]:
        stream, name, layers = self._peel(stream, name, encoding)
        head = stream.peek(512)[:512]
        if head.startswith(_ZIP):
            with contextlib.ExitStack() as stack:
                direct = depth == 0 and layers == 0 and stream.seekable()
                file = stream if direct else stack.enter_context(self._spool(stream))
                yield from self._unzip(file, name, depth)
        elif _is_tar(head):
            yield from self._untar(stream, name, depth)
        else:
            yield Document(name, self._write(stream))

    def _peel(self, stream: io.BufferedReader, name: str, encoding: str) -> tuple[io.BufferedReader, str, int]:
        """Undo the compressions of a stream; return also its name without them and their number."""
        layers = 0
        if encoding == "deflate":
            stream = _buffered(_Counted(_Inflated(stream, stream.peek(2)), self))
            layers = 1
        while (opened := _decompressed(stream)) is not None:
            layers += 1
            if layers > _LAYERS:
                raise self._unusable(f"is compressed more than {_LAYERS} times: unpack it and give the file itself")
            stream, name = _buffered(_Counted(opened, self)), _without_suffix(name)
        return stream, name, layers

    def _unzip(self, file: BinaryIO, name: str, depth: int) -> Iterator[Document]:
        self._count_zip(file)
        with zipfile.ZipFile(file) as archive:
            if _is_office(archive):
                file.seek(0)
                yield Document(name, self._write(file))
                return
            prefix, found = self._enter(name, depth), False
            for info in archive.infolist():
                kind = stat.S_IFMT(info.external_attr >> 16)
                if info.flag_bits & 1:
                    raise self._unusable(f"holds {info.filename!r} under a password: ask for it without")
                if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                    raise self._unusable(f"holds {info.filename!r}, a link or device: ask for plain files")
                member = None if info.is_dir() else self._member(info.filename)
                if member is not None:
                    with archive.open(info) as stream:
                        yield from self._expand(_buffered(stream), prefix + member, "", depth + 1)
                    found = True
            self._leave(found)

    def _untar(self, stream: io.BufferedReader, name: str, depth: int) -> Iterator[Document]:
        prefix, found = self._enter(name, depth), False
        with tarfile.open(fileobj=stream, mode="r|", tarinfo=_TarInfo, encoding="utf-8") as archive:
            while (info := archive.next()) is not None:
                archive.members = []  # type: ignore[attr-defined]  # it would remember every header
                if not (info.isfile() or info.isdir()):
                    raise self._unusable(f"holds {info.name!r}, a link or device: ask for plain files")
                member = None if info.isdir() else self._member(info.name)
                opened = archive.extractfile(info) if member is not None else None
                if member is not None and opened is not None:
                    with opened:
                        yield from self._expand(_buffered(opened), prefix + member, "", depth + 1)
                    found = True
        self._leave(found)

    def _enter(self, name: str, depth: int) -> str:
        """Begin an archive; return what the names of its members start with."""
        if depth >= _DEPTH:
            raise self._unusable(f"holds archives more than {_DEPTH} deep ({name!r}): unpack the inner ones")
        self.is_archive = True
        return f"{name}/" if depth else ""

    def _leave(self, found: bool) -> None:
        if not found:
            raise self._unusable("is an archive without documents: ask for a filled one")

    def _member(self, name: str) -> str | None:
        """Return a member's name as it goes into an address, None for a hidden file. Raises SourceUnavailable."""
        self._members += 1
        if self._members > self._limits.members:
            raise self._unusable(f"holds more than {self._limits.members:,} files: split it")
        path = name.replace("\\", "/")
        parts = [part for part in path.split("/") if part not in ("", ".")]
        if path.startswith("/") or path[1:3] == ":/" or ".." in parts or not parts or "\0" in path:
            raise self._unusable(f"holds {name!r}, a name that leads out of it: do not use it, tell its publisher")
        hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
        return None if hidden else "/".join(parts)

    def _count_zip(self, file: BinaryIO) -> None:
        """Refuse too many members before ``zipfile`` makes an object of each (about 600 octets)."""
        count, rest = 0, b""
        file.seek(0)
        while data := file.read(1 << 20):
            data = rest + data
            count += data.count(_ZIP_ENTRY)
            rest = data[-3:]
        if count > self._limits.members:
            raise self._unusable(f"holds more than {self._limits.members:,} files: split it")
        file.seek(0)

    @contextlib.contextmanager
    def _spool(self, stream: io.BufferedReader) -> Iterator[BinaryIO]:
        """Put a stream into a file for as long as it is needed, because a zip is read from its end."""
        with tempfile.TemporaryFile(dir=self._folder) as file:
            while data := stream.read(1 << 18):
                file.write(data)
                self.check(file.tell())
            file.seek(0)
            yield file

    def _write(self, stream: BinaryIO) -> Path:
        self._written += 1
        path = self._folder / f"{self._written:06d}"
        with path.open("xb") as file:
            while data := stream.read(1 << 18):
                self._octets += len(data)
                self.check(self._octets)
                file.write(data)
        return path
