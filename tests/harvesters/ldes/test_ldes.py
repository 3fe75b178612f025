"""A client of an event stream: first run, growing feed, deletions, immutable pages, retention, starting anew."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal

from harvesters import _ldes_place, ldes
from maillon import mapping
from maillon.errors import SourceDefinitionError, SourceUnavailable
from maillon.rdf import canonical
from maillon.records import Bookmark, Deleted, Described, Record, Rejected
from maillon.sources import Source

ROOT = "https://feed.example.org/feed"
BASE = "https://catalogue.example/"
HEAD = """@prefix as: <https://www.w3.org/ns/activitystreams#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix tree: <https://w3id.org/tree#> . @prefix ldes: <https://w3id.org/ldes#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix ex: <https://data.example.org/> .
"""
STREAM = (
    "<https://feed.example.org/feed#s> a ldes:EventStream ; ldes:timestampPath as:published ; "
    "ldes:versionOfPath as:object ; tree:view <> .\n"
)
Make = Callable[..., Any]


def link(page: str, until: str = "") -> str:
    """A relation to a page; ``until`` is a bound on the time of its members."""
    kind = f'a tree:LessThanRelation ; tree:path as:published ; tree:value "{until}"^^xsd:dateTime ;' if until else ""
    return f"<> tree:relation [ {kind} tree:node <https://feed.example.org/{page}> ] .\n"


def event(number: int, name: str, title: str = "", day: int | None = None, kind: str = "Update") -> str:
    """A member about a dataset; without title it is a deletion. Its day is its number where none is given."""
    time = f'as:published "2026-01-{number if day is None else day:02}T00:00:00Z"^^xsd:dateTime'
    head = f"<https://feed.example.org/feed#s> tree:member ex:e{number} .\n"
    head += f"ex:e{number} a as:{kind if title else 'Delete'} ; as:object ex:{name} ; {time} .\n"
    says = f'ex:{name} a dcat:Dataset ; dct:title "{title}" .'
    return head + (f"ex:e{number} {{ {says} }}\n" if title else "")


IMMUTABLE = "<> ldes:immutable true .\n"


class Client:
    """Harvests states of one feed one after the other, and applies what each run yields as a ledger would."""

    def __init__(self, folder: Path, make: Make, **source: Any) -> None:
        self._folder, self._make = folder, make
        self._source = Source(**{"name": "test", "kind": "ldes", "url": ROOT, **source})
        self.bookmark = ""
        self.titles: dict[str, str] = {}
        self.asked: list[str] = []
        self._partial = False
        self.records: list[Record] = []

    def run(self, pages: Mapping[str, str]) -> dict[str, str]:
        for name, content in pages.items():
            (self._folder / f"{name}.trig").write_text(HEAD + content, encoding="utf-8")
        addresses = {f"https://feed.example.org/{name}": f"{name}.trig" for name in pages}
        fetch = self._make(self._folder, addresses, bookmark=self.bookmark)
        self.records = list(ldes.records(self._source, fetch))
        self.asked = [address.rpartition("/")[2] for address in fetch.asked]
        self._apply()
        return self.titles

    def _apply(self) -> None:
        *records, last = self.records
        assert isinstance(last, Bookmark)
        self.bookmark, self._partial = last.value, last.is_partial
        if not last.is_partial:
            self.titles = {}
        for record in records:
            if isinstance(record, Deleted):
                self.titles.pop(record.identifier.rpartition("/")[2], None)
            elif isinstance(record, Described):
                texts = [item.object.value for item in record.triples if isinstance(item.object, Literal)]
                self.titles[record.subject.value.rpartition("/")[2]] = "|".join(sorted(texts))

    def was_partial(self) -> bool:
        return self._partial

    def reasons(self) -> list[str]:
        return [record.reason for record in self.records if isinstance(record, Rejected)]


@pytest.fixture
def client(tmp_path: Path, fetch_folder: Make) -> Client:
    return Client(tmp_path, fetch_folder)


@pytest.fixture
def other(tmp_path: Path, fetch_folder: Make) -> Client:
    (tmp_path / "other").mkdir()
    return Client(tmp_path / "other", fetch_folder)


def test_a_feed_that_grows_updates_and_deletes_ends_in_the_state_of_a_full_read(client: Client, other: Client) -> None:
    first = {"feed": STREAM + event(1, "a", "A") + event(2, "b", "B") + link("p2"), "p2": event(3, "c", "C")}
    updated = {
        "feed": STREAM + event(1, "a", "A") + event(2, "b", "B") + link("p2"),
        "p2": event(3, "c", "C") + event(4, "a", "A2") + link("p3"),
        "p3": event(5, "d", "D"),
    }
    deleted = {**updated, "p3": event(5, "d", "D") + event(6, "b") + event(7, "c", "C2")}
    assert client.run(first) == {"a": "A", "b": "B", "c": "C"}
    assert not client.was_partial()
    assert client.run(updated) == {"a": "A2", "b": "B", "c": "C", "d": "D"}
    assert [record.subject.value[-1] for record in client.records if isinstance(record, Described)] == ["a", "d"]
    assert client.was_partial()
    final = client.run(deleted)
    assert final == {"a": "A2", "c": "C2", "d": "D"}
    assert Deleted("https://data.example.org/b") in client.records
    assert other.run(deleted) == final
    assert client.run(deleted) == final
    assert client.records == [Bookmark(client.bookmark, True)]  # nothing new: nothing but the place


def test_immutable_pages_are_not_fetched_again_and_what_they_lead_to_is(client: Client) -> None:
    pages = {
        "feed": STREAM + link("p2"),
        "p2": IMMUTABLE + event(1, "a", "A") + link("p3"),
        "p3": IMMUTABLE + event(2, "b", "B") + link("p4"),
        "p4": event(3, "c", "C"),
    }
    client.run(pages)
    assert sorted(client.asked) == ["feed", "p2", "p3", "p4"]
    pages["p4"] += event(4, "a") + link("p5")
    pages["p5"] = event(5, "d", "D")
    assert client.run(pages) == {"b": "B", "c": "C", "d": "D"}
    assert sorted(client.asked) == ["feed", "p4", "p5"]


def test_a_page_whose_upper_bound_has_passed_is_not_fetched_again(client: Client) -> None:
    pages = {
        "feed": STREAM + link("jan", until="2026-01-10T00:00:00Z") + link("feb", until="2026-02-10T00:00:00Z"),
        "jan": event(1, "a", "A"),
        "feb": event(12, "b", "B"),
    }
    client.run(pages)
    pages["feb"] += event(13, "a", "A2")
    assert client.run(pages) == {"a": "A2", "b": "B"}
    assert sorted(client.asked) == ["feb", "feed"]


def test_an_old_version_on_a_mutable_page_does_not_come_back(client: Client) -> None:
    pages = {
        "feed": STREAM + event(1, "a", "old") + event(2, "b", "B") + link("p2"),
        "p2": IMMUTABLE + event(3, "a", "new") + event(4, "b"),
    }
    assert client.run(pages) == {"a": "new"}
    pages["feed"] += event(5, "c", "C")
    assert client.run(pages) == {"a": "new", "c": "C"}


def test_versions_of_objects_are_told_by_version_of_path_and_the_latest_time_wins(client: Client) -> None:
    stream = STREAM.replace("as:published", "dct:issued").replace("as:object", "ex:of")
    stream += "<https://feed.example.org/feed#s> ldes:versionDeleteObject ex:Gone .\n"

    def version(number: int, title: str) -> str:
        kind = "dcat:Dataset" if title else "ex:Gone"
        return (
            f"<https://feed.example.org/feed#s> tree:member ex:v{number} . ex:v{number} a {kind} ; ex:of ex:a ; "
            f'dct:issued "2026-01-0{number}T00:00:00Z"^^xsd:dateTime ; dct:title "{title or "x"}" .\n'
        )

    pages = {"feed": stream + version(2, "new") + link("p2"), "p2": version(1, "old")}
    assert client.run(pages)["a"].endswith("|new")
    pages["p2"] += version(3, "")
    assert client.run(pages) == {}
    assert Deleted("https://data.example.org/a") in client.records


def test_a_member_that_comes_late_makes_the_stream_be_read_anew(client: Client) -> None:
    pages = {"feed": STREAM + event(5, "a", "A") + link("p2"), "p2": IMMUTABLE + event(6, "b", "B")}
    client.run(pages)
    pages["feed"] += event(7, "c", "late", day=2)
    assert client.run(pages) == {"a": "A", "b": "B", "c": "late"}
    assert not client.was_partial()
    assert set(client.asked) == {"feed", "p2"}


@pytest.mark.parametrize("bookmark", ["", "no JSON", "[]", '{"form": 99}', '{"form": 1, "done": 7}', "\x00" * 9])
def test_a_bookmark_that_cannot_be_used_means_a_full_read(client: Client, bookmark: str) -> None:
    client.bookmark = bookmark
    assert client.run({"feed": STREAM + event(1, "a", "A")}) == {"a": "A"}
    assert not client.was_partial()


def test_another_structure_or_address_means_a_full_read(client: Client, tmp_path: Path, fetch_folder: Make) -> None:
    client.run({"feed": STREAM + event(1, "a", "A")})
    moved = Client(tmp_path, fetch_folder, url="https://feed.example.org/elsewhere")
    moved.bookmark = client.bookmark
    assert moved.run({"elsewhere": STREAM + event(1, "a", "A")}) == {"a": "A"}
    assert not moved.was_partial()
    client.run({"feed": STREAM.replace("as:published", "dct:issued") + event(1, "a", "A")})
    assert not client.was_partial()


def test_members_that_describe_other_subjects_are_read_as_a_whole_each_time(client: Client) -> None:
    embedded = event(1, "a", "A").replace("dcat:Dataset ;", "dcat:Dataset ; dcat:distribution ex:x ;")
    embedded = embedded.replace(" }\n", ' ex:x a dcat:Distribution ; dct:title "X" . }\n')
    assert client.run({"feed": STREAM + embedded}) == {"a": "A", "x": "X"}
    assert client.bookmark == ""
    assert client.run({"feed": STREAM + embedded + event(2, "a", "A2")}) == {"a": "A2"}
    assert not client.was_partial()


def test_a_feed_read_too_seldom_for_its_deletions_is_read_as_a_whole(client: Client) -> None:
    policy = '<> ldes:retentionPolicy [ ldes:versionAmount 1 ; ldes:versionDeleteDuration "P30D"^^xsd:duration ] .\n'
    pages = {"feed": STREAM + policy + event(1, "a", "A") + event(2, "b", "B")}
    client.run(pages)
    client.run(pages)
    assert client.was_partial()
    value = json.loads(client.bookmark)
    client.bookmark = json.dumps({**value, "time": value["time"] - 31 * 86400})
    assert client.run({"feed": STREAM + policy + event(2, "b", "B")}) == {"b": "B"}
    assert not client.was_partial()


def test_what_a_window_of_time_no_longer_shows_is_not_taken_for_deleted(client: Client) -> None:
    policy = '<> tree:viewDescription [ ldes:retentionPolicy [ ldes:fullLogDuration "P7D"^^xsd:duration ] ] .\n'
    client.run({"feed": STREAM + policy + event(1, "a", "A")})
    value = json.loads(client.bookmark)
    client.bookmark = json.dumps({**value, "time": value["time"] - 8 * 86400})
    assert client.run({"feed": STREAM + policy + event(2, "b", "B")}) == {"a": "A", "b": "B"}
    assert client.was_partial()
    assert client.reasons() == ["members no longer kept"]


def test_with_very_many_members_the_last_time_stands_for_them(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_ldes_place, "MAX_SEEN", 2)
    pages = {"feed": STREAM + "".join(event(number, f"d{number}", "T") for number in range(1, 6))}
    client.run(pages)
    assert json.loads(client.bookmark)["whole"] is False
    pages["feed"] += event(6, "d1", "same day", day=5) + event(7, "d2")
    assert client.run(pages) == {"d1": "same day", "d3": "T", "d4": "T", "d5": "T"}
    assert client.was_partial()
    assert len([record for record in client.records if isinstance(record, Described)]) == 1


def test_very_many_members_without_a_time_are_read_each_time(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_ldes_place, "MAX_SEEN", 2)
    pages = {"feed": STREAM + "".join(event(number, f"d{number}", "T") for number in range(1, 6))}
    pages["feed"] = pages["feed"].replace('as:published "', 'dct:source "')
    client.run(pages)
    assert client.bookmark == ""


def test_a_page_that_is_gone_has_no_members_and_any_other_error_stops_the_run(
    tmp_path: Path, fetch_folder: Make, client: Client
) -> None:
    with pytest.raises(SourceUnavailable, match="404"):
        client.run({"feed": STREAM + link("absent")})

    class Gone(SourceUnavailable):
        status = 410

    def fetch(folder: Path, addresses: Mapping[str, str], **keys: Any) -> Any:
        made = fetch_folder(folder, addresses, **keys)

        class WithGone(type(made)):  # type: ignore[misc]
            def __call__(self, url: str, accept: str = "*/*") -> Any:
                if url.endswith("absent"):
                    raise Gone(url)
                return super().__call__(url, accept)

        return WithGone(folder, addresses, **keys)

    survivor = Client(tmp_path, fetch)
    assert survivor.run({"feed": STREAM + event(1, "a", "A") + link("absent")}) == {"a": "A"}
    assert survivor.reasons() == ["page gone"]


def test_pages_that_lead_in_a_circle_end(client: Client) -> None:
    pages = {"feed": STREAM + event(1, "a", "A") + link("p2"), "p2": event(2, "b", "B") + link("feed") + link("p2")}
    assert client.run(pages) == {"a": "A", "b": "B"}


def test_the_description_of_a_stream_leads_to_its_view(client: Client) -> None:
    described = STREAM.replace("tree:view <>", "tree:view <https://feed.example.org/view>")
    pages = {"feed": described, "view": STREAM + event(1, "a", "A")}
    assert client.run(pages) == {"a": "A"}
    pages["view"] += event(2, "b", "B")
    assert client.run(pages) == {"a": "A", "b": "B"}
    assert client.was_partial()


def test_a_catalogue_that_is_no_stream_is_refused(client: Client) -> None:
    with pytest.raises(SourceUnavailable, match="use the kind dcat"):
        client.run({"feed": 'ex:a a dcat:Dataset ; dct:title "A" .'})


def test_options_are_refused(tmp_path: Path, fetch_folder: Make) -> None:
    with pytest.raises(SourceDefinitionError, match="no options"):
        Client(tmp_path, fetch_folder, options={"graph": "x"}).run({"feed": STREAM})


def test_a_member_about_nothing_with_an_iri_is_listed(client: Client) -> None:
    client.run({"feed": STREAM + event(1, "a", "A").replace("as:object ex:a", "as:object []")})
    assert client.reasons() == ["no identity"]


def test_a_folder_of_pages_is_read_with_the_paths_that_any_of_them_states(tmp_path: Path, fetch_folder: Make) -> None:
    folder = tmp_path / "feed"
    folder.mkdir()
    member = event(1, "a", "A").replace("as:published", "ex:when").replace("as:object", "ex:of")
    (folder / "a.trig").write_text(HEAD + IMMUTABLE + member, encoding="utf-8")
    stream = STREAM.replace("as:published", "ex:when").replace("as:object", "ex:of")
    (folder / "z.trig").write_text(HEAD + stream, encoding="utf-8")
    (folder / "notes.txt").write_text("Read me", encoding="utf-8")
    (folder / "other.ttl").write_text(HEAD + "ex:b a dcat:Dataset .", encoding="utf-8")
    source = Source(name="test", kind="ldes", url=str(folder))
    first = list(ldes.records(source, fetch_folder(folder)))
    assert [record.subject.value[-1] for record in first if isinstance(record, Described)] == ["a"]
    reasons = {record.identifier: record.reason for record in first if isinstance(record, Rejected)}
    assert reasons == {"notes.txt": "not RDF", "other.ttl": "no page of an event stream"}
    bookmark = next(record.value for record in first if isinstance(record, Bookmark))
    (folder / "a.trig").write_text("broken, but it need not be read", encoding="utf-8")
    second = list(ldes.records(source, fetch_folder(folder, bookmark=bookmark)))
    assert not [record for record in second if isinstance(record, Described)]
    assert {record.identifier for record in second if isinstance(record, Rejected)} == {"notes.txt", "other.ttl"}


def test_every_description_becomes_an_entity_with_canonical_triples(client: Client) -> None:
    client.run({"feed": STREAM + event(1, "a", "A")})
    source = Source(name="test", kind="ldes", url=ROOT)
    [described] = [record for record in client.records if isinstance(record, Described)]
    [entity] = mapping.entities(described, source, BASE)
    assert (entity.iri, entity.kind) == ("https://data.example.org/a", "dataset")
    assert '"A"' in canonical.version(entity, BASE).text
