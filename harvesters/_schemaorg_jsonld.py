"""Turns a web page, a JSON-LD document or a sitemap into the nodes of schema.org that it holds, and what it links to.

Not a kind of source: the part of ``schemaorg`` that reads documents. JSON-LD is read as JSON with the terms of
schema.org, whatever prefix, scheme (http, https) or alias the context of the document gives them; a remote context is
never fetched: that of schema.org is known, and terms of any other say nothing. Texts keep their language.
https://www.w3.org/TR/json-ld11/ and https://schema.org/docs/jsonldcontext.json
"""

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import lxml.html
from lxml import etree

from harvesters import _json
from maillon.errors import ParseFailed
from maillon.records import Rejected
from maillon.sources import Answer

DEEPEST: Final = 60
"""Levels of nesting of JSON-LD that are read; deeper ones say nothing."""

TYPES: Final = frozenset({"Dataset", "DataFeed", "StatisticalDataset"})
"""Classes that are datasets."""

Node = dict[str, list[Any]]
"""Values by the local name in schema.org, beside ``@id`` and ``@type``: texts, numbers, ``Words``, or further nodes."""

_HOLDERS: Final = ("dataset", "hasPart", "mainEntity", "mainEntityOfPage", "itemListElement", "item", "@graph")
"""Properties below which a dataset of the page itself stands; others, such as isBasedOn, name those of others."""

_SCHEMA: Final = re.compile(r"https?://(?:www\.)?schema\.org(?:/docs/jsonldcontext\.json\w*)?[/#]?", re.IGNORECASE)
_FULL: Final = re.compile(r"https?://(?:www\.)?schema\.org/(\w+)", re.IGNORECASE)
_WRAPPED: Final = re.compile(
    r"^\s*(?:<!--|(?://\s*|/\*\s*)?<!\[CDATA\[(?:\s*\*/)?)|(?:-->|(?://\s*|/\*\s*)?\]\]>(?:\s*\*/)?)\s*$"
)
_NAMES_A_DATASET: Final = re.compile(r"[\"/:]Dataset\"")


@dataclass(frozen=True, slots=True)
class Words:
    """A text with its language tag."""

    text: str
    language: str


