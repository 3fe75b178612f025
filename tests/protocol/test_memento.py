"""The endpoint answers on any kept snapshot, says which it was, and finds the one of a date (RFC 7089)."""

import re
import shutil
from collections.abc import Callable, Iterator
from email.message import Message
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from maillon.settings import Settings
from maillon.store import snapshots
from maillon.web import create_app
from maillon.web.engine import engine

MADE = (1, 2, 4)
DATES = {
    1: "Sun, 01 Mar 2026 06:00:00 GMT",
    2: "Mon, 01 Jun 2026 06:00:00 GMT",
    4: "Tue, 01 Sep 2026 06:00:00 GMT",
}
WHICH = "SELECT ?n { <urn:snapshot> rdfs:label ?n }"
Ask = Callable[..., tuple[int, Message, bytes]]


@pytest.fixture(scope="module")
def old(kept: Path) -> Iterator[FlaskClient]:
    """Give a client of the application over these snapshots."""
    app = create_app(Settings(data=kept, query_queue=30.0, queries_per_client=1000, query_rate=""))
    yield app.test_client()
    with app.app_context():
        engine().close()


def _links(headers: Message | dict[str, str]) -> dict[str, str]:
    text = ", ".join(headers.get_all("Link", []) if isinstance(headers, Message) else [headers["Link"]])
    return {relation: address for address, relation in re.findall(r'<([^>]*)>; rel="([^"]*)"', text)}


@pytest.mark.parametrize("number", MADE)
def test_a_kept_snapshot_answers_by_its_number_for_ever(
    kept: Path, serve: Callable[..., str], ask: Ask, number: int
) -> None:
    server = serve(data=kept)
    address = f"{server}sparql.csv?query={quote(WHICH)}&snapshot={number}"
    status, headers, body = ask(address)
    assert (status, body.decode().split()) == (200, ["n", str(number)])
    assert headers["X-Maillon-Snapshot"] == str(number)
    assert headers["Memento-Datetime"] == DATES[number]
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Accept-Datetime" not in headers["Vary"]
    links = _links(headers)
    status, headers, body = ask(links["original timegate"])
    assert (headers["X-Maillon-Snapshot"], body.decode().split()) == ("4", ["n", "4"])
    assert ask(links["memento"])[2].decode().split() == ["n", str(number)]
    assert f"snapshot={number}" in ask(links["timemap"])[2].decode()


def test_todays_answer_names_its_snapshot_and_is_no_memento(old: FlaskClient) -> None:
    reply = old.get("/sparql", query_string={"query": WHICH})
    assert reply.headers["X-Maillon-Snapshot"] == "4"
    assert "Memento-Datetime" not in reply.headers
    assert "Accept-Datetime" in reply.headers["Vary"]
    links = ", ".join(reply.headers.getlist("Link"))
    assert f'snapshot=4>; rel="memento"; datetime="{DATES[4]}"' in links


@pytest.mark.parametrize(
    ("date", "number"),
    [
        ("Sun, 01 Mar 2026 06:00:00 GMT", 1),
        ("Sun, 31 May 2026 00:00:00 GMT", 1),
        ("Mon, 01 Jun 2026 06:00:00 GMT", 2),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 4),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 1),
    ],
)
def test_a_date_finds_the_snapshot_of_that_day(old: FlaskClient, date: str, number: int) -> None:
    for path, query in (("/sparql.csv", {"query": WHICH}), ("/sparql", {}), ("/graphs", {"default": ""})):
        reply = old.get(path, query_string=query, headers={"Accept-Datetime": date}, buffered=True)
        assert (reply.status_code, reply.headers["X-Maillon-Snapshot"]) == (200, str(number))
        assert reply.headers["Memento-Datetime"] == DATES[number]
        assert reply.headers["Content-Location"].endswith(f"snapshot={number}")
        assert "Accept-Datetime" in reply.headers["Vary"]
        assert "immutable" not in reply.headers["Cache-Control"]


def test_what_is_no_date_is_refused(old: FlaskClient) -> None:
    reply = old.get("/sparql", query_string={"query": WHICH}, headers={"Accept-Datetime": "yesterday"})
    assert reply.status_code == 400
    assert "GMT" in reply.text


