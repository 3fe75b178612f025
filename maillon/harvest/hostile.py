"""Turns good recordings into bad ones, as they are met in the wild: cut off, emptied, filled with what nobody expects.

The cases are those counted in public feeds (templates that were not filled in, pages of an error instead of data,
numbers for texts) and those that break parsers (NUL, lone surrogates, deep nesting, entity bombs, endless texts).
"""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

DEEP: Final = 10_000
"""Levels of nesting of the deep documents."""

LARGE: Final = 10_000_000
"""Octets of the large text."""

TEXTS: Final = ("TODO", "A REMPLIR", "\U0001f600", "", "\x00", "{{description}}", "http://[", "mailto: x")
"""What stands where a text, an address or a date should."""

_VALUES: Final[tuple[Any, ...]] = (
    *TEXTS, "\ud800", None, 0, -1, True, [], {}, ["TODO", None, {"a": []}], {"TODO": {"a": [None]}}, [[[["TODO"]]]],
)  # fmt: skip
_SCRIPT = re.compile(rb"(<script[^>]*ld\+json[^>]*>)(.*?)(</script)", re.DOTALL | re.IGNORECASE)
_QUOTED = re.compile(rb'"[^"\r\n]{1,500}"')
_PLACES: Final = 40
_TITLE = re.compile(r".*(?:title|titre|name|label|description|abstract|notes)", re.IGNORECASE)

DOCUMENTS: Final = {
    "empty": b"",
    "blanks only": b" \r\n\t ",
    "NUL": b"\x00" * 1000,
    "a text": b"A REMPLIR",
    "an HTML page": b"<!DOCTYPE html><html><head><title>503</title></head><body><p>Indisponible</p></body></html>",
    "octets of no encoding": bytes(range(128, 256)) * 20,
    "null": b"null",
    "a number": b"42",
    "a JSON text": b'"TODO"',
    "an empty list": b"[]",
    "an empty object": b"{}",
    "a list of nothing": b'[null, null, [], {}, 1, "TODO"]',
    "a message of an error": b'{"success": false, "error": {"message": "TODO"}, "message": "TODO"}',
    "lists nested 10,000 deep": b"[" * DEEP + b"]" * DEEP,
    "objects nested 10,000 deep": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "elements nested 10,000 deep": b"<a>" * DEEP + b"</a>" * DEEP,
    "an entity bomb": b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">'
    b'<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]><a>&d;</a>',
    "an entity that names a file": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>',
    "10 MB in one line": b"x" * LARGE,
}
"""Whole documents by what they are."""


def truncated(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the beginnings of a document, each with how much of it they are."""
    length = len(content.rstrip())
    ends = sorted({int(length * share) for share in (0.2, 0.4, 0.6, 0.8, 0.95)} | {length - 1})
    for end in ends:
        if 0 < end < length:
            yield f"cut off after {end:,} of {length:,} octets", content[:end]


def values(content: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Yield (place, what stands there now, document) with one kind of value changed; nothing for binary formats.

    A place is the same for all values that stand in the same way, such as ``result.results[].title``; all of them are
    changed at once.
    """
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0") or b"\x00" in content:
        return
    script = _SCRIPT.search(content)
    if script:
        for place, what, part in _json_values(script[2]):
            yield place, what, content[: script.start(2)] + part + content[script.end(2) :]
    elif content.lstrip()[:1] in (b"{", b"["):
        yield from _json_values(content)
    elif content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<":
        yield from _xml_values(content)
    else:
        yield from _quoted_values(content)


def is_title(place: str) -> bool:
    """Tell whether a place holds words for people, without which a record must not vanish."""
    return _TITLE.fullmatch(place) is not None


def _json_values(content: bytes) -> Iterator[tuple[str, str, bytes]]:
    try:
        document = json.loads(content)
    except ValueError:
        return
    places = dict.fromkeys(place for place, _ in _leaves(document))
    for place in places:
        for value in _VALUES:
            yield place, _shown(value), json.dumps(_replaced(document, place, value)).encode()
    texts = [(len(value), place) for place, value in _leaves(document) if isinstance(value, str)]
    if texts:
        longest = max(texts)[1]
        yield longest, "10 MB of text", json.dumps(_replaced(document, longest, "x " * (LARGE // 2))).encode()


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value below, with its place: lists and objects too, so that they give way to something else."""
    if place:
        yield place, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item, f"{place}[]")


def _replaced(value: Any, wanted: str, new: Any, place: str = "") -> Any:
    if place and place == wanted:
        return new
    if isinstance(value, dict):
        return {key: _replaced(item, wanted, new, f"{place}.{key}" if place else key) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, wanted, new, f"{place}[]") for item in value]
    return value


def _shown(value: Any) -> str:
    return ascii(value)[:60]


def _xml_values(content: bytes) -> Iterator[tuple[str, str, bytes]]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        yield from _quoted_values(content)
        return
    nodes = [node for node in root.iter() if isinstance(node.tag, str)]
    places = dict.fromkeys((str(node.tag), name) for node in nodes for name in ("", *map(str, node.attrib)))
    for tag, name in places:
        for text in (text for text in TEXTS if text != "\x00"):
            changed = copy.deepcopy(root)
            for node in changed.iter(tag):
                _write(node, name, text)
            yield f"{etree.QName(tag).localname}{'@' + name if name else ''}", _shown(text), etree.tostring(changed)


def _write(node: Any, name: str, text: str) -> None:
    if name:
        node.set(name, text)
    elif len(node) == 0 or text == "":
        for child in list(node):
            node.remove(child)
        node.text = text


def _quoted_values(content: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Yield a text format with what stands between quotation marks changed, one place after the other."""
    for number, match in enumerate(_QUOTED.finditer(content)):
        if number == _PLACES:
            return
        for text in TEXTS:
            now = content[: match.start() + 1] + text.encode() + content[match.end() - 1 :]
            yield f"text {match[0][:30].decode(errors='replace')}", _shown(text), now
