"""Turns docs/dcat_ap_rows.toml and the rules of shapes/ into docs/reference/dcat-ap.md, a table of every property.

The facts are those of DCAT-AP 3.0.1 (https://semiceu.github.io/DCAT-AP/releases/3.0.1/) and DCAT-AP HVD 3.0.0; which
rule checks what is read from the shapes: their class, path and constraints. Run
``.venv/bin/python docs/dcat_ap_rows.py`` after changing a shape; ``tests/docs/test_dcat_ap_rows.py`` checks that the
page is current and that nothing is missing.
"""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, parse

from maillon import paths
from maillon.vocabulary import PREFIXES, QUERY_PREFIXES

HERE: Final = Path(__file__).resolve().parent
PAGE: Final = HERE / "reference" / "dcat-ap.md"
EXAMPLES: Final = HERE.parent / "tests" / "shapes"
SHAPE: Final = "urn:maillon:shape:"
CHECKS: Final = ("present", "number", "range", "codes", "hvd")
"""What a row can ask for; ``hvd``: that it is there where the data are of high value."""

_STRENGTHS: Final = {"must": "MUST", "one": "AT LEAST ONE", "should": "RECOMMENDED", "may": "MAY"}
_EU: Final = "http://publications.europa.eu/resource/authority/"
_SH: Final = PREFIXES["sh"]
_KINDS: Final = {_SH + "nodeKind": "range", _SH + "datatype": "range", _SH + "maxCount": "number"}
_NEEDS: Final = dict.fromkeys((_SH + "minCount", _SH + "qualifiedMinCount", _SH + "hasValue"), "present")
_FORMS: Final = dict.fromkeys((_SH + "pattern", _SH + "in", _SH + "hasValue"), "codes")
_MEANINGS: Final = (_KINDS, _NEEDS, _FORMS)
_MARK: Final = "urn:maillon:class:high-value-"
_MARKED: Final = {
    "dataset": "dcat:Dataset",
    "series": "dcat:DatasetSeries",
    "service": "dcat:DataService",
    "distribution": "dcat:Distribution",
    "contact": "vcard:Kind",
}
"""Classes of what maillon.validation.marks calls high-value; the other marks are doubtful cases of the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A property of a class, as the specification has it.

    Attributes:
        name: Of the class, in the specification.
        kind: IRI of the class.
        term: Prefixed name of the property.
        obligation: mandatory, recommended or optional; empty where only DCAT-AP HVD has the property.
        number: Such as ``0..1``.
        range: As the specification calls it.
        strength: Of the code list: must, one, should or may; empty where there is none.
        codes: The code lists.
        hvd: Obligation and number in DCAT-AP HVD.
        unchecked: Why a demand (one of CHECKS) has no rule.
        reason: Why there is no rule at all.
    """

    name: str
    kind: str
    term: str
    obligation: str = ""
    number: str = ""
    range: str = ""
    strength: str = ""
    codes: tuple[str, ...] = ()
    hvd: str = ""
    unchecked: dict[str, str] = field(default_factory=dict)
    reason: str = ""

    @property
    def iri(self) -> str:
        """IRI of the property."""
        return expand(self.term)

    @property
    def code_iris(self) -> tuple[str, ...]:
        """IRIs of the code lists."""
        return tuple(code if "://" in code else _EU + code for code in self.codes)

    @property
    def demands(self) -> frozenset[str]:
        """What DCAT-AP asks for that one entity alone can show, as names of CHECKS."""
        asked = {
            "present": self.obligation in {"mandatory", "recommended"},
            "number": self.number in {"1", "0..1"},
            "range": bool(self.range),
            "codes": self.strength in {"must", "one", "should"},
            "hvd": self.hvd.startswith("mandatory") and self.obligation != "mandatory",
        }
        return frozenset(name for name, is_asked in asked.items() if is_asked)


