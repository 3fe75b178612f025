"""Turns a document that cannot be read as a whole into what of it can be read, and a list of what cannot, with places.

A harvest refuses such a document, because its datasets would seem to have vanished; who checks a document wants to
know every fault at once. Turtle, TriG, N-Triples and N-Quads are read statement by statement, RDF/XML element by
element (https://www.w3.org/TR/turtle/, https://www.w3.org/TR/rdf-syntax-grammar/). JSON-LD has no such parts.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final, TypeVar
from xml.sax.saxutils import quoteattr

from lxml import etree
from pyoxigraph import Quad, RdfFormat, serialize
from pyoxigraph import parse as oxigraph_parse

from maillon.errors import ParseFailed
from maillon.rdf import decoding, parsing, rdfxml
from maillon.rdf.mending import Mender

MOST: Final = 1000
"""Faults of one document that are listed; then reading it ends."""

_TOGETHER: Final = 200  # statements or elements that are read in one go, until one of them is at fault
_LONGEST: Final = 500  # lines that a text in three quotation marks may have, lest one that is not closed takes it all
_RDF: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_XML: Final = "{http://www.w3.org/XML/1998/namespace}"
_DIRECTIVE: Final = re.compile(r"\s*(?:@prefix|@base|prefix\s|base\s)", re.IGNORECASE)
_BEGINS: Final = re.compile(r"[^\s#.,;)\]}]")
_ENDS: Final = re.compile(r"[.}]\s*(?:#.*)?$")
_LONG: Final = re.compile(r'"""|\'\'\'')
_NEXT: Final = b'<urn:x> <urn:x> "x" .\n'
_CLEARER: Final = re.compile(r"Line jumps|\bdot\b")
_DATASET: Final = re.compile(r"\bDataset\b")

_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True)
class Fault:
    """A part of a document that cannot be read.

    Attributes:
        subject: What it is about, as the document writes it; empty where that is not known.
        message: What is wrong.
        line: Counted from 1.
        column: Counted from 1; 0 where it is not known.
        is_dataset: Whether it seems to describe a dataset.
    """

    subject: str
    message: str
    line: int
    column: int = 0
    is_dataset: bool = False


@dataclass(slots=True)
class Recovered:
    """What came of a document.

    Attributes:
        content: What can be read, as N-Quads.
        faults: What cannot.
        is_whole: Whether it was read to its end.
    """

    content: bytearray = field(default_factory=bytearray)
    faults: list[Fault] = field(default_factory=list)
    is_whole: bool = True

    def take(self, quads: Sequence[Quad]) -> None:
        """Add what a part says."""
        self.content += serialize(quads, format=RdfFormat.N_QUADS) or b""


class _Full(Exception):
    """There are too many faults to go on."""


def recover(data: bytes, base: str, media_type: str = "", name: str = "") -> Recovered | None:
    """Read what can be read of a document.

    Args:
        data: Its octets, as they were sent.
        base: IRI against which relative IRIs are resolved.
        media_type: As declared, a hint only.
        name: Its name, whose extension is a hint only.

    Returns:
        None where it can be read as a whole, or where nothing of it can.
    """
    try:
        parsing.parse(data, base, media_type, name)
    except ParseFailed:
        pass
    else:
        return None
    found = parsing.sniff(data, media_type, name)
    if found is None or found == RdfFormat.JSON_LD:
        return None
    content, recovered = decoding.to_utf8(data)[0], Recovered()
    try:
        if found == RdfFormat.RDF_XML:
            _elements(content, base, recovered)
        else:
            _Statements(found, base, recovered).read(content.decode("utf-8", "replace"))
    except _Full:
        recovered.is_whole = False
    return recovered if recovered.content else None


def _apart(parts: Sequence[_Part], read: Callable[[Sequence[_Part]], list[Quad]], out: Recovered) -> list[_Part]:
    """Read parts together, or in halves until those at fault are alone; return these."""
    waiting, wrong = [parts], []
    while waiting:
        some = waiting.pop()
        try:
            out.take(read(some))
        except (ParseFailed, SyntaxError):
            if len(some) == 1:
                wrong.append(some[0])
            else:
                middle = len(some) // 2
                waiting += [some[middle:], some[:middle]]
    return wrong


def _note(fault: Fault, out: Recovered) -> None:
    out.faults.append(fault)
    if len(out.faults) >= MOST:
        raise _Full


@dataclass(frozen=True, slots=True)
class _Statement:
    """Some lines of a document, the first of which is ``line``."""

    line: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "".join(self.lines)


