"""Finds the definitions of sources: TOMLs in two folders in, sources by name out, each enabled or not.

Shipped definitions stand in ``harvesters/sources/``, those of the installation in ``<data>/sources/``. Of two with the
same name the installation's own counts, so that whoever runs Maillon can correct a shipped one without touching it.
``<data>/sources/enabled.toml`` (``name = true`` or ``false``) says which are harvested by themselves; where it is
silent, the key ``enabled`` of the TOML does. TOML 1.0: https://toml.io/en/v1.0.0
"""

import contextlib
import difflib
import fcntl
import os
import re
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from maillon import paths
from maillon.errors import OperatorError, SourceDefinitionError
from maillon.sources import NAME, Source, parse

FOLDER: Final = "sources"
"""Folder of the installation's own definitions, in the data folder."""

STATE: Final = "enabled.toml"
"""File in that folder that says which sources are enabled; so no source of one's own is called ``enabled``."""

_HEAD: Final = "# Written by `maillon sources enable` and `disable`: goes before `enabled` in the source's own TOML.\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One source as it is defined.

    Attributes:
        source: What the TOML says, ``enabled`` as it is in force.
        path: The TOML.
        is_own: Whether it is the installation's own, not a shipped one.
        replaces: Whether a shipped one of the same name exists, which it takes the place of.
    """

    source: Source
    path: Path
    is_own: bool
    replaces: bool = False


def name_of(text: str) -> str:
    """Return what a source is called after the stem of its file, or any other text."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60].strip("-") or "source"


def read(path: Path) -> Source:
    """Return the source that a TOML defines.

    Raises:
        SourceDefinitionError: It cannot be read or used.
    """
    return parse(text_of(path), name_of(path.stem), path.parent)


