"""What passes through nginx as it is: who asks, what is asked, and how an answer ends.

What the configuration says in numbers is compared with those of the code that it has to fit.
"""

import gzip
import http.client
import json
import re
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from maillon.cli.serving import SEND_SECONDS
from maillon.settings import Settings
from maillon.sparql.working import graph as working
from maillon.web import LARGEST_FORM, sparql_request
from maillon.web.headers import PACKED

Proxied = Any  # the class of that name in conftest.py, which cannot be imported
Start = Callable[..., Proxied]
DATASETS = "SELECT ?d {{ ?d a dcat:Dataset }} LIMIT {}"
FORM = "application/x-www-form-urlencoded"


def flood(name: str) -> str:
    """Return a query without an end; another one for each test, because what failed a moment ago is refused at once."""
    return f"SELECT * {{ ?{name} ?b ?c . ?d ?e ?f . ?g ?h ?i }}"


def large(limit: int) -> str:
    """Return a query whose answer has some 250 octets a row."""
    return f"SELECT * {{ ?a ?b ?c . ?d ?e ?f }} LIMIT {limit}"


def test_a_share_is_that_of_the_reader_whoever_they_claim_to_be(proxied: Proxied) -> None:
    forged = {"X_Forwarded_For": "198.51.100.7", "Forwarded": "for=198.51.100.7", "X_Real_IP": "198.51.100.7"}
    kept = proxied.query(DATASETS.format(200), source="127.0.0.2")
    assert kept.status == 200
    states = []
    for number in range(300, 502):
        headers = forged | {"X_Forwarded_For": f"198.51.{number % 200}.7"}
        states.append(proxied.query(f"ASK {{}} # {number}", source="127.0.0.2", **headers).status)
    assert states[:199] == [200] * 199  # with the first one, 200 a minute
    assert set(states[199:]) == {429}
    assert proxied.query("ASK {} # another reader", source="127.0.0.3").status == 200
    again = proxied.query(DATASETS.format(200), source="127.0.0.2")
    assert (again.status, again.cache) == (200, "HIT")  # what nginx answers counts against nobody


@pytest.mark.parametrize("name", ["json", "csv"])
def test_an_answer_that_breaks_off_arrives_broken_and_is_not_kept(proxied: Proxied, name: str) -> None:
    query, before = flood(f"broken{name}"), len(proxied.asked())
    target = f"/sparql?format={name}&query={quote(query)}"
    with pytest.raises(http.client.IncompleteRead) as caught:
        proxied.ask(target)
    assert len(caught.value.partial) > 1_000_000
    assert proxied.outcome(before) == "size"
    assert proxied.kept(target) == []
    again = proxied.ask(target)
    assert (again.status, again.headers["X-Maillon-Reason"], again.cache) == (503, "size", "MISS")


@pytest.mark.skipif(not Path("/usr/bin/curl").exists(), reason="curl is not installed")
@pytest.mark.parametrize("more", [(), ("--compressed",)])
def test_curl_fails_where_an_answer_breaks_off(proxied: Proxied, more: tuple[str, ...], tmp_path: Path) -> None:
    target = f"http://127.0.0.1:{proxied.port}/sparql?format=csv&query={quote(flood(f'curl{len(more)}'))}"
    command = ["/usr/bin/curl", "-sS", "--fail", "--noproxy", "*", "-o", str(tmp_path / "answer"), *more, target]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 18, done.stderr  # CURLE_PARTIAL_FILE


def test_without_http_1_1_a_broken_answer_would_look_whole(start: Start, site: str, sample_data: Path) -> None:
    """Why the line stands there: HTTP/1.0 has no chunks, so the end of the connection is the end of the answer."""
    old = start(sample_data, site.replace("proxy_http_version 1.1;", "proxy_http_version 1.0;"))
    reply = old.query(flood("old"), "csv")
    assert (reply.status, old.outcome(0)) == (200, "size")


