"""Turns the address of a source into documents on disk: over HTTP, from a file, an archive, a folder, or an old run.

Every way is the same three steps: get the octets as they are and keep them (``raw``), unpack what was kept within
limits (``archives``), hand out documents. So what a harvester reads is exactly what a replay will read again.
"""

import contextlib
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from maillon.errors import SourceUnavailable
from maillon.fetch import files
from maillon.fetch.archives import Limits, Unpacker
from maillon.fetch.http import HttpClient, HttpFailure, bare
from maillon.fetch.raw import Kept, RawFolder, now
from maillon.fetch.sniffing import Sniffer
from maillon.fetch.workspace import workspace
from maillon.settings import Settings
from maillon.sources import Answer, Source

__all__ = ["Fetcher", "HttpFailure", "RawFolder"]

_PACKED_TYPES = frozenset({"", "application/octet-stream", "application/gzip", "application/x-gzip", "application/zip"})


class Fetcher:
    """What a harvester reads one source with (``maillon.sources.Fetch``). For one thread, as a context manager.

    Answers hold files that are removed when the context ends.

    Args:
        source: What to read.
        settings: The settings in force; ``settings.data`` holds the HTTP cache and, for a time, unpacked documents.
        raw: Folder of this run's raw answers; created.
        replay: Such a folder of an earlier run: then nothing is fetched, neither from the network nor from a path.
        bookmark: What the last run of the source left for this one.
        resume: Such a folder of a run that was cut off: pages it fetched are taken over, if the last of them is still
            the same.
    """

    def __init__(
        self,
        source: Source,
        settings: Settings,
        raw: Path,
        replay: Path | None = None,
        bookmark: str = "",
        resume: Path | None = None,
    ) -> None:
        self._source = source
        self._settings = settings
        self._raw = RawFolder(raw)
        self._replay = replay
        self._resume = resume if source.is_http else None
        self._bookmark = bookmark
        self._kept: dict[tuple[str, str], Kept] = {}
        self._unpacked: dict[str, list[Answer]] = {}
        self._members: dict[str, Answer] = {}
        self._own: _Lazy | None = None
        self._client: HttpClient | None = None
        self._sniffer: Sniffer | None = None
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        """Make the folders ready. Raises SourceUnavailable where there is nothing to replay."""
        if self._replay is not None:
            if not RawFolder(self._replay).entries():
                raise SourceUnavailable(f"There is nothing to replay in {self._replay}: name a run that kept answers.")
            self._raw.adopt(self._replay)
        self._raw.create()
        self._folder = self._stack.enter_context(workspace(self._settings.data / "tmp"))
        if self._replay is not None:
            for kept in self._raw.entries():
                self._kept[kept.asked, kept.accept] = kept
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def base_iri(self) -> str:
        """The setting ``base_iri``."""
        return self._settings.base_iri

    @property
    def bookmark(self) -> str:
        """What the last run of the source left for this one; empty where it is to be read from the start."""
        return self._bookmark

    @property
    def is_replay(self) -> bool:
        """Whether the answers of an earlier run are read, so that asking again gives the same."""
        return self._replay is not None

    def sniff(self, url: str) -> str | None:
        """Return the media type of a file by its first octets, None where it cannot be told; asked for once only."""
        if self._sniffer is None:
            path = self._settings.data / "sniffed" / f"{self._source.name}.json"
            self._sniffer = Sniffer(path, self._first)
            self._stack.callback(self._sniffer.close)
        return self._sniffer(url)

    def _first(self, url: str, octets: int) -> bytes:
        return b"" if self.is_replay else self._http().first(url, octets)

    def _http(self) -> HttpClient:
        if self._client is None:
            self._client = self._stack.enter_context(HttpClient(self._source, self._settings, self._raw))
        return self._client

    def forget(self) -> None:
        """Forget what was fetched over HTTP, so that it is fetched again; files of the source are kept as they are."""
        if self._source.is_http:
            self._kept.clear()
            self._members.clear()
            self._resume = None
            self._raw.void()

    def void(self) -> None:
        """Note that what was fetched must not be taken over by the next run."""
        self._raw.void()

    @property
    def reused(self) -> int:
        """Number of answers that were taken over from an earlier run."""
        return sum(kept.reused for kept in self._kept.values())

    def _take_over(self) -> None:
        """Take the pages of a run that was cut off, if the last page it got is still the same.

        Where a listing changed since then, its last page has other records; pages of both states would not be whole.
        """
        folder, self._resume = self._resume, None
        if folder is None:
            return
        oldest = datetime.now(UTC) - timedelta(hours=self._settings.resume_hours)
        before = RawFolder(folder)
        pages = before.usable(oldest.strftime("%Y-%m-%dT%H:%M:%SZ"))
        if len(pages) < 2:  # the last one is fetched anyway
            return
        taken = self._raw.take_over(before, pages)
        last = self._fetch(pages[-1].asked, pages[-1].accept)
        if last.error:
            raise HttpFailure(last.error, last.status)
        if len(taken) < len(pages) or last.sha256 != pages[-1].sha256:
            self._raw.void()
            self._raw.append(last)
            taken = []
        self._kept = {(kept.asked, kept.accept): kept for kept in (*taken, last)}

    def __call__(self, url: str, accept: str = "*/*") -> Answer:
        """Fetch one document.

        Args:
            url: An http(s) address, the source's own path, or the address of one of its files.
            accept: Media types wanted, as in RFC 9110; only sent over HTTP.

        Raises:
            SourceUnavailable: It cannot be had, or there are several documents behind it.
        """
        address = bare(url)
        if address in self._members:
            return self._members[address]
        if url != self._source.url and not self._source.is_http:
            return self._own_file(address)
        documents = list(self.documents(url, accept))
        if len(documents) != 1:
            raise SourceUnavailable(
                f"Source {self._source.name}: {address} holds {len(documents)} documents where one is needed: "
                "give url the address or path of a single one."
            )
        return documents[0]

    def documents(self, url: str, accept: str = "*/*") -> Iterator[Answer]:
        """Yield every document behind an address, by name: the file, an archive's members, a folder's files.

        Raises:
            SourceUnavailable: It cannot be had, or is not to be read by this source.
        """
        if self._source.is_http:
            yield from self._over_http(url, accept)
        elif url == self._source.url:
            yield from self._own_files()
        else:
            yield self._own_file(bare(url))

    def _own_file(self, address: str) -> Answer:
        for answer in self._own_files():
            if answer.url == address:
                return answer
        raise SourceUnavailable(
            f"Source {self._source.name}: {address} is not among its files, and nothing else is fetched for a source "
            "of files. Put it there, or give url the address of the portal."
        )

    def _own_files(self) -> Iterator[Answer]:
        if self._own is None:
            self._own = _Lazy(self._read_own())
        return iter(self._own)

    def _read_own(self) -> Iterator[Answer]:
        for kept in self._keep_own():
            yield from self._unpack(kept)

    def _keep_own(self) -> list[Kept]:
        """Return the source's files as they are kept; all are kept before the first is read."""
        root = files.address(self._source, self._settings.base_iri)
        closing = f"{root}#files"
        if self._replay is not None:
            end = self._kept.get((closing, ""))
            if end is None or end.documents is None:
                raise SourceUnavailable(f"The run in {self._replay} ended before all files of the source were kept.")
            return [self._find(asked, "") for asked in end.documents]
        found = files.listing(self._source)
        kept = [self._keep_file(file) for file in found]
        documents = [item.asked for item in kept]
        self._raw.append(Kept(asked=closing, status=200, time=now(), documents=documents))
        return kept

    def _keep_file(self, file: files.LocalFile) -> Kept:
        url = files.address(self._source, self._settings.base_iri, file.name)
        limit = self._source.max_bytes or self._settings.fetch_max_bytes
        what = f"Source {self._source.name}: {file.name!r}"
        with files.open_file(self._source, file) as stream, self._raw.receive(limit, what) as (body, name):
            while data := stream.read(1 << 20):
                body.write(data)
        kept = Kept(
            asked=url, name=file.name, url=url, status=200, file=name, gzipped=body.gzipped, sha256=body.sha256,
            octets=body.octets, time=now(),
        )  # fmt: skip
        self._raw.append(kept)
        return kept

    def _over_http(self, url: str, accept: str) -> list[Answer]:
        if not url.strip().lower().startswith(("http://", "https://")):
            raise SourceUnavailable(
                f"Source {self._source.name}: {url[:200]!r} is refused, because a source on the web is read over http "
                "only. Correct the address."
            )
        self._take_over()
        address = bare(url)
        kept = self._find(address, accept) if self._replay is not None else self._kept.get((address, accept))
        if kept is None:
            kept = self._fetch(url, accept)
            self._kept[address, accept] = kept
        if kept.error:
            raise HttpFailure(kept.error, kept.status)
        return self._unpack(kept)

    def _fetch(self, url: str, accept: str) -> Kept:
        try:
            kept = self._http().get(url, accept)
        except SourceUnavailable as error:
            status = error.status if isinstance(error, HttpFailure) else 0
            kept = Kept(asked=bare(url), accept=accept, status=status, time=now(), error=str(error))
        self._raw.append(kept)
        return kept

    def _find(self, address: str, accept: str) -> Kept:
        """Return what an earlier run kept for an address, with another Accept header where it must be."""
        kept = self._kept.get((address, accept))
        if kept is None:
            kept = next((item for (asked, _), item in self._kept.items() if asked == address), None)
        if kept is None:
            raise SourceUnavailable(f"{address} is not among the answers of the replayed run: harvest without replay.")
        if kept.file and kept.file not in self._unpacked:
            self._raw.verify(kept)
        return kept

    def _unpack(self, kept: Kept) -> list[Answer]:
        if kept.file not in self._unpacked:
            limit = self._source.max_bytes or self._settings.fetch_max_bytes
            limits = Limits(limit, self._settings.fetch_max_ratio)
            folder = self._folder / kept.file
            unpacker = Unpacker(folder, limits, kept.octets, self._called(kept))
            with self._raw.open(kept) as stream:
                folder.mkdir()
                try:
                    documents = unpacker.expand(stream, kept.name, kept.encoding)
                except SourceUnavailable:
                    shutil.rmtree(folder)
                    raise
            answers = [self._answer(kept, item.name, item.path, unpacker.is_archive) for item in documents]
            self._unpacked[kept.file] = answers
            self._members.update({answer.url: answer for answer in answers if unpacker.is_archive})
        return self._unpacked[kept.file]

    def _called(self, kept: Kept) -> str:
        return kept.asked if self._source.is_http else f"Source {self._source.name}: {kept.name!r}"

    def _answer(self, kept: Kept, name: str, path: Path, member: bool) -> Answer:
        if self._source.is_http and not member:
            declared = kept.media_type
            immutable = "immutable" in kept.headers.get("cache-control", "").lower()
            return Answer(kept.url, files.media_type(name) if declared in _PACKED_TYPES else declared, path, immutable)
        # Members of the archive that is the source itself stand alone; of any other under the archive's name.
        alone = not member or (not self._source.is_http and kept.name == Path(self._source.url).name)
        full = name if alone else f"{kept.name}/{name}"
        return Answer(files.address(self._source, self._settings.base_iri, full), files.media_type(name), path)


class _Lazy:
    """An iterator that can be read several times; what it raised once it raises again."""

    def __init__(self, answers: Iterator[Answer]) -> None:
        self._answers = answers
        self._seen: list[Answer] = []
        self._failure: SourceUnavailable | None = None

    def __iter__(self) -> Iterator[Answer]:
        position = 0
        while position < len(self._seen) or self._advance():
            yield self._seen[position]
            position += 1

    def _advance(self) -> bool:
        if self._failure is not None:
            raise self._failure
        try:
            answer = next(self._answers, None)
        except SourceUnavailable as error:
            self._failure = error
            raise
        if answer is not None:
            self._seen.append(answer)
        return answer is not None
