"""Public bodies by number and by name: what is certain, and what must not be taken for one."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from maillon import organisations, paths
from maillon.records import Entity
from maillon.repair import Context, repair
from maillon.repair.agents import RULES
from maillon.vocabulary import IDENTIFIER, NAME

CITY = "https://org.belgif.be/id/CbeRegisteredEntity/0207373429"


def test_every_number_of_the_table_is_right_and_stands_in_its_iri() -> None:
    quads = list(parse(path=paths.ONTOLOGY / "organisations.ttl", format=RdfFormat.TURTLE))
    numbers = {q.subject: q.object.value for q in quads if q.predicate == IDENTIFIER and isinstance(q.object, Literal)}
    assert len(numbers) >= 150
    for node, number in numbers.items():
        assert organisations.is_belgian(number)
        assert isinstance(node, NamedNode)
        assert node.value == organisations.iri_of(number)
    assert {q.subject for q in quads if q.predicate == NAME} == set(numbers)


def test_no_spelling_of_the_table_names_two_bodies() -> None:
    claims: dict[str, set[str]] = {}
    for quad in parse(path=paths.ONTOLOGY / "organisations.ttl", format=RdfFormat.TURTLE):
        if isinstance(quad.object, Literal) and quad.predicate != IDENTIFIER:
            claims.setdefault(organisations._spelling(quad.object.value), set()).add(str(quad.subject))
    assert {spelling: found for spelling, found in claims.items() if len(found) > 1} == {}


@pytest.mark.parametrize(
    "text",
    ["BE 0207.373.429", "0207373429", "0207.373.429", "BE0207373429", "BE 207.373.429", "KBO: 0207.373.429", CITY],
)
def test_a_belgian_number_is_read_in_any_spelling(text: str) -> None:
    assert organisations.belgian_number(text) == "0207373429"


@pytest.mark.parametrize("text", ["0207373428", "BE 0207.373.428", "207373429", "1000000138", "", "9" * 300, "BE"])
def test_what_is_no_belgian_number_is_none(text: str) -> None:
    assert organisations.belgian_number(text) is None


@pytest.mark.parametrize(
    ("text", "digits"),
    [("SIRET 217 500 016 00019", "21750001600019"), ("SIREN 217500016", "217500016"),
     ("35600000049837", "35600000049837"), ("35600000000002", None), ("21750001600011", None), ("217500016", None),
     ("00000000000000", None)],
)  # fmt: skip
def test_a_french_number_is_checked(text: str, digits: str | None) -> None:
    assert organisations.french_number(text) == digits


@pytest.mark.parametrize(
    ("name", "number"),
    [("Ville de Bruxelles - Stad Brussel", "0207373429"), ("VILLE DE BRUXELLES", "0207373429"),
     ("CIBG / CIRB", "0240678477"), ("Commune d’Ixelles - Gemeente Elsene", "0207401341"), ("Ixelles", "0207401341"),
     ("Administration communale d'Uccle", "0207368875"), ("Bruxelles Environnement (IBGE-BIM)", "0236916956"),
     ("FOD Financien", "0308357159"), ("Vivaqua asbl", "0202962701")],
)  # fmt: skip
def test_a_body_is_recognised_by_its_names(name: str, number: str) -> None:
    body = organisations.by_name(name)
    assert body is not None
    assert body.number == number


@pytest.mark.parametrize(
    "name",
    ["Saint-Gilles", "Commune de Saint-Gilles", "Forest", "IGN", "Commune de Lille", "Provincie Limburg",
     "Ville de Bruges", "City of Brussels/Archives", "Ville de Bruxelles - Actiris", "Service exemple", "", "x" * 999],
)  # fmt: skip
def test_a_name_that_others_have_too_is_nobodys(name: str) -> None:
    assert organisations.by_name(name) is None


@given(st.text(max_size=60))
def test_any_text_is_survived(text: str) -> None:
    organisations.by_name(text)
    organisations.by_number(text)
    organisations.french_number(text)


def test_two_numbers_or_two_bodies_tell_nothing(
    entity_of: Callable[..., Entity], context_of: Callable[..., Context]
) -> None:
    turtle = '<urn:example> a foaf:Agent ; foaf:name "Actiris", "Iriscare" ; dct:identifier "x" .'
    assert repair(entity_of(turtle, "organisation"), context_of(), RULES).applications == ()


def test_a_publisher_given_as_text_is_recognised(
    entity_of: Callable[..., Entity], context_of: Callable[..., Context], canonical: Callable[..., list[str]]
) -> None:
    before = entity_of('<urn:example> dct:publisher "Stad Brussel"@nl .')
    after = entity_of(
        '<urn:example> dct:publisher [ a foaf:Agent ; foaf:name "Stad Brussel"@nl ; '
        f'dct:identifier "0207373429" ; owl:sameAs <{CITY}> ] .'
    )
    assert canonical(repair(before, context_of(), RULES).entity.triples) == canonical(after.triples)


def test_a_body_that_has_its_iri_only_gets_its_number(
    entity_of: Callable[..., Entity], context_of: Callable[..., Context]
) -> None:
    entity = entity_of(f'<{CITY}> a foaf:Agent ; foaf:name "Stad Brussel"@nl .', "organisation")
    entity = Entity(CITY, "organisation", entity.triples)
    (application,) = repair(entity, context_of(), RULES).applications
    assert application.removed == ""
    assert application.added == f'<{CITY}> {IDENTIFIER} "0207373429" .\n'


def test_a_body_that_is_not_in_the_table_is_known_by_its_number(
    entity_of: Callable[..., Entity], context_of: Callable[..., Context], canonical: Callable[..., list[str]]
) -> None:
    before = entity_of('<urn:example> dct:identifier "BE 0400.000.086" .', "organisation")
    after = entity_of(
        '<urn:example> dct:identifier "0400000086" ; '
        "owl:sameAs <https://org.belgif.be/id/CbeRegisteredEntity/0400000086> ."
    )
    assert canonical(repair(before, context_of(), RULES).entity.triples) == canonical(after.triples)
