"""Validates with the European shapes themselves, so that a steward sees what the EU's validator will say, and why.

The files are SEMIC's (https://github.com/SEMICeu/DCAT-AP), read from a folder that the user names: they are no part of
Maillon, whose own rules are in ``shapes/``. As published they find errors where there are none and overlook others, so
they are repaired in memory (``patches``), and the knowledge that they need is added to the data (``background``).
``Official.validate`` gives what a right reading finds; ``Official.differences`` what the EU's validator says otherwise.

    official.engine(Path("../shared/standards"), "official-3.0.1").validate(text)
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from maillon.validation import engine as engines
from maillon.validation.agreement import row
from maillon.validation.engine import Engine, Result, ShaclEngine, TextRefused
from maillon.validation.official import background, files, patches
from maillon.validation.official.patches import Patch
from maillon.validation.official.sentences import Sentences

__all__ = ["Difference", "Official", "Patch", "engine", "profiles"]

PREFIX: Final = "urn:maillon:official:"
"""Before the names of property shapes that have none in the files."""

Make = Callable[[str], Engine]


@dataclass(frozen=True, slots=True)
class Difference:
    """A result that only one of the two gives: the repaired files, or the files as they were published.

    Attributes:
        result: The result, with its message.
        is_said: Whether the EU's validator says it; otherwise only we do.
        patch: The repair that makes the difference, and why.
    """

    result: Result
    is_said: bool
    patch: Patch


def profiles() -> tuple[str, ...]:
    """Return the names of the profiles: the whole ones, and each part of them by itself."""
    return files.names()


def _shapes(folder: Path, name: str) -> tuple[list[Triple], list[Patch], str]:
    profile, parts = files.parts_of(name)
    triples = [
        triple
        for part in parts
        for triple in patches.skolemised(
            files.read(folder, profile, part), f"{PREFIX}{profile.removeprefix('official-')}:{part}:"
        )
    ]
    triples, done = patches.apply(triples, patches.LOADING)
    return triples, done, profile


def _text(triples: Iterable[Triple]) -> str:
    return "".join(f"{triple} .\n" for triple in triples)


def _default(text: str) -> Engine:
    try:
        return ShaclEngine(text)
    except ImportError:
        return engines.reference(text)


def engine(folder: Path, profile: str, make: Make = _default) -> "Official":
    """Read and repair the files of a profile.

    Args:
        folder: Where they are: all in it, or as in SEMIC's repository.
        profile: One of ``profiles``.
        make: Makes the engine from shapes as N-Triples, for comparisons.

    Raises:
        OperatorError: There is no such profile, or a file is missing or cannot be read.
    """
    published, loading, whole = _shapes(folder, profile)
    is_hvd = whole == "official-hvd-3.0.0"
    repairs = (*patches.MEANING, *patches.HVD_ONLY) if is_hvd else patches.MEANING
    repaired, meaning = patches.apply(published, repairs)
    return Official(
        name=profile,
        patches=(*loading, *meaning, patches.RANGE_TYPES),
        shapes=_text(repaired),
        published=_text(published),
        is_hvd=is_hvd,
        sentences=Sentences.of(repaired),
        make=make,
    )


@dataclass(frozen=True)
class Official:
    """The official shapes of one profile, repaired.

    Attributes:
        name: The profile.
        patches: Each repair with its reason and the shapes that it changed.
        shapes: The repaired shapes as N-Triples.
        published: The same before the repairs that change results.
        is_hvd: Whether they are about high-value datasets.
        sentences: Makes the messages.
        make: Makes an engine from shapes as N-Triples.
    """

    name: str
    patches: tuple[Patch, ...]
    shapes: str
    published: str
    is_hvd: bool
    sentences: Sentences
    make: Make

    @cached_property
    def _engine(self) -> Engine:
        return self.make(self.shapes)

    def context(self, triples: list[Triple], with_ranges: bool = True) -> tuple[str, frozenset[str]]:
        """Return what is added to data before they are validated, as N-Triples, and whose nodes are not checked."""
        stubs, codes = background.stubs(triples, with_ranges)
        marks = background.high_value(triples) if self.is_hvd else ""
        return background.text(with_ranges) + stubs + marks, codes | background.subjects()

    def validate(self, text: str) -> list[Result]:
        """Validate a data graph.

        Args:
            text: The graph as N-Triples; a whole catalogue, or one record with all that it refers to.

        Returns:
            The results about nodes of the graph, codes of the EU's lists aside, each with a message in four languages
            (and, tagged ``en-x-author``, what the files' authors say). Their order is fixed.

        Raises:
            TextRefused: The text cannot be read.
        """
        return self._with_messages(self._checked(self._engine, text, with_ranges=True))

    def differences(self, text: str) -> list[Difference]:
        """Return where the EU's validator, with the files as published, says something else; as ``validate``.

        Of what the EU's validator knows besides the data only the code lists and class hierarchies are imitated, not
        the remote vocabularies that it fetches.
        """
        as_published = self.make(self.published)
        ours = self._checked(self._engine, text, with_ranges=True)
        between = {row(result) for result in self._checked(as_published, text, with_ranges=True)}
        theirs = self._checked(as_published, text, with_ranges=False)
        known, said = {row(result) for result in ours}, {row(result) for result in theirs}
        only_said = [result for result in theirs if row(result) not in known]
        only_ours = [result for result in ours if row(result) not in said]
        return [
            *(self._difference(result, True, row(result) in between) for result in only_said),
            *(self._difference(result, False, row(result) not in between) for result in only_ours),
        ]

    def _difference(self, result: Result, is_said: bool, is_repair: bool) -> Difference:
        (shown,) = self._with_messages([result])
        touched = (patch for patch in self.patches if result.shape in patch.shapes)
        return Difference(shown, is_said, next(touched, patches.RANGE_TYPES) if is_repair else patches.RANGE_TYPES)

    def _with_messages(self, results: list[Result]) -> list[Result]:
        return [replace(result, messages=self.sentences.messages(result)) for result in results]

    def _checked(self, with_engine: Engine, text: str, with_ranges: bool) -> list[Result]:
        try:
            triples = [quad.triple for quad in parse(text, RdfFormat.N_TRIPLES)]
        except SyntaxError as error:
            raise TextRefused(str(error)) from error
        added, foreign = self.context(triples, with_ranges)
        own = {triple.subject.value for triple in triples if isinstance(triple.subject, NamedNode)} - foreign
        results = with_engine.validate(f"{text}\n{added}")
        kept = (item for item in results if item.focus.startswith("_:") or item.focus.strip("<>") in own)
        return sorted(kept, key=lambda item: (item.focus, item.path, item.shape, item.component, item.value))
