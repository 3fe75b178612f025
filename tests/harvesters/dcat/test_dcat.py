"""DCAT sources of every shape become records: files, folders, Hydra pages, event streams."""

import gzip
import lzma
import tarfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from harvesters import dcat
from maillon.errors import ParseFailed, SourceUnavailable
from maillon.rdf import canonical
from maillon.records import Described, Entity, Record, Rejected
from maillon.sources import Source

SHARED = Path(__file__).resolve().parents[3] / ".." / "shared"
BASE = "https://catalogue.example/"
HEAD = "@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .\n"
FEED = (
    "@prefix as: <https://www.w3.org/ns/activitystreams#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
    "@prefix tree: <https://w3id.org/tree#> . @prefix ldes: <https://w3id.org/ldes#> .\n" + HEAD
)
Make = Callable[..., Any]


def source(url: str | Path, **keys: Any) -> Source:
    return Source(name="test", kind="dcat", url=str(url), **keys)


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def titles(records: list[Record]) -> dict[str, list[str]]:
    """Return the titles of each subject."""
    found: dict[str, list[str]] = {}
    for record in records:
        if isinstance(record, Described):
            texts = [triple.object for triple in record.triples if triple.predicate.value.endswith("/title")]
            found[record.subject.value] = sorted(text.value for text in texts if isinstance(text, Literal))
    return found


def reasons(records: list[Record]) -> dict[str, str]:
    return {record.identifier: record.reason for record in records if isinstance(record, Rejected)}


def dataset(number: int | str, title: str = "T") -> str:
    return f'<https://p.example/d/{number}> a dcat:Dataset ; dct:title "{title}" .\n'


def test_a_single_file_gives_one_record_for_each_subject(tmp_path: Path, fetch_folder: Make) -> None:
    write(tmp_path, {"feed.ttl": HEAD + dataset(1) + '<d/2> a dcat:Dataset ; dct:title "Relative" .'})
    records = list(dcat.records(source(tmp_path / "feed.ttl"), fetch_folder(tmp_path)))
    assert titles(records) == {
        "https://p.example/d/1": ["T"],
        f"{BASE}source/test/d/2": ["Relative"],
    }


def test_a_folder_is_merged_and_what_cannot_be_read_is_listed(tmp_path: Path, fetch_folder: Make) -> None:
    write(
        tmp_path,
        {
            "a.ttl": HEAD + dataset(1) + '<https://p.example/d/2> dct:title "A" .',
            "b.rdf": HEAD + '<https://p.example/d/2> dct:title "B" .',
            "broken.ttl": HEAD + "<https://p.example/d/3> dct:title \n\n oops",
            "README.md": "# Read me",
            "table.csv": "id,title\n1,Trams\n",
            "sub/c.jsonld": '{"@id": "https://p.example/d/4", "http://purl.org/dc/terms/title": "C"}',
        },
    )
    records = list(dcat.records(source(tmp_path), fetch_folder(tmp_path)))
    assert titles(records) == {
        "https://p.example/d/1": ["T"],
        "https://p.example/d/2": ["A", "B"],
        "https://p.example/d/4": ["C"],
    }
    assert reasons(records) == {"README.md": "not RDF", "table.csv": "not RDF", "broken.ttl": "cannot be parsed"}
    (broken,) = (record for record in records if isinstance(record, Rejected) and record.identifier == "broken.ttl")
    assert "line 4, column 2" in broken.detail


def test_a_single_broken_document_stops_the_source(tmp_path: Path, fetch_folder: Make) -> None:
    write(tmp_path, {"feed.ttl": HEAD + dataset(1) + "<https://p.example/d/2> dct:title"})
    with pytest.raises(ParseFailed, match=r"feed\.ttl cannot be read .* tell its producer"):
        list(dcat.records(source(tmp_path / "feed.ttl"), fetch_folder(tmp_path)))


def test_named_graphs_of_a_catalogue_count_too(tmp_path: Path, fetch_folder: Make) -> None:
    write(tmp_path, {"feed.trig": HEAD + "<https://p.example/g> {" + dataset(1) + "}" + dataset(2)})
    assert len(titles(list(dcat.records(source(tmp_path / "feed.trig"), fetch_folder(tmp_path))))) == 2