def test_a_large_answer_passes_at_the_pace_of_its_reader_and_through_no_file(proxied: Proxied) -> None:
    before, asked = proxied.octets(), len(proxied.asked())
    target = f"/sparql?format=csv&query={quote(large(100_000))}"
    with closing(proxied.open()) as connection:
        connection.connect()
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        connection.request("GET", target, headers={"Host": "localhost"})
        reply = connection.getresponse()
        first = reply.read(1000)
        time.sleep(1)
        assert len(proxied.asked()) == asked  # Maillon has not got rid of it: nobody has taken it
        assert proxied.octets() - before < 1_000_000
        rest = reply.read()
    assert len(first + rest) > 20_000_000
    assert (first + rest).count(b"\n") == 100_001
    assert proxied.outcome(asked) == "ok"
    assert proxied.octets() - before < 1_000_000
    assert (reply.headers["X-Cache-Status"], proxied.kept(target)) == ("MISS", [])


@pytest.mark.parametrize(("method", "outcome"), [("POST", "died"), ("GET", "time")])
def test_a_query_whose_reader_leaves_ends_by_post_and_goes_on_by_get(
    proxied: Proxied, method: str, outcome: str
) -> None:
    """What the page says that the cache costs: what may still be kept, nginx fetches to its end."""
    values = urlencode(
        {"timeout": "2.5", "query": f"SELECT (COUNT(*) AS ?{method}) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }}"}
    )
    asked = len(proxied.asked())
    with closing(proxied.open()) as connection:
        if method == "POST":
            connection.request("POST", "/sparql", values.encode(), {"Host": "localhost", "Content-Type": FORM})
        else:
            connection.request("GET", f"/sparql?{values}", headers={"Host": "localhost"})
        time.sleep(0.5)
    assert proxied.outcome(asked) == outcome


def test_a_query_comes_by_post_and_is_not_kept(proxied: Proxied) -> None:
    query = DATASETS.format(201)
    form, own = urlencode({"query": query}).encode(), {"Content_Type": "application/sparql-query"}
    replies = [proxied.ask("/sparql", "POST", form, Content_Type=FORM) for _ in range(2)]
    replies.append(proxied.ask("/sparql", "POST", query.encode(), **own))
    assert [(reply.status, len(json.loads(reply.body)["results"]["bindings"]) > 5) for reply in replies] == [
        (200, True)
    ] * 3
    assert "HIT" not in [reply.cache for reply in replies]


def test_a_query_of_7000_characters_comes_by_get_and_is_kept(proxied: Proxied) -> None:
    query = DATASETS.format(202) + " #" + "x" * 6900
    replies = [proxied.query(query) for _ in range(2)]
    assert [(reply.status, reply.cache) for reply in replies] == [(200, "MISS"), (200, "HIT")]
    assert replies[0].body == replies[1].body
    assert proxied.query(query + "x" * 2000).status in (400, 414)


def test_a_long_query_comes_by_post_and_too_large_a_body_is_refused(proxied: Proxied) -> None:
    own = {"Content_Type": "application/sparql-query"}
    assert proxied.ask("/sparql", "POST", b"ASK {} #" + b"x" * 30_000, **own).status == 200
    reply = proxied.ask("/sparql", "POST", b"x" * (sparql_request.MAX_BODY - 1000), **own)
    assert (reply.status, b"32768" in reply.body) == (400, True)  # Maillon has read it and says what is wrong
    reply = proxied.ask("/sparql", "POST", b"x" * (sparql_request.MAX_BODY + 100_000), **own)
    assert (reply.status, b"nginx" in reply.body) == (413, True)


def test_the_operator_loads_a_large_file_into_the_working_graph(proxied: Proxied) -> None:
    own = {"Content_Type": "application/n-triples", "Authorization": f"Bearer {proxied.token}"}
    lines = b"".join(b'<urn:s> <urn:p> "%d%s" .\n' % (number, b"x" * 1000) for number in range(2000))
    assert len(lines) > 2_000_000
    reply = proxied.ask("/working/graphs/large", "PUT", lines, **own)
    assert reply.status in (201, 204), reply.body


def test_head_starts_no_query_and_does_not_stand_for_get(proxied: Proxied) -> None:
    target, asked = f"/sparql?format=json&query={quote(DATASETS.format(203))}", len(proxied.asked())
    head = proxied.ask(target, "HEAD")
    time.sleep(0.2)
    assert (head.status, head.body, len(proxied.asked())) == (200, b"", asked)
    replies = [proxied.ask(target, method) for method in ("GET", "HEAD", "GET")]
    assert [len(reply.body) > 100 for reply in replies] == [True, False, True]
    assert [head.headers["ETag"]] * 3 == [reply.headers["ETag"] for reply in replies]
    assert replies[2].cache == "HIT"


