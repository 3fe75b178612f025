"""Turns the octets of an XML document (XML 1.0) into an element tree: any encoding, no entity bomb, faults with place.

Not a kind of source: what the kinds that read XML other than RDF share. The parser is as hardened as that of
``maillon.rdf.rdfxml``, whose repair of bare ampersands and foreign entities is the second rung here too.
"""

import re
from typing import Final

from lxml import etree

from maillon.errors import ParseFailed
from maillon.rdf import decoding, rdfxml

_JSON: Final = re.compile(rb"[\[{]")


def root(data: bytes, name: str) -> tuple[etree._Element, str]:
    """Return the root of a document, with a note of what had to be done to read it, empty where nothing.

    Args:
        data: Its octets, as they were sent; blank lines before the first tag do no harm.
        name: What to call it in messages.

    Raises:
        ParseFailed: It is empty, JSON, or not well-formed beyond what can be repaired; says where.
    """
    content, note = decoding.to_utf8(data)
    body = content.lstrip()
    if not body.startswith(b"<"):
        kind = "empty" if not body else "JSON, not XML" if _JSON.match(body) else "no XML"
        raise ParseFailed(f"{name} is {kind}: give the address of an XML document")
    try:
        return rdfxml.tree(body, is_bare=True), note
    except etree.XMLSyntaxError as error:
        line = (error.lineno or 1) + content[: len(content) - len(body)].count(b"\n")
        reason = (error.msg or "not well-formed").split(", line ")[0][:300]
    try:
        cleaned, _ = rdfxml.clean(body)
    except ParseFailed as error:
        raise ParseFailed(f"{name} is not well-formed XML, tell its producer: {reason}", line) from error
    return rdfxml.tree(cleaned, is_bare=True), "; ".join(item for item in (note, "lxml-cleaned") if item)
