"""The one interface behind which a SHACL engine stands, and the engine in use.

A text of N-Triples becomes results as the W3C SHACL validation report defines them
(https://www.w3.org/TR/shacl/#results-validation-result). The engine is ``shacl`` (Rust), because pySHACL needs about
50 times its CPU time for the same results; pySHACL is its reference in the tests.
"""

from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Protocol

import shacl

from maillon.errors import MaillonError, OperatorError
from maillon.validation import shapes


class TextRefused(MaillonError):
    """The engine cannot read a text at all."""


@dataclass(frozen=True, slots=True)
class Result:
    """One validation result as an engine gives it; terms are in N-Triples syntax, the path is a SPARQL path.

    Attributes:
        focus: The focus node.
        path: Empty for a constraint on the node itself.
        value: Empty where there is none.
        severity: ``Violation``, ``Warning`` or ``Info``.
        component: IRI of the constraint component, without brackets.
        shape: IRI of the source shape, without brackets.
    """

    focus: str
    path: str
    value: str
    severity: str
    component: str
    shape: str


class Engine(Protocol):
    """What validation needs of a SHACL engine."""

    @property
    def name(self) -> str:
        """Name and version of the engine, part of the identity of a validation."""

    def validate(self, text: str) -> list[Result]:
        """Validate a data graph given as N-Triples. Raises TextRefused if it cannot be read."""


class ShaclEngine:
    """The engine ``shacl``; compiled shapes may be shared between threads."""

    def __init__(self, text: str) -> None:
        """Compile the shapes given as N-Triples. Raises OperatorError if there are none or they are wrong."""
        try:
            self._shapes = shacl.Shapes.from_text(text, format="ntriples")
        except ValueError as error:
            raise OperatorError(f"The shapes cannot be compiled: correct shapes/. {error}") from error
        if not len(self._shapes):
            raise OperatorError("The shapes files declare no shape: correct shapes/.")

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
        return [
            Result(
                focus=result.focus_node,
                path=result.path or "",
                value=result.value or "",
                severity=result.severity,
                component=result.component_iri,
                shape=(result.source_shape or "").strip("<>"),
            )
            for result in report.results
        ]


@cache
def default() -> Engine:
    """Return the engine of this process, its shapes compiled once. Raises OperatorError."""
    return ShaclEngine(shapes.text())
