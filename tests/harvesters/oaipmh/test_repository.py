"""A repository on the web: formats, resumption tokens, deletions, going on from a date, lists that shift, errors."""

import json
from pathlib import Path
from typing import Any

import pytest

from harvesters import oaipmh
from maillon import identifiers, mapping
from maillon.errors import MaillonError, PagesShifted, SourceDefinitionError, SourceUnavailable
from maillon.records import Bookmark, Dataset, Deleted, Described, Rejected
from maillon.sources import Source

URL = "https://oai.example.org/oai"


def record(identifier: str, payload: str = "", status: str = "") -> str:
    title = f'<dc xmlns="http://purl.org/dc/elements/1.1/"><title>{identifier}</title></dc>'
    metadata = "" if status else f"<metadata>{payload or title}</metadata>"
    return f'<record><header status="{status}"><identifier>{identifier}</identifier></header>{metadata}</record>'


def names(records: list[Any]) -> list[str]:
    return [item.identifier for item in records if isinstance(item, Dataset)]


def test_pages_are_followed_with_the_token_alone(repository: Any) -> None:
    repository.pages = [record("oai:a") + record("oai:b"), record("oai:c"), record("oai:d")]
    repository.size = 4
    assert names(repository.harvest()) == ["oai:a", "oai:b", "oai:c", "oai:d"]
    assert repository.listed() == [
        {"verb": "ListRecords", "metadataPrefix": "oai_dc"},
        {"verb": "ListRecords", "resumptionToken": "page 1"},
        {"verb": "ListRecords", "resumptionToken": "page 2"},
    ]


@pytest.mark.parametrize(
    ("formats", "chosen"),
    [
        (("marcxml", "oai_dc", "oai_datacite"), "oai_datacite"),
        (("oai_dc", "iso19139", "oai_datacite"), "iso19139"),
        (("iso19139", "dcat_ap"), "dcat_ap"),
        (("oai_dc",), "oai_dc"),
    ],
)
def test_the_richest_format_that_can_be_read_is_asked_for(repository: Any, formats: Any, chosen: str) -> None:
    repository.formats = formats
    repository.harvest()
    assert repository.listed()[0]["metadataPrefix"] == chosen


def test_set_and_format_can_be_chosen(repository: Any) -> None:
    repository.harvest(options={"metadata_prefix": "mods", "set": "open:data"}, url=URL + "?key=1&verb=Identify")
    expected = {"verb": "ListRecords", "metadataPrefix": "mods", "set": "open:data", "key": "1"}
    assert repository.listed() == [expected]


def test_a_repository_without_a_format_that_can_be_read_is_refused(repository: Any) -> None:
    repository.formats = ("marcxml",)
    with pytest.raises(SourceUnavailable, match="marcxml, none of which can be read"):
        repository.harvest()


def test_the_next_run_asks_for_what_changed_since_the_first_answer_of_the_last(repository: Any) -> None:
    repository.pages = [record("oai:a"), record("oai:b")]
    first = repository.harvest()
    assert "from" not in repository.listed()[0]
    assert first[-1] == Bookmark(repository.bookmark, False)
    repository.date = "2026-03-01T00:00:00Z"
    repository.pages = [record("oai:a", status="deleted") + record("oai:c")]
    second = repository.harvest()
    assert repository.listed()[0]["from"] == "2026-02-01T10:00:00Z"
    assert second[0] == Deleted(identifiers.mint("https://catalogue.example/", "dataset", "test", "oai:a"))
    assert names(second) == ["oai:c"]
    assert second[-1] == Bookmark(repository.bookmark, True)
    assert json.loads(repository.bookmark)["from"] == "2026-03-01T00:00:00Z"


def test_a_deleted_header_names_the_iri_that_the_dataset_had(repository: Any) -> None:
    repository.pages = [record("urn:uuid:1")]
    dataset = repository.harvest()[0]
    repository.pages = [record("urn:uuid:1", status="deleted")]
    [deleted, _] = repository.harvest()
    source = Source(name="test", kind="oaipmh", url=URL)
    assert mapping.entities(dataset, source, "https://catalogue.example/")[0].iri == deleted.identifier


def test_a_repository_that_counts_days_is_asked_by_the_day(repository: Any) -> None:
    repository.granularity = "YYYY-MM-DD"
    repository.pages = [record("oai:a")]
    repository.harvest()
    repository.harvest()
    assert repository.listed()[0]["from"] == "2026-02-01"


def test_nothing_new_is_no_error_and_nothing_is_missing(repository: Any) -> None:
    repository.pages = [record("oai:a")]
    repository.harvest()
    repository.pages = []
    assert repository.harvest() == [Bookmark(repository.bookmark, True)]


def test_a_repository_that_forgets_deletions_is_read_whole_each_time(repository: Any) -> None:
    repository.deleted = "no"
    repository.pages = [record("oai:a")]
    repository.harvest()
    assert repository.harvest()[-1] == Bookmark("", False)
    assert "from" not in repository.listed()[0]


