"""Names that pages show instead of addresses: regions, a law, licences of sources, why records were rejected."""

import pytest
from flask import Flask
from flask_babel import force_locale

from maillon.web import display
from maillon.web.pages.runs import reason_text


@pytest.mark.parametrize(
    ("iri", "shown"),
    [
        ("http://data.europa.eu/nuts/code/BE10", "Brussels Hoofdstedelijk Gewest"),
        ("http://data.europa.eu/nuts/code/BE211", "BE211"),
        ("https://sws.geonames.org/3337388/", "Vlaams Gewest"),
        (
            "http://data.europa.eu/eli/reg_impl/2023/138/oj",
            "Uitvoeringsverordening (EU) 2023/138 (hoogwaardige datasets)",
        ),
        ("https://example.org/BE10", "BE10"),
    ],
)
def test_regions_and_the_law_on_high_value_data_have_names(app: Flask, iri: str, shown: str) -> None:
    with app.test_request_context("/nl/"), force_locale("nl"):
        assert display.concept(iri, "nl").value == shown


def test_reasons_are_in_the_visitor_s_language_where_known(app: Flask) -> None:
    with app.test_request_context("/fr/"), force_locale("fr"):
        assert reason_text("private").value == "marqué comme privé par la source"
        assert (reason_text("line 3: not JSON").value, reason_text("line 3: not JSON").lang) == (
            "line 3: not JSON",
            "en",
        )


def test_large_numbers_have_the_separators_of_the_language(app: Flask) -> None:
    assert app.jinja_env.from_string("{{ 17828|number('de') }} {{ 17828|number('en') }}").render() == "17.828 17,828"
