"""Opens what a table names: an address as the source fetches it, or a path beside the source's own file."""

import mimetypes
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, unquote, urljoin

from maillon.errors import SourceUnavailable
from maillon.sources import Answer, Fetch, Source


def _inside(folder: Path, address: str, source: str) -> Path:
    try:
        path = (folder / address).resolve()
        is_there = path.is_file()
    except (OSError, ValueError):  # a name that is too long, or holds a NUL
        path, is_there = folder, False
    if not path.is_relative_to(folder):
        raise SourceUnavailable(f"Source {source}: {address[:200]!r} leads out of the source's own folder.")
    if not is_there:
        raise SourceUnavailable(f"Source {source}: there is no file {address[:200]!r} in the folder of the source.")
    return path


def beside(source: Source, fetch: Fetch) -> Callable[[str], Answer]:
    """Return what opens the documents of a source's tables.

    A relative path is relative to the source's address, or for a source that is a file to that file's folder, out of
    which it may not lead. An http(s) address goes through ``fetch`` with all its guards.
    """

    def open_document(address: str) -> Answer:
        if source.is_http:
            return fetch(urljoin(source.url, address))
        own = Path(source.url)
        folder = (own if own.is_dir() else own.parent).resolve()
        root = f"{fetch.base_iri}graph/file/{source.name}/"
        if address.startswith(root):
            address = unquote(address.removeprefix(root))
        elif address.lower().startswith(("http://", "https://")):
            return fetch(address)
        path = _inside(folder, address, source.name)
        name = path.relative_to(folder).as_posix()
        return Answer(root + quote(name), mimetypes.guess_type(name)[0] or "", path)

    return open_document