def test_rdf_is_read_whole_each_time_because_a_header_does_not_name_its_iris(repository: Any) -> None:
    repository.formats = ("dcat_ap",)
    repository.pages = [_rdf("a"), _rdf("b")]
    found = repository.harvest()
    assert [item.subject.value[-1] for item in found if isinstance(item, Described)] == ["a", "b", "z"]
    assert found[-1] == Bookmark("", False)


def _rdf(name: str) -> str:
    base = "https://data.example.org/"
    return record(
        f"oai:{name}",
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dct="http://purl.org/dc/terms/" '
        'xmlns:dcat="http://www.w3.org/ns/dcat#" xmlns:foaf="http://xmlns.com/foaf/0.1/">'
        f'<dcat:Dataset rdf:about="{base}{name}"><dct:publisher><foaf:Agent rdf:about="{base}z"><foaf:name>Z'
        "</foaf:name></foaf:Agent></dct:publisher></dcat:Dataset></rdf:RDF>",
    )


@pytest.mark.parametrize("bookmark", ["x", "[]", '{"url": 1}', '{"url":"u","prefix":"oai_dc","set":"","from":"2026"}'])
def test_a_bookmark_of_another_list_means_a_full_read(repository: Any, bookmark: str) -> None:
    repository.pages, repository.bookmark = [record("oai:a")], bookmark
    assert repository.harvest()[-1].is_partial is False
    repository.harvest(options={"set": "other"})
    assert "from" not in repository.listed()[0]


def test_a_response_date_that_is_none_leaves_no_bookmark(repository: Any) -> None:
    repository.pages, repository.date = [record("oai:a")], "TIMESTAMP"
    assert repository.harvest()[-1] == Bookmark("", False)


def test_a_list_shorter_than_announced_is_read_again_unless_sizes_are_estimates(repository: Any) -> None:
    repository.pages, repository.size = [record("oai:a"), record("oai:b")], 3
    with pytest.raises(PagesShifted, match="counts 3 records but gave 2"):
        repository.harvest()
    assert len(names(repository.harvest(options={"estimated_size": True}))) == 2


def test_a_record_on_two_pages_is_read_again(repository: Any) -> None:
    repository.pages = [record("oai:a"), record("oai:a")]
    with pytest.raises(PagesShifted, match="oai:a"):
        repository.harvest()


def test_a_token_that_is_no_longer_known_is_read_again(repository: Any) -> None:
    repository.pages, repository.errors = [record("oai:a"), ""], {1: "badResumptionToken"}
    with pytest.raises(PagesShifted, match="no longer knows"):
        repository.harvest()


@pytest.mark.parametrize(
    "code", ["badArgument", "cannotDisseminateFormat", "idDoesNotExist", "noSetHierarchy", "undefinedError"]
)
def test_any_other_error_stops_the_source(repository: Any, code: str) -> None:
    repository.pages, repository.errors = [record("oai:a"), ""], {1: code}
    with pytest.raises(SourceUnavailable, match=f"the error {code}: Told by a test"):
        repository.harvest()


def test_tokens_that_go_in_a_circle_end(repository: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    token = "<resumptionToken>page {}</resumptionToken>"
    pages = [f"<ListRecords>{record(f'oai:{number}')}{token.format(1 - number)}</ListRecords>" for number in (0, 1)]
    numbers = iter(range(100))
    fresh = lambda number: pages[number].replace("oai:", f"oai:{next(numbers)}-")  # noqa: E731
    monkeypatch.setattr(repository, "_page", fresh)
    with pytest.raises(MaillonError, match="circle"):
        repository.harvest()


def test_a_page_that_is_no_answer_of_the_protocol_is_refused(tmp_path: Path, fetch_folder: Any) -> None:
    (tmp_path / "page.xml").write_text("<html><body>Welcome</body></html>", encoding="utf-8")
    fetch = fetch_folder(tmp_path, {URL + "?verb=Identify": "page.xml"})
    with pytest.raises(SourceUnavailable, match="no answer of OAI-PMH"):
        list(oaipmh.records(Source(name="test", kind="oaipmh", url=URL), fetch))


@pytest.mark.parametrize(
    ("options", "message"),
    [({"sets": "x"}, "unknown option 'sets'"), ({"set": 7}, "not of the right type"), ({"types": [1]}, "right type")],
)
def test_options_that_cannot_be_used_are_refused(repository: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(SourceDefinitionError, match=message):
        repository.harvest(options=options)


def test_records_without_identifier_or_metadata_are_listed(repository: Any) -> None:
    repository.pages = [record("").replace("<identifier></identifier>", "") + "<record><header><identifier>oai:e"
                        "</identifier></header></record>"]  # fmt: skip
    found = [item for item in repository.harvest() if isinstance(item, Rejected)]
    assert [item.reason for item in found] == ["no identifier", "no metadata"]
