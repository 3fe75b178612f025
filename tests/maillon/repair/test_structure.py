"""Properties, dates, nodes and addresses: what public feeds get wrong, one test for each case."""

from collections.abc import Callable

import pytest

from maillon.records import Entity
from maillon.repair import BY_ID, Context, repair
from maillon.repair.addresses import RULES as ADDRESS_RULES
from maillon.repair.addresses import absolute
from maillon.repair.structure import WRONG_TERMS
from maillon.vocabulary import term

Read = Callable[..., Entity]
Make = Callable[..., Context]


@pytest.fixture(scope="module")
def after(entity_of: Read, context_of: Make, canonical: Callable[..., list[str]]) -> Callable[..., bool]:
    """Return a function that tells whether an entity becomes another by some rules."""

    def compare(before: str, expected: str, *rules: str, kind: str = "dataset") -> bool:
        chosen = [BY_ID[name] for name in rules]
        repaired = repair(entity_of(before, kind), context_of(), chosen)
        assert repaired.faults == ()
        return canonical(repaired.entity.triples) == canonical(entity_of(expected, kind).triples)

    return compare


@pytest.mark.parametrize(("wrong", "right"), WRONG_TERMS.items())
def test_a_property_that_does_not_exist_becomes_the_one_that_was_meant(
    wrong: str, right: str, after: Callable[..., bool]
) -> None:
    before = f'<urn:example> <{term(wrong).value}> "x" .'
    assert after(before, f'<urn:example> {right} "x" .', "wrong-term")
    assert right not in WRONG_TERMS


def test_the_identifier_that_the_iri_holds_stays_the_main_one(after: Callable[..., bool]) -> None:
    assert after(
        '<urn:example> dct:identifier "a", "example" .',
        '<urn:example> dct:identifier "example" ; adms:identifier [ a adms:Identifier ; skos:notation "a" ] .',
        "one-identifier",
    )


def test_identifiers_of_embedded_nodes_are_their_own(after: Callable[..., bool]) -> None:
    same = '<urn:example> dct:identifier "example" ; dct:publisher [ dct:identifier "b" ] .'
    assert after(same, same, "one-identifier")


def test_dates_that_cannot_be_read_are_left_side_by_side(after: Callable[..., bool]) -> None:
    same = '<urn:example> dct:issued "mai 2020", "2020-01-01"^^xsd:date .'
    assert after(same, same, "one-issued")


def test_of_a_year_and_a_day_the_earliest_stays(after: Callable[..., bool]) -> None:
    assert after(
        '<urn:example> dct:issued "2020"^^xsd:gYear, "2020-01-01"^^xsd:date, "2021-05-01T10:00:00Z"^^xsd:dateTime .',
        '<urn:example> dct:issued "2020"^^xsd:gYear .',
        "one-issued",
    )


def test_an_end_in_1900_before_the_start_means_an_open_period(after: Callable[..., bool]) -> None:
    assert after(
        '<urn:example> dct:temporal [ schema:startDate "2010" ; schema:endDate "1900-01-01T00:00:00" ] .',
        '<urn:example> dct:temporal [ schema:startDate "2010" ] .',
        "open-end",
    )


@pytest.mark.parametrize("start", ['"1890-01-01"^^xsd:date', '"vers 1880"'])
def test_an_end_in_1900_after_an_older_start_is_a_true_one(start: str, after: Callable[..., bool]) -> None:
    same = f'<urn:example> dct:temporal [ dcat:startDate {start} ; dcat:endDate "1900-01-01"^^xsd:date ] .'
    assert after(same, same, "open-end")


def test_empty_nodes_go_also_inside_one_another_and_full_ones_stay(after: Callable[..., bool]) -> None:
    assert after(
        "<urn:example> dct:temporal [ a dct:PeriodOfTime ] ; dct:spatial [ locn:geometry [] ] ; "
        'dcat:contactPoint [ a vcard:Kind ; vcard:fn "Service exemple" ] .',
        '<urn:example> dcat:contactPoint [ a vcard:Kind ; vcard:fn "Service exemple" ] .',
        "empty-node",
    )


def test_the_last_date_of_a_period_leaves_no_empty_period(after: Callable[..., bool]) -> None:
    before = '<urn:example> a dcat:Dataset ; dct:temporal [ a dct:PeriodOfTime ; dcat:endDate "9999-12-31" ] .'
    assert after(before, "<urn:example> a dcat:Dataset .", "open-end", "empty-node")


def test_titles_of_a_distribution_are_left_alone(after: Callable[..., bool]) -> None:
    same = '<urn:example> dct:title "Fichier un"@fr, "Fichier deux"@fr .'
    assert after(same, same, "one-title", kind="distribution")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" https://example.org/a ", "https://example.org/a"),
        ("www.example.org", "http://www.example.org"),
        ("www.example.org/x?y=1", "http://www.example.org/x?y=1"),
        ("https://example.org/a b|c", "https://example.org/a%20b%7Cc"),
        ("https://example.org/donnée", "https://example.org/donn%C3%A9e"),
        ("https://example.org/x%20", "https://example.org/x"),
        ("hhttps://example.org/", "https://example.org/"),
        ("http//example.org/", "http://example.org/"),
        ("http://https://example.org/", "https://example.org/"),
        ("https://example.org/wcs?url=http://localhost/b c", "https://example.org/wcs?url=http://localhost/b%20c"),
        ("https://example.org/?u=https://example.com/", "https://example.org/?u=https://example.com/"),
        ("https://[::1]:80/x", "https://[::1]:80/x"),
    ],
)
def test_what_stands_for_an_address_becomes_one(value: str, expected: str) -> None:
    assert absolute(value) == expected
    assert absolute(expected) == expected


@pytest.mark.parametrize(
    "value",
    [
        "", "-", "voir le site", "example.org", "https://", "http://x", "s3://bucket/key", "mailto:a@example.org",
        "https://a.example.org https://b.example.org", "<<MOCK>>", "http://[bad/", "a\nhttps://example.org/",
    ],
)  # fmt: skip
def test_what_holds_no_address_or_two_is_left(value: str) -> None:
    assert absolute(value) is None


@pytest.mark.parametrize(
    "address",
    ["http://localhost:8080/rest", "http://10.1.2.3/x", "http://192.168.0.1/", "http://[::1]/", "http://srv.intranet/a",
     "file:///C:/data.csv"],
)  # fmt: skip
def test_an_internal_address_is_no_link(address: str, after: Callable[..., bool]) -> None:
    before = f"<urn:example> a dcat:Distribution ; dcat:accessURL <{address}> ."
    assert after(before, "<urn:example> a dcat:Distribution .", "address-internal")


def test_an_internal_host_that_the_source_allows_stays(entity_of: Read, context_of: Make) -> None:
    entity = entity_of("<urn:example> dcat:accessURL <http://127.0.0.1:8000/a.csv> .", "distribution")
    assert repair(entity, context_of(allow_hosts=("127.0.0.1",)), ADDRESS_RULES).applications == ()


def test_public_numbers_and_nested_addresses_stay(after: Callable[..., bool]) -> None:
    same = (
        "<urn:example> dcat:accessURL <http://93.184.216.34/a>, <https://example.org/?u=http://localhost/> ; "
        "dcat:landingPage <https://data.localite.example.org/> ."
    )
    assert after(same, same, *(rule.id for rule in ADDRESS_RULES))