@pytest.mark.parametrize("path", ["/sparql?query=ASK%20%7B%7D&", "/sparql?", "/graphs?default&"])
@pytest.mark.parametrize("number", [0, 3, 5, 99_999_999])
def test_a_snapshot_that_is_not_kept_answers_404_with_those_that_are(old: FlaskClient, path: str, number: int) -> None:
    reply = old.get(f"{path}snapshot={number}")
    assert reply.status_code == 404
    assert "1, 2, 4" in reply.text


def test_a_publication_that_was_undone_is_not_answered(
    kept: Path, tmp_path: Path, serve: Callable[..., str], ask: Ask
) -> None:
    shutil.copytree(kept / "snapshots", tmp_path / "snapshots", symlinks=True)
    snapshots.switch(tmp_path / "snapshots", 2)
    server = serve(data=tmp_path)
    status, _, body = ask(f"{server}sparql?query={quote(WHICH)}&snapshot=4")
    assert status == 404
    assert b"Kept are: 1, 2." in body
    assert b"snapshot=4" not in ask(f"{server}sparql/timemap")[2]


def test_the_list_of_all_snapshots_is_a_time_map(old: FlaskClient) -> None:
    for path in ("/sparql", "/sparql.csv", "/graphs"):
        reply = old.get(f"{path}/timemap", query_string={"query": WHICH})
        assert reply.mimetype == "application/link-format"
        assert f"<http://localhost{path}?query=" in reply.text
        assert 'rel="original timegate"' in reply.text
        found = re.findall(r'snapshot=(\d+)>; rel="([a-z ]+)"; datetime="([^"]*)"', reply.text)
        assert found == [("1", "first memento", DATES[1]), ("2", "memento", DATES[2]), ("4", "last memento", DATES[4])]
        assert f'from="{DATES[1]}"; until="{DATES[4]}"' in reply.text


def test_a_post_and_a_very_long_query_name_their_snapshot_only(old: FlaskClient) -> None:
    posted = old.post("/sparql", data={"query": WHICH, "snapshot": "1", "format": "csv"})
    assert (posted.text.split(), posted.headers["X-Maillon-Snapshot"]) == (["n", "1"], "1")
    long = old.get("/sparql", query_string={"query": WHICH + " # " + "x" * 2000})
    for reply in (posted, long):
        assert "memento" not in ", ".join(reply.headers.getlist("Link"))
    assert sum(len(name) + len(value) + 4 for name, value in long.headers) < 4096


def test_headers_stay_small_enough_for_a_proxy(old: FlaskClient) -> None:
    most = max(
        sum(len(name) + len(value) + 4 for name, value in old.head("/sparql", query_string={"query": "é" * n}).headers)
        for n in range(50, 400, 25)
    )
    assert 2000 < most < 4096


def test_every_snapshot_has_a_tag_of_its_own(old: FlaskClient) -> None:
    tags = {old.head("/sparql", query_string={"query": WHICH, "snapshot": n}).headers["ETag"] for n in MADE}
    assert len(tags) == 3
    reply = old.get("/sparql", query_string={"query": WHICH, "snapshot": 1}, headers={"If-None-Match": min(tags)})
    assert reply.status_code in (200, 304)
    assert reply.headers["X-Maillon-Snapshot"] == "1"


def test_people_are_told_which_publication_they_ask(old: FlaskClient) -> None:
    page = old.get("/sparql", query_string={"query": WHICH, "snapshot": 2, "format": "html", "lang": "en"}).text
    assert "earlier publication 2 of 1 June 2026" in page
    assert 'name="snapshot" value="2"' in page
    assert "&amp;snapshot=2&amp;format=csv" in page
    form = old.get("/en/sparql?snapshot=2").text
    assert 'name="snapshot" value="2"' in form
    assert 'name="snapshot"' not in old.get("/en/sparql").text
    led = old.get("/sparql?snapshot=2", headers={"Accept": "text/html", "Accept-Language": "en"})
    assert led.headers["Location"] == "/en/sparql?snapshot=2"


@pytest.mark.parametrize("number", ["", "&snapshot=2"])
def test_what_clients_send_unescaped_breaks_no_header(old: FlaskClient, number: str) -> None:
    raw = 'query=ASK{}&x=<≥>;rel="é"&y=\t' + number
    reply = old.get("/sparql", environ_overrides={"QUERY_STRING": raw.encode().decode("latin-1")})
    assert reply.status_code == 200
    (link,) = [item for item in reply.headers.getlist("Link") if "memento" in item]
    assert link.isascii()
    assert link.count("<") == link.count(">") == 3
    assert "%3C%E2%89%A5%3E" in link