def test_a_title_with_a_script_arrives_as_it_is(tmp_path: Path, fetch_folder: Make) -> None:
    write(tmp_path, {"feed.ttl": HEAD + dataset(1, "<script>alert(1)</script>")})
    records = list(dcat.records(source(tmp_path / "feed.ttl"), fetch_folder(tmp_path)))
    assert titles(records) == {"https://p.example/d/1": ["<script>alert(1)</script>"]}


def _hydra_old(number: int, following: str) -> str:
    return (
        HEAD + "@prefix hydra: <http://www.w3.org/ns/hydra/core#> .\n"
        f"<https://p.example/c> a dcat:Catalog ; dcat:dataset <https://p.example/d/{number}> .\n"
        f"<https://p.example/feed?page={number}> a hydra:PagedCollection ; hydra:totalItems 3 "
        f"{'; hydra:nextPage ' + following if following else ''} .\n" + dataset(number)
    )


def _hydra_new(number: int, following: str) -> str:
    return (
        HEAD + "@prefix hydra: <http://www.w3.org/ns/hydra/core#> .\n"
        f"<https://p.example/c> a dcat:Catalog, hydra:Collection ; hydra:member <https://p.example/d/{number}> ;\n"
        f"  dcat:dataset <https://p.example/d/{number}> ; hydra:view <https://p.example/feed?page={number}> .\n"
        f"<https://p.example/feed?page={number}> a hydra:PartialCollectionView "
        f"{'; hydra:next ' + following if following else ''} .\n" + dataset(number)
    )


@pytest.mark.parametrize("page", [_hydra_old, _hydra_new])
@pytest.mark.parametrize(
    "written", ['"https://p.example/feed?page={}"', "<https://p.example/feed?page={}>", "<?page={}>", '"?page={}"']
)
def test_hydra_pages_are_followed_in_both_vocabularies(
    tmp_path: Path, fetch_folder: Make, page: Callable[[int, str], str], written: str
) -> None:
    # The last page names the first again, as some portals do.
    files = {f"{n}.ttl": page(n, written.format(n % 3 + 1)) for n in (1, 2, 3)}
    fetch = fetch_folder(
        write(tmp_path, files),
        {
            "https://p.example/feed?page=1": "1.ttl",
            "https://p.example/feed?page=2": "2.ttl",
            "https://p.example/feed?page=3": "3.ttl",
        },
    )
    records = list(dcat.records(source("https://p.example/feed?page=1"), fetch))
    assert sorted(titles(records)) == ["https://p.example/c", *(f"https://p.example/d/{n}" for n in (1, 2, 3))]
    assert len(fetch.asked) == 3
    (catalogue,) = (
        record for record in records if isinstance(record, Described) and record.subject.value.endswith("/c")
    )
    assert len(catalogue.triples) == 4


def test_a_page_that_cannot_be_had_or_read_stops_the_source(tmp_path: Path, fetch_folder: Make) -> None:
    fetch = fetch_folder(
        write(tmp_path, {"1.ttl": _hydra_new(1, "<?page=2>"), "2.ttl": "<html><p>Busy</html>"}),
        {"https://p.example/feed?page=1": "1.ttl"},
    )
    with pytest.raises(SourceUnavailable, match="404"):
        list(dcat.records(source("https://p.example/feed?page=1"), fetch))
    fetch.addresses["https://p.example/feed?page=2"] = "2.ttl"
    with pytest.raises(ParseFailed):
        list(dcat.records(source("https://p.example/feed?page=1"), fetch))


def test_a_single_page_on_disk_says_that_others_are_missing(tmp_path: Path, fetch_folder: Make) -> None:
    write(tmp_path, {"1.ttl": _hydra_new(1, "<https://p.example/feed?page=2>")})
    records = list(dcat.records(source(tmp_path / "1.ttl"), fetch_folder(tmp_path)))
    assert reasons(records) == {"https://p.example/feed?page=2": "page not among the files"}


def test_the_base_of_the_source_resolves_relative_iris_of_the_web(tmp_path: Path, fetch_folder: Make) -> None:
    write(tmp_path, {"1.ttl": HEAD + '<d/1> dct:title "T" .'})
    fetch = fetch_folder(tmp_path, {"https://mirror.example/x": "1.ttl"})
    records = list(dcat.records(source("https://mirror.example/x", base="https://p.example/"), fetch))
    assert titles(records) == {"https://p.example/d/1": ["T"]}


