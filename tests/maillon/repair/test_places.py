"""Places by IRI and by name, boxes in a wrong order, and what may be meant otherwise."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillon.rdf.geometry import WKT, Box
from maillon.records import Entity
from maillon.repair import Context, repair
from maillon.repair.places import RULES, ordered, place
from maillon.vocabulary import AUTHORITY

NUTS = "http://data.europa.eu/nuts/code/"


@pytest.mark.parametrize(
    ("text", "iri"),
    [("https://sws.geonames.org/2802361/", AUTHORITY + "country/BEL"),
     ("http://www.geonames.org/2800867/brussels-capital.html", NUTS + "BE1"),
     ("https://sws.geonames.org/3337388", NUTS + "BE2"),
     ("https://sws.geonames.org/2802961", "https://sws.geonames.org/2802961/"),
     ("Région de Bruxelles-Capitale", NUTS + "BE1"), ("VLAANDEREN", NUTS + "BE2"), ("NIS 04000", NUTS + "BE1"),
     ("http://vocab.belgif.be/auth/refnis2019/50000", NUTS + "BE32"), ("Hainaut", NUTS + "BE32"),
     ("Elsene", "https://sws.geonames.org/2795012/"), ("Belgique", AUTHORITY + "country/BEL")],
)  # fmt: skip
def test_a_place_is_recognised_however_it_is_written(text: str, iri: str) -> None:
    assert place(text) == iri
    assert place(iri) in (iri, None)


@pytest.mark.parametrize("text", ["Bruxelles", "Saint-Gilles", "Limburg", "annuelle", "", "x" * 999, "04000"])
def test_a_name_of_two_places_or_none_is_none(text: str) -> None:
    assert place(text) is None


@pytest.mark.parametrize(
    ("box", "is_belgian", "expected"),
    [((3.28, 49, 1.31, 50), False, (1.31, 49, 3.28, 50)), ((1, 50, 3, 49), False, (1, 49, 3, 50)),
     ((4.2, 50.7, 4.5, 50.9), False, None), ((170, -20, -170, -10), False, None),
     ((50.7, 4.2, 50.9, 4.5), False, None), ((50.7, 4.2, 50.9, 4.5), True, (4.2, 50.7, 4.5, 50.9)),
     ((-33, 151, -32, 152), False, (151, -33, 152, -32)), ((999, 999, 999, 999), True, None)],
)  # fmt: skip
def test_a_box_is_ordered_only_where_one_reading_is_left(
    box: tuple[float, ...], is_belgian: bool, expected: tuple[float, ...] | None
) -> None:
    assert ordered(Box(*box), is_belgian) == expected


@given(st.text(max_size=80))
def test_any_text_is_survived(text: str) -> None:
    place(text)


def test_a_point_that_may_lie_elsewhere_is_left(
    entity_of: Callable[..., Entity], context_of: Callable[..., Context]
) -> None:
    turtle = f'<urn:example> dct:spatial [ dcat:centroid "POINT(50.85 4.35)"^^{WKT} ] .'
    assert repair(entity_of(turtle), context_of(), RULES).applications == ()
    found = repair(entity_of(turtle), context_of(timezone="Europe/Brussels"), RULES).applications
    assert [item.rule for item in found] == ["latitude-first"]


def test_a_broken_geometry_and_a_place_with_its_own_geometry_are_left(
    entity_of: Callable[..., Entity], context_of: Callable[..., Context]
) -> None:
    turtle = '<urn:example> dct:spatial [ rdfs:label "Belgique" ; locn:geometry "{\\"type\\": \\"Point\\"" ] .'
    assert repair(entity_of(turtle), context_of(), RULES).applications == ()