class _Statements:
    """Reads Turtle and its like statement by statement."""

    def __init__(self, found: RdfFormat, base: str, out: Recovered) -> None:
        self._format = found
        self._base = base
        self._out = out
        self._header = ""

    def read(self, text: str) -> None:
        """Read a document."""
        waiting: list[_Statement] = []
        for statement in _statements(text):
            if _DIRECTIVE.match(statement.text):
                self._together(waiting)
                self._directive(statement)
                waiting = []
            else:
                waiting.append(statement)
            if len(waiting) == _TOGETHER:
                self._together(waiting)
                waiting = []
        self._together(waiting)

    def _quads(self, statements: Sequence[_Statement]) -> list[Quad]:
        # Labels of blank nodes are kept, because statements that are read apart may share them.
        text = (self._header + "".join(item.text for item in statements)).encode()
        parsed = oxigraph_parse(text, self._format, base_iri=self._base, lenient=True)
        return list(Mender(self._base).quads(quad for quad in parsed if ":" in quad.predicate.value))

    def _directive(self, statement: _Statement) -> None:
        try:
            self._quads([statement])
        except SyntaxError as error:
            self._fault(statement, error)
        else:
            self._header += statement.text if statement.text.endswith("\n") else statement.text + "\n"

    def _together(self, statements: Sequence[_Statement]) -> None:
        for wrong in _apart(statements, self._quads, self._out) if statements else ():
            # A full stop that is missing makes one statement of two.
            pieces = _split(wrong)
            for piece in _apart(pieces, self._quads, self._out) if len(pieces) > 1 else [wrong]:
                self._fault(piece, self._error(piece))

    def _error(self, statement: _Statement) -> SyntaxError:
        """Return what is wrong with a statement in the words of the strict parser, which are the clearer ones."""
        # Followed by another one, because a text that is not closed would only be said to end unexpectedly.
        text = (self._header + statement.text).encode()
        for follows, lenient in ((_NEXT, False), (b"", False), (b"", True)):
            try:
                list(oxigraph_parse(text + follows, self._format, base_iri=self._base, lenient=lenient))
            except SyntaxError as error:
                if not follows or _CLEARER.search(error.msg or ""):
                    return error
        return SyntaxError("syntax error")

    def _fault(self, statement: _Statement, error: SyntaxError) -> None:
        before = self._header.count("\n")
        line = statement.line + max(0, (error.lineno or 0) - before - 1)
        column, last = error.offset or 0, statement.line + len(statement.lines) - 1
        if line > last:  # what is missing is noticed at the beginning of what follows
            line, column = last, len(statement.lines[-1].rstrip()) + 1
        message = parsing_message(error)
        subject = statement.text.split(maxsplit=1)[:1]
        said = _DATASET.search(statement.text) is not None
        _note(Fault("".join(subject)[:300], message, line, column, said), self._out)


def parsing_message(error: SyntaxError) -> str:
    """Return what a parser says is wrong, without the place."""
    return re.sub(r"^Parser error (?:at|between) line \d+.*?: ", "", error.msg or "syntax error")[:300]


def _statements(text: str) -> Iterator[_Statement]:
    """Yield what stands between one line that ends a statement and the next that begins one."""
    lines: list[str] = []
    first, ended, opened = 1, False, 0
    for number, line in enumerate(text.split("\n"), 1):
        if lines and ended and not opened and _BEGINS.match(line):
            yield _Statement(first, tuple(lines))
            lines, first, ended = [], number, False
        lines.append(line + "\n")
        opened = _open(line, opened)
        if line.strip() and not line.lstrip().startswith("#"):
            ended = not opened and (bool(_ENDS.search(line)) or bool(_DIRECTIVE.match(line)))
    if any(line.strip() for line in lines):
        yield _Statement(first, tuple(lines))


def _open(line: str, opened: int) -> int:
    """Return since how many lines a text in three quotation marks is open, 0 where none is."""
    odd = len(_LONG.findall(line)) % 2 == 1
    if opened:
        return 0 if odd or opened >= _LONGEST else opened + 1
    return int(odd)


