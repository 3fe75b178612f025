"""The queries of ``bench/sparql.py``: three small ones, and a mix of twenty as a catalogue's users and stewards ask.

SPARQL 1.1 Query (https://www.w3.org/TR/sparql11-query/) without extensions, over the catalogue of
``_sparql_catalogue``. Every answer is determined: where rows are cut off, a last ORDER BY key decides, so that answers
of different engines can be compared.
"""

import csv
import io
from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import Final

from bench._sparql_catalogue import AUTHORITY, iri
from maillon.vocabulary import PREFIXES

_NEEDED: Final = ("dcat", "dct", "foaf", "schema", "skos", "vcard", "xsd")
PROLOGUE: Final = "".join(f"PREFIX {name}: <{iri_}>\n" for name, iri_ in {
    **{name: PREFIXES[name] for name in _NEEDED if name in PREFIXES},
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}.items())  # fmt: skip


def small(number: int) -> dict[str, str]:
    """Return the small queries about one dataset, by name."""
    subject = iri("dataset", number)
    queries = {
        "ask by subject": f"ASK {{ <{subject}> a dcat:Dataset }}",
        "all of one dataset": f"SELECT ?p ?o {{ <{subject}> ?p ?o }}",
        "lookup by identifier": f'SELECT ?d ?t {{ ?d dct:identifier "bench-{number}" ; dct:title ?t }}',
    }
    return {name: PROLOGUE + query for name, query in queries.items()}


_CSV, _THEME = f"<{AUTHORITY}file-type/CSV>", f"<{AUTHORITY}data-theme/TRAN>"
_PUBLISHER, _DATASET = f"<{iri('organisation', 0)}>", f"<{iri('dataset', 7)}>"
_MIX: Final = {
    "count datasets": "SELECT (COUNT(*) AS ?n) { ?d a dcat:Dataset }",
    "one dataset, 2 hops": f"SELECT ?p ?o ?q ?r {{ {_DATASET} ?p ?o OPTIONAL {{ ?o ?q ?r }} }}",
    "facet theme": "SELECT ?x (COUNT(*) AS ?n) { ?d a dcat:Dataset ; dcat:theme ?x } GROUP BY ?x",
    "facet publisher": "SELECT ?x (COUNT(*) AS ?n) { ?d a dcat:Dataset ; dct:publisher ?x } GROUP BY ?x",
    "facet keyword": "SELECT ?x (COUNT(*) AS ?n) { ?d dcat:keyword ?x } GROUP BY ?x ORDER BY DESC(?n) STR(?x) LIMIT 20",
    "facet format": "SELECT ?x (COUNT(DISTINCT ?d) AS ?n) { ?d dcat:distribution/dct:format ?x } GROUP BY ?x",
    "latest 20": "SELECT ?d ?m { ?d a dcat:Dataset ; dct:modified ?m } ORDER BY DESC(?m) STR(?d) LIMIT 20",
    "latest 20 with names": "SELECT ?d ?m ?t ?name { ?d a dcat:Dataset ; dct:modified ?m ; dct:title ?t ; "
    'dct:publisher/foaf:name ?name FILTER(LANG(?t) = "fr" && LANG(?name) = "fr") } ORDER BY DESC(?m) STR(?d) LIMIT 20',
    "theme and format": f"SELECT (COUNT(DISTINCT ?d) AS ?n) {{ ?d dcat:theme {_THEME} ; "
    f"dcat:distribution/dct:format {_CSV} }}",
    "without licence": "SELECT (COUNT(*) AS ?n) { ?d dcat:distribution ?x FILTER NOT EXISTS { ?x dct:license ?l } }",
    "title contains": 'SELECT (COUNT(*) AS ?n) { ?d dct:title ?t FILTER(CONTAINS(LCASE(STR(?t)), "données")) }',
    "title matches": 'SELECT (COUNT(*) AS ?n) { ?d dct:description ?t FILTER(REGEX(STR(?t), "^ba.*no[0-9]", "i")) }',
    "years": "SELECT ?y (COUNT(*) AS ?n) { ?d a dcat:Dataset ; dct:issued ?i BIND(YEAR(?i) AS ?y) } GROUP BY ?y",
    "range of dates": "SELECT (COUNT(*) AS ?n) { ?d a dcat:Dataset ; dct:modified ?m "
    'FILTER(?m >= "2024-01-01"^^xsd:date && ?m < "2025-01-01"^^xsd:date) }',
    "sum by payer": "SELECT ?x (SUM(?a) AS ?n) { ?g schema:funder ?x ; schema:amount ?a } GROUP BY ?x",
    "payers of a beneficiary": f"SELECT ?x ?a ?t {{ ?g schema:recipient <{iri('beneficiary', 3)}> ; schema:funder ?x ; "
    'schema:amount ?a ; schema:about/dct:title ?t FILTER(LANG(?t) = "nl") }',
    "sizes by format": "SELECT ?x (SUM(?s) AS ?n) (MAX(?s) AS ?m) { ?d dct:format ?x ; dcat:byteSize ?s } GROUP BY ?x",
    "publisher's files": f"SELECT ?d ?x ?s {{ ?d dct:publisher {_PUBLISHER} ; dcat:theme {_THEME} ; "
    f"dcat:distribution ?x . ?x dct:format {_CSV} ; dcat:byteSize ?s }} ORDER BY ?s STR(?x) LIMIT 100",
    "themes with labels": "SELECT ?label (COUNT(?d) AS ?n) { ?d dcat:theme ?x . ?x skos:prefLabel ?label "
    'FILTER(LANG(?label) = "fr") } GROUP BY ?label',
    "optional texts": f"SELECT ?d ?fr ?nl {{ ?d dcat:theme {_THEME} ; dct:publisher <{iri('organisation', 5)}> "
    'OPTIONAL { ?d dct:title ?fr FILTER(LANG(?fr) = "fr") } OPTIONAL { ?d dct:title ?nl FILTER(LANG(?nl) = "nl") } }',
}  # fmt: skip
MIX: Final = {name: PROLOGUE + query for name, query in _MIX.items()}


def many(rows: int) -> str:
    """Return the query with many rows."""
    return f"SELECT ?s ?p ?o {{ ?s ?p ?o }} LIMIT {rows}"


def _value(text: str) -> str:
    """Return a value as engines agree on it: a number without its way of being written."""
    try:
        return f"{round(Decimal(text), 2).normalize():f}"
    except InvalidOperation:
        return text


def rows(body: bytes) -> Counter[tuple[str, ...]]:
    """Return the rows of an answer in CSV (https://www.w3.org/TR/sparql11-results-csv-tsv/), as often as each comes."""
    found = csv.reader(io.StringIO(body.decode("utf-8")))
    next(found, None)
    return Counter(tuple(map(_value, row)) for row in found if row)


def difference(one: bytes, other: bytes) -> str:
    """Return how two answers in CSV differ, empty where they are the same."""
    left, right = rows(one), rows(other)
    if left == right:
        return ""
    only = next(iter((left - right) or (right - left)))
    return f"{left.total()} and {right.total()} rows; only in one: {only}"