def _member(name: str, kind: str, number: int, published: str, title: str = "") -> str:
    payload = f"<#{name}> {{ {dataset(number, title)} }}\n" if title else ""
    return (
        f"<stream> tree:member <#{name}> .\n"
        f"<#{name}> a as:{kind} ; as:object <https://p.example/d/{number}> ; "
        f'as:published "{published}"^^xsd:dateTime .\n{payload}'
    )


STREAM = {
    "index.trig": FEED + '<stream> a ldes:EventStream, dcat:Dataset ; dct:title "The feed" ; tree:view <root.trig> .',
    "root.trig": FEED
    + "<root.trig> a tree:Node ; tree:relation [ a tree:Relation ; tree:node <a/1.trig> ], [ tree:node <a/2.trig> ] .",
    "a/1.trig": FEED
    + _member("m1", "Create", 1, "2026-01-01T00:00:00Z", "Old 1")
    + _member("m2", "Update", 2, "2026-03-01T12:00:00+02:00", "New 2")
    + _member("m3", "Create", 3, "2026-01-01T00:00:00Z", "Gone 3")
    + _member("m4", "Delete", 4, "2026-01-01T00:00:00Z"),
    "a/2.trig": FEED
    + _member("m1", "Update", 1, "2026-02-01T00:00:00Z", "New 1")
    + _member("m2", "Create", 2, "2026-03-01T09:59:59Z", "Old 2")
    + _member("m3", "Delete", 3, "2026-02-01T00:00:00Z")
    + _member("m4", "Create", 4, "2026-02-01T00:00:00Z", "Back 4"),
}
EXPECTED = {f"https://p.example/d/{n}": [title] for n, title in ((1, "New 1"), (2, "New 2"), (4, "Back 4"))}


def test_a_feed_in_a_folder_gives_the_last_version_of_each_subject(tmp_path: Path, fetch_folder: Make) -> None:
    records = list(dcat.records(source(write(tmp_path, STREAM)), fetch_folder(tmp_path)))
    assert titles(records) == EXPECTED
    assert not reasons(records)


def test_a_feed_on_the_web_is_followed_through_its_tree(tmp_path: Path, fetch_folder: Make) -> None:
    addresses = {f"https://p.example/feed/{name}": name for name in STREAM}
    fetch = fetch_folder(write(tmp_path, STREAM), addresses)
    records = list(dcat.records(source("https://p.example/feed/index.trig"), fetch))
    assert titles(records) == EXPECTED
    assert len(fetch.asked) == 4


def test_further_subjects_of_a_member_are_not_lost_and_not_doubled(tmp_path: Path, fetch_folder: Make) -> None:
    def member(number: int) -> str:
        return (
            f"<#m{number}> as:object <https://p.example/d/{number}> .\n"
            f"<#m{number}> {{ {dataset(number)} <https://p.example/o> dct:title 'Office {number}' . "
            f"<https://p.example/d/{3 - number}> dct:title 'Not its owner' . }}\n"
        )

    write(tmp_path, {"feed.trig": FEED + member(1) + member(2)})
    records = list(dcat.records(source(tmp_path / "feed.trig"), fetch_folder(tmp_path)))
    assert titles(records) == {
        "https://p.example/d/1": ["T"],
        "https://p.example/d/2": ["T"],
        "https://p.example/o": ["Office 1", "Office 2"],
    }


def test_members_without_subject_or_content_are_listed(tmp_path: Path, fetch_folder: Make) -> None:
    write(
        tmp_path,
        {
            "feed.trig": FEED
            + "<#m1> as:object [ dct:title 'x' ] .\n<#m2> a as:Create ; as:object <https://p.example/d/2> ."
        },
    )
    records = list(dcat.records(source(tmp_path / "feed.trig"), fetch_folder(tmp_path)))
    assert sorted(reasons(records).values()) == ["member without content", "no identity"]


def test_version_objects_in_the_default_graph_are_said_of_their_subject(tmp_path: Path, fetch_folder: Make) -> None:
    versions = "".join(
        f"<stream> tree:member <#v{n}> .\n<#v{n}> a dcat:Dataset ; dct:isVersionOf <https://p.example/d/1> ; "
        f"dct:title 'Version {n}' ; dct:modified '2026-0{n}-01T00:00:00Z'^^xsd:dateTime ; "
        f"dct:temporal [ dcat:startDate '202{n}' ] .\n"
        for n in (1, 3, 2)
    )
    write(tmp_path, {"feed.ttl": FEED + "<stream> ldes:versionOfPath dct:isVersionOf .\n" + versions})
    (record,) = dcat.records(source(tmp_path / "feed.ttl"), fetch_folder(tmp_path))
    assert isinstance(record, Described)
    assert titles([record]) == {"https://p.example/d/1": ["Version 3"]}
    assert Literal("2023") in {triple.object for triple in record.triples}


