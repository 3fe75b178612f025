"""Turns versions of entities into texts for the engine, and its results into the findings of each version.

Many versions share one call, because a call for each costs far more than a call for a thousand. That is sound because
every constraint in ``shapes/`` looks at one entity with its embedded nodes only; what could still carry over from one
entity to another is kept apart here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pyoxigraph import Literal, RdfFormat, parse

from maillon.records import Finding, Version
from maillon.validation import marks
from maillon.validation.engine import Engine, TextRefused
from maillon.validation.shapes import FAILED

_SUBCLASS = " <http://www.w3.org/2000/01/rdf-schema#subClassOf> "
_FAILED_COMPONENT = "urn:maillon:component:validation-failed"
_LONGEST_REASON = 500


@dataclass(slots=True)
class Chunk:
    """Versions that are validated in one call; no subject belongs to two of them."""

    versions: list[Version] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)
    """Hash of the version by subject in N-Triples syntax."""


def _subjects(version: Version) -> set[str]:
    return {line.split(" ", 1)[0] for line in version.text.split("\n") if line}


def chunks(versions: Iterable[Version], size: int, characters: int) -> Iterator[Chunk]:
    """Group versions for the engine.

    Two versions that describe the same subject (two states of one entity) never share a chunk: the engine would see
    them as one.

    Args:
        versions: Each hash once.
        size: How many versions a chunk holds at most.
        characters: How long its text may get, unless a single version is longer; bounds the engine's memory.
    """
    chunk = Chunk()
    length = 0
    for version in versions:
        subjects = _subjects(version)
        length += len(version.text)
        full = len(chunk.versions) >= size or length > characters or not chunk.owners.keys().isdisjoint(subjects)
        if full and chunk.versions:
            yield chunk
            chunk = Chunk()
            length = len(version.text)
        chunk.versions.append(version)
        chunk.owners.update(dict.fromkeys(subjects, version.hash))
    if chunk.versions:
        yield chunk


def _lines(text: str) -> str:
    return text if text.endswith("\n") or not text else text + "\n"


def _text(versions: Iterable[Version]) -> str:
    """Join texts, each with its marks.

    Class hierarchies are left out, for they would make the entity of one class the target of another.
    """
    joined = "".join(_lines(version.text) + marks.marked(version.text) for version in versions)
    if _SUBCLASS not in joined:
        return joined
    # Not splitlines(): literals may hold U+2028 and other characters that it takes for line ends.
    return "\n".join(line for line in joined.split("\n") if line.split(" ", 2)[1:2] != [_SUBCLASS.strip()])


def _refused_line(text: str) -> str:
    """Return the first line that strict N-Triples does not allow, empty if there is none."""
    for line in text.split("\n"):
        try:
            list(parse(line, RdfFormat.N_TRIPLES))
        except SyntaxError:
            return line
    return ""


def _failed(version: Version, reason: str) -> Finding:
    line = _refused_line(version.text)
    return Finding(
        focus=version.iri,
        path="",
        value=str(Literal(f"{reason}: {line}"[:_LONGEST_REASON] if line else reason[:_LONGEST_REASON])),
        severity="Violation",
        component=_FAILED_COMPONENT,
        shape=FAILED,
    )


def _owned(engine: Engine, part: list[Version], owners: Mapping[str, str]) -> list[tuple[str, Finding]] | None:
    """Return pairs of a version's hash and a finding, or None where the versions have to be validated apart.

    That is so if the engine refuses the text, or if it writes a focus node otherwise than the text does.
    """
    try:
        results = engine.validate(_text(part))
    except TextRefused as error:
        return [(part[0].hash, _failed(part[0], str(error)))] if len(part) == 1 else None
    if len(part) == 1:
        return [(part[0].hash, result.finding) for result in results]
    if any(result.focus not in owners for result in results):
        return None
    return [(owners[result.focus], result.finding) for result in results]


def findings(engine: Engine, chunk: Chunk) -> dict[str, list[Finding]]:
    """Validate a chunk; each version's hash is a key.

    A text that the engine refuses costs only its own version: the chunk is halved until that one is alone.
    """
    found: dict[str, list[Finding]] = {version.hash: [] for version in chunk.versions}
    waiting = [chunk.versions]
    while waiting:
        part = waiting.pop()
        owned = _owned(engine, part, chunk.owners)
        if owned is None:
            middle = len(part) // 2
            waiting += [part[:middle], part[middle:]]
            continue
        for version_hash, finding in owned:
            found[version_hash].append(finding)
    return found
