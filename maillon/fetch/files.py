"""Turns the path of a source, a file or a folder, into its files by name; and names into addresses and media types.

No address ever carries a path of this machine. Links are not followed out of the folder, hidden files are skipped.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import quote, urljoin

from maillon.errors import SourceUnavailable
from maillon.sources import Source

MEDIA_TYPES: Final = {
    "ttl": "text/turtle", "rdf": "application/rdf+xml", "owl": "application/rdf+xml", "xml": "application/xml",
    "jsonld": "application/ld+json", "json": "application/json", "geojson": "application/geo+json",
    "ndjson": "application/x-ndjson", "jsonl": "application/x-ndjson", "nt": "application/n-triples",
    "nq": "application/n-quads", "trig": "application/trig", "n3": "text/n3", "csv": "text/csv",
    "tsv": "text/tab-separated-values", "html": "text/html", "htm": "text/html", "txt": "text/plain",
    "yaml": "application/yaml", "yml": "application/yaml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xls": "application/vnd.ms-excel", "ods": "application/vnd.oasis.opendocument.spreadsheet",
}  # fmt: skip
"""Media types by extension in lower case, of what sources send."""


@dataclass(frozen=True, slots=True)
class LocalFile:
    """One file of a source: its name inside it (with ``/``), and where it is on this machine."""

    name: str
    path: Path


def media_type(name: str) -> str:
    """Return the media type that a name's extension stands for, empty where unknown."""
    return MEDIA_TYPES.get(name.rpartition(".")[2].lower(), "") if "." in name else ""


def address(source: Source, base: str, name: str = "") -> str:
    """Return the address of a file of a source: under ``source.base`` where that is set, else under our own base.

    Args:
        source: Whose file it is.
        base: The setting ``base_iri``.
        name: Name inside the source with ``/``; octets that are not UTF-8 are escaped as they are.
    """
    path = quote(name, safe="/", errors="surrogateescape")
    return urljoin(source.base or f"{base}source/{source.name}/", path)


def listing(source: Source) -> list[LocalFile]:
    """Return the files of a source whose ``url`` is a path, by name.

    Raises:
        SourceUnavailable: The path is not there, cannot be read, holds nothing, or a link leads out of it.
    """
    root = Path(source.url)
    try:
        mode = root.stat().st_mode
        if stat.S_ISDIR(mode):
            found = [LocalFile(path.relative_to(root).as_posix(), path) for path in _walk(root, source.name)]
        elif stat.S_ISREG(mode):
            found = [LocalFile(root.name, root)]
        else:
            raise SourceUnavailable(f"Source {source.name}: {root} is neither a file nor a folder: correct its url.")
    except FileNotFoundError as error:
        raise SourceUnavailable(f"Source {source.name}: there is no {root}: correct url in its TOML.") from error
    except OSError as error:
        raise _unreadable(source.name, str(error.filename or root), error) from error
    if not found:
        raise SourceUnavailable(f"Source {source.name}: the folder {root} holds no files: fill it or correct its url.")
    return sorted(found, key=lambda item: item.name)


def open_file(source: Source, file: LocalFile) -> BinaryIO:
    """Open a file of a source. Raises SourceUnavailable where it cannot be read or is no ordinary file."""
    try:
        # Not blocking, because opening a pipe that was put in the file's place would wait for ever.
        descriptor = os.open(file.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _unreadable(source.name, file.name, error) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise SourceUnavailable(f"Source {source.name}: {file.name!r} is not an ordinary file: remove it.")
    return os.fdopen(descriptor, "rb")


def _unreadable(source: str, name: str, error: OSError) -> SourceUnavailable:
    return SourceUnavailable(
        f"Source {source}: {name!r} cannot be read ({error.strerror}): let the user that runs Maillon read it."
    )


def _walk(root: Path, source: str) -> Iterator[Path]:
    def stop(error: OSError) -> None:
        raise error

    inside = root.resolve()
    for folder, folders, names in os.walk(root, onerror=stop):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in [*folders, *names]:
            path = Path(folder, name)
            if path.is_symlink() and not path.resolve().is_relative_to(inside):
                raise SourceUnavailable(
                    f"Source {source}: {path.relative_to(root).as_posix()!r} is a link out of the folder: remove it or "
                    "put the file itself there."
                )
        # A link to a file inside would only show the same file twice.
        yield from (
            path for name in names if not name.startswith(".") and not (path := Path(folder, name)).is_symlink()
        )