@dataclass(slots=True)
class Page:
    """What a document holds.

    Attributes:
        address: Where it was read.
        datasets: The nodes that are datasets of it.
        index: Nodes by ``@id``, to resolve references.
        links: Addresses that it names: pages of datasets, or what a sitemap lists.
        is_sitemap: Whether it is a sitemap or an index of them.
        is_index: Whether it is an index of sitemaps, or names further pages of itself.
        faults: What of it cannot be read.
    """

    address: str
    datasets: list[Node] = field(default_factory=list)
    index: dict[str, Node] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    is_sitemap: bool = False
    is_index: bool = False
    faults: list[Rejected] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a context says: whether plain terms are of schema.org, prefixes of it, aliases, and the language."""

    plain: bool = False
    prefixes: frozenset[str] = frozenset({"schema", "sdo"})
    aliases: Mapping[str, str] = field(default_factory=dict)
    language: str = ""


def page(answer: Answer) -> Page:
    """Read a document.

    Raises:
        ParseFailed: It is neither HTML, JSON nor a sitemap, or is broken; says where.
    """
    content = answer.read()
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:2000]
    found = Page(answer.url)
    if start[:1] in (b"{", b"["):
        _add(found, _json.decoded(answer))
    elif re.search(rb"<(?:\w+:)?(?:urlset|sitemapindex)\b", start):
        _add_sitemap(found, content)
    elif start[:1] == b"<":
        _add_html(found, content)
    else:
        raise ParseFailed(f"{answer.url} is neither a web page, nor JSON-LD, nor a sitemap: correct the address.")
    return found


def _add_sitemap(found: Page, content: bytes) -> None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content.lstrip(), parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise ParseFailed(
            f"{found.address} is a broken sitemap: {error.msg}. Tell its publisher.", line, column
        ) from error
    found.is_sitemap = True
    found.is_index = etree.QName(root).localname == "sitemapindex"
    for node in root.iterfind("{*}url/{*}loc" if not found.is_index else "{*}sitemap/{*}loc"):
        if link := (node.text or "").strip():
            found.links.append(link)


def _add_html(found: Page, content: bytes) -> None:
    """Read every script of JSON-LD; a page that lacks its end may have lost some."""
    try:
        content.decode("utf-8")
        encoding = "utf-8"
    except UnicodeDecodeError:
        encoding = None  # then what the page declares counts
    parser = lxml.html.HTMLParser(encoding=encoding, no_network=True, huge_tree=False)
    try:
        root = lxml.html.document_fromstring(content, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise ParseFailed(f"{found.address} is no web page: {error}. Tell its publisher.") from error
    scripts = [node for node in root.iter("script") if "ld+json" in (node.get("type") or "").lower()]
    for number, node in enumerate(scripts, start=1):
        _add_script(found, node.text or "", f"{found.address}, script {number}")
    if not re.search(rb"</(?:html|body)\s*>", content[-20_000:], re.IGNORECASE):
        found.faults.append(Rejected(found.address, "page without its end, perhaps cut off", is_dataset=False))
    if found.links:  # a catalogue, which may have further pages
        nodes = [node for tag in ("link", "a") for node in root.iter(tag)]
        found.links += [node.get("href") or "" for node in nodes if "next" in (node.get("rel") or "").split()]


def _add_script(found: Page, text: str, place: str) -> None:
    """Read a script; web pages wrap JSON in comments, leave line ends in texts and escape it as HTML."""
    text = _WRAPPED.sub("", text).strip().rstrip(";")
    error: Exception | None = None
    for attempt in (text, html.unescape(text)):
        try:
            _add(found, json.loads(attempt, strict=False))
        except (ValueError, RecursionError) as raised:
            error = error or raised
        else:
            return
    names = _NAMES_A_DATASET.search(text) is not None
    found.faults.append(Rejected(place, "JSON-LD that is not JSON", str(error)[:200], is_dataset=names))


def _add(found: Page, document: Any) -> None:
    nodes = [node for node in _expanded(document, _Scope(), 0) if isinstance(node, dict)]
    for node in nodes:
        _index(found, node)
    for node in nodes:
        _gather(found, node, catalogue=False)


def _index(found: Page, node: Node) -> None:
    """Note the nodes by ``@id``; of several with one the fullest counts."""
    for name in node.get("@id", ())[:1]:
        if len(node) > len(found.index.get(str(name), ())):
            found.index[str(name)] = node
    for values in node.values():
        for value in values:
            if isinstance(value, dict):
                _index(found, value)


def _gather(found: Page, node: Node, catalogue: bool) -> None:
    """Note the datasets that stand in a node, and the pages of those that a catalogue only names."""
    types = {str(item) for item in node.get("@type", ())}
    if types & TYPES or (catalogue and not types):
        full = node if _says_enough(node) else found.index.get(str(next(iter(node.get("@id", ())), "")), node)
        link = next((link for key in ("url", "@id") for item in node.get(key, ()) if (link := _link(item))), "")
        if catalogue and not _says_enough(full) and link and not link.startswith("_:"):
            found.links.append(link)
        elif types & TYPES and not any(full is known for known in found.datasets):
            found.datasets.append(full)
    for holder in _HOLDERS:
        for value in node.get(holder, ()):
            if isinstance(value, dict):
                _gather(found, value, holder == "dataset")
            elif holder == "dataset" and isinstance(value, str):
                found.links.append(value)


def _link(value: Any) -> str:
    """Return the address that a value is or names."""
    named = next(iter(value.get("@id", ())), "") if isinstance(value, dict) else value
    return named if isinstance(named, str) else ""


def _says_enough(node: Node) -> bool:
    """Tell whether a node describes a dataset, rather than only naming it for a list."""
    return "name" in node and bool({"description", "distribution", "license", "creator", "publisher"} & node.keys())


def _expanded(value: Any, scope: _Scope, depth: int) -> list[Any]:
    """Return a value as a list of texts, numbers, ``Words`` and nodes."""
    if depth > DEEPEST:
        return []
    if isinstance(value, list):
        return [item for part in value for item in _expanded(part, scope, depth + 1)]
    if isinstance(value, dict):
        return _expanded_object(value, scope, depth)
    return [] if value is None else [value]


def _expanded_object(value: Mapping[str, Any], scope: _Scope, depth: int) -> list[Any]:
    if "@context" in value:
        scope = _scoped(value["@context"], scope)
    if "@value" in value:
        return _valued(value["@value"], value.get("@language", scope.language))
    for wrapper in ("@list", "@set"):
        if wrapper in value:
            return _expanded(value[wrapper], scope, depth + 1)
    node: Node = {}
    for key, item in value.items():
        if name := _term(key, scope):
            node.setdefault(name, []).extend(_said(name, item, scope, depth + 1))
    return [node] if node else []


def _valued(value: Any, language: Any) -> list[Any]:
    """Return a value object as a text with its language or a plain value; what may not stand there says nothing."""
    if isinstance(value, str) and isinstance(language, str) and language:
        return [Words(value, language)]
    return [value] if isinstance(value, str | int | float) else []


def _said(name: str, item: Any, scope: _Scope, depth: int) -> list[Any]:
    """Return the values of a property; plain texts have the language of their context, those of keywords are names."""
    found = _expanded(item, scope, depth)
    if name == "@type":
        return [_term(part, scope) for part in found if isinstance(part, str)]
    if name == "@id":
        return [part for part in found if isinstance(part, str)]
    return [Words(part, scope.language) if scope.language and isinstance(part, str) else part for part in found]


def _term(key: str, scope: _Scope) -> str:
    """Return the local name that a key has in schema.org, a keyword as it is, empty for another vocabulary."""
    key = scope.aliases.get(key, key)
    if key in ("@id", "@type", "@graph"):
        return key
    if match := _FULL.fullmatch(key):
        return match[1]
    prefix, colon, local = key.partition(":")
    if colon:
        return local if prefix in scope.prefixes else ""
    return key if scope.plain and not key.startswith("@") else ""


def _scoped(context: Any, scope: _Scope) -> _Scope:
    """Return the scope of a context within another; remote contexts are known or say nothing."""
    for part in context if isinstance(context, list) else [context]:
        if isinstance(part, str) and _SCHEMA.fullmatch(part.strip()):
            scope = _Scope(True, scope.prefixes, {**scope.aliases, "id": "@id", "type": "@type"}, scope.language)
        elif isinstance(part, dict):
            scope = _declared(part, scope)
    return scope


def _declared(context: Mapping[str, Any], scope: _Scope) -> _Scope:
    """Return the scope of a context that stands in the document."""
    plain, prefixes, aliases = scope.plain, {*scope.prefixes}, dict(scope.aliases)
    if isinstance(vocabulary := context.get("@vocab"), str):
        plain = _SCHEMA.fullmatch(vocabulary) is not None
    for term, value in context.items():
        target = value.get("@id") if isinstance(value, dict) else value
        if term.startswith("@") or not isinstance(target, str):
            continue
        if _SCHEMA.fullmatch(target):
            prefixes.add(term)
        else:
            aliases[term] = target
    language = context.get("@language", scope.language)
    return _Scope(plain, frozenset(prefixes), aliases, language if isinstance(language, str) else "")


def values(node: Node, name: str, page: Page) -> Iterator[Any]:
    """Yield the values of a property, references resolved within the page."""
    for value in node.get(name, ()):
        if isinstance(value, dict) and "@id" in value and len(value) <= 2:
            yield page.index.get(str(next(iter(value["@id"]), "")), value)
        else:
            yield value
