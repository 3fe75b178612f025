"""The feed of new findings (RFC 4287) over three publications: what is new is told once, and keeps its identity."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import etree

from maillon import publish
from maillon.ledger import Ledger
from maillon.records import Entity
from maillon.settings import LANGUAGES, Settings
from maillon.sources import Source
from maillon.store import snapshots
from maillon.web import create_app, quality_feed
from maillon.web.pages import quality, quality_files, quality_measures, quality_reports

VIEWS = (quality, quality_files, quality_measures, quality_reports)
"""Their views have to be in the blueprint before an application is made."""

BASE = "http://localhost:8000/"
ATOM = "{http://www.w3.org/2005/Atom}"
SOURCE = Source(name="essai", kind="dcat", url="essai.ttl", title={"fr": "Essai <b>"})
OFFICE = f"{BASE}id/organisation/essai/service"
MakeEntity = Callable[[str, str, str], Entity]


def _dataset(entity: MakeEntity, name: str, described: bool, publisher: str = OFFICE) -> Entity:
    iri = f"{BASE}id/dataset/essai/{name}"
    description = 'dct:description "Une description."@fr ;' if described else ""
    turtle = f'<{iri}> a dcat:Dataset ; dct:title "Jeu <{name}> & co"@fr ; {description} dct:publisher <{publisher}> .'
    return entity(iri, "dataset", turtle)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, keep: Callable[..., None], entity: MakeEntity) -> Settings:
    """Give a catalogue after three publications: each loses a description, and the last mends one."""
    settings = Settings(data=tmp_path_factory.mktemp("feed"), base_iri=BASE, publisher="Service exemple")
    office = entity(OFFICE, "organisation", f'<{OFFICE}> a foaf:Agent ; foaf:name "Service exemple"@fr .')
    other = f"{BASE}id/organisation/essai/autre"
    described = {"un": False, "deux": True, "trois": True, "quatre": True}
    with Ledger(settings.ledger) as ledger:
        for day, changed in enumerate(({}, {"deux": False}, {"trois": False, "quatre": False, "un": True}), 1):
            described |= changed
            publishers = {"quatre": other}
            datasets = [_dataset(entity, name, has, publishers.get(name, OFFICE)) for name, has in described.items()]
            keep(ledger, SOURCE, [office, *datasets], at=f"2026-11-0{day}T08:00:00Z")
            publish.publish(ledger, settings).close()
    return settings


@pytest.fixture
def visitor(published: Settings) -> Iterator[FlaskClient]:
    """Give a client of it."""
    quality_feed._known.cache_clear()
    yield create_app(published).test_client()
    quality_feed._known.cache_clear()


def _feed(visitor: FlaskClient, address: str) -> Any:
    answer = visitor.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "application/atom+xml")
    return etree.fromstring(answer.data)


def _check(feed: Any) -> None:
    """Check what RFC 4287, section 4, asks of a feed and its entries."""
    for element in (feed, *feed.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1, name
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated")).tzinfo is not None
        assert re.match(r"(?:https?|tag):[^\s]+$", element.findtext(f"{ATOM}id"))
        (alternate,) = element.findall(f"{ATOM}link[@rel='alternate']")
        assert alternate.get("href").startswith("http://")
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None, "entries have that of the feed"
    ids = [item.text for item in feed.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids))
    updated = [item.findtext(f"{ATOM}updated") for item in feed.iter(f"{ATOM}entry")]
    assert updated == sorted(updated, reverse=True)
    assert feed.findtext(f"{ATOM}updated") == updated[0]


def _links(feed: Any) -> list[str]:
    return [item.find(f"{ATOM}link").get("href").rpartition("/")[2] for item in feed.iter(f"{ATOM}entry")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_new_is_told_once_the_newest_first(visitor: FlaskClient, language: str) -> None:
    feed = _feed(visitor, f"/{language}/source/essai/findings.atom")
    _check(feed)
    assert sorted(_links(feed)[:2]) == ["quatre", "trois"]
    assert _links(feed)[2:] == ["deux"], "what was wrong at first may be old"
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == language
    own = feed.find(f"{ATOM}link[@rel='self']").get("href")
    assert own == f"http://localhost/{language}/source/essai/findings.atom"
    assert feed.find(f"{ATOM}link[@rel='alternate']").get("href") == f"http://localhost/{language}/source/essai/report"


def test_an_entry_says_what_is_wrong_and_is_harmless(visitor: FlaskClient) -> None:
    feed = _feed(visitor, "/en/source/essai/findings.atom")
    entry = next(feed.iter(f"{ATOM}entry"))
    assert re.match(r"Jeu <(?:trois|quatre)> & co: 1 new finding$", entry.findtext(f"{ATOM}title"))
    content = entry.find(f"{ATOM}content")
    assert content.get("type") == "text"
    assert "dct:description" in content.text
    assert "Must be corrected" in content.text
    assert [item.get("term") for item in entry.iter(f"{ATOM}category")] == ["Violation"]


def test_an_organisation_has_its_own_news_only(visitor: FlaskClient) -> None:
    feed = _feed(visitor, "/fr/organisation/essai/service/findings.atom")
    _check(feed)
    assert _links(feed) == ["trois", "deux"]


def test_entries_keep_their_identity_when_old_snapshots_are_pruned(visitor: FlaskClient, published: Settings) -> None:
    def ids() -> list[str]:
        return [
            item.findtext(f"{ATOM}id") for item in _feed(visitor, "/fr/source/essai/findings.atom").iter(f"{ATOM}entry")
        ]

    before = ids()
    hidden = snapshots.folder(published.snapshots, 1)
    away = hidden.rename(published.data / "away")
    quality_feed._known.cache_clear()
    try:
        assert ids() == before[:2]
    finally:
        away.rename(hidden)


def test_a_snapshot_that_cannot_be_read_leaves_its_news_out(visitor: FlaskClient, published: Settings) -> None:
    manifest = snapshots.folder(published.snapshots, 2) / "manifest.json"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text("{", encoding="utf-8")
    try:
        feed = _feed(visitor, "/fr/source/essai/findings.atom")
    finally:
        manifest.write_text(text, encoding="utf-8")
    assert list(feed.iter(f"{ATOM}entry")) == []
    assert feed.findtext(f"{ATOM}updated")


def test_a_feed_has_its_validator_and_a_reader_that_has_it_gets_304(visitor: FlaskClient) -> None:
    answer = visitor.get("/fr/source/essai/findings.atom")
    tag = answer.headers["ETag"]
    assert visitor.get("/fr/source/essai/findings.atom", headers={"If-None-Match": tag}).status_code == 304


def test_a_feed_is_no_longer_than_it_may_be(visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality_feed, "MOST", 1)
    feed = _feed(visitor, "/fr/source/essai/findings.atom")
    assert len(_links(feed)) == 1


def test_the_report_card_names_the_feed(visitor: FlaskClient) -> None:
    text = visitor.get("/fr/source/essai/report").text
    assert 'type="application/atom+xml"' in text
    assert "/fr/source/essai/findings.atom" in text
