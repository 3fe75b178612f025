"""Finds the lines of a document in which findings stand: triples in, line numbers out.

The document is handed to the parser line by line, so that what was handed out tells where each triple ends
(https://www.w3.org/TR/turtle/, https://www.w3.org/TR/rdf-syntax-grammar/); from there the line that holds the value
is looked for backwards. JSON-LD is only read as a whole, so there the text is searched. What cannot be found has no
line: a wrong one would cost more than none.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Final, cast

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat
from pyoxigraph import parse as oxigraph_parse

from maillon.check.values import NOWHERE, Place
from maillon.rdf import decoding, parsing

LARGEST: Final = 50_000_000
"""Octets of a document in which lines are still looked for; it takes about 0.5 s for each 10 million."""

_LABELS: Final = re.compile(rb"^\s*_:|\snodeID\s*=|:nodeID\s*=", re.MULTILINE)
_BACK: Final = 200  # lines that a value may be before the place where the parser was done with it
_NEAR: Final = 300  # lines of JSON in which a value may stand after what it is about
_FRAGMENT: Final = 30  # characters by which a value is recognised


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for.

    Attributes:
        subject: IRI, empty where the document names none.
        predicate: IRI; empty where the subject itself is meant.
        value: In N-Triples syntax; empty where any value is meant.
    """

    subject: str = ""
    predicate: str = ""
    value: str = ""


@dataclass(slots=True)
class Places:
    """Where things stand; filled document by document, the first place of each counts.

    Attributes:
        wanted: What is looked for.
        found: Where that is which has a subject.
        inside: Where that is which belongs to a node without a name, all places of it in order.
        scattered: Documents in which such a node may stand far from what refers to it.
    """

    wanted: frozenset[Wanted]
    found: dict[Wanted, Place] = field(default_factory=dict)
    inside: dict[Wanted, list[Place]] = field(default_factory=dict)
    scattered: set[str] = field(default_factory=set)

    def look(self, data: bytes, base: str, media_type: str, name: str) -> None:
        """Look for everything in one document."""
        if len(data) > LARGEST or b"<!ENTITY" in data[:10_000]:  # pyoxigraph would expand entities without a limit
            return
        found = parsing.sniff(data, media_type, name)
        content = decoding.to_utf8(data)[0]
        if _LABELS.search(content):
            self.scattered.add(name)
        if found == RdfFormat.JSON_LD:
            self._search(content.decode("utf-8", "replace").split("\n"), name)
        elif found is not None:
            self._follow(content, found, base, name)

    def of(self, *choices: Wanted) -> Place:
        """Return the place of the first of some things that was found.

        What belongs to a node without a name is the nearest after the first subject among the choices.
        """
        subjects = (item for item in choices if item.subject and not item.predicate)
        anchor = next((self.found[item] for item in subjects if item in self.found), NOWHERE)
        for item in choices:
            place = self.found.get(item) if item.subject else self._after(anchor, self.inside.get(item, []))
            if place is not None:
                return place
        return NOWHERE

    def first(self, *choices: Wanted) -> Place:
        """Return the earliest place of some things that belong together."""
        places = [place for item in choices if (place := self.of(item)).line]
        return min(places, key=lambda place: (place.document, place.line), default=NOWHERE)

    def _after(self, anchor: Place, places: list[Place]) -> Place | None:
        if len(places) == 1:
            return places[0]
        if not anchor.line or anchor.document in self.scattered:
            return None
        return next(
            (place for place in places if place.document == anchor.document and place.line >= anchor.line), None
        )

    def _follow(self, content: bytes, found: RdfFormat, base: str, name: str) -> None:
        lines = _Lines(content)
        try:
            parsed = oxigraph_parse(cast(IO[bytes], lines), found, base_iri=base, lenient=True)
            for quad in parsed:
                self._note(quad, lines, name)
        except (SyntaxError, ValueError):  # what comes after has no lines; a base that is no IRI is a ValueError
            return

    def _note(self, quad: Quad, lines: "_Lines", name: str) -> None:
        subject = quad.subject.value if isinstance(quad.subject, NamedNode) else ""
        for item in _ways(subject, quad.predicate.value, str(quad.object)):
            if item not in self.wanted or item in self.found:
                continue
            place = Place(name, lines.back_to(_fragment(quad.object) if item.predicate else _local(subject)))
            if item.subject:
                self.found[item] = place
            else:
                self.inside.setdefault(item, []).append(place)

    def _search(self, lines: list[str], name: str) -> None:
        starts = _subjects(lines, {item.subject for item in self.wanted})
        for item in self.wanted - self.found.keys():
            first = starts.get(item.subject)
            if first is None:
                continue
            line = first if not item.predicate else _json_line(lines, first, item)
            if line:
                self.found[item] = Place(name, line)