def text_of(path: Path) -> str:
    """Return the text of a TOML. Raises SourceDefinitionError where it cannot be read."""
    if path.is_dir():
        raise SourceDefinitionError(f"{str(path)!r} is a folder: give the path of a TOML whose url names the folder.")
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise SourceDefinitionError(f"There is no file {path}: correct the path.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SourceDefinitionError(f"Source {path.stem}: {path.name} cannot be read: {error}.") from error


def every(data: Path | None = None) -> tuple[list[Definition], list[SourceDefinitionError]]:
    """Return the definitions in force, by name, and what is wrong with those that cannot be used.

    Args:
        data: The setting ``data``; None for the shipped definitions alone.

    Raises:
        SourceDefinitionError: Which sources are enabled cannot be read.
    """
    wrong: list[SourceDefinitionError] = []
    found = {item.source.name: item for item in _folder(paths.SOURCES, False, wrong)}
    if data is not None:
        for item in _folder(data / FOLDER, True, wrong):
            name = item.source.name
            found[name] = replace(item, replaces=name in found)
        switched = _switched(data)
        found = {name: _under(item, switched) for name, item in found.items()}
    return [found[name] for name in sorted(found)], wrong


def _folder(folder: Path, is_own: bool, wrong: list[SourceDefinitionError]) -> Iterator[Definition]:
    """Yield the definitions of a folder; the first of two with one name counts."""
    seen: dict[str, Path] = {}
    for path in sorted(folder.glob("*.toml")):
        if is_own and path.name == STATE:
            continue
        try:
            source = read(path)
        except SourceDefinitionError as error:
            wrong.append(error)
            continue
        if source.name in seen:
            other = seen[source.name].name
            wrong.append(
                SourceDefinitionError(
                    f"{path.name} and {other} in {folder} both define source {source.name}, so {path.name} is left "
                    "out: give one another `name`."
                )
            )
            continue
        seen[source.name] = path
        yield Definition(source=source, path=path, is_own=is_own)


def _under(item: Definition, switched: Mapping[str, bool]) -> Definition:
    is_enabled = switched.get(item.source.name, item.source.enabled)
    if is_enabled == item.source.enabled:
        return item
    return replace(item, source=replace(item.source, enabled=is_enabled))


def _switched(data: Path) -> dict[str, bool]:
    """Return what was enabled and disabled by command, by name."""
    path = data / FOLDER / STATE
    advice = f"Correct {path}: one line `name = true` or `name = false` for each source."
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceDefinitionError(f"Which sources are enabled cannot be read: {error}. {advice}") from error
    for name, value in values.items():
        if not isinstance(value, bool):
            raise SourceDefinitionError(
                f"Which sources are enabled: {name} = {value!r} is neither true nor false. {advice}"
            )
    return values


def known(data: Path | None = None) -> tuple[list[Source], list[SourceDefinitionError]]:
    """Return the sources in force, by name, and what is wrong with those that cannot be used; as ``every``."""
    found, wrong = every(data)
    return [item.source for item in found], wrong


def find(name: str, data: Path | None = None) -> Definition:
    """Return the definition in force of a source.

    Raises:
        SourceDefinitionError: There is none that can be used; the message names those there are.
    """
    found, wrong = every(data)
    for item in found:
        if item.source.name == name:
            return item
    for folder in [*([data / FOLDER] if data is not None else []), paths.SOURCES]:
        if NAME.fullmatch(name) and (folder / f"{name}.toml").is_file():
            read(folder / f"{name}.toml")  # says what is wrong with it
    known_names = [item.source.name for item in found]
    near = difflib.get_close_matches(name, known_names, n=5, cutoff=0.5)
    names = f"{', '.join(near or known_names[:5]) or 'none'} (`maillon sources` lists all)"
    more = f" {len(wrong)} more cannot be used: see `maillon sources list`." if wrong else ""
    raise SourceDefinitionError(
        f"There is no source {name!r}. Give the path of a TOML, or a known name: {names}.{more}"
    )


def load(name: str, data: Path | None = None) -> Source:
    """Return a source by its name, or by the path of its TOML.

    Raises:
        SourceDefinitionError: There is no such source or its TOML cannot be used.
    """
    path = Path(name)
    if NAME.fullmatch(name) or not (path.suffix == ".toml" or os.path.exists(path)):  # noqa: PTH110 - never raises
        return find(name, data).source
    return read(path)


def switch(name: str, is_enabled: bool, data: Path) -> None:
    """Enable or disable a source, whatever its TOML says; what was written before is replaced in one step.

    Raises:
        SourceDefinitionError: There is no such source, or which are enabled cannot be read.
        OperatorError: The data folder cannot be written.
    """
    find(name, data)
    with _locked(data) as folder:
        _write(folder / STATE, _state({**_switched(data), name: is_enabled}))


def _state(switched: Mapping[str, bool]) -> str:
    lines = [f"{name} = {str(value).lower()}\n" for name, value in sorted(switched.items())]
    return _HEAD + "".join(lines)


def check_free(name: str, data: Path) -> None:
    """Make sure that a new source can be called so.

    Raises:
        SourceDefinitionError: It cannot.
    """
    if not NAME.fullmatch(name) or f"{name}.toml" == STATE:
        raise SourceDefinitionError(
            f"A source cannot be called {name!r}: give --name with lower-case letters, digits and hyphens."
        )
    found, _ = every(data)
    taken = next((item for item in found if item.source.name == name), None)
    path = data / FOLDER / f"{name}.toml" if taken is None else taken.path
    if taken is not None or path.exists():
        raise SourceDefinitionError(
            f"There is a source {name} already ({path}): give another --name, or remove that one first "
            f"(`maillon sources remove {name}`) if it is your own."
        )


def add(name: str, text: str, data: Path) -> Path:
    """Write the definition of a new source of one's own; return its path.

    Args:
        name: What it is called.
        text: Its TOML, which is read before it is written.
        data: The setting ``data``.

    Raises:
        SourceDefinitionError: The name is taken, or the TOML cannot be used.
        OperatorError: The data folder cannot be written.
    """
    with _locked(data) as folder:
        check_free(name, data)
        path = folder / f"{name}.toml"
        parse(text, name, folder)
        _write(path, text)
    return path


def remove(name: str, data: Path) -> Definition:
    """Remove the definition of a source of one's own; return what it was.

    Raises:
        SourceDefinitionError: There is none, or it is a shipped one.
        OperatorError: The data folder cannot be written.
    """
    found = find(name, data)
    if not found.is_own:
        raise SourceDefinitionError(
            f"Source {name} comes with Maillon and cannot be removed: `maillon sources disable {name}` switches it off."
        )
    with _locked(data) as folder:
        found.path.unlink(missing_ok=True)
        left = {key: value for key, value in _switched(data).items() if key != name}
        _write(folder / STATE, _state(left))
    return found


@contextlib.contextmanager
def _locked(data: Path) -> Iterator[Path]:
    """Yield the folder of own definitions; of two commands at a time, one waits for the other."""
    folder = data / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    except OSError as error:
        raise OperatorError(f"{folder} cannot be written: {error}. Check its rights and the disk.") from error


def _write(path: Path, text: str) -> None:
    """Write a file so that a reader sees it as it was before or as it is after."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
