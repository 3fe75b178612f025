"""Makes mutated graphs, the same ones for the same seed, on which two validators can be compared.

After the set-up in which the engine was chosen: a graph of six synthetic datasets with defects, or of 400 triples drawn
from a real catalogue, and sixty mutations of it: an object replaced by junk, a property of the shapes added with junk,
a class added, a property given to another subject, a triple removed.
"""

from collections.abc import Sequence
from functools import cache
from random import Random
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from bench._validation_catalogue import Catalogue
from maillon.validation import shapes
from maillon.vocabulary import PREFIXES, term

Node = NamedNode | BlankNode | Literal
XSD: Final = PREFIXES["xsd"]
MUTATIONS: Final = 60

JUNK: Final[tuple[Node, ...]] = (
    Literal(""),
    Literal(" \t"),
    Literal("12 mars 2023", language="fr"),
    Literal('a "b" \\ é\n\u2028', language="fr-BE"),
    Literal("https://data.example/.well-known/genid/in-a-text"),
    *(
        Literal(text, datatype=NamedNode(XSD + kind))
        for text, kind in (
            ("2024-02-30", "date"),
            ("2024-02-29", "date"),
            ("2024", "gYear"),
            ("24", "gYear"),
            ("2024-05", "gYearMonth"),
            ("2024-13", "gYearMonth"),
            ("2024-05-01T10:00:00", "dateTime"),
            ("12 mars 2023", "dateTime"),
            ("00ff", "hexBinary"),
            ("true", "boolean"),
            ("402", "nonNegativeInteger"),
            ("-1", "nonNegativeInteger"),
            ("402.0", "decimal"),
            ("1.0E3", "double"),
        )
    ),
    NamedNode("https://data.example/a%20b"),
    NamedNode("urn:uuid:1"),
    NamedNode("http://localhost:8000/.well-known/genid/abc-c14n0"),
    NamedNode("http://publications.europa.eu/resource/authority/file-type/CSV"),
    NamedNode("http://publications.europa.eu/resource/authority/language/FRA"),
    NamedNode("http://data.europa.eu/eli/reg_impl/2023/138/oj"),
    NamedNode("https://www.iana.org/assignments/media-types/text/csv"),
    BlankNode("junk"),
)


def _not_shown() -> set[str]:
    return {PREFIXES["rdf"] + "type", PREFIXES["skos"] + "inScheme"}


@cache
def terms() -> tuple[list[NamedNode], list[NamedNode]]:
    """Return the classes that our shapes aim at, and the properties that they speak of, in order."""
    classes, properties = set[NamedNode](), set[NamedNode]()
    for quad in parse(shapes.text(), RdfFormat.N_TRIPLES):
        if isinstance(quad.object, NamedNode):
            if quad.predicate == term("sh:targetClass"):
                classes.add(quad.object)
            elif quad.predicate == term("sh:path") and quad.object.value not in _not_shown():
                properties.add(quad.object)
    return sorted(classes, key=str), sorted(properties, key=str)


def mutated(triples: Sequence[Triple], chance: Random) -> list[Triple]:
    """Return triples after MUTATIONS random changes."""
    classes, properties = terms()
    result = list(triples)
    for _ in range(MUTATIONS):
        place = chance.randrange(len(result))
        old, kind = result[place], chance.random()
        if kind < 0.25:
            result[place] = Triple(old.subject, old.predicate, chance.choice(JUNK))
        elif kind < 0.5:
            result.append(Triple(old.subject, chance.choice(properties), chance.choice(JUNK)))
        elif kind < 0.65:
            result.append(Triple(old.subject, term("rdf:type"), chance.choice(classes)))
        elif kind < 0.8:
            result.append(Triple(chance.choice(result).subject, old.predicate, old.object))
        else:
            del result[place]
    return result


def text_of(triples: Sequence[Triple]) -> str:
    """Return triples as sorted N-Triples, each once."""
    return "".join(sorted({f"{triple} .\n" for triple in triples}))


def graph(seed: int, real: Sequence[Triple]) -> str:
    """Return one mutated graph as N-Triples.

    Args:
        seed: Even seeds start from synthetic datasets with defects, odd ones from the real triples.
        real: Triples of a real catalogue; where there are none, all graphs are synthetic.
    """
    chance = Random(seed)
    if seed % 2 and real:
        return text_of(mutated(chance.sample(list(real), min(400, len(real))), chance))
    catalogue = Catalogue(seed=seed, rate=1)
    versions = [version for number in range(6) for version in catalogue.dataset(number)]
    text = "".join(version.text for version in (*versions, *chance.sample(catalogue.shared(), 12)))
    return text_of(mutated([quad.triple for quad in parse(text, RdfFormat.N_TRIPLES)], chance))
