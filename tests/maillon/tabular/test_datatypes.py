"""Cells of each datatype of CSVW, formatted as people write them, and URI templates."""

import pytest

from maillon.tabular.annotated import Datatype
from maillon.tabular.datatypes import BUILT_IN, parser
from maillon.tabular.templates import IriTemplate, Template


def lexical(text: str, base: str, pattern: str = "", decimal: str = ".", group: str = "", typed: bool = False) -> str:
    datatype = Datatype(base=base, format=pattern, decimal_char=decimal, group_char=group)
    return parser(datatype, typed=typed)(text).value


@pytest.mark.parametrize(
    ("text", "base", "pattern", "expected"),
    [
        ("3/12/2024", "date", "d/M/yyyy", "2024-12-03"),
        ("03.12.2024", "date", "dd.MM.yyyy", "2024-12-03"),
        ("20241203", "date", "yyyyMMdd", "2024-12-03"),
        ("2024-12-03T08:05", "datetime", "yyyy-MM-ddTHH:mm", "2024-12-03T08:05:00"),
        ("2024-12-03 08:05:09.50 +01", "datetime", "yyyy-MM-dd HH:mm:ss.SSS X", "2024-12-03T08:05:09.5+01:00"),
        ("0805", "time", "HHmm", "08:05:00"),
        ("12/2024", "gYearMonth", "MM/yyyy", "2024-12"),
        ("2024-02-29", "date", "", "2024-02-29"),
        ("2024-12-03T08:05:09Z", "dateTime", "", "2024-12-03T08:05:09Z"),
        ("--05", "gMonth", "", "--05"),
        ("1,234.50", "decimal", "#,##0.00", "1234.50"),
        ("12,34,567", "integer", "#,##,##0", "1234567"),
        ("007", "integer", "000", "007"),
        ("25%", "decimal", "", "0.25"),
        ("5‰", "number", "", "0.005"),
        ("-1.5E3", "double", "", "-1.5E3"),
        ("INF", "number", "", "INF"),
        ("Y", "boolean", "Y|N", "true"),
        ("0", "boolean", "", "false"),
        ("P1Y2MT3S", "duration", "", "P1Y2MT3S"),
        ("AB12", "string", "[A-Z]{2}[0-9]+", "AB12"),
        ('{"a": 1}', "json", "", '{"a": 1}'),
        ("SGk=", "binary", "", "SGk="),
        ("https://x.example/é", "anyURI", "", "https://x.example/é"),
    ],
)
def test_a_valid_text_becomes_the_lexical_form_of_xml_schema(text: str, base: str, pattern: str, expected: str) -> None:
    assert lexical(text, base, pattern) == expected


