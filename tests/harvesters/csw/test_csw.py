"""The protocol of catalogue services, and files: paging, completeness, exceptions, payloads other than ISO."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from harvesters import _csw_request, csw
from maillon import mapping
from maillon.errors import PagesShifted, ParseFailed, SourceDefinitionError, SourceUnavailable
from maillon.rdf import canonical
from maillon.records import DataService, Dataset, Described, Record, Rejected
from maillon.sources import Answer, Source

HERE = Path(__file__).parent
URL = "https://csw.example.org/csw"
BASE = "https://catalogue.example/"


class Service:
    """A service that answers with a document for each start position, and keeps the parameters that it was asked."""

    base_iri = BASE
    bookmark = ""

    def __init__(self, folder: Path, **pages: str) -> None:
        self.folder = folder
        self.pages = {int(name.removeprefix("at_")): content for name, content in pages.items()}
        self.asked: list[dict[str, str]] = []

    def __call__(self, url: str, accept: str = "*/*") -> Answer:
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        self.asked.append(query)
        start = int(query["startPosition"])
        path = self.folder / f"page-{start}.xml"
        path.write_text(self.pages[start], encoding="utf-8")
        return Answer(url, "application/xml", path)

    def documents(self, url: str, accept: str = "*/*") -> Any:
        raise AssertionError("a service is not read as a file")


def page(*identifiers: str, matched: int, following: int | None = 0, returned: int | None = None) -> str:
    records = "".join(
        f'<dc:identifier xmlns:dc="http://purl.org/dc/elements/1.1/">{name}</dc:identifier>'.join(
            ("<csw:Record>", "</csw:Record>")
        )
        for name in identifiers
    )
    end = "" if following is None else f' nextRecord="{following}"'
    count = len(identifiers) if returned is None else returned
    return (
        '<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2"><csw:SearchResults '
        f'numberOfRecordsMatched="{matched}" numberOfRecordsReturned="{count}"{end}>{records}'
        "</csw:SearchResults></csw:GetRecordsResponse>"
    )


def source(url: str = URL, **values: Any) -> Source:
    return Source(name="test", kind="csw", url=url, **values)


def harvest(service: Any, **values: Any) -> list[Record]:
    return list(csw.records(source(page_size=2, **values), service))


def test_pages_are_followed_by_next_record_to_the_count(tmp_path: Path) -> None:
    service = Service(tmp_path, at_1=page("a", "b", matched=3, following=3), at_3=page("c", matched=3))
    assert [record.identifier for record in harvest(service) if isinstance(record, Dataset)] == ["a", "b", "c"]


def test_a_service_without_next_record_is_paged_by_what_it_returned(tmp_path: Path) -> None:
    service = Service(tmp_path, at_1=page("a", matched=2, following=None), at_2=page("b", matched=2, following=None))
    assert len(harvest(service)) == 2


def test_no_records_are_an_empty_harvest(tmp_path: Path) -> None:
    assert harvest(Service(tmp_path, at_1=page(matched=0))) == []


def test_fewer_records_than_counted_mean_that_pages_shifted(tmp_path: Path) -> None:
    with pytest.raises(PagesShifted, match="counts 5 records but gave 2"):
        harvest(Service(tmp_path, at_1=page("a", "b", matched=5, following=0)))


def test_a_record_on_two_pages_means_that_pages_shifted(tmp_path: Path) -> None:
    service = Service(tmp_path, at_1=page("a", "b", matched=4, following=3), at_3=page("b", "c", matched=4))
    with pytest.raises(PagesShifted, match="repeats b"):
        harvest(service)


def test_a_next_record_that_does_not_advance_means_that_pages_shifted(tmp_path: Path) -> None:
    with pytest.raises(PagesShifted, match="does not page"):
        harvest(Service(tmp_path, at_1=page("a", "b", matched=9, following=1)))


def test_a_count_that_changes_between_pages_means_that_pages_shifted(tmp_path: Path) -> None:
    service = Service(tmp_path, at_1=page("a", "b", matched=3, following=3), at_3=page("c", matched=4))
    with pytest.raises(PagesShifted, match="counts 4 records where there were 3"):
        harvest(service)


def test_records_counted_but_not_sent_are_reported(tmp_path: Path) -> None:
    records = harvest(Service(tmp_path, at_1=page("a", matched=2, returned=2)))
    assert [(item.reason, item.detail) for item in records if isinstance(item, Rejected)] == [
        ("counted but not sent", "1 of 2")
    ]


def test_the_request_asks_for_iso_in_full_and_keeps_foreign_parameters(tmp_path: Path) -> None:
    service = Service(tmp_path, at_1=page(matched=0))
    harvest(service, url=f"{URL}?map=a&REQUEST=GetCapabilities&service=csw")
    assert service.asked[0] == {
        "map": "a",
        "service": "CSW",
        "version": "2.0.2",
        "request": "GetRecords",
        "typeNames": "csw:Record",
        "elementSetName": "full",
        "resultType": "results",
        "outputSchema": "http://www.isotc211.org/2005/gmd",
        "outputFormat": "application/xml",
        "startPosition": "1",
        "maxRecords": "2",
    }


def test_version_3_schema_and_filter_are_options(tmp_path: Path) -> None:
    service = Service(tmp_path, at_1=page(matched=0).replace("cat/csw/2.0.2", "cat/csw/3.0"))
    schema = "http://standards.iso.org/iso/19115/-3/mdb/2.0"
    harvest(service, options={"version": "3.0.0", "output_schema": schema, "constraint": "type = 'dataset'"})
    asked = service.asked[0]
    assert (asked["version"], asked["typeNames"], asked["outputSchema"]) == ("3.0.0", "Record", schema)
    assert (asked["constraintLanguage"], asked["constraint"]) == ("CQL_TEXT", "type = 'dataset'")
    assert "resultType" not in asked


@pytest.mark.parametrize("options", [{"version": "1.0"}, {"version": ["2.0.2"]}, {"schema": "x"}, {"constraint": 1}])
def test_wrong_options_are_refused_before_anything_is_read(tmp_path: Path, options: dict[str, Any]) -> None:
    with pytest.raises(SourceDefinitionError, match="options"):
        harvest(Service(tmp_path), options=options)


def test_an_exception_report_stops_the_source_with_its_text(tmp_path: Path) -> None:
    service = Service(tmp_path, at_1=(HERE / "exception.xml").read_text(encoding="utf-8"))
    with pytest.raises(SourceUnavailable, match="InvalidParameterValue; This schema is not supported"):
        harvest(service)


def test_another_document_than_records_stops_the_source(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="answers with Capabilities, not with records"):
        harvest(Service(tmp_path, at_1='<Capabilities xmlns="http://www.opengis.net/cat/csw/2.0.2"/>'))


def test_a_torn_page_stops_the_source_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ParseFailed, match=r"not well-formed XML.*line 2"):
        harvest(Service(tmp_path, at_1=page("a", matched=1).replace("<csw:Record>", "\n<csw:Record>")[:-40]))


def test_iso_records_are_harvested_from_pages_and_services_find_their_dataset(
    fetch_folder: Callable[..., Any],
) -> None:
    first = _csw_request.address(source(page_size=2), _csw_request.options(source()), 1)
    second = _csw_request.address(source(page_size=2), _csw_request.options(source()), 3)
    fetch = fetch_folder(HERE, {first: "page-1.xml", second: "page-2.xml"})
    records = [record for record in harvest(fetch) if isinstance(record, Described)]
    triples = {f"{item.subject} {item.predicate} {item.object}" for record in records for item in record.triples}
    dataset = f"<{BASE}id/dataset/test/zones-vertes>"
    dcat = "http://www.w3.org/ns/dcat#"
    assert f"<{BASE}id/service/test/service-vert> <{dcat}servesDataset> {dataset}" in triples
    assert f"{dataset} <{dcat}inSeries> <{BASE}id/series/test/serie-verte>" in triples
    assert len(records) == len({record.subject for record in records}) == 5


def test_every_recorded_record_maps_to_an_entity_with_a_canonical_form(fetch_folder: Callable[..., Any]) -> None:
    kinds = set()
    for name in ("page-1.xml", "page-2.xml", "record-19115-3.xml", "record-che.xml", "dublin-core.xml", "dcat.xml"):
        origin = source(str(HERE / name))
        for record in csw.records(origin, fetch_folder(HERE)):
            if isinstance(record, Dataset | DataService | Described):
                for entity in mapping.entities(record, origin, BASE):
                    assert canonical.version(entity, BASE).text
                    kinds.add(entity.kind)
    assert kinds == {"dataset", "series", "service", "distribution", "organisation"}


def test_dublin_core_becomes_datasets_and_says_what_it_cannot_use(fetch_folder: Callable[..., Any]) -> None:
    records = list(csw.records(source(str(HERE / "dublin-core.xml"), language="fr"), fetch_folder(HERE)))
    dataset = next(record for record in records if isinstance(record, Dataset))
    assert (dataset.identifier, dataset.title, dataset.modified) == ("dc-1", {"fr": "Arbres"}, "2024-01")
    assert [item.access_url for item in dataset.distributions] == ["https://data.example.org/arbres.csv"]
    assert [record.reason for record in records if isinstance(record, Rejected)] == [
        "service without an address",
        "no identifier",
    ]


def test_dcat_beside_the_search_results_is_taken_as_it_is(fetch_folder: Callable[..., Any]) -> None:
    records = list(csw.records(source(str(HERE / "dcat.xml")), fetch_folder(HERE)))
    assert [record.subject.value for record in records if isinstance(record, Described)] == [
        "https://data.example.org/id/bancs"
    ]


def test_a_folder_with_broken_files_rejects_those_with_the_line_and_reads_the_others(
    harvested: Callable[..., Any], iso: Callable[..., Any]
) -> None:
    found = harvested(iso(), "<a>\n<b></a>", '{"a": 1}', "", "<Capabilities/>", b"\x00\x01")
    assert found.subjects("dcat:Dataset") == [f"{BASE}id/dataset/test/r1"]
    reasons = [(item.identifier, item.reason) for item in found.rejected]
    assert reasons == [
        ("1.xml", "cannot be parsed"),
        ("2.xml", "cannot be parsed"),
        ("3.xml", "cannot be parsed"),
        ("4.xml", "no metadata record"),
        ("5.xml", "cannot be parsed"),
    ]
    assert "line 2" in found.rejected[0].detail
    assert "JSON, not XML" in found.rejected[1].detail


@pytest.mark.parametrize("content", ["{}", "<a", ""])
def test_a_single_unreadable_document_stops_the_source(harvested: Callable[..., Any], content: str) -> None:
    with pytest.raises(ParseFailed):
        harvested(content)


def test_an_exception_among_files_is_rejected_with_its_text(
    harvested: Callable[..., Any], iso: Callable[..., Any]
) -> None:
    found = harvested(iso(), (HERE / "exception.xml").read_bytes())
    assert "This schema is not supported" in found.rejected[0].detail


def test_an_entity_bomb_and_an_external_entity_expand_to_nothing(
    harvested: Callable[..., Any], iso: Callable[..., Any]
) -> None:
    steps = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 9))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "aaaaaaaaaa">{steps}]>' + iso(title=_title("&e8;")).xml()
    outside = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + iso(title=_title("&e;")).xml()
    found = harvested(iso(identifier="ok"), bomb, outside)
    assert all(len(text) < 100 for text in found.texts)
    assert [item.reason for item in found.rejected][:1] == ["cannot be parsed"]


def _title(content: str) -> str:
    return f"<gmd:title><gco:CharacterString>{content}</gco:CharacterString></gmd:title>"


def test_leading_blank_lines_and_bare_ampersands_do_no_harm(
    harvested: Callable[..., Any], iso: Callable[..., Any]
) -> None:
    found = harvested("\n\n  " + iso(title=_title("Eau & forêts")).xml())
    assert found.values("dct:title") == ['"Eau & forêts"@fr']
    assert all(isinstance(item, Described) for item in found.records)
