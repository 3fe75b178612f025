"""What nginx keeps of Maillon's answers, for how long, and what it never keeps.

No test waits for a minute: the second until which an answer may be used is read where nginx wrote it, and set to one
that has passed. Everything else is nginx's own doing.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from maillon.store import snapshots
from maillon.web.headers import PAGE_SECONDS, YEAR

Proxied = Any  # the class of that name in conftest.py, which cannot be imported
Start = Callable[..., Proxied]
DATASETS = "SELECT ?d {{ ?d a dcat:Dataset }} LIMIT {}"
NUMBER = "SELECT ?n {{ <urn:snapshot> rdfs:label ?n }} LIMIT {}"
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def test_a_query_asked_again_is_answered_by_nginx(proxied: Proxied) -> None:
    first = proxied.query(DATASETS.format(101))
    asked = len(proxied.asked())
    again = proxied.query(DATASETS.format(101))
    assert (first.status, first.cache, again.status, again.cache) == (200, "MISS", 200, "HIT")
    assert (again.body, again.headers["ETag"]) == (first.body, first.headers["ETag"])
    assert b"http" in again.body
    time.sleep(0.2)
    assert len(proxied.asked()) == asked


def test_pages_are_kept_and_redirections_and_documents_are_not(proxied: Proxied) -> None:
    for path in ("/nl/datasets", "/nl/quality"):
        assert [proxied.ask(path).cache for _ in range(2)] == ["MISS", "HIT"]
    for path in ("/", "/catalog.ttl?limit=3", "/doc/dataset/ville/jeu-1.ttl", "/id/dataset/ville/jeu-1"):
        assert [proxied.ask(path).cache for _ in range(2)] == ["MISS", "MISS"], path


def test_forms_languages_and_dates_are_told_apart(proxied: Proxied) -> None:
    target = f"/sparql?query={quote(DATASETS.format(102))}"
    page = f"{target}&format=html"
    wanted = [
        (target, {"Accept": "text/csv"}),
        (target, {"Accept": "application/sparql-results+json"}),
        (target, {"Accept": "text/csv", "Accept_Datetime": "Sat, 01 Jan 2028 00:00:00 GMT"}),
        (page, {"Accept_Language": "nl"}),
        (page, {"Accept_Language": "de"}),
    ]
    first = [proxied.ask(address, **headers) for address, headers in wanted]
    again = [proxied.ask(address, **headers) for address, headers in wanted]
    assert [reply.cache for reply in first] == ["MISS"] * 5
    assert [reply.cache for reply in again] == ["HIT"] * 5
    assert [reply.body for reply in again] == [reply.body for reply in first]
    types = [reply.headers.get_content_type() for reply in again]
    assert types == ["text/csv", "application/sparql-results+json", "text/csv", "text/html", "text/html"]
    assert [reply.headers["Memento-Datetime"] is not None for reply in again] == [False, False, True, False, False]
    assert [b'lang="nl"' in again[3].body, b'lang="de"' in again[4].body] == [True, True]


def test_one_address_never_gives_a_program_the_page_nor_a_person_the_table(proxied: Proxied) -> None:
    """A page varies by language too, so an address asked by both is kept less often, but never mixed up."""
    target = f"/sparql?query={quote(DATASETS.format(107))}"
    for _ in range(3):
        for accept in ("text/csv", "text/html", "application/sparql-results+xml"):
            for language in ("nl", "de"):
                reply = proxied.ask(target, Accept=accept, Accept_Language=language)
                assert reply.headers.get_content_type() == accept
                assert accept != "text/html" or f'lang="{language}"'.encode() in reply.body


def test_no_name_that_a_client_makes_up_gets_into_an_answer(proxied: Proxied) -> None:
    """On this machine itself Maillon writes addresses with the name that was asked; nginx tells it the catalogue's."""
    target = f"/sparql?format=json&query={quote(DATASETS.format(103))}"
    forged = proxied.ask(target, Host="localhost", X_Forwarded_Host="evil.example", X_Forwarded_Prefix="/evil")
    links = str(forged.headers.get_all("Link"))
    assert "<http://localhost:8000/sparql?" in links
    assert "<http://localhost/" not in links
    assert "evil" not in links
    assert proxied.ask(target).cache == "HIT"


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (f"/sparql?query={quote('SELECT ?never { ')}", 400),
        ("/sparql?query=ASK%7B%7D&snapshot=99", 404),
        ("/fr/dataset/never", 404),
        (f"/sparql?timeout=0.5&query={quote(SLOW)}", 504),
        ("/sparql?query=ASK%7B%7D&format=csv&default-graph-uri=relative", 400),
        ("/operator", 401),
    ],
)
def test_failures_are_never_kept(proxied: Proxied, target: str, status: int) -> None:
    replies = [proxied.ask(target) for _ in range(2)]
    assert [(reply.status, reply.cache) for reply in replies] == [(status, "MISS")] * 2
    assert proxied.kept(target) == []


