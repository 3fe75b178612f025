"""Frequencies, themes, access rights and languages as they were met, and what is left alone."""

from collections.abc import Callable

import pytest

from maillon import authority
from maillon.records import Entity
from maillon.repair import Context, repair, values
from maillon.repair.codes import RULES, access_right, frequency, language, themes
from maillon.vocabulary import AUTHORITY


@pytest.mark.parametrize(
    ("text", "code"),
    [("Annuelle", "ANNUAL"), ("Yearly", "ANNUAL"), ("punctual", "NEVER"), ("semiannual", "ANNUAL_2"),
     ("R/P1W", "WEEKLY"), ("R5/2010-01-01/P1M", "MONTHLY"), ("http://purl.org/cld/freq/continuous", "CONT"),
     (AUTHORITY + "frequency/driejaarlijks", "TRIENNIAL"), (AUTHORITY + "frequency/YEARLY", "ANNUAL"),
     (AUTHORITY + "frequency/notPlanned", "NOT_PLANNED"),
     ("http://standards.iso.org/iso/19115/resources/Codelists/cat/codelists.xml#periodic", "OTHER"),
     ("https://www.isotc211.org/2005/resources/Codelist/gmxCodelists.xml#MD_MaintenanceFrequencyCode_asNeeded",
      "AS_NEEDED")],
)  # fmt: skip
def test_a_frequency_is_recognised_however_it_is_written(text: str, code: str) -> None:
    assert frequency(text) == f"{AUTHORITY}frequency/{code}"


@pytest.mark.parametrize("text", ["", "quand il pleut", "https://example.org/daily", "P"])
def test_a_frequency_that_no_list_knows_is_none(text: str) -> None:
    assert frequency(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [("es", "SPA"), ("ca", "CAT"), ("eng", "ENG"), ("en-US", "ENG"), ("Nederlands", "NLD"),
     ("http://lexvo.org/id/iso639-3/fra", "FRA"), ("http://id.loc.gov/vocabulary/iso639-2/dut", "NLD"),
     (AUTHORITY + "language/fr", "FRA"), (AUTHORITY + "language/FRE", "FRA")],
)  # fmt: skip
def test_a_language_is_recognised_however_it_is_written(text: str, code: str) -> None:
    assert language(text) == f"{AUTHORITY}language/{code}"


def test_other_is_no_language() -> None:
    assert language("other") is None


def test_themes_by_word_by_fragment_and_by_table() -> None:
    assert themes("Transports, Déplacements") == (AUTHORITY + "data-theme/TRAN",)
    assert themes(AUTHORITY + "data-theme/EDUC#SPORT") == (AUTHORITY + "data-theme/EDUC",)
    assert len(themes("https://inspire.ec.europa.eu/theme/lu")) == 2
    assert themes("Autre chose") == ()


def test_inspire_says_what_is_public() -> None:
    noted = "http://inspire.ec.europa.eu/metadata-codelist/LimitationsOnPublicAccess/noLimitations"
    assert access_right(noted) == access_right("openbaar") == AUTHORITY + "access-right/PUBLIC"
    assert access_right("sur demande motivée") is None


def test_every_code_of_the_tables_is_in_its_list() -> None:
    table = values.table("codes")
    for name, codes in (
        ("frequency", table["frequency"].values()),
        ("access-right", table["access_right"].values()),
        ("data-theme", [code for found in table["theme"].values() for code in found]),
        ("data-theme", [code for found in table["theme_words"].values() for code in found]),
        ("licence", [*values.table("licences")["spellings"].values()]),
        ("licence", [code for code in values.table("licences")["addresses"].values() if code]),
        ("file-type", [*values.table("formats")["spellings"].values(), *values.table("formats")["endings"].values()]),
        (
            "file-type",
            [*values.table("formats")["services"].values(), *values.table("formats")["uninformative"]["files"]],
        ),
        ("file-type", [code for code, _ in values.table("formats")["packed"].values()]),
    ):
        iris = {f"{AUTHORITY}{name}/{code}" for code in codes}
        assert {iri for iri in iris if authority.lookup(name, iri) != iri} == set()


def test_a_node_that_says_more_than_a_label_is_left(
    entity_of: Callable[..., Entity], context_of: Callable[..., Context]
) -> None:
    turtle = (
        '<urn:example> dct:accessRights [ rdfs:label "openbaar" ; dct:description "na afspraak" ] ; '
        'dct:language [ rdfs:label "Nederlands", "français" ] .'
    )
    assert repair(entity_of(turtle), context_of(), RULES).applications == ()


def test_an_interval_beside_a_frequency_only_leaves_the_date(
    entity_of: Callable[..., Entity], context_of: Callable[..., Context]
) -> None:
    daily = f"<{AUTHORITY}frequency/DAILY>"
    entity = entity_of(f'<urn:example> dct:modified "R/P1W" ; dct:accrualPeriodicity {daily} .')
    after = repair(entity, context_of(), RULES).entity.triples
    assert [str(triple.object) for triple in after] == [daily]