def _split(statement: _Statement) -> list[_Statement]:
    """Cut a statement wherever a line begins in the first column, but not inside a text."""
    starts, opened = [0], 0
    for at, line in enumerate(statement.lines):
        if at and not opened and _BEGINS.match(line):
            starts.append(at)
        opened = _open(line, opened)
    ends = [*starts[1:], len(statement.lines)]
    return [
        _Statement(statement.line + start, statement.lines[start:end]) for start, end in zip(starts, ends, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Element:
    """One element as a document of its own; ``line`` is where it begins, and whether its lines are as there."""

    line: int
    subject: str
    tag: str
    text: bytes
    is_verbatim: bool = True


def _elements(content: bytes, base: str, out: Recovered) -> None:
    """Read RDF/XML element by element, as far as it is well-formed."""
    try:
        for element in _children(content):
            _read(element, base, out)
    except etree.XMLSyntaxError as error:
        message = (error.msg or "not well-formed").split(", line ")[0][:300]
        out.is_whole = False
        said = f"not well-formed XML: {message}; nothing after this place was read"
        _note(Fault("", said, error.lineno or 1, (error.offset or 0) + 1), out)


def _read(element: _Element, base: str, out: Recovered) -> None:
    """Read an element; where it is at fault, what is nested in it apart, since that may be all datasets."""
    waiting = [element]
    while waiting:
        item = waiting.pop()
        try:
            out.take(_element_quads(item.text, base))
        except (SyntaxError, ParseFailed) as error:
            nested = _unnested(item, out)
            if nested:
                waiting += reversed(nested)
                continue
            message = parsing_message(error) if isinstance(error, SyntaxError) else str(error)
            line, column = rdfxml.place(item.text, base) or (1, 0)
            # In the first line stand declarations that the document has elsewhere.
            place = (item.line + line - 1, column if line > 1 else 0) if item.is_verbatim else (item.line, 0)
            _note(Fault(item.subject[:300], message, *place, item.tag.endswith("}Dataset")), out)


def _unnested(element: _Element, out: Recovered) -> list[_Element]:
    """Return an element without the named ones nested in it, then these; nothing where there are none.

    Where a property holds several, which RDF/XML does not allow, that is the fault (catalogues of federal Belgium).
    """
    root = rdfxml.tree(element.text)
    node, opening, found = root[0], _opening(root), []
    for property_ in list(node.iterchildren("*")):
        named = [child for child in property_.iterchildren("*") if child.get(_RDF + "about") is not None]
        if not named or len(named) < len(property_):
            continue
        for child in named:
            line = element.line + int(str(child.sourceline)) - 1
            about = str(child.get(_RDF + "about"))
            found.append(_Element(line, about, str(child.tag), _alone(child, opening), element.is_verbatim))
            etree.SubElement(node, property_.tag, {_RDF + "resource": about})
        if len(named) > 1:
            line = element.line + int(str(property_.sourceline)) - 1
            name = etree.QName(property_).localname
            said = f"{name} holds {len(named)} descriptions where RDF/XML allows one: repeat it for each; all were read"
            _note(Fault(element.subject[:300], said, line), out)
        node.remove(property_)
    if not found:
        return []
    rest = _Element(element.line, element.subject, element.tag, etree.tostring(root, encoding="utf-8"), False)
    return [rest, *found]


def _opening(root: etree._Element) -> bytes:
    """Return the tag that begins a document, with what it says of base IRI and language."""
    said = "".join(f" xml:{name}={quoteattr(value)}" for name in ("base", "lang") if (value := root.get(_XML + name)))
    return f'<rdf:RDF xmlns:rdf="{_RDF[1:-1]}"{said}>'.encode()


def _alone(element: etree._Element, opening: bytes) -> bytes:
    """Return an element as a document of its own; its lines are as in the document that it comes from."""
    text = etree.tostring(element, encoding="utf-8", with_tail=False)
    return opening + text.partition(b"?>")[2 if text.startswith(b"<?xml") else 0] + b"</rdf:RDF>"


def _children(content: bytes) -> Iterator[_Element]:
    """Yield the elements below the root; entities are as in ``rdfxml.tree``."""
    events = etree.iterparse(
        BytesIO(content),
        events=("start", "end"),
        resolve_entities="internal",
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_pis=True,
    )
    depth, opening = 0, b""
    for event, element in events:
        depth += 1 if event == "start" else -1
        if event == "start" and depth == 1:
            opening = _opening(element)
        if event == "end" and depth == 1:
            subject = str(element.get(_RDF + "about") or element.get(_RDF + "ID") or "")
            yield _Element(int(element.sourceline or 1), subject, str(element.tag), _alone(element, opening))
            element.clear()


def _element_quads(text: bytes, base: str) -> list[Quad]:
    cleaned, _ = rdfxml.clean(text)
    parsed = oxigraph_parse(cleaned, RdfFormat.RDF_XML, base_iri=base, lenient=True)
    return list(Mender(base).quads(quad for quad in parsed if ":" in quad.predicate.value))
