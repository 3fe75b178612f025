"""What the operator sees and may do, and that nobody else does."""

import base64
import socket
import threading
import time
import urllib.parse
from collections.abc import Callable

import pytest

from tests.protocol.conftest import Ask

TOKEN = "a long secret of the operator"
BASIC = {"Authorization": "Basic " + base64.b64encode(f"anybody:{TOKEN}".encode()).decode()}
BEARER = {"Authorization": f"Bearer {TOKEN}"}
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


@pytest.fixture(scope="module")
def operated(serve: Callable[..., str]) -> str:
    return serve(operator_token=TOKEN, query_timeout="30", query_quick="0.1")


@pytest.mark.parametrize("path", ["operator", "operator/usage.csv", "metrics"])
def test_without_a_token_set_there_is_nothing(server: str, ask: Ask, path: str) -> None:
    assert ask(server + path, **BEARER)[0] == 404


@pytest.mark.parametrize("path", ["operator", "operator/usage.csv", "metrics"])
@pytest.mark.parametrize("wrong", [{}, {"Authorization": "Bearer x"}, {"Authorization": "Basic eDp5"}])
def test_nobody_else_gets_in(operated: str, ask: Ask, path: str, wrong: dict[str, str]) -> None:
    status, headers, _ = ask(operated + path, **wrong)
    assert status == 401
    assert headers["WWW-Authenticate"].startswith("Basic ")


def test_prometheus_reads_how_queries_ended(operated: str, ask: Ask) -> None:
    ask(f"{operated}sparql?query=ASK%20%7B%20%3Fnew%20%3Fin%20%3Fhere%20%7D&format=json")
    ask(f"{operated}sparql?query=nonsense&format=json")
    status, headers, body = ask(operated + "metrics", **BEARER)
    text = body.decode()
    assert (status, headers["Cache-Control"]) == (200, "no-store")
    assert headers["Content-Type"].startswith("text/plain")
    assert 'maillon_sparql_queries_total{outcome="ok"}' in text
    assert 'maillon_sparql_running{lane="long"} 0' in text


def test_the_operator_sees_a_running_query_and_stops_it(operated: str, ask: Ask) -> None:
    ended: list[tuple[int, bytes]] = []

    def slow() -> None:
        status, _, body = ask(f"{operated}sparql?" + urllib.parse.urlencode({"query": CROSS, "format": "json"}))
        ended.append((status, body))

    client = threading.Thread(target=slow)
    client.start()
    page = ""
    for _ in range(100):
        page = ask(operated + "operator", **BASIC)[2].decode()
        if "COUNT(*)" in page and 'name="pid"' in page:
            break
        time.sleep(0.1)
    pid = page.split('name="pid" value="')[1].split('"')[0]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    foreign = ask(
        f"{operated}operator/stop", "POST", f"pid={pid}".encode(), **BASIC, **form, Sec_Fetch_Site="cross-site"
    )
    assert foreign[0] == 403
    assert ask(f"{operated}operator/stop", "POST", b"pid=1", **BASIC, **form)[0] == 404
    assert ask(f"{operated}operator/stop", "POST", f"pid={pid}".encode(), **BASIC, **form)[0] == 303
    client.join(20)
    ((status, body),) = ended
    assert status == 503
    assert b"stopped" in body


def test_a_query_ends_when_whoever_asked_goes_away_before_its_answer_begins(operated: str, ask: Ask) -> None:
    def runs() -> bool:
        return "GONE" in ask(operated + "operator", **BASIC)[2].decode()

    place = urllib.parse.urlsplit(operated)
    query = urllib.parse.quote(CROSS.replace("?n)", "?GONE)"))
    with socket.create_connection((str(place.hostname), int(place.port or 80))) as asker:
        asker.sendall(f"GET /sparql?query={query} HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n".encode())
        until(runs)
    until(lambda: not runs())


def until(is_so: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_what_was_used_comes_as_a_table(operated: str, ask: Ask) -> None:
    ask(f"{operated}sparql?query=ASK%20%7B%7D&format=json")
    status, headers, body = ask(operated + "operator/usage.csv", **BEARER)
    assert status == 200
    assert headers["Content-Type"].startswith("text/csv")
    lines = body.decode().splitlines()
    assert lines[0] == "day,kind,what,count"
    assert any(",pattern," in line for line in lines[1:])


def test_one_client_has_its_share_of_open_answers(serve: Callable[..., str], ask: Ask) -> None:
    address = serve(queries_per_client="1", query_timeout="5", query_quick="0.1")
    ended: list[object] = []
    query = urllib.parse.urlencode({"query": CROSS, "format": "json"})

    def take_long() -> None:
        while not ended or ended[-1] == 429:  # until it was this one's turn
            ended.append(ask(f"{address}sparql?{query}")[0])

    slow = threading.Thread(target=take_long)
    slow.start()
    for number in range(40):  # until the slow one has arrived; the same words again would need no turn
        status, headers, body = ask(f"{address}sparql?query=ASK%20%7B%7D%20%23{number}&format=json")
        if status == 429:
            break
        time.sleep(0.1)
    slow.join(20)
    assert status == 429, ended
    assert int(headers["Retry-After"]) > 0
    assert b"Wait until one has ended" in body
    assert ask(f"{address}sparql?query=ASK%20%7B%7D&format=json")[0] == 200
