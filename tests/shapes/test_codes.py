"""Rules about code lists: closed lists stand in them whole, of open ones they know how a code is written.

A shape cannot look into another file, so ``shapes/`` repeats the codes of the closed lists. They are kept in one place,
``ontology/authority/<list>.ttl``: whoever adds a code there is told here which rules to change, and what to write.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

from maillon import paths
from maillon.validation import engine
from maillon.validation.engine import Engine
from maillon.vocabulary import AUTHORITY, QUERY_PREFIXES, term

SHAPE = "urn:maillon:shape:"
ADMS = "http://purl.org/adms/"
IANA = "https://www.iana.org/assignments/media-types/"
CLOSED = {
    "agent-type": ("foaf:Agent", "dct:type", "publisher-type"),
    "data-service-access-rights-code": ("dcat:DataService", "dct:accessRights", "access-right"),
    "data-service-theme-code": ("dcat:DataService", "dcat:theme", "data-theme"),
    "dataset-access-rights-code": ("dcat:Dataset", "dct:accessRights", "access-right"),
    "dataset-frequency-code": ("dcat:Dataset", "dct:accrualPeriodicity", "frequency"),
    "dataset-series-frequency-code": ("dcat:DatasetSeries", "dct:accrualPeriodicity", "frequency"),
    "dataset-theme-code": ("dcat:Dataset", "dcat:theme", "data-theme"),
    "dcat-ap-2.1.1-dataset-access-rights-code": ("dcat:Dataset", "dct:accessRights", "access-right"),
    "distribution-availability-code": ("dcat:Distribution", "dcatap:availability", "planned-availability"),
    "distribution-status-code": ("dcat:Distribution", "adms:status", "distribution-status"),
    "licence-document-type": ("dct:LicenseDocument", "dct:type", "licence-type"),
}
"""Class, property and list of each rule that holds a list whole (those of high-value data: test_marks.py)."""

OPEN = {
    "catalog-language-code": ("dcat:Catalog", "dct:language", "language"),
    "catalog-license-code": ("dcat:Catalog", "dct:license", "licence"),
    "catalog-record-language-code": ("dcat:CatalogRecord", "dct:language", "language"),
    "data-service-format-code": ("dcat:DataService", "dct:format", "file-type"),
    "data-service-license-code": ("dcat:DataService", "dct:license", "licence"),
    "dataset-language-code": ("dcat:Dataset", "dct:language", "language"),
    "distribution-compress-format-code": ("dcat:Distribution", "dcat:compressFormat", "media-type"),
    "distribution-format-code": ("dcat:Distribution", "dct:format", "file-type"),
    "distribution-language-code": ("dcat:Distribution", "dct:language", "language"),
    "distribution-license-code": ("dcat:Distribution", "dct:license", "licence"),
    "distribution-media-type-code": ("dcat:Distribution", "dcat:mediaType", "media-type"),
    "distribution-package-format-code": ("dcat:Distribution", "dcat:packageFormat", "media-type"),
}
"""The same of those that know how a code is written: our list is a part of the real one, or older."""

ELSEWHERE = {"dataset-theme": "dataset-theme-code", "data-service-theme": "data-service-theme-code"}
"""Rules that ask whether there is a value of a list, and the rule that knows the list."""

LIBRARY = frozenset(
    re.findall("[A-Z]{3}", "ALB ARM BAQ BUR CHI CZE DUT FRE GEO GER GRE ICE MAC MAO MAY PER RUM SLO TIB WEL")
)
"""Codes of ISO 639-2 for libraries (bibliographic); the EU list has those of the other kind (terminological)."""

Pair = tuple[str, str]
Rules = dict[str, tuple[str, str, str]]


@cache
def codes(table: str) -> tuple[str, ...]:
    """Return the concepts of a list, in the order of its file."""
    quads = list(parse(path=paths.ONTOLOGY / "authority" / f"{table}.ttl", format=RdfFormat.TURTLE))
    named = (quad.subject for quad in quads if quad.predicate == term("skos:inScheme"))
    listed = (quad.object for quad in quads if quad.predicate == term("skos:hasTopConcept"))
    return tuple(dict.fromkeys(item.value for item in (*named, *listed) if isinstance(item, NamedNode)))


def start(table: str) -> str:
    """Return how the addresses of a list start."""
    code = codes(table)[0]
    return IANA if code.startswith(IANA) else code[: code.rindex("/") + 1]


def files() -> list[Path]:
    return sorted(paths.SHAPES.rglob("*.ttl"))


def constraints(path: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Yield rule, ``in`` or ``pattern``, and the IRIs or the expression."""
    triples = [quad.triple for quad in parse(path.read_bytes(), RdfFormat.TURTLE)]
    above = {triple.object: triple.subject for triple in triples if isinstance(triple.object, BlankNode)}
    first = {triple.subject: triple.object for triple in triples if triple.predicate == term("rdf:first")}
    rest = {triple.subject: triple.object for triple in triples if triple.predicate == term("rdf:rest")}
    for triple in triples:
        node, value, found = triple.subject, triple.object, []
        while isinstance(node, BlankNode):
            node = above[node]
        if triple.predicate == term("sh:pattern") and isinstance(value, Literal):
            found = [value.value.replace("\\", "")]
        while triple.predicate == term("sh:in") and value in first:
            found.append(str(first[value]).strip("<>"))
            value = rest[value]
        if found:
            yield str(node).strip("<>").removeprefix(SHAPE), str(triple.predicate)[-3:-1], found


