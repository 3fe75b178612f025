"""Turn a query for our own endpoint into one that a foreign SPARQL 1.1 server answers in the same way.

What differs between servers is settled before they see it (SPARQL 1.1 Query, sections 4.1 and 13; Protocol, section
2.1.4): predeclared prefixes and the base are written out, bindings become VALUES, and the dataset leaves the text for
default-graph-uri and named-graph-uri, because many servers take all of their graphs for the default graph. Extensions
by which a server reads files, fetches addresses or runs programs (``bif:``, ``sql:`` and ``DEFINE`` of Virtuoso,
``java:``, ``CALL`` and all of ARQ's own in Jena) are refused here.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin

from maillon import identifiers
from maillon.sparql import labels
from maillon.sparql.jobs import Job, QueryFailed
from maillon.sparql.remote.http import NOTHING
from maillon.sparql.text.guard import FORMS
from maillon.sparql.text.tokens import Token, tokens
from maillon.vocabulary import QUERY_PREFIXES

_UPDATES: Final = frozenset(
    ["INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH", "DEFINE", "SERVICE", "CALL"]
)
"""Bare words that no query has; one of them anywhere means that something else is asked. CALL of ARQ runs the function
whose IRI an expression makes."""
_ARQ: Final = ("http://jena.apache.org/arq/", "http://jena.hpl.hp.com/arq/", "urn:x-arq:", "java:")
_JENA: Final = ("http://jena.apache.org/text#", "http://jena.apache.org/spatial#", *_ARQ)
_FOREIGN: Final = ("bif:", "sql:", *_JENA)
"""Beginnings of the IRIs by which Virtuoso and Jena call what no other server has, in lower case."""
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))")
_HIDDEN: Final = re.compile(r"\\(?:u00|U000000)(?:[0-2][0-9a-f]|3[a-f]|40|5[b-f]|60|7[b-f])", re.IGNORECASE)
"""Signs of ASCII as escapes: to a server that replaces them before it reads (section 19.2), they end texts and IRIs."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is sent: the form, the text, and the IRIs of the dataset."""

    form: str
    text: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The fields of the request."""
        return [
            ("query", self.text),
            *(("default-graph-uri", iri) for iri in self.default_graphs),
            *(("named-graph-uri", iri) for iri in self.named_graphs),
        ]


@dataclass(slots=True)
class _Read:
    """A query as it is read: where its prologue ends, its prefixes, its dataset, and the edits to make."""

    query: str
    tokens: list[Token]
    base: str
    start: int = 0
    declared: dict[str, str] = field(default_factory=dict)
    dataset: tuple[list[str], list[str]] = field(default_factory=lambda: ([], []))
    edits: list[tuple[int, int, str]] = field(default_factory=list)

    def word(self, place: int) -> str:
        """Return the word at a place in upper case; empty for any other token and behind the end."""
        if place >= len(self.tokens) or self.tokens[place].kind != "word":
            return ""
        return self.tokens[place].text.upper()

    def iri(self, place: int) -> str:
        """Return the absolute IRI that a token stands for; empty for what is no IRI."""
        if place >= len(self.tokens):
            return ""
        token = self.tokens[place]
        if token.kind == "name":
            prefix, _, local = token.text.partition(":")
            known = self.declared.get(prefix, QUERY_PREFIXES.get(prefix, ""))
            return known + local if known else ""
        text = _ESCAPE.sub(_unescaped, token.text[1:-1]) if token.kind == "iri" else ""
        return text if not text or identifiers.is_absolute(text) else urljoin(self.base, text)


def prepared(job: Job, public: str, published: Iterable[str]) -> Prepared:
    """Return what to send to the server for a job.

    Args:
        job: The query, let through by the guard.
        public: IRI of the graph that holds the public graph there.
        published: IRIs of the named graphs of the snapshot; any other graph is as if it were not there.

    Raises:
        QueryFailed: of kind ``refused`` or ``syntax``.
    """
    read = _Read(job.query, [token for token in tokens(job.query) if token.kind != "comment"], job.base_iri)
    _prologue(read)
    form = read.word(read.start)
    if form not in FORMS:
        raise QueryFailed("syntax", f"A query begins with {', '.join(FORMS)} after its prefixes.")
    _check_escapes(read)
    used = _checked(read)
    given = _dataset_of_text(read)
    if job.default_graphs or job.named_graphs:  # the protocol's dataset wins over the query's as a whole
        read.dataset, given = (list(job.default_graphs), list(job.named_graphs)), True
    if job.bindings:
        _bind(read, job.bindings)
    known = frozenset(published)
    default, named = read.dataset if given else ([public], sorted(known))
    return Prepared(
        form,
        _prologue_text(read, used) + _edited(job.query, read.edits),
        tuple(iri for iri in default if iri in known or iri == public) or (NOTHING,),
        tuple(iri for iri in named if iri in known) or (NOTHING,),
    )


def _prologue(read: _Read) -> None:
    """Read BASE and PREFIX."""
    place = 0
    while read.word(place) in ("BASE", "PREFIX"):
        if read.word(place) == "BASE":
            read.base = read.iri(place + 1) or read.base
            place += 2
            continue
        iri = read.iri(place + 2)
        if place + 1 < len(read.tokens) and iri:
            read.declared[read.tokens[place + 1].text.partition(":")[0]] = iri
        place += 3
    read.start = place


def _unescaped(escape: re.Match[str]) -> str:
    number = int(escape[1] or escape[2], 16)
    return chr(number) if number < 0x110000 else escape[0]


def _check_escapes(read: _Read) -> None:
    """Refuse escapes behind which a server may see other tokens than we do."""
    hidden = _HIDDEN.search(read.query)
    if hidden:
        raise QueryFailed("refused", f"{hidden[0]} is not offered by this installation: write the sign itself.")
    if any(token.kind == "other" and token.text == "\\" for token in read.tokens):
        raise QueryFailed("syntax", "A backslash stands in texts, IRIs and names only.")


def _checked(read: _Read) -> set[str]:
    """Refuse what is no plain query; return the predeclared prefixes that it uses."""
    used = set()
    for place in range(read.start, len(read.tokens)):
        token = read.tokens[place]
        if read.word(place) in _UPDATES:
            raise QueryFailed("refused", f"{token.text} is not part of a query: this endpoint is read-only.")
        if token.kind == "name" and not token.text.startswith("_:"):
            prefix = token.text.partition(":")[0]
            if prefix not in read.declared:
                if prefix not in QUERY_PREFIXES:
                    raise QueryFailed("syntax", f"The prefix {prefix}: is not declared. Write PREFIX {prefix}: <...>.")
                used.add(prefix)
        if token.kind in ("iri", "name"):
            _check_iri(read, place)
    return used


def _check_iri(read: _Read, place: int) -> None:
    iri = read.iri(place)
    if iri.lower().startswith(_FOREIGN):
        raise QueryFailed("refused", f"{iri[:60]} is an extension of one product and is not offered.")
    called = place + 1 < len(read.tokens) and read.tokens[place + 1].text == "("
    if called and iri == labels.FUNCTION.value:
        raise QueryFailed(
            "refused", "maillon:label is not offered by this installation: ask skos:prefLabel or rdfs:label instead."
        )


def _dataset_of_text(read: _Read) -> bool:
    """Take FROM clauses out of the text; tell whether there were any."""
    found, place = False, read.start
    while place < len(read.tokens) and read.tokens[place].text != "{" and read.word(place) != "WHERE":
        if read.word(place) != "FROM":
            place += 1
            continue
        named = read.word(place + 1) == "NAMED"
        last = place + 1 + named
        iri = read.iri(last)
        if not iri:
            raise QueryFailed("syntax", "FROM needs an IRI after it.")
        read.dataset[named].append(iri)
        end = read.tokens[last]
        read.edits.append((read.tokens[place].start, end.start + len(end.text), " "))
        found, place = True, last + 1
    return found


def _bind(read: _Read, bindings: Sequence[tuple[str, str]]) -> None:
    """Bind variables in the group of each SELECT and of the query itself: sub-selects are evaluated on their own."""
    names = " ".join(f"?{name}" for name, _ in bindings)
    values = f" VALUES ({names}) {{ ({' '.join(term for _, term in bindings)}) }} "
    waiting, depth, template = [(0, read.word(read.start))], 0, -1
    for place in range(read.start + 1, len(read.tokens)):
        token = read.tokens[place]
        if read.word(place) == "SELECT":
            waiting.append((depth, "SELECT"))
        if token.text == "{" and waiting and waiting[-1][0] == depth:
            if waiting[-1][1] == "CONSTRUCT" and read.word(place - 1) != "WHERE":
                template = depth
            else:
                _bind_group(read, place, values, short=waiting[-1][1] == "CONSTRUCT" and template < 0)
                waiting.pop()
        depth += (token.kind == "open") - (token.kind == "close")
        if token.text == "}" and depth == template:
            waiting, template = [(depth, "WHERE")], depth


def _bind_group(read: _Read, place: int, values: str, short: bool) -> None:
    opening = read.tokens[place].start
    read.edits.append((opening + 1, opening + 1, values))
    if short:  # CONSTRUCT WHERE { ... } may hold nothing but triples: its long form says the same
        closing = max((token.start for token in read.tokens if token.text == "}"), default=len(read.query))
        before = read.tokens[place - 1].start
        read.edits.append((before, before, f"{{{read.query[opening + 1 : closing]}}} "))


def _edited(query: str, edits: list[tuple[int, int, str]]) -> str:
    for start, end, text in sorted(edits, reverse=True):
        query = query[:start] + text + query[end:]
    return query


def _prologue_text(read: _Read, used: Iterable[str]) -> str:
    """Return what must stand before the query, on its first line, so that the server's line numbers stay right."""
    lines = [f"PREFIX {prefix}: <{QUERY_PREFIXES[prefix]}>" for prefix in sorted(used)]
    relative = any(t.kind == "iri" and not identifiers.is_absolute(t.text[1:-1]) for t in read.tokens)
    if relative:
        lines.insert(0, f"BASE <{read.base}>")
    return "".join(f"{line} " for line in lines)