@pytest.mark.parametrize(
    "target",
    [
        f"/sparql?format=json&query={quote(DATASETS.format(204))}",
        f"/sparql?format=csv&query={quote(large(3000))}",  # long, so not kept
        "/fr/organisations",
        "/catalog.ttl?limit=2",  # no Cache-Control, so not kept
        "/doc/dataset/ville/jeu-2.ttl",
    ],
)
def test_who_has_the_answer_gets_304_whether_nginx_keeps_it_or_not(proxied: Proxied, target: str) -> None:
    first = proxied.ask(target)
    tag = first.headers["ETag"]
    again = proxied.ask(target, If_None_Match=tag)
    assert (first.status, again.status, again.body, again.headers["ETag"]) == (200, 304, b"", tag)
    assert proxied.ask(target, If_None_Match='W/"another"').body == first.body


def test_a_304_for_one_reader_is_never_kept_for_the_others(proxied: Proxied) -> None:
    target = f"/sparql?format=json&query={quote(DATASETS.format(205))}"
    tag = proxied.ask(f"{target}%20").headers["ETag"]  # the same query, so the same tag, at another address
    asked = len(proxied.asked())
    assert (proxied.ask(target, If_None_Match=tag).status, len(proxied.asked())) == (304, asked)
    replies = [proxied.ask(target) for _ in range(2)]
    assert [(reply.status, reply.cache) for reply in replies] == [(200, "MISS"), (200, "HIT")]
    assert replies[0].body


@pytest.mark.parametrize("target", ["/fr/datasets", f"/sparql?format=json&query={quote(DATASETS.format(206))}"])
def test_answers_are_compressed_once_and_kept_ones_too(proxied: Proxied, target: str) -> None:
    plain = proxied.ask(target)
    for _ in range(2):
        packed = proxied.ask(target, Accept_Encoding="gzip, deflate, br, zstd")
        assert packed.headers.get_all("Content-Encoding") == ["gzip"]
        assert gzip.decompress(packed.body) == plain.body
    assert (packed.cache, plain.headers["Content-Encoding"]) == ("HIT", None)
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_plain_http_leads_to_https_of_the_catalogue(proxied: Proxied) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", proxied.plain, timeout=10)) as connection:
        connection.request("GET", "/fr/datasets?q=eau", headers={"Host": "evil.example"})
        reply = connection.getresponse()
        reply.read()
    assert (reply.status, reply.headers["Location"]) == (301, "https://catalogue.example.org/fr/datasets?q=eau")


def test_the_log_of_nginx_has_neither_readers_nor_queries(proxied: Proxied) -> None:
    proxied.query("ASK {} # private", source="127.0.0.4")
    time.sleep(0.1)
    lines = (proxied.folder / "access.log").read_text("utf-8").splitlines()
    assert lines
    assert not [line for line in lines if "127.0.0." in line or "private" in line]
    assert {line.split()[2] for line in lines} <= {"HIT", "MISS", "EXPIRED", "REVALIDATED", "-"}


def test_the_numbers_of_the_configuration_fit_those_of_the_code(site: str) -> None:
    def number(pattern: str) -> int:
        (found,) = re.findall(pattern, site)
        return int(found)

    assert number(r"proxy_read_timeout (\d+)s;") > Settings.query_timeout + Settings.query_queue
    assert number(r"send_timeout (\d+)s;(?m: .*Maillon waits)") == SEND_SECONDS
    forms, graphs = (int(found) * 1024**2 for found in re.findall(r"client_max_body_size (\d+)m;", site))
    assert sparql_request.MAX_BODY <= forms < 1.1 * sparql_request.MAX_BODY
    assert forms <= LARGEST_FORM
    assert working.MAX_BODY <= graphs < 1.1 * working.MAX_BODY
    types = re.findall(r"gzip_types ([^;]*);", site)[0].split()
    assert set(PACKED) - {"text/html", "application/sparql-update"} <= set(types)