class _Lines:
    """Hands a document out line by line; ``count`` says how many lines were."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._offset = 0
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        end = self._content.find(b"\n", self._offset) + 1 or len(self._content)
        piece = self._content[self._offset : end if size < 0 else min(end, self._offset + size)]
        if piece and (not self._offset or self._content[self._offset - 1] == 0x0A):
            self.count += 1
        self._offset += len(piece)
        return piece

    def back_to(self, fragment: bytes) -> int:
        """Return the nearest line, from the one handed out last backwards, that holds a fragment; else that one."""
        end = self._offset
        for line in range(self.count, max(0, self.count - _BACK), -1):
            start = self._content.rfind(b"\n", 0, max(0, end - 1)) + 1
            if fragment in self._content[start:end]:
                return line
            end = start
        return self.count


def _ways(subject: str, predicate: str, value: str) -> Iterator[Wanted]:
    yield Wanted(subject, predicate, value)
    if subject:
        yield Wanted(subject, predicate)
        yield Wanted(subject)


def _local(iri: str) -> bytes:
    return re.split(r"[/#:]", iri.rstrip("/#"))[-1].encode()


def _fragment(term: object) -> bytes:
    """Return what of a value can be expected to stand in one line, empty where nothing."""
    if isinstance(term, NamedNode):
        return _local(term.value)
    if isinstance(term, Literal):
        return re.split(r"[\n\r\t\"'\\&<>]", term.value.strip(), maxsplit=1)[0][:_FRAGMENT].encode()
    return b""


def _subjects(lines: Iterable[str], subjects: set[str]) -> dict[str, int]:
    """Return the line of each subject in JSON-LD, by its ``@id`` or ``id``, written out or shortened."""
    found: dict[str, int] = {}
    ends: Mapping[str, str] = {_local(iri).decode(): iri for iri in subjects if iri}
    for number, line in enumerate(lines, 1):
        for match in re.finditer(r'"(?:@id|id)"\s*:\s*"((?:[^"\\]|\\.)*)"', line):
            written = match.group(1)
            iri = written if written in subjects else ends.get(_local(written).decode(), "")
            if iri and (iri == written or "://" not in written):
                found.setdefault(iri, number)
    return found


def _json_line(lines: list[str], first: int, item: Wanted) -> int:
    key = _local(item.predicate).decode()
    value = _local(lexical(item.value)).decode() if item.value.startswith("<") else lexical(item.value)
    # JSON may be written with or without escapes.
    forms = {json.dumps(value, ensure_ascii=escaped)[1:-1][:_FRAGMENT] for escaped in (True, False)} if value else {key}
    for number in range(first, min(first + _NEAR, len(lines)) + 1):
        if any(form in lines[number - 1] for form in forms):
            return number
    return 0


def lexical(text: str) -> str:
    """Return the lexical form of a literal, or the IRI, of a term in N-Triples syntax; empty for anything else."""
    try:
        quad = next(oxigraph_parse(f"<urn:s> <urn:p> {text} .", RdfFormat.N_TRIPLES, lenient=True), None)
    except SyntaxError:
        return text
    return quad.object.value if quad is not None and isinstance(quad.object, Literal | NamedNode) else ""
