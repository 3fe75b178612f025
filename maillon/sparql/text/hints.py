"""Turns the text of a query that used up a budget into what is likely to blame and what to try.

Reads the text only (``maillon.sparql.text.shape``), never a store. What is held against a query is what Oxigraph 0.5
was measured to be slow at: products of unconnected patterns, paths of any length, sorting and grouping of everything
(even with a LIMIT), required patterns after optional ones, text looked for in every literal.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from maillon.sparql.jobs import Hint
from maillon.sparql.text import names
from maillon.sparql.text.hint_texts import TEXTS, UNKNOWN
from maillon.sparql.text.shape import Expression, Group, Pattern, is_variable, shape
from maillon.sparql.text.tokens import Token, tokens
from maillon.vocabulary import TYPE

MANY: Final = 10_000
"""Triples of a predicate, or rows of a product, from which a part of a query is named."""
_MOST: Final = 5
_EXCERPT: Final = 70
_MAX_TOKENS: Final = 4_000
"""Tokens that are read, so that a hostile text takes no longer than 50 ms; 353 queries of real logs have up to 600."""
_TEXT_FUNCTIONS: Final = frozenset(["REGEX", "CONTAINS", "STRSTARTS", "STRENDS", "REPLACE"])
_AGGREGATES: Final = frozenset(["COUNT", "SUM", "AVG", "MIN", "MAX", "SAMPLE", "GROUP_CONCAT"])
_MODIFIERS: Final = frozenset(["LIMIT", "GROUP", "ORDER", "DISTINCT"])
_WEIGHTS: Final = {
    "product": 95, "path": 90, "export": 85, "text": 82, "everything": 80, "optional": 65, "sort": 60, "group": 55,
    "distinct": 50, "unselective": 30,
}  # fmt: skip
_HEAVIER: Final = {
    "memory": {"sort": 35, "group": 35, "distinct": 35},
    "size": {"export": 30, "product": 5},
}
"""What is added where memory or the size of the answer was used up: sorting keeps every row, a long answer none."""
_CONSTANT: Final = re.compile(r"""^(?:'''|\"\"\"|'|")(.*?)(?:'''|\"\"\"|'|")$""", re.DOTALL)


class _Query:
    """The text of a query with what is known of its names."""

    def __init__(self, query: str, counts: Mapping[str, int]) -> None:
        self.text = query
        self.tokens: list[Token] = list(islice(tokens(query), _MAX_TOKENS))
        self.prefixes = names.declared(self.tokens)
        self._sizes: dict[int, int] = {}
        self.counts = counts
        self.total = sum(counts.values()) or MANY * 100

    def excerpt(self, start: int, end: int) -> str:
        return _short(self.text[start:end])

    def hint(self, id_: str, start: int, end: int, **values: str) -> Hint:
        what, advice = TEXTS[id_]
        line = names.place(self.text, start)[0]
        return Hint(id_, line, self.excerpt(start, end), what, advice, values)

    def size(self, pattern: Pattern) -> int:
        """Return about how many triples a pattern matches by itself."""
        if id(pattern) not in self._sizes:
            self._sizes[id(pattern)] = self._size(pattern)
        return self._sizes[id(pattern)]

    def _size(self, pattern: Pattern) -> int:
        predicate = pattern.predicate[0] if len(pattern.predicate) == 1 else None
        iri = names.iri(predicate, self.prefixes) if predicate is not None else ""
        if pattern.unbounded:
            return self.total
        size = self.counts.get(iri, 0 if self.counts and iri else self.total)
        of_object = 10 if iri == TYPE.value else 100  # a class has many members, a theme or publisher fewer
        for term, share in ((pattern.subject, 1000), (pattern.object, of_object)):
            size = size if is_variable(term) else -(-size // share)
        return size

    def least(self, group: Group) -> dict[str, int]:
        """Return, by variable of a group, about how many values it can have at most."""
        sizes: dict[str, int] = {}
        for pattern in group.patterns:
            size = self.size(pattern)
            if pattern.unbounded:  # from one known node, mostly few are reached
                size = self.total if is_variable(pattern.subject) and is_variable(pattern.object) else MANY // 100
            for variable in pattern.variables:
                sizes[variable] = min(sizes.get(variable, self.total), size)
        for inner in group.groups:
            if inner.kind in ("VALUES", "SERVICE"):
                sizes |= dict.fromkeys(inner.variables(), 1)
        return sizes


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…"


@dataclass(slots=True)
class _Part:
    """What is connected by shared variables in one group."""

    variables: set[str]
    start: int
    end: int
    size: int


def _parts(group: Group, query: _Query) -> list[_Part]:
    """Return the connected parts of a group, the largest first."""
    parts: list[_Part] = []
    for item in group.items:
        part = _part(item, query)
        if part is None or not part.variables:
            continue
        joined = [other for other in parts if other.variables & part.variables]
        parts = [other for other in parts if not other.variables & part.variables]
        for other in joined:
            smaller, first = min(part.size, other.size), min(part, other, key=lambda one: one.start)
            part = _Part(part.variables | other.variables, first.start, first.end, smaller)
        parts.append(part)
    return sorted((part for part in parts if part.size > 1), key=lambda part: -part.size)


def _part(item: Pattern | Expression | Group, query: _Query) -> _Part | None:
    if isinstance(item, Pattern):
        return _Part(item.variables, item.start, item.end, query.size(item))
    if isinstance(item, Expression):
        return _Part(item.variables, item.start, item.end, 0) if item.kind == "BIND" else None
    if item.kind in ("EXISTS", "MINUS", "CONSTRUCT"):
        return None
    patterns = [pattern for group in item.all() for pattern in group.patterns]
    start, end = (patterns[0].start, patterns[0].end) if patterns else (item.start, item.start + 1)
    size = min(map(query.size, patterns), default=1)
    single = any(group.form and _aggregated(group) for group in item.all())
    return _Part(item.variables(), start, end, 1 if single or item.kind in ("VALUES", "SERVICE") else size)


def _aggregated(group: Group) -> bool:
    """Tell whether a sub-select gives one row."""
    words = group.words()
    return bool(words & _AGGREGATES) and "GROUP" not in words


def _products(group: Group, query: _Query) -> Iterator[Hint]:
    parts = _parts(group, query)
    if len(parts) < 2 or parts[0].size * parts[1].size < MANY:
        return
    one, other = sorted(parts[:2], key=lambda part: part.start)
    values = {
        "other": query.excerpt(other.start, other.end),
        "other_line": str(names.place(query.text, other.start)[0]),
        "rows": f"{math.prod(part.size for part in parts):,}",
    }
    for expression in group.expressions:
        used = expression.variables
        if expression.kind == "FILTER" and used & one.variables and used & other.variables:
            values["filter"] = query.excerpt(expression.start, expression.end)
            yield query.hint("filtered-product", one.start, one.end, **values)
            return
    yield query.hint("product", one.start, one.end, **values)


def _wide(terms: Iterable[str], least: Mapping[str, int]) -> bool:
    """Tell whether all of some terms are variables that no other pattern narrows down."""
    return all(is_variable(term) and least.get(f"?{term[1:]}", MANY) >= MANY // 10 for term in terms)


def _paths(group: Group, query: _Query) -> Iterator[Hint]:
    least = query.least(group)
    for pattern in group.patterns:
        if pattern.unbounded and _wide((pattern.subject, pattern.object), least):
            yield query.hint("path", pattern.start, pattern.end)


def _everything(group: Group, outer: Group, query: _Query) -> Iterator[Hint]:
    """Name patterns of three variables: as an export where nothing is made of the rows, else as they are."""
    words, least = outer.words(), query.least(group)
    plain = len(group.items) == 1 and outer.form != "ASK" and not words & {*_AGGREGATES, *_MODIFIERS}
    for pattern in group.patterns:
        if len(pattern.predicate) != 1 or pattern.predicate[0].kind != "variable":
            continue
        if not _wide((pattern.subject, pattern.object), least):
            continue
        yield query.hint("export" if plain else "everything", pattern.start, pattern.end, total=f"{query.total:,}")


def _texts(group: Group, query: _Query) -> Iterator[Hint]:
    least = query.least(group)
    for expression in group.expressions:
        words = {token.text.upper() for token in expression.tokens if token.kind in ("word", "name")}
        found = words & _TEXT_FUNCTIONS
        about = [pattern for pattern in group.patterns if pattern.object in expression.variables]
        if not found or not about or not _wide([pattern.subject for pattern in about], least):
            continue
        word = next((_plain(token.text) for token in expression.tokens if token.kind == "string"), "")
        snippet = f'SERVICE maillon:search {{ {about[0].subject} maillon:query "{word or "..."}" }}'
        values = {"function": min(found), "snippet": snippet}
        yield query.hint("text", expression.start, expression.end, **values)


def _plain(text: str) -> str:
    """Return the words of a string as written, without the signs of a regular expression."""
    match = _CONSTANT.match(text)
    return " ".join(re.findall(r"\w+", match[1]))[:_EXCERPT] if match else ""


def _optionals(group: Group, query: _Query) -> Iterator[Hint]:
    optional: Group | None = None
    for item in group.items:
        if isinstance(item, Group) and item.kind == "OPTIONAL":
            optional = optional or item
        elif isinstance(item, Pattern) and optional is not None:
            part = query.excerpt(item.start, item.end)
            yield query.hint("optional", optional.start - len("OPTIONAL "), optional.end, required=part)
            return


def _sorts(outer: Group, query: _Query) -> Iterator[Hint]:
    """Name what must see every row before it gives the first, where there are many rows."""
    sizes = [query.size(pattern) for group in outer.groups for pattern in group.patterns]
    if outer.groups and min(sizes, default=0) < MANY:
        return
    for place, token in enumerate(outer.head):
        word = token.text.upper()
        id_ = {"ORDER": "sort", "GROUP": "group", "DISTINCT": "distinct"}.get(word, "")
        counted = place and outer.head[place - 1].text == "("  # COUNT(DISTINCT ?x)
        if id_ and token.kind == "word" and not counted:
            yield query.hint(id_, token.start, _end(outer, place, query))


def _end(outer: Group, place: int, query: _Query) -> int:
    """Return where a modifier of a query ends: before the next one, or before a group."""
    end = outer.head[place].start + len(outer.head[place].text)
    for token in outer.head[place + 1 :]:
        if (
            token.text.upper() in (*_MODIFIERS, "WHERE", "FROM", "OFFSET", "HAVING")
            or "{" in query.text[end : token.start]
        ):
            break
        end = token.start + len(token.text)
    return end


def _unselective(root: Group, query: _Query) -> Iterator[Hint]:
    sized = [
        (query.size(pattern), pattern)
        for group in root.all()
        if group.kind not in ("OPTIONAL", "EXISTS", "MINUS")  # looked up for rows that are there
        for least in [query.least(group)]
        for pattern in group.patterns
        if len(pattern.predicate) == 1 and _wide(pattern.variables, least)
    ]
    for size, pattern in sorted(sized, key=lambda pair: -pair[0])[:1]:
        if query.counts and size >= MANY and pattern.predicate[0].kind != "variable":
            predicate = pattern.predicate[0].text if pattern.predicate[0].text != "a" else "rdf:type"
            yield query.hint("unselective", pattern.start, pattern.end, count=f"{size:,}", predicate=predicate)


def _found(root: Group, query: _Query) -> Iterator[Hint]:
    """Yield all hints, with the query or sub-select that each group belongs to."""
    waiting = [(root, root)]
    while waiting:
        group, outer = waiting.pop()
        if group.kind == "CONSTRUCT":
            continue
        outer = group if group.form else outer
        if group.form:
            yield from _sorts(group, query)
        elif group.kind not in ("VALUES", "SERVICE"):
            yield from _products(group, query)
            yield from _paths(group, query)
            yield from _everything(group, outer, query)
            yield from _texts(group, query)
            yield from _optionals(group, query)
        waiting += [(inner, outer) for inner in reversed(group.groups)]
    yield from _unselective(root, query)


def explain(query: str, counts: Mapping[str, int], kind: str = "time") -> list[Hint]:
    """Return what is likely to blame that a query used up a budget, the most likely first, at most five.

    Args:
        query: Its text as the user sent it; need not be valid. Only its first 4,000 tokens are read.
        counts: Number of triples of the public graph by IRI of their predicate; may be empty.
        kind: Of the failure: ``time``, ``memory`` or ``size``.
    """
    known = _Query(query, counts)
    heavier = _HEAVIER.get(kind, {})
    best: dict[str, Hint] = {}
    for hint in _found(shape(known.tokens), known):
        best.setdefault(hint.id, hint)
    weights = {id_: _weight(id_) + heavier.get(id_.removeprefix("filtered-"), 0) for id_ in best}
    return sorted(best.values(), key=lambda hint: -weights[hint.id])[:_MOST]


def _weight(id_: str) -> int:
    return _WEIGHTS[id_.removeprefix("filtered-")]


def unknown_functions(query: str) -> list[Hint]:
    """Return what a query uses that is no SPARQL 1.1 but of another server, with what to write instead.

    For queries that failed as ``syntax`` or ``refused``: ``bif:`` and ``sql:`` functions, OPTION(...), DEFINE, of
    Virtuoso; ``wikibase:`` labels, ``text:`` and other full text predicates. One hint a name, in the order of the text.
    """
    known = _Query(query, {})
    found: dict[str, Hint] = {}
    for kind, text, start in known.tokens:
        key = _unknown(kind, text)
        if key and key not in found:
            what, advice = UNKNOWN[key]
            hint = known.hint("text", start, start + len(text))
            found[key] = replace(hint, id=key, what=what, advice=advice, values={"name": text})
    return list(found.values())


def _unknown(kind: str, text: str) -> str:
    if kind == "name":
        prefix, _, local = text.partition(":")
        lower = f"{prefix}:{local}".lower()
        if lower in UNKNOWN:
            return lower
        return f"{prefix.lower()}:" if f"{prefix.lower()}:" in UNKNOWN else ""
    if kind == "iri" and text.lower().strip("<>") in ("bif:contains", "http://jena.apache.org/text#query"):
        return "bif:contains"
    return text.upper() if kind == "word" and text.upper() in UNKNOWN else ""


def text(hints: Iterable[Hint]) -> str:
    """Return hints as English text, one paragraph each; empty where there are none."""
    return "\n".join(f"{number}. {hint}" for number, hint in enumerate(hints, 1))
