"""Reads the shapes of ``shapes/*.ttl``: their text for an engine, their identity, their messages.

The files follow SHACL (https://www.w3.org/TR/shacl/); every node and property shape in them has an IRI that starts
with ``urn:maillon:shape:``, so that findings can be grouped and their messages looked up.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from maillon import paths
from maillon.errors import OperatorError
from maillon.vocabulary import term

GATE: Final = "urn:maillon:shape:gate-"
"""How the IRIs of the gate shapes start: what a dataset needs to be shown at all."""

FAILED: Final = "urn:maillon:shape:validation-failed"
"""Shape of the finding of an entity that the engine cannot read."""

_FALLBACK: Final = ("en", "fr", "nl", "de")


def _files(folder: Path) -> list[Path]:
    found = sorted(folder.glob("*.ttl"))
    if not found:
        raise OperatorError(f"No shapes in {folder}: install Maillon again, its folder shapes/ is missing.")
    return found


def text(folder: Path = paths.SHAPES) -> str:
    """Return all shapes as one N-Triples text.

    Blank nodes are renamed while parsing, so that those of two files never meet.

    Raises:
        OperatorError: The folder holds no shapes, or a file cannot be parsed.
    """
    parts: list[str] = []
    for path in _files(folder):
        try:
            quads = list(parse(path.read_bytes(), RdfFormat.TURTLE, rename_blank_nodes=True))
        except (SyntaxError, OSError) as error:
            raise OperatorError(f"Shapes file {path.name} cannot be read: correct it. {error}") from error
        parts += [f"{quad.triple} .\n" for quad in quads]
    return "".join(parts)


def digest(folder: Path = paths.SHAPES) -> str:
    """Return the SHA-256 of the shapes files, in hexadecimal; it does not depend on where the folder is."""
    total = hashlib.sha256()
    for path in _files(folder):
        content = path.read_bytes()
        total.update(f"{path.name} {len(content)}\n".encode() + content)
    return total.hexdigest()


def messages(folder: Path = paths.SHAPES) -> dict[str, dict[str, str]]:
    """Return all messages, by shape and language."""
    return _texts("sh:message", folder)


@cache
def _texts(annotation: str, folder: Path) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for path in _files(folder):
        for quad in parse(path.read_bytes(), RdfFormat.TURTLE):
            shape, value = quad.subject, quad.object
            if quad.predicate == term(annotation) and isinstance(shape, NamedNode) and isinstance(value, Literal):
                found.setdefault(shape.value, {})[value.language or ""] = value.value
    return found


def name(shape_iri: str, language: str, folder: Path = paths.SHAPES) -> str:
    """Return what the field of a shape is called, empty where these files do not name it; languages as in message."""
    texts = _texts("sh:name", folder).get(shape_iri, {})
    return next((texts[tag] for tag in (language, *_FALLBACK) if tag in texts), "")


def message(shape_iri: str, language: str, folder: Path = paths.SHAPES) -> str:
    """Return what a shape says to people: what is wrong, why it matters, what to do.

    Args:
        shape_iri: ``Finding.shape``.
        language: fr, nl, de or en; any other falls back to English.
        folder: Where the shapes are.

    Returns:
        The message; for a shape that these files no longer hold, its IRI, since old findings outlive shapes.
    """
    texts = messages(folder).get(shape_iri, {})
    return next((texts[tag] for tag in (language, *_FALLBACK) if tag in texts), shape_iri)
