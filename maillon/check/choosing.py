"""Turns the name of a profile into what judges entities under it: findings with their messages in four languages.

``maillon`` is what this catalogue applies to all it harvests, others of ``validation.profiles`` choose among its rules.
``official-...`` are the European files themselves, from
a folder that the user names (``validation.official``): they are validated as a whole, since they look at what an entity
refers to, and beside what a right reading finds it is told what the EU's validator says otherwise, and why.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from maillon import paths, validation
from maillon.check.routes import shown
from maillon.errors import OperatorError
from maillon.records import Finding, Texts, Version
from maillon.validation import Engine, Result, engine, official, profiles, shapes

OFFICIAL: Final = "official-"
"""How the names of profiles begin for which a folder has to be given."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One finding with what it says, by language."""

    finding: Finding
    messages: Texts


class Profile(Protocol):
    """The rules of a check."""

    @property
    def name(self) -> str:
        """Its name, as it is given."""

    @property
    def engine(self) -> str:
        """Name and version of what validates."""

    @property
    def is_scored(self) -> bool:
        """Whether the European score is told too."""

    @property
    def size(self) -> int:
        """How many records are judged in one go, at most."""

    def judge(self, versions: Sequence[Version]) -> Mapping[str, list[Judged]]:
        """Return the findings of entities by hash; every hash is a key."""

    def notes(self) -> tuple[str, ...]:
        """Return what there is to know about the rules after all was judged, each in one line of English."""


@dataclass(frozen=True, slots=True)
class Own:
    """Rules of ``shapes/``."""

    name: str
    chosen: Engine
    is_scored: bool = True
    size: int = 300

    @property
    def engine(self) -> str:
        """Name and version of what validates."""
        return self.chosen.name

    def judge(self, versions: Sequence[Version]) -> Mapping[str, list[Judged]]:
        """Return the findings of entities by hash."""
        texts = _messages(self.name)
        found = validation.validate(versions, self.chosen)
        return {
            key: [Judged(finding, texts.get(finding.shape, {})) for finding in findings]
            for key, findings in found.items()
        }

    def notes(self) -> tuple[str, ...]:
        """Return nothing: these rules are in the reference."""
        return ()


@dataclass(slots=True)
class European:
    """The European files.

    Attributes:
        rules: They.
        is_scored: Always false: the score is about our own rules.
        size: So many records that a usual catalogue is judged as a whole.
        otherwise: How often the EU's validator says something else: by name of the patch, whether it is the EU's
            validator that says it, and what it is about.
    """

    rules: official.Official
    is_scored: bool = False
    size: int = 5000
    otherwise: Counter[tuple[str, bool, str]] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        """The profile."""
        return self.rules.name

    @property
    def engine(self) -> str:
        """Name and version of what validates."""
        return engine.default().name

    def judge(self, versions: Sequence[Version]) -> Mapping[str, list[Judged]]:
        """Return the findings of entities by hash, and note what the EU's validator says otherwise."""
        found: dict[str, list[Judged]] = {item.hash: [] for item in versions}
        owners = {line.split(" ", 1)[0]: item.hash for item in versions for line in item.text.split("\n") if line}
        text = "".join(item.text for item in versions)
        for result in self.rules.validate(text):
            if result.focus in owners:
                found[owners[result.focus]].append(Judged(result.finding, _texts(result)))
        for item in self.rules.differences(text):
            about = shown(item.result.path) or "the description as a whole"
            self.otherwise[item.patch.name, item.is_said, about] += 1
        return found

    def notes(self) -> tuple[str, ...]:
        """Return what was repaired in the files, and how often the EU's validator says something else for it."""
        lines = []
        for patch in self.rules.patches:
            said = [
                f"here the EU's validator {'also reports' if is_said else 'does not report'} "
                f"{number:,} {'time' if number == 1 else 'times'}: {about}"
                for (name, is_said, about), number in sorted(self.otherwise.items())
                if name == patch.name
            ]
            if patch.shapes or said:
                lines.append(f"{patch.name}: {'; '.join([patch.reason.rstrip('.'), *said])}.")
        return tuple(lines)


def _texts(result: Result) -> Texts:
    return {language: text for language, text in result.messages if language in ("fr", "nl", "de", "en")}


def _messages(name: str) -> Mapping[str, Texts]:
    """Return the messages of all rules of a profile, by shape and language."""
    added = shapes.messages(paths.SHAPES / "profiles") if profiles.PROFILES[name].with_files else {}
    return {**added, **shapes.messages()}


def names() -> tuple[str, ...]:
    """Return the names of all profiles."""
    return (*profiles.PROFILES, *official.profiles())


def whole() -> tuple[str, ...]:
    """Return the names of those profiles that are no part of another."""
    every = names()
    return tuple(name for name in every if not any(name.startswith(f"{other}-") for other in every))


def profile(name: str, folder: Path | None) -> Profile:
    """Return a profile.

    Args:
        name: One of ``names``.
        folder: Where the European files are, for those profiles.

    Raises:
        OperatorError: There is no such profile, its folder is not given, or its shapes cannot be used.
    """
    if name.startswith(OFFICIAL):
        if folder is None:
            raise OperatorError(
                f"Profile {name} needs the European files, which are no part of Maillon: get them from "
                "https://github.com/SEMICeu/DCAT-AP and name the folder with --shapes."
            )
        return European(official.engine(folder, name))
    return Own(name, profiles.engine(name))