def test_activities_without_named_graphs_are_read_from_the_default_graph(tmp_path: Path, fetch_folder: Make) -> None:
    write(tmp_path, {"feed.ttl": FEED + "<#m1> a as:Create ; as:object <https://p.example/d/1> .\n" + dataset(1)})
    records = list(dcat.records(source(tmp_path / "feed.ttl"), fetch_folder(tmp_path)))
    assert titles(records) == {"https://p.example/d/1": ["T"]}
    assert not reasons(records)


def test_what_had_to_be_done_to_read_a_document_is_noted_on_its_subjects_only(
    tmp_path: Path, fetch_folder: Make
) -> None:
    write(
        tmp_path,
        {"a.ttl": HEAD + dataset(1), "b.ttl": HEAD + dataset(2) + "<https://p.example/d/2> dct:relation <a b> ."},
    )
    records = dcat.records(source(tmp_path), fetch_folder(tmp_path))
    notes = {record.subject.value[-1]: record.note for record in records if isinstance(record, Described)}
    assert notes == {"1": "", "2": "lenient"}


def _hashes(records: list[Record]) -> dict[str, str]:
    return {
        record.subject.value: canonical.version(Entity(record.subject.value, "resource", record.triples), BASE).hash
        for record in records
        if isinstance(record, Described)
    }


corpus = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is absent: corpus tests need it")


@pytest.mark.corpus
@corpus
def test_the_whole_dcat_corpus_is_harvested_without_a_crash_and_twice_the_same(fetch_folder: Make) -> None:
    folder = SHARED / "corpus" / "dcat"
    first = list(dcat.records(source(folder), fetch_folder(folder)))
    again = list(dcat.records(source(folder), fetch_folder(folder)))
    assert _hashes(first) == _hashes(again)
    assert [item for item in first if isinstance(item, Rejected)] == [
        item for item in again if isinstance(item, Rejected)
    ]
    counted = Counter(reasons(first).values())
    assert counted["cannot be parsed"] == 8
    assert set(counted) == {"cannot be parsed", "not RDF", "no identity"}
    datasets = [item for item in first if isinstance(item, Described) and _is_dataset(item)]
    assert len(datasets) > 130


def _is_dataset(record: Described) -> bool:
    types = {triple.object for triple in record.triples if triple.subject == record.subject}
    return NamedNode("http://www.w3.org/ns/dcat#Dataset") in types


@pytest.mark.corpus
@corpus
def test_the_brussels_subset_of_data_gov_be_has_604_datasets_and_every_triple(
    tmp_path: Path, fetch_folder: Make
) -> None:
    packed = SHARED / "corpus/dcat/be-data-gov-ldes/derived-brussels-subset.nt.gz"
    text = gzip.decompress(packed.read_bytes())
    (tmp_path / "brussels.nt").write_bytes(text)
    records = list(dcat.records(source(tmp_path / "brussels.nt"), fetch_folder(tmp_path)))
    described = [record for record in records if isinstance(record, Described)]
    assert sum(_is_dataset(record) for record in described) == 604
    triples: set[Triple] = {triple for record in described for triple in record.triples}
    assert len(described) < len(triples)
    assert len(triples) == len(set(text.splitlines()))


@pytest.mark.corpus
@pytest.mark.slow
@corpus
def test_the_event_stream_of_data_gov_be_has_17828_datasets(tmp_path: Path, fetch_folder: Make) -> None:
    packed = SHARED / "corpus/dcat/be-data-gov-ldes/datagovbe-ldes-2025-04-14.tar.xz"
    with lzma.open(packed) as stream, tarfile.open(fileobj=stream) as archive:
        archive.extractall(tmp_path, filter="data")
    kinds: Counter[str] = Counter()
    for record in dcat.records(source(tmp_path), fetch_folder(tmp_path)):
        if not isinstance(record, Described):
            assert isinstance(record, Rejected)
            assert record.identifier == ".gitkeep"
            continue
        kinds["subjects"] += 1
        kinds["triples"] += len(record.triples)
        kinds["datasets"] += _is_dataset(record)
    assert kinds == {"subjects": 95_642, "triples": 1_672_649, "datasets": 17_828}
