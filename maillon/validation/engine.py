"""The one interface behind which a SHACL engine stands, and the engine in use.

A text of N-Triples becomes results as the W3C SHACL validation report defines them
(https://www.w3.org/TR/shacl/#results-validation-result). The engine is ``shacl`` (Rust), because pySHACL needs about
50 times its CPU time for the same results; pySHACL is its reference (``agreement``), and stands in for it on machines
for which there is no build of ``shacl``.
"""

import logging
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Final, Protocol

from maillon.errors import MaillonError, OperatorError
from maillon.records import Finding
from maillon.validation import shapes
from maillon.vocabulary import PREFIXES

SHACL: Final = PREFIXES["sh"]
_WHERE: Final = "shapes/, or the files in the folder that you named"
_REMARKS: Final = [
    [f"<{name}>"]
    for name in (
        *(SHACL + local for local in ("message", "name", "description")),
        *(PREFIXES["rdfs"] + local for local in ("seeAlso", "label", "comment")),
    )
]
_LOG: Final = logging.getLogger(__name__)


class TextRefused(MaillonError):
    """The engine cannot read a text at all."""


@dataclass(frozen=True, slots=True)
class Result:
    """One validation result as an engine gives it; terms are in N-Triples syntax, the path is a SPARQL path.

    Attributes:
        focus: The focus node.
        path: Empty for a constraint on the node itself.
        value: Empty where there is none.
        severity: ``Violation``, ``Warning`` or ``Info``; the whole IRI of a severity that SHACL does not define.
        component: IRI of the constraint component, without brackets.
        shape: IRI of the source shape, without brackets.
        messages: Pairs of language tag (may be empty) and text, where the engine was asked for them.
    """

    focus: str
    path: str
    value: str
    severity: str
    component: str
    shape: str
    messages: tuple[tuple[str, str], ...] = ()

    @property
    def finding(self) -> Finding:
        """What of it is kept, the focus without brackets."""
        return Finding(self.focus.strip("<>"), self.path, self.value, self.severity, self.component, self.shape)


class Engine(Protocol):
    """What validation needs of a SHACL engine."""

    @property
    def name(self) -> str:
        """Name and version of the engine, part of the identity of a validation."""

    def validate(self, text: str) -> list[Result]:
        """Validate a data graph given as N-Triples. Raises TextRefused if it cannot be read."""


def _bare(text: str) -> str:
    """Leave out what only people read: the engine copies its shapes for each call (measured: a quarter of its time)."""
    # Not splitlines(): literals may hold U+2028 and other characters that it takes for line ends.
    return "\n".join(line for line in text.split("\n") if line.split(" ", 2)[1:2] not in _REMARKS)


class ShaclEngine:
    """The engine ``shacl``; compiled shapes may be shared between threads."""

    def __init__(self, text: str, with_messages: bool = False) -> None:
        """Compile shapes.

        Args:
            text: The shapes as N-Triples.
            with_messages: Whether results carry their messages, which takes about three times as long. Our own shapes
                need none: ``shapes.message`` knows what they say.

        Raises:
            OperatorError: There are no shapes or they are wrong.
            ImportError: This machine has no ``shacl``.
        """
        import shacl  # noqa: PLC0415 (a machine without it still has pySHACL)

        if not with_messages:
            text = _bare(text)
        self._with_messages = with_messages
        try:
            self._shapes = shacl.Shapes.from_text(text, format="ntriples")
        except ValueError as error:
            raise OperatorError(f"The shapes cannot be compiled: correct {_WHERE}. {error}") from error
        if not len(self._shapes):
            raise OperatorError(f"The shapes files declare no shape: correct {_WHERE}.")

    @property
    def name(self) -> str:
        """Name and version."""
        return f"shacl {version('shacl')}"

    def validate(self, text: str) -> list[Result]:
        """Validate a data graph given as N-Triples. Raises TextRefused if it cannot be read."""
        try:
            report = self._shapes.validate_text(text, format="ntriples")
        except ValueError as error:
            raise TextRefused(str(error)) from error
        if self._with_messages:
            from maillon.validation import reports  # noqa: PLC0415 (it needs Result)

            return reports.read(report.serialize("ntriples"))
        return [
            Result(
                focus=result.focus_node,
                path=result.path or "",
                value=result.value or "",
                severity=result.severity_iri.removeprefix(SHACL),
                component=result.component_iri,
                shape=(result.source_shape or "").strip("<>"),
            )
            for result in report.results
        ]


@cache
def default() -> Engine:
    """Return the engine of this process, its shapes compiled once.

    Raises:
        OperatorError: The shapes are wrong, or there is no engine at all.
    """
    return of(shapes.text())


def of(text: str) -> Engine:
    """Return an engine for shapes given as N-Triples.

    Where ``shacl`` is absent it is pySHACL, with the same results and about 50 times the time; the log says so.

    Raises:
        OperatorError: The shapes are wrong, or there is no engine at all.
    """
    try:
        return ShaclEngine(text)
    except ImportError as error:
        found = reference(text)
        _LOG.warning("No shacl here (%s): %s validates instead, far more slowly.", error, found.name)
        return found


def reference(text: str | None = None) -> Engine:
    """Return the reference engine, pySHACL.

    Args:
        text: Shapes as N-Triples; our own if None.

    Raises:
        OperatorError: It is not installed, or the shapes are wrong.
    """
    try:
        from maillon.validation.pyshacl_engine import PyshaclEngine  # noqa: PLC0415 (a second to import, seldom used)
    except ImportError as error:
        reason = f"pySHACL is not installed ({error}): run `pip install pyshacl`, then try again."
        raise OperatorError(reason) from error
    return PyshaclEngine(shapes.text() if text is None else text)
