"""Turns a folder of recorded answers into a source that harvests without network: what the standard suite works on.

The format of the folder stands in docs/how-to/write-a-harvester.md. A harvest of it can be made with some recordings
changed or gone, and says what came out, how it ended, what was asked for, and what was touched beside ``fetch``.
"""

import gc
import os
import shutil
import sys
import sysconfig
import tempfile
import tomllib
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Self

from maillon import definitions, paths
from maillon.errors import MaillonError, SourceDefinitionError, SourceUnavailable
from maillon.fetch import files
from maillon.harvest import loading
from maillon.records import Bookmark, Record, Rejected
from maillon.sources import Answer, Source

BASE: Final = "https://catalogue.example/"
"""Base IRI under which the suite mints."""

MOST: Final = 100_000
"""Records after which a harvest of recordings counts as endless."""

_SETUP: Final = ("source.toml", "suite.toml")
_REFUSED: Final = (
    "socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "subprocess.Popen", "os.system",
    "os.exec", "os.posix_spawn", "os.fork", "os.remove", "os.rename", "os.rmdir", "shutil.rmtree",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come out: ``records`` is None where only "at least one" is asked for."""

    records: int | None = None
    rejected: int = 0
    no_end: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one harvest of recordings came to.

    Attributes:
        records: What was yielded, rejections and a bookmark left out.
        rejected: The rejections.
        bookmarks: Places in the order of what was yielded (from 0) at which a bookmark came.
        bookmark: The last of them, None where none came.
        yielded: How much was yielded in all.
        error: What ended it early on purpose, else None.
        crash: Traceback of what ended it otherwise, else empty.
        asked: Addresses that were fetched.
        touched: What was read, written, started or connected to beside ``fetch``.
    """

    records: tuple[Record, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    bookmarks: tuple[int, ...] = ()
    bookmark: Bookmark | None = None
    yielded: int = 0
    error: MaillonError | None = None
    crash: str = ""
    asked: frozenset[str] = frozenset()
    touched: tuple[str, ...] = ()


@dataclass
class Replay:
    """``maillon.sources.Fetch`` over recordings."""

    source: Source
    folder: Path
    answers: Mapping[str, tuple[str, str]]
    base_iri: str = BASE
    bookmark: str = ""
    asked: set[str] = field(default_factory=set)

    def __call__(self, url: str, accept: str = "*/*") -> Answer:
        """Return the recorded answer of an address, or the one document behind a path."""
        if self.source.is_http or url == self.source.url:
            found = list(self.documents(url, accept))
            if len(found) != 1:
                raise SourceUnavailable(f"{url} holds {len(found)} documents where one is needed.")
            return found[0]
        for answer in self.documents(self.source.url):
            if answer.url == url:
                return answer
        raise SourceUnavailable(f"{url} is not among the source's files.")

    def documents(self, url: str, accept: str = "*/*") -> Iterator[Answer]:
        """Yield what stands behind an address."""
        self.asked.add(url)
        if self.source.is_http:
            name, media_type = self.answers.get(url, ("", ""))
            if not name or not (self.folder / name).is_file():
                raise SourceUnavailable(f"{url[:300]} answers 404: correct the address.")
            yield Answer(url, media_type, self.folder / name)
            return
        if url != self.source.url:
            raise SourceUnavailable(f"{url[:300]} is not the source.")
        for file in files.listing(self.source):
            address = files.address(self.source, self.base_iri, file.name)
            yield Answer(address, files.media_type(file.name), file.path)


@dataclass(frozen=True, slots=True)
class Recordings:
    """A folder of recordings with its source; see ``open``."""

    kind: str
    folder: Path
    source: Source
    answers: Mapping[str, tuple[str, str]]
    expected: Expected
    bookmark: str = ""

    @classmethod
    def open(cls, kind: str, folder: Path) -> Self:
        """Read a folder of recordings.

        Args:
            kind: Name of a kind in ``harvesters``, or the dotted path of a module.
            folder: Where ``source.toml`` is, and ``suite.toml`` where there is one.

        Raises:
            SourceDefinitionError: One of the two cannot be used, there is no such kind, or nothing is recorded.
        """
        folder = folder.resolve()
        source = replace(definitions.read(folder / "source.toml"), kind=kind)
        loading.check(source)
        path = folder / "suite.toml"
        try:
            setup = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
            answers = {url: _answer(item) for url, item in setup.get("answers", {}).items()}
            expect = {**setup.get("expect", {})}
            found = Expected(
                expect.pop("records", None), expect.pop("rejected", 0), frozenset(expect.pop("no_end", ()))
            )
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise SourceDefinitionError(f"{path} cannot be used: {error}. See the how-to for its format.") from error
        if unknown := sorted({*setup} - {"answers", "expect"} | {*expect}):
            raise SourceDefinitionError(f"{path}: unknown key {', '.join(unknown)}. See the how-to for its format.")
        recordings = cls(kind, folder, source, answers, found)
        lacking = sorted(name for name, _ in answers.values() if not (folder / name).is_file())
        if lacking or not recordings.names() or (source.is_http and not answers):
            raise SourceDefinitionError(f"{folder} lacks recordings: {', '.join(lacking) or 'it has none'}.")
        return recordings

    def names(self) -> list[str]:
        """Return the recordings, as paths inside the folder: what addresses answer, or the files of the source."""
        if self.source.is_http:
            return sorted({name for name, _ in self.answers.values()})
        root = Path(self.source.url)
        found = [root / file.name if root.is_dir() else root for file in files.listing(self.source)]
        return sorted(path.relative_to(self.folder).as_posix() for path in found if path.name not in _SETUP)

    def read(self, name: str) -> bytes:
        """Return a recording as it is."""
        return (self.folder / name).read_bytes()

    def harvest(self, changed: Mapping[str, bytes | None] | None = None) -> Outcome:
        """Harvest the recordings, with some changed, or gone where the content is None."""
        if not changed:
            return _harvested(self, self.folder)
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place).resolve()
            if self.source.is_http:
                return _harvested(replace(self, answers=self._changed_answers(changed, folder)), folder)
            shutil.copytree(self.folder, folder, copy_function=_linked, dirs_exist_ok=True)
            for name, content in changed.items():
                (folder / name).unlink()
                if content is not None:
                    (folder / name).write_bytes(content)
            url = str(folder / Path(self.source.url).relative_to(self.folder))
            return _harvested(replace(self, source=replace(self.source, url=url)), folder)

    def _changed_answers(self, changed: Mapping[str, bytes | None], folder: Path) -> dict[str, tuple[str, str]]:
        """Return the answers with the changed ones in a folder of their own; a joined absolute path stands alone."""
        places = {name: str(folder / f"{number}{Path(name).suffix}") for number, name in enumerate(changed)}
        for name, content in changed.items():
            if content is not None:
                Path(places[name]).write_bytes(content)
        return {url: (places.get(name, name), media_type) for url, (name, media_type) in self.answers.items()}


def _linked(source: str, target: str) -> None:
    """Put a file beside another without its octets, where the file system can: they are only read."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _answer(value: Any) -> tuple[str, str]:
    if isinstance(value, str):
        return value, files.media_type(value)
    return str(value["file"]), str(value["type"])


def _harvested(recordings: Recordings, folder: Path) -> Outcome:
    """Harvest as a run does, but keep what came, however it ended."""
    fetch = Replay(recordings.source, recordings.folder, recordings.answers, bookmark=recordings.bookmark)
    found: list[Record] = []
    error, crash = None, ""
    with _watched((recordings.folder, folder)) as touched:
        try:
            for record in loading.load(recordings.source).records(recordings.source, fetch):
                found.append(record)
                if len(found) > MOST:
                    crash = f"it yields more than {MOST:,} records: paging does not end"
                    break
        except MaillonError as raised:
            error = raised
        except BaseException as raised:  # whatever a third party's module or an engine in Rust raises is the finding
            if isinstance(raised, KeyboardInterrupt | SystemExit):
                raise
            crash = "".join(traceback.format_exception(raised))
    return Outcome(
        records=tuple(item for item in found if not isinstance(item, Rejected | Bookmark)),
        rejected=tuple(item for item in found if isinstance(item, Rejected)),
        bookmarks=tuple(place for place, item in enumerate(found) if isinstance(item, Bookmark)),
        bookmark=next((item for item in reversed(found) if isinstance(item, Bookmark)), None),
        yielded=len(found),
        error=error,
        crash=crash,
        asked=frozenset(fetch.asked),
        touched=tuple(dict.fromkeys(touched)),
    )


class _Guard:
    """Refuses, while a harvester runs, what goes past ``fetch``; an audit hook sees what any library does."""

    def __init__(self) -> None:
        self.folders: tuple[str, ...] = ()
        self.touched: list[str] | None = None
        self._installed = False

    def install(self) -> None:
        """Add the hook, once in a process, because Python has no way to take one out again."""
        if not self._installed:
            self._installed = True
            sys.addaudithook(self._heard)

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.touched is None:
            return
        if event in _REFUSED:
            what = f"{event} {arguments[1:] if event.startswith('socket.connect') else arguments[:1]}"
        elif event == "open" and not self._may_open(*arguments[:2]):
            what = f"open {arguments[0]}"
        else:
            return
        self.touched.append(what[:300])
        raise PermissionError(f"A harvester reads with fetch only, but asks for: {what[:300]}")

    def _may_open(self, path: Any, mode: Any) -> bool:
        if not isinstance(path, str | bytes):
            return True  # a descriptor that is open already
        name = path if isinstance(path, str) else path.decode(errors="replace")
        reads = not isinstance(mode, str) or not set(mode) & set("wax+")
        return "__pycache__" in name or name.startswith((*self.folders, *(_PROGRAM if reads else _SCRATCH)))


_SCRATCH: Final = (tempfile.gettempdir(), "/dev/null")
_PROGRAM: Final = (
    *_SCRATCH, *filter(None, sys.path), str(paths.ROOT), sys.prefix, sys.base_prefix, "/usr/share/zoneinfo",
    *sysconfig.get_paths().values(), "/dev/urandom",
)  # fmt: skip
_GUARD: Final = _Guard()


@contextmanager
def _watched(folders: Sequence[Path]) -> Iterator[list[str]]:
    _GUARD.install()
    is_collecting = gc.isenabled()
    gc.disable()  # what others left behind may open or remove files when it is collected: that is not the harvester
    _GUARD.folders, _GUARD.touched = (*map(str, folders), *filter(None, sys.path)), []
    try:
        yield _GUARD.touched
    finally:
        _GUARD.touched = None
        if is_collecting:
            gc.enable()
