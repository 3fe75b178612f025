"""Turns RDF/XML as it is sent into RDF/XML that is safe and can be read: no entity, no ``xsi:`` attribute.

Every RDF/XML document goes through lxml first, because pyoxigraph expands nested entities without a limit (a document
of 1.2 KB became a literal of 100 MB). libxml2's own limits hold here: amplification of entities, depth 256, a text of
10 million characters. External entities and document types are never loaded.
"""

import html.entities
import re
from typing import IO, Final, cast

from lxml import etree
from pyoxigraph import RdfFormat
from pyoxigraph import parse as oxigraph_parse

from maillon.errors import ParseFailed

_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_RDF: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_IRI_ATTRIBUTES: Final = (_RDF + "about", _RDF + "resource", _RDF + "datatype", "about", "resource")
_ENTITY: Final = re.compile(
    rb"<!\[CDATA\[.*?\]\]>|&(?!#[0-9]{1,7};|#x[0-9A-Fa-f]{1,6};)([A-Za-z_][\w.-]{0,60};)?", re.DOTALL
)
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LONE: Final = re.compile(rb"<(?![A-Za-z_:/!?\x80-\xff])")
_PREDEFINED: Final = frozenset({"amp", "lt", "gt", "quot", "apos"})


def tree(content: bytes, *, is_bare: bool = False) -> etree._Element:
    """Return the root of an XML document, of which nothing outside is fetched and no entity grows without bound.

    Args:
        content: Its octets.
        is_bare: Whether comments and processing instructions are left out.

    Raises:
        lxml.etree.XMLSyntaxError: It is not well-formed.
    """
    parser = etree.XMLParser(
        resolve_entities="internal",  # type: ignore[arg-type]  # the stubs are older than this value (lxml 5)
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=is_bare,
        remove_pis=is_bare,
    )
    return etree.fromstring(content, parser)


def _entity(declared: frozenset[str], match: re.Match[bytes]) -> bytes:
    name = (match.group(1) or b"").decode("utf-8", errors="replace").rstrip(";")
    if name in _PREDEFINED or name in declared or match.group().startswith(b"<"):
        return match.group()
    character = html.entities.html5.get(name + ";") if name else None
    return b"&amp;" + match.group()[1:] if character is None else character.encode()


def _repaired(content: bytes) -> bytes:
    """Escape bare ampersands and less-than signs, resolve HTML's entities, leave out control characters.

    Nothing of it carries data. A service of the Belgian Marine Data Centre has DOIs such as ``018<1775:TWMTGO>2.0``.
    """
    declared = frozenset(name.decode("utf-8", "replace") for name in re.findall(rb"<!ENTITY\s+([^\s%]+)\s", content))
    text = _CONTROL.sub(b"", content)
    if b"<![CDATA[" not in text:  # where the sign is itself
        text = _LONE.sub(b"&lt;", text)
    return _ENTITY.sub(lambda match: _entity(declared, match), text)


def clean(content: bytes) -> tuple[bytes, str]:
    """Return safe RDF/XML in UTF-8, with a note of what had to be done, empty where nothing.

    Args:
        content: The document in UTF-8, from its first character on.

    Raises:
        ParseFailed: It is not well-formed XML, or it goes beyond the limits of the parser.
    """
    note = ""
    try:
        root = tree(content)
    except etree.XMLSyntaxError as error:
        try:
            root = tree(_repaired(content))
        except etree.XMLSyntaxError:
            raise _failed(error) from error
        note = "lxml-cleaned"
    for element in root.iter(etree.Element):
        for name in element.attrib:
            if str(name).startswith(_XSI):
                del element.attrib[name]
        for name in _IRI_ATTRIBUTES:
            value = element.get(name)
            if value is not None and value != value.strip():
                element.set(name, value.strip())
    return etree.tostring(root, encoding="utf-8"), note


def _failed(error: etree.XMLSyntaxError) -> ParseFailed:
    message = (error.msg or "not well-formed").split(", line ")[0][:300]
    return ParseFailed(f"not well-formed XML: {message}", error.lineno or None, (error.offset or 0) + 1)


class _Pieces:
    """Hands a document out tag by tag, so that what was handed out tells how far a reader came."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.offset = 0

    def read(self, size: int = -1) -> bytes:
        end = self._content.find(b">", self.offset) + 1 or len(self._content)
        piece = self._content[self.offset : end if size < 0 else min(end, self.offset + size)]
        self.offset += len(piece)
        return piece


def place(content: bytes, base: str) -> tuple[int, int] | None:
    """Find line and column where well-formed XML stops being RDF/XML, which pyoxigraph does not tell.

    The column is that of the end of the tag at fault. None where the document has entities, which pyoxigraph would
    expand without a limit, or where it can be read.
    """
    if b"<!ENTITY" in content:
        return None
    pieces = _Pieces(content)
    try:
        for _ in oxigraph_parse(cast(IO[bytes], pieces), RdfFormat.RDF_XML, base_iri=base, lenient=True):
            pass
    except SyntaxError:
        before = content[: pieces.offset]
        return before.count(b"\n") + 1, len(before) - before.rfind(b"\n") - 1
    return None
