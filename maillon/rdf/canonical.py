"""Turns an entity into its canonical text and hash: the identity of what it says.

Blank nodes are labelled by `RDFC-1.0 <https://www.w3.org/TR/rdf-canon/>`_ and become skolem IRIs of the entity
(`RDF 1.1, section 3.5 <https://www.w3.org/TR/rdf11-concepts/#section-skolemization>`_); then the lines of canonical
N-Triples are sorted by code point. Same content, in any order and under any labels, gives the same text.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, Triple

from maillon import identifiers
from maillon.errors import RecordRejected
from maillon.rdf import ntriples, poison
from maillon.records import Entity, Version

_BLANK: Final = "_:"
_LABEL: Final = "_:c14n"
_TRIPLE_TERM: Final = "<<("


_Line = tuple[str, str, str]
"""A line taken apart: subject, predicate and object as they are written."""


def version(entity: Entity, base: str) -> Version:
    """Return the canonical version of an entity.

    Args:
        entity: The entity; its triples may hold blank nodes.
        base: The setting ``base_iri``, under which skolem IRIs stand.

    Raises:
        RecordRejected: Its blank nodes are so alike that a canonical form would take too long, or it has none.
    """
    has_blank = True
    lines: Sequence[str]
    if isinstance(entity, ntriples.Written):
        lines, has_blank = entity.lines, entity.has_blank
    else:
        lines = ntriples.lines(entity)
    if has_blank:
        lines = _named(lines, entity.iri, base)
    lines = sorted(set(lines))
    lines.append("")  # every line ends with a line feed
    text = "\n".join(lines)
    return Version(entity.iri, entity.kind, hashlib.sha256(text.encode()).hexdigest(), text)


def triples(text: str) -> list[Triple]:
    """Read ``Version.text`` back. Raises SyntaxError for a text that was not made by ``version``."""
    return ntriples.triples(text)


def _named(lines: Sequence[str], iri: str, base: str) -> list[str]:
    """Return lines with skolem IRIs; only those that hold a blank node have a say in the canonical labels."""
    plain: list[str] = []
    blank: dict[_Line, None] = {}
    for line in lines:
        if _BLANK not in line:
            plain.append(line)
            continue
        subject, predicate, target = line[:-2].split(" ", 2)
        if target.startswith(_TRIPLE_TERM) and _BLANK in target:
            raise RecordRejected(iri, "blank node in a triple term", "RDF 1.2 triple terms need IRIs")
        if subject.startswith(_BLANK) or target.startswith(_BLANK):
            blank[subject, predicate, target] = None
        else:
            plain.append(line)
    if blank:
        labelled, numbers = _labelled(list(blank), iri)
        stem = identifiers.skolem(base, iri, "")
        names = {node: f"<{stem}{number}>" for node, number in numbers.items()}
        plain += [f"{names.get(s, s)} {p} {names.get(o, o)} ." for s, p, o in labelled]
    return plain


def _labelled(lines: Sequence[_Line], iri: str) -> tuple[Sequence[_Line], Mapping[str, int]]:
    """Return the lines, and the number in the canonical label of each blank node in them.

    Where all nodes differ by what is said of each alone ("Hash First Degree Quads", RDFC-1.0 section 4.6), the order
    of these hashes is the whole algorithm; that spares making triples of the lines. The others are labelled by
    pyoxigraph.
    """
    nodes = {end for subject, _, target in lines for end in (subject, target) if end.startswith(_BLANK)}
    if len(nodes) == 1:
        return lines, dict.fromkeys(nodes, 0)
    said: dict[str, list[str]] = {node: [] for node in nodes}
    for subject, predicate, target in lines:
        if subject in nodes:
            seen = target if target not in nodes else "_:a" if target == subject else "_:z"
            said[subject].append(f"_:a {predicate} {seen} .\n")
        if target in nodes and target != subject:
            said[target].append(f"{'_:z' if subject in nodes else subject} {predicate} _:a .\n")
    hashes = {hashlib.sha256("".join(sorted(quads)).encode()).hexdigest(): node for node, quads in said.items()}
    if len(hashes) == len(said):
        return lines, {hashes[look]: number for number, look in enumerate(sorted(hashes))}
    return _labelled_by_library(lines, iri)


def _labelled_by_library(lines: Sequence[_Line], iri: str) -> tuple[Sequence[_Line], Mapping[str, int]]:
    read = ntriples.triples("".join([f"{s} {p} {o} .\n" for s, p, o in lines]))
    if poison.is_poisonous(read):
        raise RecordRejected(iri, "no canonical form", "too many blank nodes that cannot be told apart")
    dataset = Dataset(Quad(triple.subject, triple.predicate, triple.object) for triple in read)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    labelled = [(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in dataset]
    nodes = {end for subject, _, target in labelled for end in (subject, target) if end.startswith(_BLANK)}
    return labelled, {node: int(node.removeprefix(_LABEL)) for node in nodes}