def test_closed_lists_stand_whole_in_their_rules() -> None:
    tables = {table: set(codes(table)) for _, _, table in CLOSED.values()}
    wrong, seen = [], set()
    for path in files():
        for rule, kind, members in constraints(path):
            table = next((name for name in tables if {*members} & tables[name]), "") if kind == "in" else ""
            if table and {*members} != tables[table]:
                listed = " ".join(f"<{code}>" for code in codes(table))
                wrong.append(f"{path.name}, {rule}: write sh:in ( {listed} ) as in ontology/authority/{table}.ttl")
            seen |= {(rule, table)} if table else set()
    assert not wrong, "\n".join(wrong)
    assert seen == {(rule, table) for rule, (_, _, table) in CLOSED.items()}


def test_no_rule_tells_a_closed_list_by_the_start_of_its_addresses_alone() -> None:
    starts = [start(table).removeprefix("http") for table in {table for _, _, table in CLOSED.values()}]
    named = {
        rule
        for path in files()
        for rule, kind, (expression, *_) in constraints(path)
        if kind != "in" and any(address in expression for address in starts)
    }
    assert named <= CLOSED.keys() | ELSEWHERE.keys()
    assert {*ELSEWHERE.values()} <= CLOSED.keys()


def wrong_codes(table: str, *, closed: bool) -> list[str]:
    """Return what is no code of a list, though its address looks like one."""
    address, code = start(table), codes(table)[0]
    wrong = [f"{code}#x", f"{code}/", f"{code}%20", f"{code}?x=1", address, f"{address}x/y/z"]
    if closed:
        return [
            *wrong,
            f"{address}NO_SUCH_CODE",
            f"{address}X{code.removeprefix(address)}",
            address + code.removeprefix(address).swapcase(),
        ]
    if table == "media-type":
        return [*wrong, f"{address}gzip", f"{address}media-types.xhtml#text", f"{code};charset=utf-8"]
    wrong += [address + code.removeprefix(address).lower(), f"{code}:x", f"{code}-1", code.replace("http:", "https:")]
    return (
        [*wrong, *(address + letters for letters in sorted({*LIBRARY, "FR", "FRAN"}))] if table == "language" else wrong
    )


def disagreements(chosen: Engine, rules: Rules, most: int) -> set[tuple[Pair, bool]]:
    """Return where an engine finds a code wrong, or a wrong one right, with whether it found something.

    Args:
        chosen: The engine.
        rules: Class, property and list by rule.
        most: How many right codes to try of each list, from all over it.
    """
    expected: dict[str, tuple[Pair, bool]] = {}
    lines = []
    for rule, (kind, path, table) in rules.items():
        tried = [(code, False) for code in codes(table)[:: -(-len(codes(table)) // most)]]
        tried += [(code, True) for code in wrong_codes(table, closed=rule in CLOSED)]
        for code, is_wrong in tried:
            focus = f"<https://data.example/{len(expected)}>"
            expected[focus] = (rule, code), is_wrong
            lines.append(f"{focus} {term('rdf:type')} <{iri(kind)}> .\n{focus} <{iri(path)}> <{code}> .\n")
    results = {(item.focus, item.shape.removeprefix(SHAPE)) for item in chosen.validate("".join(lines))}
    found = {focus: (focus, pair[0]) in results for focus, (pair, _) in expected.items()}
    return {(pair, found[focus]) for focus, (pair, is_wrong) in expected.items() if found[focus] != is_wrong}


def iri(name: str) -> str:
    prefix, rest = name.split(":", 1)
    return QUERY_PREFIXES[prefix] + rest


def default_rules(rules: Rules) -> Rules:
    """Leave out the rules of other profiles, which the engine in use does not have."""
    return {rule: about for rule, about in rules.items() if not rule.startswith("dcat-ap-")}


@pytest.mark.parametrize("rules", [CLOSED, OPEN], ids=["closed", "open"])
def test_every_code_of_a_list_passes_its_rules_and_nothing_that_only_looks_like_one(rules: Rules) -> None:
    assert disagreements(engine.default(), default_rules(rules), 200) == set()


def test_the_reference_engine_reads_codes_in_the_same_way() -> None:
    one_a_list = {about[2]: rule for rule, about in default_rules(CLOSED | OPEN).items()}
    rules = {rule: about for rule, about in (CLOSED | OPEN).items() if rule in one_a_list.values()}
    assert len(rules) == len(one_a_list)
    assert disagreements(engine.reference(), rules, 1) == set()


def test_no_list_of_languages_has_a_code_that_the_rules_exclude() -> None:
    assert not {AUTHORITY + "language/" + code for code in LIBRARY} & {*codes("language")}
    for path in files():
        for _, _, (expression, *_) in constraints(path):
            if "FRE" in expression:
                assert set(re.findall("[A-Z]{3}", expression)) == LIBRARY, path.name
