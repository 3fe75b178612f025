"""Tells whether two answers are the same: solutions and graphs up to the names of their blank nodes.

Literals are compared in Oxigraph's normal form of their datatype, because its stores keep no other.
"""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
    Triple,
    parse,
    parse_query_results,
)

Term = NamedNode | BlankNode | Literal | Triple | str | None
Row = tuple[Term, ...]
_RS: Final = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
_TYPE: Final = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
RDF_SUFFIXES: Final = {".ttl": RdfFormat.TURTLE, ".rdf": RdfFormat.RDF_XML, ".nt": RdfFormat.N_TRIPLES}
RESULT_SUFFIXES: Final = {
    ".srx": QueryResultsFormat.XML,
    ".srj": QueryResultsFormat.JSON,
    ".tsv": QueryResultsFormat.TSV,
}


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a SELECT, one term a variable in the order of their names; ``is_ordered`` where the order counts."""

    variables: tuple[str, ...]
    rows: tuple[Row, ...]
    is_ordered: bool = False


Answer = Table | bool | Dataset


def normal(quads: Sequence[Quad]) -> list[Quad]:
    """Return quads as a store keeps them."""
    store = Store()
    store.extend(quads)
    return list(store)


def _normal_term(term: Term) -> Term:
    if not isinstance(term, Literal):
        return term
    return next(iter(normal([Quad(BlankNode(), _TYPE, term)]))).object


def _csv_term(cell: str) -> Term:
    return BlankNode(cell[2:]) if cell.startswith("_:") else cell


def table(content: bytes, suffix: str) -> Answer:
    """Read an answer to SELECT or ASK in one of RESULT_SUFFIXES or ``.csv``."""
    if suffix == ".csv":
        head, *lines = csv.reader(io.StringIO(content.decode(), newline=""))
        order = sorted(range(len(head)), key=head.__getitem__)  # which column of SELECT * comes first is open
        rows = (tuple(_csv_term(line[place]) for place in order) for line in lines)
        return Table(tuple(head[place] for place in order), tuple(rows))
    found = parse_query_results(content, RESULT_SUFFIXES[suffix])
    if isinstance(found, QueryBoolean):
        return bool(found)
    assert isinstance(found, QuerySolutions)
    names = sorted(variable.value for variable in found.variables)
    return Table(tuple(names), tuple(tuple(_normal_term(row[name]) for name in names) for row in found))


def dataset(quads: Sequence[Quad]) -> Dataset:
    """Return quads with canonical blank nodes, so that equal means isomorphic."""
    found = Dataset(normal(quads))
    found.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return found


def expected(path: Path, address: str) -> Answer:
    """Read the file of an expected result, a graph or one in the vocabulary of result sets among them."""
    if path.suffix not in RDF_SUFFIXES:
        return table(path.read_bytes(), path.suffix)
    quads = list(parse(path=path, format=RDF_SUFFIXES[path.suffix], base_iri=address))
    store = Store()
    store.extend(quads)
    roots = list(store.quads_for_pattern(None, _TYPE, NamedNode(f"{_RS}ResultSet")))
    return _result_set(store, roots[0].subject) if roots else dataset(quads)  # type: ignore[arg-type]


def _result_set(store: Store, root: NamedNode | BlankNode) -> Answer:
    def values(subject: Term, name: str) -> list[Term]:
        found = store.quads_for_pattern(subject, NamedNode(_RS + name), None)  # type: ignore[arg-type]
        return [quad.object for quad in found]

    if truth := values(root, "boolean"):
        return str(getattr(truth[0], "value", "")) == "true"
    names = sorted(str(getattr(item, "value", "")) for item in values(root, "resultVariable"))
    rows = []
    for solution in values(root, "solution"):
        bound = {
            str(getattr(values(item, "variable")[0], "value", "")): values(item, "value")[0]
            for item in values(solution, "binding")
        }
        index = [int(str(getattr(item, "value", "0"))) for item in values(solution, "index")]
        rows.append((index, tuple(bound.get(name) for name in names)))
    is_ordered = bool(rows) and all(index for index, _ in rows)
    rows.sort(key=lambda item: item[0])
    return Table(tuple(names), tuple(row for _, row in rows), is_ordered)


def is_same(wanted: Answer, given: Answer, *, is_lax: bool = False) -> bool:
    """Tell whether an answer is the expected one; ``is_lax`` where rows may be repeated less often (REDUCED)."""
    if not isinstance(wanted, Table) or not isinstance(given, Table):
        return type(wanted) is type(given) and wanted == given
    if set(wanted.variables) != set(given.variables):
        return False
    left, right = list(wanted.rows), list(given.rows)
    if is_lax:
        return set(left) == set(right) and not Counter(right) - Counter(left)
    return len(left) == len(right) and _match(left, right, wanted.is_ordered)


def _match(left: list[Row], right: list[Row], is_ordered: bool) -> bool:
    """Match rows one to one such that one renaming of blank nodes makes them equal (backtracking)."""
    if not is_ordered:  # rows without blank nodes need no search
        plain = Counter(row for row in left if not _has_blank(row))
        if plain != Counter(row for row in right if not _has_blank(row)):
            return False
        left, right = ([row for row in rows if _has_blank(row)] for rows in (left, right))
    return _search(left, right, {}, is_ordered)


def _has_blank(row: Row) -> bool:
    return any(isinstance(term, BlankNode) for term in row)


def _search(left: list[Row], right: list[Row], names: dict[BlankNode, BlankNode], is_ordered: bool) -> bool:
    if not left:
        return not right
    for number, row in enumerate(right[:1] if is_ordered else right):
        renamed = _renamed(left[0], row, names)
        if renamed is not None and _search(left[1:], right[:number] + right[number + 1 :], renamed, is_ordered):
            return True
    return False


def _renamed(left: Row, right: Row, names: dict[BlankNode, BlankNode]) -> dict[BlankNode, BlankNode] | None:
    """Return the renaming with what makes two rows equal, None where nothing does."""
    names = dict(names)
    for mine, other in zip(left, right, strict=True):
        if isinstance(mine, BlankNode) and isinstance(other, BlankNode):
            if names.setdefault(mine, other) != other or list(names.values()).count(other) > 1:
                return None
        elif mine != other:
            return None
    return names