@dataclass(frozen=True, slots=True)
class Rule:
    """A shape that findings can name.

    Attributes:
        id: Its IRI without the common beginning.
        classes: IRIs of the classes that it looks at.
        properties: IRIs of the properties that it looks at.
        severity: Violation, Warning or Info.
        checks: Which of CHECKS it makes.
    """

    id: str
    classes: frozenset[str]
    properties: frozenset[str]
    severity: str
    checks: frozenset[str]

    @property
    def examples(self) -> list[str]:
        """Names of the example files that break it: ``tests/shapes/<class>/<rule>[.<variant>].ttl``."""
        found = [
            path for path in EXAMPLES.glob("*/*.ttl") if f"{path.parent.name}-{path.stem.split('.')[0]}" == self.id
        ]
        return sorted(f"{path.parent.name}/{path.name}" for path in found)


def expand(name: str) -> str:
    """Return the IRI of a prefixed name."""
    prefix, local = name.split(":", 1)
    return QUERY_PREFIXES[prefix] + local


def rows(path: Path = HERE / "dcat_ap_rows.toml") -> list[Row]:
    """Return the rows in the order of the file."""
    found: list[Row] = []
    for name, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
        kind = expand(table.pop("class"))
        found += [_row(name, kind, key, dict(values)) for key, values in table.items()]
    return found


def _row(name: str, kind: str, key: str, values: dict[str, Any]) -> Row:
    strength = next((item for item in _STRENGTHS if item in values), "")
    codes = tuple(values.pop(strength)) if strength else ()
    return Row(name=name, kind=kind, term=key, strength=strength, codes=codes, **values)


class _Shapes:
    """The triples of shapes/, by subject."""

    def __init__(self, folder: Path) -> None:
        self._by_subject: dict[object, list[Triple]] = {}
        for path in sorted(folder.glob("*.ttl")):
            for quad in parse(path.read_bytes(), RdfFormat.TURTLE, rename_blank_nodes=True):
                self._by_subject.setdefault(quad.subject, []).append(quad.triple)

    def __iter__(self) -> Iterator[NamedNode]:
        yield from (node for node in self._by_subject if isinstance(node, NamedNode))

    def objects(self, subject: object, name: str) -> list[Any]:
        return [t.object for t in self._by_subject.get(subject, []) if t.predicate.value == _SH + name]

    def below(self, subject: object) -> Iterator[Triple]:
        """Yield the triples of a shape and of the blank nodes that it leads to."""
        for triple in self._by_subject.get(subject, []):
            yield triple
            if isinstance(triple.object, BlankNode):
                yield from self.below(triple.object)


def _class_of(target: str) -> str:
    for mark, name in _MARKED.items():
        if target in {f"{_MARK}{mark}", f"{_MARK}unclear-{mark}"}:
            return expand(name)
    return target


def _properties(triples: Iterable[Triple]) -> frozenset[str]:
    """Return the properties in the paths of a rule; lists and operators of paths are blank nodes in between."""
    steps = {_SH + "path", _SH + "alternativePath", _SH + "zeroOrOnePath", PREFIXES["rdf"] + "first"}
    return frozenset(t.object.value for t in triples if t.predicate.value in steps and isinstance(t.object, NamedNode))


def _checks(shape: NamedNode, triples: list[Triple], *, is_about_node: bool) -> frozenset[str]:
    if is_about_node:
        return frozenset({"present"})
    # A kind of node that stands deeper only tells what the rule passes over.
    own = [t for t in triples if t.subject == shape or t.predicate.value != _SH + "nodeKind"]
    return frozenset(table[t.predicate.value] for t in own for table in _MEANINGS if t.predicate.value in table)


