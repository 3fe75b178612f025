"""Turns the octets of one document into quads, whatever serialisation of RDF 1.1 they are in.

The content is sniffed; file extension and media type only decide where the content says nothing. Ladder: pyoxigraph
strict, pyoxigraph lenient with IRIs mended, XML repaired and read again, then ParseFailed with line and column. Octets
that are not UTF-8 are transcoded first. What had to be done stands in the note. RDF/XML always goes through hardened
lxml; JSON-LD never fetches a context. Blank nodes get names of their own, so that documents can be merged.
"""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from pyoxigraph import Quad, RdfFormat
from pyoxigraph import parse as oxigraph_parse

from maillon.errors import ParseFailed
from maillon.rdf import decoding, jsonld, rdfxml
from maillon.rdf.mending import Mender, mend_iri

_NAMES: Final = {
    RdfFormat.TRIG: "Turtle or TriG",
    RdfFormat.N_QUADS: "N-Quads",
    RdfFormat.RDF_XML: "RDF/XML",
    RdfFormat.JSON_LD: "JSON-LD",
}
_RDF_NAMESPACE: Final = b"http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XML: Final = re.compile(rb"<\?xml\b|<!DOCTYPE\b|<!--|<[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?\s+[\w:.-]+\s*=\s*[\"']")
_JSON: Final = re.compile(rb"\{\s*(?:\"|\}\s*$)|\[\s*(?:[{\"]|\]\s*$)")
_COMMENTS: Final = re.compile(rb"(?:\s+|#[^\n\r]*)*")
_TURTLE: Final = re.compile(
    rb"@(?:prefix|base|version)\b|(?:prefix|base|graph|version)\s+\S*[:<\"]|<[^\s<>]*(?:>|\s)|_:|\(|\[|\{",
    re.IGNORECASE,
)
_NQUAD: Final = re.compile(
    rb"(?:<[^<>]*>|_:\S+)\s+<[^<>]*>\s+(?:<[^<>]*>|_:\S+|\"(?:[^\"\\\n]|\\.)*\"\S*)\s+(?:<[^<>]*>|_:\S+)\s*\.\s*(?:#.*)?"
)
_EXTENSIONS: Final = frozenset({".ttl", ".turtle", ".trig", ".nt", ".nq", ".n3", ".rdf", ".owl", ".jsonld"})
_MEDIA_TYPES: Final = frozenset(
    {
        "text/turtle", "application/trig", "application/n-triples", "application/n-quads", "application/rdf+xml",
        "application/ld+json", "application/x-turtle", "text/n3",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parsed:
    """One document as quads. ``note`` says what had to be done to read it, empty where nothing."""

    quads: list[Quad]
    format: RdfFormat
    note: str


def sniff(data: bytes, media_type: str = "", name: str = "") -> RdfFormat | None:
    """Tell in which serialisation a document is, or None where it is no RDF.

    Turtle, TriG and N-Triples are one answer, TRIG, because TriG holds the others.
    """
    return _sniff(decoding.to_utf8(data)[0].lstrip(), media_type, name)


def _sniff(content: bytes, media_type: str, name: str) -> RdfFormat | None:
    if _XML.match(content):
        return RdfFormat.RDF_XML if _RDF_NAMESPACE in content else None
    if _JSON.match(content):
        return RdfFormat.JSON_LD if jsonld.is_jsonld(content) else None
    start = _COMMENTS.match(content)
    rest = content[start.end() :] if start else content
    claimed = PurePosixPath(name.lower()).suffix in _EXTENSIONS or media_type in _MEDIA_TYPES
    if not _TURTLE.match(rest) and not (claimed and content):
        return None
    lines = [line.strip() for line in rest[:20000].split(b"\n")[:50]]
    return RdfFormat.N_QUADS if any(_NQUAD.fullmatch(line) for line in lines) else RdfFormat.TRIG


def parse(data: bytes, base: str, media_type: str = "", name: str = "") -> Parsed:
    """Read one document.

    Args:
        data: Its octets, as they were sent.
        base: IRI against which relative IRIs are resolved.
        media_type: As declared, a hint only.
        name: What to call it in messages; its extension is a hint only. Default: the base IRI.

    Raises:
        ParseFailed: It is no RDF or no rung of the ladder could read it.
    """
    content, note = decoding.to_utf8(data)
    body = content.lstrip()
    skipped = content[: len(content) - len(body)].count(b"\n")
    label = name or base
    found = _sniff(body, media_type, name or base.partition("#")[0].partition("?")[0])
    if found is None:
        raise ParseFailed(
            f"{label} is {'empty' if not body else 'no RDF'}: give the address of Turtle, TriG, RDF/XML, JSON-LD, "
            "N-Triples or N-Quads"
        )
    try:
        quads, notes = _read(body, found, mend_iri(base) or "urn:base:unknown")
    except ParseFailed as error:
        line = None if error.line is None else error.line + skipped
        message = re.sub(r" \(line \d+(?:, column \d+)?\)$", "", str(error))
        raise ParseFailed(
            f"{label} cannot be read as {_NAMES[found]}, tell its producer: {message}", line, error.column
        ) from error
    return Parsed(quads, found, "; ".join(item for item in (note, *notes) if item))


def _read(body: bytes, found: RdfFormat, base: str) -> tuple[list[Quad], list[str]]:
    if found == RdfFormat.JSON_LD:
        # Strict JSON-LD drops what it cannot read without a word, so only the lenient rung is used.
        quads, lenient = _lenient(jsonld.inline(body), found, base)
        return quads, [lenient]
    if found != RdfFormat.RDF_XML:
        quads, lenient = _oxigraph(body, found, base)
        return quads, [lenient]
    cleaned, note = rdfxml.clean(body)
    try:
        quads, lenient = _oxigraph(cleaned, found, base)
    except ParseFailed as error:
        line, column = rdfxml.place(body, base) or (None, None)
        raise ParseFailed(str(error), line, column) from error
    return quads, [note, lenient]


def _oxigraph(content: bytes, found: RdfFormat, base: str) -> tuple[list[Quad], str]:
    try:
        return list(oxigraph_parse(content, found, base_iri=base, rename_blank_nodes=True)), ""
    except SyntaxError:
        return _lenient(content, found, base)


def _lenient(content: bytes, found: RdfFormat, base: str) -> tuple[list[Quad], str]:
    mender = Mender(base)
    try:
        parsed = oxigraph_parse(content, found, base_iri=base, rename_blank_nodes=True, lenient=True)
        quads = list(mender.quads(quad for quad in parsed if ":" in quad.predicate.value))
    except SyntaxError as error:
        raise _failed(error) from error
    if mender.lost:
        return quads, "lenient, with triples lost whose IRIs are beyond repair"
    return quads, "" if found == RdfFormat.JSON_LD and not mender.changed else "lenient"


def _failed(error: SyntaxError) -> ParseFailed:
    message = re.sub(r"^Parser error at line \d+.*?: ", "", error.msg or "syntax error")
    return ParseFailed(message[:300], error.lineno, error.offset)