def test_what_changes_with_every_answer_is_never_kept(proxied: Proxied) -> None:
    replies = [proxied.query("SELECT (RAND() AS ?r) {}", "csv") for _ in range(2)]
    assert [(reply.status, reply.cache) for reply in replies] == [(200, "MISS")] * 2
    assert replies[0].body != replies[1].body


def test_nginx_keeps_an_answer_for_a_minute_and_one_of_a_numbered_snapshot_for_a_year(proxied: Proxied) -> None:
    target = f"/sparql?format=csv&query={quote(DATASETS.format(104))}"
    for part, seconds in ((target, PAGE_SECONDS), (f"{target}&snapshot=1", YEAR)):
        assert [proxied.ask(part).cache for _ in range(2)] == ["MISS", "HIT"]
        assert seconds - 20 < proxied.seconds(part) <= seconds


def test_a_reader_learns_from_date_how_old_a_kept_answer_is(proxied: Proxied) -> None:
    """A hit has no Age (RFC 9111, section 5.1), so without the date of the origin a browser would count from anew."""
    first = proxied.query(DATASETS.format(105))
    time.sleep(1.1)
    again = proxied.query(DATASETS.format(105))
    assert (again.cache, again.headers.get_all("Date")) == ("HIT", [first.headers["Date"]])


def test_after_its_minute_an_unchanged_answer_is_confirmed_without_a_query(proxied: Proxied) -> None:
    target = f"/sparql?format=csv&query={quote(DATASETS.format(106))}"
    first = proxied.ask(target)
    asked = len(proxied.asked())
    proxied.let_pass(target)
    replies = [proxied.ask(target) for _ in range(2)]
    assert [(reply.status, reply.cache) for reply in replies] == [(200, "REVALIDATED"), (200, "HIT")]
    assert replies[0].body == replies[1].body == first.body
    assert proxied.seconds(target) > PAGE_SECONDS - 20
    time.sleep(0.2)
    assert len(proxied.asked()) == asked


def test_after_a_publish_the_new_answer_comes_after_a_minute_at_the_latest(start: Start, two: Path) -> None:
    proxied = start(two)
    target = f"/sparql?format=csv&query={quote(NUMBER.format(9))}"
    addresses = (target, f"{target}&snapshot=1")
    assert [proxied.ask(address).headers["X-Maillon-Snapshot"] for address in addresses] == ["1", "1"]
    snapshots.switch(two / "snapshots", 2)
    replies = [proxied.ask(address) for address in addresses]
    assert [(reply.cache, reply.headers["X-Maillon-Snapshot"]) for reply in replies] == [("HIT", "1")] * 2
    assert proxied.query(NUMBER.format(8), "csv").headers["X-Maillon-Snapshot"] == "2"  # not kept before
    assert proxied.seconds(target) <= PAGE_SECONDS
    proxied.let_pass(target)
    late, pinned = (proxied.ask(address) for address in addresses)
    assert (late.cache, late.headers["X-Maillon-Snapshot"], late.body.split()) == ("EXPIRED", "2", [b"n", b"2"])
    assert (pinned.cache, pinned.headers["X-Maillon-Snapshot"], pinned.body.split()) == ("HIT", "1", [b"n", b"1"])
    proxied.maillon.terminate()
    proxied.maillon.wait(20)
    assert (proxied.ask(target).status, proxied.ask(target).cache) == (200, "HIT")
    proxied.let_pass(target)
    assert proxied.ask(target).status == 502  # nothing older, not even while Maillon is away


def test_what_is_kept_can_be_thrown_away_while_nginx_runs(proxied: Proxied) -> None:
    target = f"/sparql?format=csv&snapshot=1&query={quote(DATASETS.format(108))}"
    first = proxied.ask(target)
    for path in proxied.kept(target):
        path.unlink()
    replies = [proxied.ask(target) for _ in range(2)]
    assert [(reply.cache, reply.body) for reply in replies] == [("MISS", first.body), ("HIT", first.body)]
