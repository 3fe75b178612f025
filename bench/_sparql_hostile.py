"""The queries that are known to hurt: those of this project's notes on Oxigraph, and the real ones of the corpus.

``hostile`` are shapes that crashed pyoxigraph 0.5.13, never ended or took all memory when they were measured.
``corpus`` reads the queries out of the files of the corpus's folder ``sparql``, wherever they stand in them (Markdown,
SQL).
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_CROSS: Final = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
_FENCED: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_QUOTED: Final = re.compile(r"(?<!_)sparql\s+'((?:[^']|'')*)'")
_FORM: Final = re.compile(r"\b(SELECT|ASK|CONSTRUCT|DESCRIBE)\b", re.IGNORECASE)


def _ladder() -> Iterator[str]:
    """Yield the constructs that overflow a stack or take the planner for ever, in growing numbers."""
    for times in (100, 1_000, 3_000, 10_000, 30_000):
        yield "SELECT (" + "(" * times + "1" + ")" * times + " AS ?x) {}"
        yield "SELECT * " + "{" * times + "}" * times
        yield "SELECT * { " + "OPTIONAL { ?s ?p ?o } " * times + "}"
        yield "SELECT * { " + "".join(f"BIND({n} AS ?v{n}) " for n in range(times)) + "}"
        yield "SELECT * { " + "MINUS { ?s ?p ?o } " * times + "}"
        yield "ASK { FILTER(" + " || ".join(["?a"] * times) + ") }"
        yield "ASK { ?s ?p " + "(" * times + "1" + ")" * times + " }"
        yield f"ASK {{ ?s ?p ?o FILTER(?o IN ({','.join(map(str, range(times)))})) }}"
        yield f"ASK {{ VALUES ?o {{ {' '.join(map(str, range(times)))} }} ?s ?p ?o }}"
    for times in (20, 40, 60, 80, 120, 300):
        yield "SELECT * { " + " ".join(f"?s ?p{n} ?o{n} ." for n in range(times)) + " } LIMIT 1"
        yield "SELECT * { " + " ".join(f"?s ?p{n} ?o{n} ;" for n in range(times)) + " } LIMIT 1"
    for times in (60, 300, 1_000):
        yield "SELECT * { ?s " + "/".join(["<urn:p>"] * times) + " ?o }"
        yield "SELECT * { " + " UNION ".join(["{ ?s a ?o }"] * times) + " } LIMIT 1"


def _outgoing(place: str) -> Iterator[str]:
    """Yield all ways in which a query may make a server ask another one."""
    for silent in ("", "SILENT "):
        yield f"SELECT * {{ SERVICE {silent}<{place}> {{ ?s ?p ?o }} }}"
        yield f"SELECT * {{ BIND(<{place}> AS ?x) SERVICE {silent}?x {{ ?s ?p ?o }} }}"
        yield f"SELECT * {{ VALUES ?x {{ <{place}> }} SERVICE{silent and ' ' + silent}?x {{ ?s ?p ?o }} }}"
        yield f"LOAD {silent}<{place}>"
    yield f"SELECT * {{ FILTER EXISTS {{ SERVICE<{place}>{{}} }} }}"
    yield f"SELECT * {{ {{ SELECT * {{ #\nSERVICE # x\n <{place}> {{ ?s ?p ?o }} }} }} }}"
    yield f"ASK {{ FILTER(1<2) sErViCe<{place}> {{ ?s ?p ?o }} FILTER(3>2) }}"
    yield f"PREFIX x: <{place}> SELECT * {{ SERVICE x: {{ ?s ?p ?o }} }}"
    yield f"PREFIX x: <{place}> SELECT * {{ SERVICE x:a\\-b {{ ?s ?p ?o }} }}"
    yield f"BASE <{place}> SELECT * {{ SERVICE <a> {{ ?s ?p ?o }} }}"
    yield f"SELECT * {{ \\u0053ERVICE <{place}> {{ ?s ?p ?o }} }}"
    yield f"SELECT * FROM <{place}> FROM NAMED <{place}> {{ GRAPH ?g {{ ?s ?p ?o }} }}"
    yield f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{place}> {{ ?s ?p ?o }} }}"
    yield f"DESCRIBE <{place}>"


def _endless() -> Iterator[str]:
    """Yield queries that take more time, memory or octets than anybody has."""
    yield f"SELECT (COUNT(*) AS ?n) {{ {_CROSS} }}"
    yield f"SELECT * {{ {_CROSS} }}"
    yield f"SELECT DISTINCT * {{ {_CROSS} }}"
    yield f"SELECT * {{ {_CROSS} }} ORDER BY ?i ?f"
    yield f"CONSTRUCT {{ ?a ?e ?i }} WHERE {{ {_CROSS} }}"
    yield f"SELECT (GROUP_CONCAT(?f) AS ?n) {{ {_CROSS} }}"
    yield "SELECT (COUNT(*) AS ?n) { ?s (!<urn:x>)* ?o }"
    yield "SELECT * { ?s (<urn:p>|!<urn:p>|^<urn:p>)* ?o }"
    yield "SELECT ?o (COUNT(?s) AS ?n) { ?s ?p ?o } GROUP BY ?o ORDER BY DESC(?n)"
    yield "CONSTRUCT WHERE { ?s ?p ?o }"
    yield "SELECT * { ?s ?p ?o } ORDER BY ?o"
    yield 'SELECT * { ?s ?p ?o FILTER(REGEX(STR(?o), "^(a|a?)+(b|b?)+(.*)*$")) }'
    yield 'SELECT (REPLACE("' + "a" * 20_000 + '", "(a*)*(a*)*b", "$1$1$1") AS ?x) {}'
    yield 'SELECT * { BIND("a" AS ?x0) ' + "".join(f"BIND(CONCAT(?x{n},?x{n}) AS ?x{n + 1}) " for n in range(50)) + "}"
    yield "SELECT * { ?a ?b ?c FILTER NOT EXISTS { ?d ?e ?f . ?g ?h ?c FILTER(?f < ?a) } }"


def hostile(place: str) -> Iterator[tuple[str, str]]:
    """Yield kind and text of every hostile query.

    Args:
        place: Address of a listener, which no server may ever ask.
    """
    for kind, queries in (("ladder", _ladder()), ("outgoing", _outgoing(place)), ("endless", _endless())):
        for query in queries:
            yield kind, query


def corpus(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield kind and text of the queries in the files of a folder; nothing where it is absent."""
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".md", ".sql", ".rq", ".qry"):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found = (
            [text] if path.suffix in (".rq", ".qry") else [query.replace("''", "'") for query in _QUOTED.findall(text)]
        )
        found += [query for language, query in _FENCED.findall(text) if language in ("", "sparql")]
        for query in found:
            if _FORM.search(query):
                yield "corpus", query
