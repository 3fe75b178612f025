"""Definitions of sources: two folders, one name each, enabled or not; and the ready ones that come with Maillon."""

import threading
from pathlib import Path

import pytest

from maillon import definitions, harvest, paths
from maillon.cron import next_after
from maillon.errors import OperatorError, SourceDefinitionError
from maillon.harvest.options import utc_now
from maillon.settings import LANGUAGES

SAMPLES = {"brussels-ckan", "brussels-dcat", "brussels-tables"}
TOWN = 'kind = "dcat"\nurl = "https://town.example/feed.ttl"\n'

shipped = definitions.every()[0]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder, beside one shipped source called ``metro``."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    (folder / "metro.toml").write_text('kind = "ckan"\nurl = "https://metro.example/"\n', encoding="utf-8")
    monkeypatch.setattr(paths, "SOURCES", folder)
    return tmp_path / "data"


def test_an_own_definition_counts_before_the_shipped_one_of_the_same_name(data: Path) -> None:
    definitions.add("town", TOWN, data)
    assert [item.source.name for item in definitions.every(data)[0]] == ["metro", "town"]
    (data / "sources" / "metro.toml").write_text('kind = "dcat"\nurl = "https://own.example/"\n', encoding="utf-8")
    found = definitions.find("metro", data)
    assert (found.source.kind, found.is_own, found.replaces) == ("dcat", True, True)
    assert definitions.load("metro", data) == found.source
    assert definitions.load("metro").kind == "ckan"
    definitions.remove("metro", data)
    assert definitions.load("metro", data).kind == "ckan"


def test_what_was_enabled_by_command_goes_before_the_toml(data: Path) -> None:
    assert definitions.load("metro", data).enabled
    definitions.switch("metro", False, data)
    assert not definitions.load("metro", data).enabled
    assert [source.enabled for source in definitions.known(data)[0]] == [False]
    definitions.switch("metro", True, data)
    assert definitions.load("metro", data).enabled
    assert definitions.load("metro").enabled
    assert "metro = true" in (data / "sources" / "enabled.toml").read_text(encoding="utf-8")


def test_a_source_that_is_removed_forgets_whether_it_was_enabled(data: Path) -> None:
    definitions.add("town", TOWN + "enabled = false\n", data)
    definitions.switch("town", True, data)
    definitions.remove("town", data)
    definitions.add("town", TOWN + "enabled = false\n", data)
    assert not definitions.load("town", data).enabled


def test_a_shipped_source_cannot_be_removed(data: Path) -> None:
    with pytest.raises(SourceDefinitionError, match=r"comes with Maillon.*disable metro"):
        definitions.remove("metro", data)
    assert definitions.load("metro", data).name == "metro"


@pytest.mark.parametrize("name", ["metro", "enabled", "Town", "../town", "", "all"])
def test_a_name_that_is_taken_or_none_is_refused_and_nothing_written(name: str, data: Path) -> None:
    with pytest.raises(SourceDefinitionError):
        definitions.add(name, TOWN, data)
    assert [path.name for path in (data / "sources").iterdir()] == [".lock"]


def test_a_file_with_a_name_of_its_own_inside_is_known_by_that(data: Path) -> None:
    definitions.add("town", TOWN, data)
    (data / "sources" / "town.toml").rename(data / "sources" / "Old file.toml")
    assert definitions.load("old-file", data).name == "old-file"
    (data / "sources" / "Old file.toml").write_text(f'name = "city"\n{TOWN}', encoding="utf-8")
    assert definitions.load("city", data).name == "city"
    with pytest.raises(SourceDefinitionError, match="known name: city, metro"):
        definitions.load("old-file", data)


def test_of_two_files_with_one_name_the_second_is_told_and_left_out(data: Path) -> None:
    definitions.add("a-town", f'name = "a-town"\n{TOWN}', data)
    (data / "sources" / "b.toml").write_text(f'name = "a-town"\n{TOWN}', encoding="utf-8")
    found, wrong = definitions.known(data)
    assert [source.name for source in found] == ["a-town", "metro"]
    assert "both define source a-town, so b.toml is left out" in str(wrong[0])