def rules(folder: Path = paths.SHAPES) -> list[Rule]:
    """Return the rules about properties: of DCAT-AP and DCAT-AP HVD, not of our gate nor of GeoDCAT-AP."""
    shapes = _Shapes(folder)
    found: list[Rule] = []
    for node in shapes:
        targets = frozenset(_class_of(target.value) for target in shapes.objects(node, "targetClass"))
        about_node = [node] if shapes.objects(node, "message") else []
        for shape in [*shapes.objects(node, "property"), *about_node] if targets else []:
            triples = list(shapes.below(shape))
            name = shape.value.removeprefix(SHAPE)
            severity = shapes.objects(shape, "severity")[0].value.removeprefix(_SH)
            checks = _checks(shape, triples, is_about_node=shape == node)
            if not name.startswith(("gate-", "geo-")):
                found.append(Rule(name, targets, _properties(triples), severity, checks))
    return sorted(found, key=lambda rule: rule.id)


def rules_of(row: Row, every: Iterable[Rule]) -> list[Rule]:
    """Return the rules that look at a row's property in its class."""
    return [rule for rule in every if row.kind in rule.classes and row.iri in rule.properties]


def _met(row: Row, rule: Rule) -> Iterator[str]:
    """Yield the demands of a row that a rule meets, with the severity that the specification means.

    Of code lists and of what it recommends it warns.
    """
    is_hvd = rule.id.startswith("hvd-")
    if is_hvd and "present" in rule.checks and rule.severity == "Violation":
        yield "hvd"
    for check in frozenset() if is_hvd and row.obligation else rule.checks:
        is_strict = check in {"number", "range"} or (check == "present" and row.obligation == "mandatory")
        if rule.severity == "Violation" or not is_strict:
            yield check


def gaps(row: Row, every: Iterable[Rule]) -> frozenset[str]:
    """Return the demands of a row that neither a rule meets nor a reason explains."""
    if row.reason:
        return frozenset()
    met = {check for rule in rules_of(row, every) for check in _met(row, rule)}
    return row.demands - met - row.unchecked.keys()


def _codes(row: Row) -> str:
    if not row.strength:
        return ""
    return f"{_STRENGTHS[row.strength]} " + ", ".join(f"<{code}>" if "://" in code else code for code in row.codes)


def _cells(row: Row, every: list[Rule]) -> Iterator[str]:
    mine = rules_of(row, every)
    yield f"`{row.term}`"
    yield "; ".join(filter(None, (f"{row.obligation} {row.number}".strip(), row.hvd and f"HVD: {row.hvd}")))
    yield row.range
    yield _codes(row)
    notes = [row.reason, *(f"{name}: {why}" for name, why in row.unchecked.items())]
    yield "<br>".join([*(f"`{rule.id}` {rule.severity}" for rule in mine), *filter(None, notes)])
    yield "<br>".join(name for rule in mine for name in rule.examples)


def _sections(every: list[Rule]) -> Iterator[str]:
    name = ""
    for row in rows():
        if row.name != name:
            name = row.name
            compact = next(k + ":" + row.kind[len(v) :] for k, v in QUERY_PREFIXES.items() if row.kind.startswith(v))
            yield f"\n## {name} (`{compact}`)\n"
            yield "| property | obligation, number | range | codes | rules, or why there is none | breaking examples |"
            yield "|---|---|---|---|---|---|"
        yield f"| {' | '.join(_cells(row, every))} |"


def words(path: Path = HERE / "dcat_ap_page.toml") -> dict[str, Any]:
    """Return the introductions, and under ``difference`` where our rules and the official shapes differ.

    Each difference says what it is about, what the official shapes do, the sentence of the specification, what ours do
    and by which rules.
    """
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _difference(item: dict[str, Any]) -> str:
    names = ", ".join(f"`{name}`" for name in item["rules"])
    ours = item["ours"] + (f" ({names})" if names else "")
    return f"| {item['what']} | {item['official']} | {item['sentence']} | {ours} |"


def page() -> str:
    """Return the page."""
    every = rules()
    text = words()
    table = ["| what | official shapes | what the specification says | ours |", "|---|---|---|---|"]
    return "\n".join(
        (
            text["introduction"].strip(),
            *_sections(every),
            "\n## Where we differ from the official shapes, and why\n",
            text["on_differences"],
            *table,
            *(_difference(item) for item in text["difference"]),
            "",
        )
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