@pytest.mark.parametrize(
    ("text", "base", "pattern", "message"),
    [
        ("n/a", "integer", "", "is no integer"),
        ("1.5", "integer", "", "is no integer"),
        ("-1", "nonNegativeInteger", "", "out of the range of nonNegativeInteger"),
        ("9" * 5000, "long", "", "out of the range of long"),
        ("300", "unsignedByte", "", "out of the range"),
        ("1,5", "decimal", "", "is no decimal number"),
        ("1234", "decimal", "#,##0.00", "does not match"),
        ("2023-02-29", "date", "", "there is no such day"),
        ("31/4/2024", "date", "d/M/yyyy", "there is no such day"),
        ("4/13/2024", "date", "d/M/yyyy", "is no date as d/M/yyyy"),
        ("2024", "date", "", "is no date"),
        ("24", "gYear", "", "is no year"),
        ("P", "duration", "", "is no duration"),
        ("abc", "hexBinary", "", "is not hexadecimal"),
        ("!", "base64Binary", "", "is not base64"),
        ("[" * 100_000, "json", "", "is no JSON"),
        ("a b", "anyURI", "", "is no web address"),
        ("ab12", "string", "[A-Z]{2}[0-9]+", "does not match"),
        ("oui", "boolean", "", "is not 'true' or '1'"),
    ],
)
def test_a_wrong_text_is_refused_in_words(text: str, base: str, pattern: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lexical(text, base, pattern)


def test_numbers_with_a_decimal_comma_are_not_guessed() -> None:
    assert lexical("1.234,5", "decimal", decimal=",", group=".") == "1234.5"
    assert lexical("1 234,5", "decimal", decimal=",", group=" ") == "1234.5"
    assert lexical("1\u202f234,5", "decimal", decimal=",", group=" ") == "1234.5"
    with pytest.raises(ValueError, match="has a point though the sign before fractions is ','"):
        lexical("1.234", "decimal", decimal=",")
    with pytest.raises(ValueError, match="two signs between groups"):
        lexical("1..234", "decimal", decimal=",", group=".")


def test_a_workbooks_own_dates_and_numbers_need_no_format() -> None:
    assert lexical("2024-03-01", "date", "dd/MM/yyyy", typed=True) == "2024-03-01"
    assert lexical("01/03/2024", "date", "dd/MM/yyyy", typed=True) == "2024-03-01"
    assert lexical("1.5", "decimal", decimal=",", typed=True) == "1.5"


def test_limits_of_a_derived_datatype() -> None:
    limited = parser(Datatype(base="integer", constraints={"minimum": 1, "maxExclusive": "10"}))
    assert limited("9").value == "9"
    for text, message in (("0", "is less than 1"), ("10", "is not less than 10")):
        with pytest.raises(ValueError, match=message):
            limited(text)
    short = parser(Datatype(constraints={"minLength": 2, "maxLength": 3}))
    with pytest.raises(ValueError, match="has more than 3 characters"):
        short("abcd")
    dated = parser(Datatype(base="date", format="d/M/yyyy", constraints={"minimum": "2024-01-01"}))
    with pytest.raises(ValueError, match="is less than 2024-01-01"):
        dated("31/12/2023")


def test_every_datatype_can_be_compiled() -> None:
    assert len(BUILT_IN) > 35
    for name in BUILT_IN:
        assert callable(parser(Datatype(base=name)))


VALUES: dict[str, str | list[str] | None] = {
    "var": "value",
    "hello": "Hello World!",
    "path": "/foo/bar",
    "empty": "",
    "list": ["red", "green"],
    "none": None,
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{var}", "value"),
        ("{hello}", "Hello%20World%21"),
        ("{+hello}", "Hello%20World!"),
        ("{+path}/here", "/foo/bar/here"),
        ("{#path}", "#/foo/bar"),
        ("x{#none}", "x"),
        ("{var:3}", "val"),
        ("{list}", "red,green"),
        ("{.var}", ".value"),
        ("{/var,empty}", "/value/"),
        ("{;var,empty}", ";var=value;empty"),
        ("{?var,none,empty}", "?var=value&empty="),
        ("?a=1{&var}", "?a=1&var=value"),
    ],
)
def test_templates_expand_as_rfc_6570_says(template: str, expected: str) -> None:
    assert Template(template).expand(VALUES) == expected


@pytest.mark.parametrize(
    ("template", "mints", "expected"),
    [
        ("{var}", True, "https://x.example/t/value"),
        ("../u/{var}", True, "https://x.example/u/value"),
        ("p-{var}", True, "https://x.example/t/p-value"),
        ("#p-{var}", False, "https://x.example/t/#p-value"),
        ("schema:{var}", False, "http://schema.org/value"),
        ("https://y.example/{hello}", True, "https://y.example/Hello%20World%21"),
        ("{+path}", False, "https://x.example/foo/bar"),
        ("", False, "https://x.example/t/"),
    ],
)
def test_templates_of_iris_are_resolved_against_the_table(template: str, mints: bool, expected: str) -> None:
    assert IriTemplate(template, "https://x.example/t/", mints).iri(VALUES).value == expected


@pytest.mark.parametrize("template", ["{", "{a", "a}", "{a b}", "{}", "{{a}}", "{=a}"])
def test_a_template_that_is_none_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match=r"brace|variable"):
        Template(template)