def test_a_broken_definition_is_told_and_hides_no_other(data: Path) -> None:
    (data / "sources").mkdir(parents=True)
    (data / "sources" / "bus.toml").write_text("kind = ", encoding="utf-8")
    (data / "sources" / "tram.toml").write_bytes(b"kind = '\xff'")
    found, wrong = definitions.known(data)
    assert [source.name for source in found] == ["metro"]
    assert ["bus" in str(wrong[0]), "tram" in str(wrong[1])] == [True, True]
    with pytest.raises(SourceDefinitionError, match="bus: not valid TOML"):
        definitions.load("bus", data)
    with pytest.raises(SourceDefinitionError, match=r"no source 'boat'.*metro.* 2 more cannot be used"):
        definitions.load("boat", data)


@pytest.mark.parametrize("text", ["metro = ", 'metro = "yes"', "[metro]\n", b"\xff"])
def test_a_broken_list_of_what_is_enabled_stops_everything_rather_than_harvest_what_was_off(
    text: str | bytes, data: Path
) -> None:
    (data / "sources").mkdir(parents=True)
    (data / "sources" / "enabled.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SourceDefinitionError, match=r"Which sources are enabled.*Correct .*enabled\.toml"):
        definitions.known(data)
    with pytest.raises(SourceDefinitionError):
        definitions.switch("metro", True, data)


def test_a_source_that_does_not_exist_cannot_be_enabled(data: Path) -> None:
    with pytest.raises(SourceDefinitionError, match="no source 'tram'"):
        definitions.switch("tram", True, data)
    assert not (data / "sources").exists()


def test_commands_at_the_same_time_lose_nothing(data: Path) -> None:
    names = [f"town-{number}" for number in range(12)]
    for name in names:
        definitions.add(name, TOWN + "enabled = false\n", data)
    threads = [threading.Thread(target=definitions.switch, args=(name, True, data)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(definitions.load(name, data).enabled for name in names)
    left = {path.name for path in (data / "sources").iterdir() if path.suffix != ".toml"}
    assert left == {".lock"}, "no half-written file stays"


def test_a_data_folder_that_cannot_be_written_is_said(data: Path) -> None:
    data.write_text("a file", encoding="utf-8")
    with pytest.raises(OperatorError, match="cannot be written"):
        definitions.add("town", TOWN, data)


def test_a_definition_is_given_by_path_too(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "My town.toml").write_text(TOWN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert definitions.load("My town.toml", data).name == "my-town"
    with pytest.raises(SourceDefinitionError, match="is a folder"):
        definitions.read(tmp_path)
    with pytest.raises(SourceDefinitionError, match="There is no file"):
        definitions.load("absent.toml", data)
    with pytest.raises(SourceDefinitionError, match="There is no source"):
        definitions.load("somewhere/absent", data)


@pytest.mark.parametrize("item", shipped, ids=lambda item: item.source.name)
def test_a_ready_source_can_be_used(item: definitions.Definition) -> None:
    source = item.source
    assert item.path.stem == source.name, "the name is part of IRIs, so it is not written twice"
    assert source.kind in harvest.kinds()
    assert set(source.title) == set(LANGUAGES)
    assert source.publisher
    if source.name in SAMPLES:
        assert source.enabled
        assert Path(source.url).exists()
        return
    assert source.is_http
    assert not source.enabled, "nobody's portal is asked before somebody says so"
    assert 0 < next_after(source.schedule, utc_now()).hour + 1 <= 6, "at night"
    assert source.homepage
    assert 0 < source.rate <= 2
    assert "not contacted when written" in item.path.read_text(encoding="utf-8")


def test_ready_sources_have_addresses_and_minutes_of_their_own() -> None:
    assert definitions.every()[1] == []
    portals = [item.source for item in shipped if item.source.name not in SAMPLES]
    assert {source.name for source in definitions.known()[0] if source.enabled} == SAMPLES
    assert len({source.url for source in portals}) == len(portals) >= 30
    assert len({source.schedule for source in portals}) == len(portals)
    assert next(source.aggregator for source in portals if source.name == "data-gov-be")


NAMES = """
aeronomie antwerpen biodiversity-be bosa-best brugge brussels-ckan brussels-dcat brussels-mobility brussels-tables
data-gouv-fr-bfc data-gov-be data-public-lu datastore-brussels dov ezy-bw finances-be gent geo-be geobru geoportail-lu
healthdata-be ideo-bfc infrabel inspire-lu liege metadata-vlaanderen metawal meteo-be mons namur odwb opendata-brussels
sig-gr statbel statbel-bestat stib-mivb ternum-bfc transportdata-be
"""


def test_the_names_of_ready_sources_never_change() -> None:
    assert {item.source.name for item in shipped} == set(NAMES.split()), "names are part of published IRIs: add only"
