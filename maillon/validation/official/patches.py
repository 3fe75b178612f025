"""Repairs the European shape files where they say what the specification does not, each repair with its reason.

The files are read from the user's own copy and repaired in memory only. What was measured about them stands in
docs/decisions/0022-engines-and-official-shapes.md.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from maillon.vocabulary import PREFIXES, term

HVD: Final = "urn:maillon:official:hvd:"
"""Before the name of a class it makes the class of its flagged members, the target of the HVD shapes."""

HVD_CLASSES: Final = tuple(
    term(name)
    for name in (
        "dcat:Dataset",
        "dcat:DatasetSeries",
        "dcat:Distribution",
        "dcat:DataService",
        "vcard:Kind",
        "dct:LicenseDocument",
    )
)

_PROPERTY, _NODE, _PATH = term("sh:property"), term("sh:node"), term("sh:path")
_TARGET, _PATTERN, _IMPORTS = term("sh:targetClass"), term("sh:pattern"), term("owl:imports")
_CLASS, _RESOURCE, _NODE_KIND = term("sh:class"), term("rdfs:Resource"), term("sh:nodeKind")
_SHAPE: Final = NamedNode(PREFIXES["sh"] + "shape")
_STATUS: Final = term("adms:status")
_ADMS_STATUS: Final = "http://data.europa.eu/r5r#StatusRestrictionADMS"


@dataclass(frozen=True, slots=True)
class Patch:
    """One repair of the official files.

    Attributes:
        name: Short and lasting.
        effect: ``same`` if results are as before, ``more`` if we report what the EU validator does not, ``less`` if it
            reports what we do not.
        reason: What is wrong in the files, in one sentence.
        shapes: IRIs of the shapes that it changed; empty where it changed none of this profile.
    """

    name: str
    effect: str
    reason: str
    shapes: tuple[str, ...] = ()


Repair = Callable[[list[Triple]], tuple[list[Triple], set[str]]]


def _without(triples: Iterable[Triple], wrong: Callable[[Triple], bool]) -> tuple[list[Triple], set[str]]:
    kept, touched = [], set()
    for triple in triples:
        if wrong(triple):
            touched.add(str(triple.subject).strip("<>"))
        else:
            kept.append(triple)
    return kept, touched


def _no_imports(triples: list[Triple]) -> tuple[list[Triple], set[str]]:
    return _without(triples, lambda triple: triple.predicate == _IMPORTS)


def _no_dangling(triples: list[Triple]) -> tuple[list[Triple], set[str]]:
    shapes = {triple.subject for triple in triples if triple.predicate == _PATH}
    described = {triple.subject for triple in triples}

    def dangles(triple: Triple) -> bool:
        if triple.predicate == _PROPERTY:
            return triple.object not in shapes
        return triple.predicate == _NODE and triple.object not in described

    return _without(triples, dangles)


def _node_for_shape(triples: list[Triple]) -> tuple[list[Triple], set[str]]:
    touched = {str(triple.subject).strip("<>") for triple in triples if triple.predicate == _SHAPE}
    return [
        Triple(triple.subject, _NODE, triple.object) if triple.predicate == _SHAPE else triple for triple in triples
    ], touched


def _one_status_scheme(triples: list[Triple]) -> tuple[list[Triple], set[str]]:
    status = {triple.subject for triple in triples if triple.predicate == _PATH and triple.object == _STATUS}
    wanted = [triple for triple in triples if triple.predicate == _NODE and triple.subject in status]
    if len({triple.object for triple in wanted}) < 2:
        return triples, set()
    old = {triple.subject for triple in wanted if str(triple.object) == f"<{_ADMS_STATUS}>"}
    kept, _ = _without(triples, lambda triple: triple.predicate == _PROPERTY and triple.object in old)
    return kept, {str(node).strip("<>") for node in old}


def _both_spdx(triples: list[Triple]) -> tuple[list[Triple], set[str]]:
    touched, kept = set(), []
    for triple in triples:
        value = triple.object
        if triple.predicate == _PATTERN and isinstance(value, Literal) and value.value.startswith("^https://spdx.org"):
            touched |= {str(user.subject).strip("<>") for user in triples if user.object == triple.subject}
            triple = Triple(triple.subject, _PATTERN, Literal(value.value.replace("^https", "^https?", 1)))  # noqa: PLW2901
        kept.append(triple)
    return kept, touched


def _any_resource(triples: list[Triple]) -> tuple[list[Triple], set[str]]:
    touched, kept = set(), []
    for triple in triples:
        if triple.predicate == _CLASS and triple.object == _RESOURCE:
            touched.add(str(triple.subject).strip("<>"))
            kept.append(Triple(triple.subject, _NODE_KIND, term("sh:BlankNodeOrIRI")))
        else:
            kept.append(triple)
    return kept, touched


def _flagged_only(triples: list[Triple]) -> tuple[list[Triple], set[str]]:
    touched, kept = set(), []
    for triple in triples:
        target = triple.object
        if triple.predicate == _TARGET and isinstance(target, NamedNode) and target in HVD_CLASSES:
            touched.add(str(triple.subject).strip("<>"))
            kept.append(Triple(triple.subject, _TARGET, flagged_class(target.value)))
        else:
            kept.append(triple)
    inner = {
        str(triple.object).strip("<>")
        for triple in triples
        if triple.predicate == _PROPERTY and str(triple.subject).strip("<>") in touched
    }
    return kept, touched | inner


def flagged_class(name: str) -> NamedNode:
    """Return the class of the flagged members of a class, given its IRI."""
    return NamedNode(HVD + name.rpartition("#")[2].rpartition("/")[2])


LOADING: Final[tuple[tuple[Patch, Repair], ...]] = (
    (
        Patch("imports", "same", "owl:imports names a dozen remote vocabularies; nothing is fetched when validating."),
        _no_imports,
    ),
    (
        Patch("dangling", "same", "A shape refers to a property shape that is defined nowhere; pySHACL stops there."),
        _no_dangling,
    ),
)
"""What makes the files usable without changing what they find."""

_DATES: Final = Patch(
    "sh-shape",
    "more",
    "sh:shape is not a term of SHACL, so the formats of these dates are never checked; sh:node was meant.",
)
_STATUSES: Final = Patch(
    "status-schemes",
    "less",
    "adms:status would have to be in the ADMS list and in the EU's list at once; since DCAT-AP 3 it is the EU's.",
)
_SPDX: Final = Patch(
    "spdx",
    "less",
    "The algorithm must start with https://spdx.org, yet the namespace of SPDX is http:, so every checksum violates.",
)
_FLAGGED: Final = Patch(
    "flagged-only",
    "less",
    "The HVD shapes take every dataset, distribution and service for a high-value one; only those that name the "
    "regulation in dcatap:applicableLegislation are, with their contact points and licences.",
)
_ANYTHING: Final = Patch(
    "rdfs-resource",
    "less",
    "An address would have to be typed rdfs:Resource, which nobody states because everything is one.",
)
RANGE_TYPES: Final = Patch(
    "range-types",
    "less",
    "The EU validator does not know that a code of an EU list is a dct:LinguisticSystem, dct:Frequency ...: state the "
    "type of each code in your file to satisfy it too.",
)
MEANING: Final[tuple[tuple[Patch, Repair], ...]] = (
    (_DATES, _node_for_shape),
    (_STATUSES, _one_status_scheme),
    (_SPDX, _both_spdx),
)
"""What changes results, for all profiles."""

HVD_ONLY: Final[tuple[tuple[Patch, Repair], ...]] = ((_ANYTHING, _any_resource), (_FLAGGED, _flagged_only))
"""What changes results, for the HVD profile."""


def apply(triples: list[Triple], repairs: Iterable[tuple[Patch, Repair]]) -> tuple[list[Triple], list[Patch]]:
    """Return repaired triples, and each patch with the shapes that it changed."""
    done = []
    for patch, repair in repairs:
        triples, touched = repair(triples)
        done.append(Patch(patch.name, patch.effect, patch.reason, tuple(sorted(touched))))
    return triples, done


def _digest(node: BlankNode, parts: Mapping[object, list[Triple]], depth: int = 20) -> str:
    """Return a hash of what a blank node says, the same in every run."""
    lines = sorted(
        f"{triple.predicate} {_digest(triple.object, parts, depth - 1)}"
        if isinstance(triple.object, BlankNode) and depth
        else f"{triple.predicate} {triple.object}"
        for triple in parts.get(node, [])
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:10]


def _local(term: object) -> str:
    text = str(term).strip("<>")
    return text.rpartition("#")[2].rpartition("/")[2]


def skolemised(triples: list[Triple], prefix: str) -> list[Triple]:
    """Give each anonymous property shape an IRI, so that its findings can be grouped, counted and followed.

    Args:
        triples: A shapes graph.
        prefix: Before the names: shape, property and a hash of what it says, which no order of the file changes.
    """
    parts: dict[object, list[Triple]] = {}
    for triple in triples:
        parts.setdefault(triple.subject, []).append(triple)
    named: dict[object, NamedNode] = {}
    for triple in triples:
        if triple.predicate == _PROPERTY and isinstance(triple.object, BlankNode):
            inside = parts.get(triple.object, [])
            path = next((_local(item.object) for item in inside if item.predicate == _PATH), "")
            owner = "" if isinstance(triple.subject, BlankNode) else _local(triple.subject)
            path = "path" if path.startswith("_:") else path
            named[triple.object] = NamedNode(f"{prefix}{owner}-{path}-{_digest(triple.object, parts)}")
    return [
        Triple(named.get(triple.subject, triple.subject), triple.predicate, named.get(triple.object, triple.object))
        for triple in triples
    ]
