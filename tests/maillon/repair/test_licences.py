"""Licences become concepts of the EU list where they are certain, and rights statements where they are not."""

from collections.abc import Callable

import pytest

from maillon.records import Entity
from maillon.repair import Context, repair
from maillon.repair.licences import RULES, linked, recognise
from maillon.vocabulary import AUTHORITY

FLEMISH = "http://data.vlaanderen.be/id/licentie/modellicentie-gratis-hergebruik/v1.0"


@pytest.mark.parametrize(
    ("text", "code"),
    [("ODbL Paris", "ODC_BL"), ("ODBl Paris", "ODC_BL"), ("Licence Ouverte / Open Licence version 2.0", "ETALAB_2_0"),
     ("CC-BY 4.0", "CC_BY_4_0"), ("cc-by", "CC_BY_4_0"), ("Creative Commons Attribution", "CC_BY_4_0"), ("CC0", "CC0"),
     ("CC BY-NC-SA 3.0", "CC_BYNCSA_3_0"), ("cc-nc", "CC_BYNC_4_0"),
     ("This work is licensed under a Creative Commons Attribution (CC-BY) 4.0 License.", "CC_BY_4_0"),
     ("Creative Commons Attribution - Partage dans les mêmes conditions 4.0", "CC_BYSA_4_0"),
     ("https://creativecommons.org/licenses/by/4.0/deed.nl", "CC_BY_4_0"),
     ("http://www.creativecommons.org/licenses/by-nc/4.0/legalcode.fr", "CC_BYNC_4_0"),
     ("http://creativecommons.org/publicdomain/zero/1.0", "CC0"),
     ("https://opendefinition.org/licenses/cc-by/", "CC_BY_4_0"),
     ("http://opendatacommons.org/licenses/odbl/", "ODC_BL"),
     ("https://data.vlaanderen.be/id/licentie/creative-commons-zero-verklaring/v1.0", "CC0"),
     ("https://www.etalab.gouv.fr/licence-ouverte-open-licence", "ETALAB_2_0")],
)  # fmt: skip
def test_a_known_licence_is_recognised_however_it_is_written(text: str, code: str) -> None:
    assert recognise(text) == f"{AUTHORITY}licence/{code}"


@pytest.mark.parametrize(
    "text",
    ["other-at", "Insee", "CC BY 9.0", "CC-by-nd-sa", "CC", "by", "Licence maison", "a" * 30_000, "",
     "https://creativecommons.org/licenses/by/3.0/be/", "https://creativecommons.org/licenses/unknown/4.0/",
     "https://statbel.fgov.be/sites/default/files/files/opendata/Licence%20open%20data_NL.pdf"],
)  # fmt: skip
def test_a_licence_that_is_not_certain_is_none(text: str) -> None:
    assert recognise(text) is None


@pytest.mark.parametrize(
    "text",
    ["https://data.vlaanderen.be/doc/licentie/modellicentie-gratis-hergebruik/v1.0", FLEMISH, "gratis-hergebruik-1.0"],
)
def test_a_national_licence_keeps_its_own_address(text: str) -> None:
    assert recognise(text) == FLEMISH


def test_a_paragraph_counts_only_with_one_licence_in_it() -> None:
    one = '<p>Voir <a href="https://creativecommons.org/licenses/by/4.0/deed.fr">ici</a>, www.example.org.</p>'
    assert linked(one) == AUTHORITY + "licence/CC_BY_4_0"
    assert linked(one + " https://creativecommons.org/publicdomain/zero/1.0/") is None
    assert linked("No address at all") is None


def _repaired(entity: Entity, context: Context) -> list[str]:
    return sorted(str(triple) for triple in repair(entity, context, RULES).entity.triples)


def test_a_paragraph_gives_its_licence_and_stays_as_rights(
    entity_of: Callable[..., Entity], context_of: Callable[..., Context]
) -> None:
    text = "Respecter le règlement. Licence : https://creativecommons.org/licenses/by/4.0/"
    lines = _repaired(entity_of(f'<urn:example> dct:license "{text}" .', "distribution"), context_of())
    assert f"<urn:example> <http://purl.org/dc/terms/license> <{AUTHORITY}licence/CC_BY_4_0>" in lines
    assert any("RightsStatement" in line for line in lines)
    assert any(text in line and "label" in line for line in lines)


def test_a_second_statement_joins_the_first(
    entity_of: Callable[..., Entity], context_of: Callable[..., Context], canonical: Callable[..., list[str]]
) -> None:
    before = entity_of('<urn:example> dct:license "A" ; dct:rights [ a dct:RightsStatement ; rdfs:label "B" ] .')
    after = entity_of('<urn:example> dct:rights [ a dct:RightsStatement ; rdfs:label "A", "B" ] .')
    assert canonical(repair(before, context_of(), RULES).entity.triples) == canonical(after.triples)


def test_rights_beside_a_licence_and_of_two_licences_are_left(
    entity_of: Callable[..., Entity], context_of: Callable[..., Context]
) -> None:
    for turtle in (
        '<urn:example> dct:license <https://example.org/l> ; dct:rights [ rdfs:label "CC0" ] .',
        '<urn:example> dct:rights [ rdfs:label "CC0" ], [ rdfs:label "CC BY 4.0" ] .',
    ):
        assert repair(entity_of(turtle), context_of(), RULES).applications == ()
