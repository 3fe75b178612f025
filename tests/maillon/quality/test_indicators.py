"""What each indicator of ours says, at its borders and where it does not apply; and that its definition is whole."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from pyoxigraph import Literal, NamedNode

from maillon import authority
from maillon.links.states import LinkState
from maillon.quality import indicators
from maillon.quality.values import Closure, Facts, Part
from maillon.settings import LANGUAGES
from maillon.vocabulary import AUTHORITY, term

IRI = "https://data.example.org/1"
TODAY = "2026-11-22"


def text(value: str, language: str = "") -> Literal:
    return Literal(value, language=language) if language else Literal(value)


def code(table: str, name: str) -> NamedNode:
    return NamedNode(f"{AUTHORITY}{table}/{name}")


def day(value: str) -> Literal:
    return Literal(value, datatype=term("xsd:date"))


def closure(parts: Sequence[Facts] = (), **facts: object) -> Closure:
    """Make a closure; facts by prefixed name with two underscores for the colon."""
    named = {name.replace("__", ":"): value for name, value in facts.items()}
    return Closure(
        iri=IRI,
        key="x-1",
        facts=named,  # type: ignore[arg-type]
        parts=tuple(Part(iri=f"{IRI}#{place}", facts=item) for place, item in enumerate(parts)),
        modified="2026-11-01T10:00:00Z",
        today=TODAY,
    )


def value(name: str, found: Closure) -> float | None:
    return indicators.measure(found)[name]


def promised(frequency: str, modified: str = "", today: str = TODAY, **more: object) -> Closure:
    facts: dict[str, object] = {"dct__accrualPeriodicity": (code("frequency", frequency),), **more}
    if modified:
        facts["dct__modified"] = (day(modified),)
    return replace(closure((), **facts), today=today)


@pytest.mark.parametrize(
    ("frequency", "modified", "fresh", "due"),
    [
        ("DAILY", "2026-11-22", 1.0, "2026-11-25"),
        ("DAILY", "2026-11-20", 1.0, "2026-11-23"),
        ("DAILY", "2026-11-19", 0.5, "2026-11-23"),
        ("DAILY", "2026-11-18", 0.0, ""),
        ("WEEKLY", "2026-11-13", 1.0, "2026-11-23"),
        ("WEEKLY", "2026-11-12", 0.5, "2026-12-01"),
        ("ANNUAL", "2025-08-21", 1.0, "2026-11-23"),
        ("ANNUAL", "2025-08-20", 0.5, "2028-02-22"),
        ("ANNUAL", "2024-05-20", 0.0, ""),
        ("IRREG", "1999-01-01", None, ""),
        ("UNKNOWN", "1999-01-01", None, ""),
        ("NEVER", "1999-01-01", None, ""),
        ("MONTHLY", "not a date", 1.0, "2026-12-11"),  # then the day on which we saw it change
        ("MONTHLY", "2026-13-45", 1.0, "2026-12-11"),
        ("ANNUAL", "2026", 1.0, "2027-04-05"),  # a year counts from its first day
    ],
)
def test_freshness_falls_in_steps_on_days_that_are_known(
    frequency: str, modified: str, fresh: float | None, due: str
) -> None:
    found = promised(frequency, modified)
    assert (value("freshness", found), indicators.due(found)) == (fresh, due)


@pytest.mark.parametrize("frequency", ["DAILY", "WEEKLY_2", "MONTHLY", "QUARTERLY", "ANNUAL"])
def test_freshness_stays_as_it_is_until_the_day_it_is_due(frequency: str) -> None:
    found = promised(frequency, "2026-11-22")
    seen = []
    while due := indicators.due(found):
        last = (date.fromisoformat(due) - timedelta(days=1)).isoformat()
        assert value("freshness", replace(found, today=last)) == value("freshness", found)
        found = replace(found, today=due)
        seen.append(value("freshness", found))
    assert seen == [0.5, 0.0]


def test_a_date_in_the_future_counts_from_its_day_on() -> None:
    found = promised("DAILY", dct__modified=(day("2026-12-24"), day("2026-11-01")))
    assert (value("freshness", found), indicators.due(found)) == (0.0, "2026-12-24")
    assert value("freshness", replace(found, today="2026-12-24")) == 1.0


def test_the_date_of_a_distribution_and_the_date_of_issue_count_too() -> None:
    part = {"dct:modified": (day("2026-11-22"),)}
    found = closure((part,), dct__accrualPeriodicity=(code("frequency", "DAILY"),), dct__modified=(day("2020-01-01"),))
    assert value("freshness", found) == 1.0
    issued = promised("DAILY", dct__issued=(day("2026-11-21"),))
    assert value("freshness", issued) == 1.0


def test_the_shortest_of_several_promises_counts() -> None:
    both = closure(
        dct__accrualPeriodicity=(code("frequency", "ANNUAL"), code("frequency", "DAILY")),
        dct__modified=(day("2026-01-01"),),
    )
    assert value("freshness", both) == 0.0


def test_links_are_the_share_of_addresses_that_work() -> None:
    assert value("links", closure()) is None
    states = {url: LinkState(url=url, verdict=url) for url in ("ok", "moved", "missing", "page")}
    assert value("links", replace(closure(), links=states)) == 0.5


@pytest.mark.parametrize(
    ("titles", "descriptions", "share"),
    [
        ((), (), 0.0),
        ((text("Budget", "fr"), text("Begroting", "nl")), (text("…", "fr"), text("…", "nl-BE")), 1.0),
        ((text("Budget", "fr"),), (text("…", "fr"),), 0.5),
        ((text("Budget"),), (text("…"),), 0.0),  # no language
        ((text("Budget", "fr"), text("Begroting", "fr-t-nl")), (), 0.25),
        ((text("Begroting", "nl-t-fr"), text("Budget", "fr")), (text("…", "nl-t-fr"), text("…", "fr")), 0.75),
        ((text("Budget", "fr"), text("Begroting", "nl"), text("Budget", "en")), (), 0.5),  # English was begun
        ((text("  ", "fr"),), (), 0.0),
        ((text("Presupuesto", "es"),), (), 0.0),
    ],
)
def test_languages_are_french_and_dutch_and_what_was_begun(
    titles: tuple[Literal, ...], descriptions: tuple[Literal, ...], share: float
) -> None:
    assert value("languages", closure(dct__title=titles, dct__description=descriptions)) == share


def test_a_table_or_json_with_an_address_can_be_previewed() -> None:
    url = "https://files.example.org/1.csv"
    part = {"dct:format": (code("file-type", "CSV"),), "dcat:downloadURL": (NamedNode(url),)}
    assert value("previewable", closure((part,))) == 1.0
    dead = replace(closure((part,)), links={url: LinkState(url=url, verdict="missing")})
    assert value("previewable", dead) == 0.0
    for less in (
        {"dct:format": (code("file-type", "PDF"),)},
        {"dcat:downloadURL": ()},
        {"dcat:packageFormat": (text("z"),)},
    ):
        assert value("previewable", closure(({**part, **less},))) == 0.0
    typed = {
        **part,
        "dct:format": (),
        "dcat:mediaType": (NamedNode("https://www.iana.org/assignments/media-types/text/csv"),),
    }
    assert value("previewable", closure(({"dct:format": ()}, typed))) == 1.0
    assert value("previewable", closure()) == 0.0


def test_rdf_can_be_joined_a_model_half_and_a_coordinate_system_not() -> None:
    csv = {"dct:format": (code("file-type", "CSV"),)}
    assert value("joinable", closure()) is None
    assert value("joinable", closure((csv,))) == 0.0
    assert value("joinable", closure((csv, {"dct:format": (code("file-type", "RDF_TURTLE"),)}))) == 1.0
    assert value("joinable", closure(({"dct:format": (code("file-type", "GTFS"),)},))) == 0.5
    model = (NamedNode("https://data.vlaanderen.be/doc/applicatieprofiel/x"),)
    assert value("joinable", closure((csv,), dct__conformsTo=model)) == 0.5
    grid = (NamedNode("http://www.opengis.net/def/crs/EPSG/0/31370"),)
    assert value("joinable", closure((csv,), dct__conformsTo=grid)) == 0.0


def test_columns_are_documented_by_a_page_half_and_by_a_schema_wholly() -> None:
    csv = {"dct:format": (code("file-type", "CSV"),)}
    assert value("documented", closure(({"dct:format": (code("file-type", "PDF"),)},))) is None
    assert value("documented", closure((csv,))) == 0.0
    page = (NamedNode("https://docs.example.org/columns"),)
    assert value("documented", closure((csv,), foaf__page=page)) == 0.5
    assert value("documented", closure(({**csv, "foaf:page": page},))) == 0.5
    package = {"dcat:accessURL": (NamedNode("https://files.example.org/DataPackage.json"),)}
    assert value("documented", closure((csv, package))) == 1.0


@pytest.mark.parametrize(
    ("iri", "key", "identifier", "stable"),
    [
        ("https://data.example.org/1", "x-abc", "", 1.0),
        ("urn:uuid:1", "x-abc", "", 0.5),
        ("http://localhost:8000/id/dataset/a/b-1", "a/b-1", "b-1", 0.5),
        ("http://localhost:8000/id/dataset/a/b-1", "a/b-1", "something else", 0.0),
        ("http://localhost:8000/id/dataset/a/b-1", "a/b-1", "", 0.0),
    ],
)
def test_an_iri_of_the_source_is_stabler_than_an_identifier(iri: str, key: str, identifier: str, stable: float) -> None:
    stated = (text(identifier),) if identifier else ()
    assert value("stable", replace(closure(dct__identifier=stated), iri=iri, key=key)) == stable


def test_repaired_is_one_less_the_share_of_values_repaired() -> None:
    found = closure(({"dct:title": (text("a"), text("b"))},), dct__title=(text("a"),), dct__issued=(day("2020-01-01"),))
    assert value("repaired", found) == 1.0
    assert value("repaired", replace(found, repairs=1)) == 0.75
    assert value("repaired", replace(found, repairs=9)) == 0.0
    assert value("repaired", closure()) is None


@pytest.mark.parametrize(
    ("licence", "is_open"),
    [
        (f"{AUTHORITY}licence/CC_BY_4_0", True),
        (f"{AUTHORITY}licence/CC0", True),
        ("http://creativecommons.org/publicdomain/zero/1.0/", True),
        ("http://data.vlaanderen.be/id/licentie/modellicentie-gratis-hergebruik/v1.0", True),
        (f"{AUTHORITY}licence/CC_BYSA_4_0", False),
        (f"{AUTHORITY}licence/CC_BYNC_4_0", False),
        (f"{AUTHORITY}licence/ODC_BL", False),
        ("https://example.org/our-own-terms", False),
    ],
)
def test_a_licence_is_open_that_allows_what_cc_by_allows(licence: str, is_open: bool) -> None:
    assert value("open", closure(({"dct:license": (NamedNode(licence),)},))) == float(is_open)


def test_open_is_the_share_of_distributions_and_the_dataset_speaks_for_those_without() -> None:
    free, other = (NamedNode(f"{AUTHORITY}licence/{name}") for name in ("CC0", "CC_BYNC_4_0"))
    parts: tuple[Facts, ...] = ({"dct:license": (free,)}, {"dct:license": (free, other)}, {}, {"dct:license": (other,)})
    assert value("open", closure(parts)) == 0.25
    assert value("open", closure(parts, dct__license=(free,))) == 0.5
    assert value("open", closure()) == 0.0
    assert value("open", closure(dct__license=(free,))) == 1.0


def test_copies_take_from_unique() -> None:
    assert value("unique", closure()) == 1.0
    assert value("unique", replace(closure(), twins=1)) == 0.5
    assert value("unique", replace(closure(), twins=2)) == 0.3333


def test_every_indicator_is_defined_in_every_language_and_measured_between_0_and_1() -> None:
    assert tuple(indicators.definitions()) == indicators.NAMES == tuple(indicators.measure(closure()))
    for item in indicators.definitions().values():
        for texts in (item.title, item.what, item.why, item.how, item.formula):
            assert set(texts) == set(LANGUAGES), item.name
            assert all(len(said) > 5 for said in texts.values())
        assert len({*item.how.values()}) == len(LANGUAGES)
    for number in indicators.measure(closure()).values():
        assert number is None or 0 <= number <= 1


def test_every_code_in_the_lists_is_in_the_european_tables() -> None:
    for name in indicators.promise().periods:
        assert authority.labels(f"{AUTHORITY}frequency/{name}"), name
    for table, key in (
        ("previewable", "types"),
        ("documented", "types"),
        ("joinable", "linked"),
        ("joinable", "coded"),
    ):
        for name in indicators._set(table, key) - {"PARQUET", "DWCA"}:  # newer than the table we have
            assert authority.labels(f"{AUTHORITY}file-type/{name}"), name
    for name in indicators._set("open", "codes"):
        assert authority.labels(f"{AUTHORITY}licence/{name}"), name
