"""Addresses are looked at as a reader would, judged by what comes, and remembered; hosts are treated politely."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from maillon.fetch.probing import Look, Prober
from maillon.links import earl
from maillon.links.addresses import declared
from maillon.links.checking import Checker
from maillon.links.judging import Declared, judge
from maillon.links.states import LinkState
from maillon.links.store import KEPT, Links, LinksFailed
from tests.maillon.links.conftest import Site, reply

CSV = Declared(is_file=True, media_type="text/csv")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def verdict(prober: Prober, url: str, of: Declared = CSV) -> tuple[str, str]:
    with prober:
        return judge(prober.look(url), of)


def test_a_file_that_answers_head_is_not_fetched(site: Site, make_prober: Callable[..., Prober]) -> None:
    url = site.add("/a.csv", reply(200, b"a;b\n" * 1000, Content_Type="text/csv; charset=utf-8"))
    with make_prober() as prober:
        look = prober.look(url)
    assert (look.status, look.media_type, look.octets, look.first) == (200, "text/csv", 4000, b"")
    assert [method for method, _, _ in site.seen] == ["HEAD"]


@pytest.mark.parametrize("status", [400, 403, 404, 405, 500, 501])
def test_a_server_that_answers_head_wrongly_is_asked_for_the_first_octets(
    site: Site, make_prober: Callable[..., Prober], status: int
) -> None:
    site.add("/a.csv", reply(status), "HEAD")
    first = reply(206, b"a;b\n", Content_Type="text/csv", Content_Range="bytes 0-3/123456")
    url = site.add("/a.csv", first, "GET")
    with make_prober() as prober:
        look = prober.look(url)
    assert (look.status, look.octets) == (200, 123456)
    assert site.seen[-1] == ("GET", "/a.csv", "bytes=0-4095")


def test_a_page_that_says_that_there_is_nothing_is_no_file(site: Site, make_prober: Callable[..., Prober]) -> None:
    for said in ("404 - Page introuvable", "Pagina niet gevonden", "Seite nicht gefunden", "Not Found"):
        page = f"<html><head><title>{said}</title></head></html>".encode()
        url = site.add("/gone.csv", reply(200, page, Content_Type="text/html"))
        assert verdict(make_prober(), url) == ("page", f"the server answers 200 with a page that says “{said}”")


def test_a_web_page_where_a_file_is_declared_is_told_and_elsewhere_is_good(
    site: Site, make_prober: Callable[..., Prober]
) -> None:
    url = site.add("/data", reply(200, b"<title>Cartes</title>", Content_Type="text/html"))
    assert verdict(make_prober(), url)[0] == "page"
    assert verdict(make_prober(), url, Declared())[0] == "ok"


def test_a_login_page_is_told_from_a_file(site: Site, make_prober: Callable[..., Prober]) -> None:
    form = b'<form><input name="p" type="password"></form>'
    url = site.add("/a.csv", reply(200, form, Content_Type="text/html"))
    assert verdict(make_prober(), url)[0] == "login"
    site.add("/b.csv", reply(302, Location="/login?next=b.csv"))
    site.add("/login?next=b.csv", reply(200, b"<p>Bonjour</p>", Content_Type="text/html"))
    assert verdict(make_prober(), f"{site.base}/b.csv")[0] == "login"
    assert verdict(make_prober(), site.add("/c.csv", reply(401)))[0] == "login"


def test_redirections_are_followed_and_permanent_ones_reported(site: Site, make_prober: Callable[..., Prober]) -> None:
    site.add("/new.csv", reply(200, b"x", Content_Type="text/csv"))
    old = site.add("/old.csv", reply(301, Location="/new.csv"))
    now = site.add("/now.csv", reply(302, Location="/new.csv"))
    turning = site.add("/turning", reply(302, Location="/turning"))
    assert verdict(make_prober(), old) == ("moved", f"moved for good to {site.base}/new.csv")
    assert verdict(make_prober(), now) == ("ok", "")
    assert verdict(make_prober(), turning)[0] == "refused"


def test_what_differs_from_what_is_declared_is_said(site: Site, make_prober: Callable[..., Prober]) -> None:
    url = site.add("/a.csv", reply(200, b"PK" * 500, Content_Type="application/zip"))
    of = Declared(is_file=True, media_type="text/csv", octets=100)
    assert verdict(make_prober(), url, of) == (
        "ok",
        "sent as application/zip, declared as text/csv; 1000 octets, declared are 100",
    )
    empty = site.add("/empty.csv", reply(200, b"", Content_Type="text/csv"))
    assert verdict(make_prober(), empty)[0] == "empty"


def test_what_does_not_answer_is_slow_or_unreachable(site: Site, make_prober: Callable[..., Prober]) -> None:
    def never(_: BaseHTTPRequestHandler) -> None:
        time.sleep(3)

    url = site.add("/slow.csv", never)
    assert verdict(make_prober(0.3), url)[0] == "slow"
    assert verdict(make_prober(), "http://127.0.0.1:1/a.csv")[0] == "unreachable"
    for wrong in ("ftp://example.org/a", "http://", "http://[::1", "urn:x"):
        assert verdict(make_prober(), wrong)[0] == "wrong", wrong


def test_an_address_of_this_machine_is_never_asked(site: Site, make_prober: Callable[..., Prober]) -> None:
    url = site.add("/a.csv", reply(200, b"x", Content_Type="text/csv"))
    found, said = verdict(make_prober(allow=()), url)
    assert (found, "not a public address" in said, site.seen) == ("wrong", True, [])


def test_a_body_without_end_is_left_after_its_first_octets(site: Site, make_prober: Callable[..., Prober]) -> None:
    sent: list[int] = []

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.end_headers()
        handler.close_connection = True
        if handler.command == "HEAD":
            return
        try:
            while len(sent) < 10_000:
                handler.wfile.write(b"x" * 4096)
                sent.append(1)
        except OSError:
            pass

    assert verdict(make_prober(), site.add("/endless", endless), Declared())[0] == "ok"
    assert len(sent) < 10_000


def state(url: str, verdict: str = "ok") -> LinkState:
    return LinkState(url=url, verdict=verdict, status=200 if verdict == "ok" else 404)


def test_the_history_of_an_address_is_kept_and_says_since_when(tmp_path: Path) -> None:
    links = Links(tmp_path / "links.sqlite")
    assert links.states(["u"]) == {}
    for day, found in enumerate(["ok", "ok", "missing", "missing", "ok"]):
        links.put(state("u", found), NOON + timedelta(days=day))
    kept = links.states(["u", "v"])["u"]
    assert (kept.checks, kept.failures, kept.good_since, kept.bad_since) == (5, 2, "2026-11-26T12:00:00Z", "")
    assert [item.verdict for item in links.history("u")] == ["ok", "missing", "missing", "ok", "ok"]
    for day in range(KEPT + 20):
        links.put(state("u"), NOON + timedelta(days=10 + day))
    assert len(links.history("u")) == KEPT
    assert links.states(["u"])["u"].checks == KEPT + 25


def test_good_addresses_are_checked_ever_less_often_and_bad_ones_soon(tmp_path: Path) -> None:
    links = Links(tmp_path / "links.sqlite")
    now, waits = NOON, []
    for _ in range(6):
        links.put(state("good"), now)
        waits.append(next(day for day in range(60) if links.due(["good"], now + timedelta(days=day))))
        now += timedelta(days=waits[-1])
    assert waits == [7, 14, 21, 28, 28, 28]
    links.put(state("bad", "missing"), NOON)
    assert links.due(["bad", "new", "good"], NOON + timedelta(days=1)) == ["new", "bad"]


def test_a_file_that_is_damaged_is_a_clear_failure(tmp_path: Path) -> None:
    path = tmp_path / "links.sqlite"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(LinksFailed, match=r"delete links\.sqlite"):
        Links(path).states(["u"])


def test_a_run_checks_hosts_side_by_side_and_keeps_a_rate(
    site: Site, tmp_path: Path, make_prober: Callable[..., Prober]
) -> None:
    urls = [site.add(f"/{n}.csv", reply(200, b"x", Content_Type="text/csv")) for n in range(20)]
    urls.append(site.add("/gone.csv", reply(404)))
    links = Links(tmp_path / "links.sqlite")
    checker = Checker(links, make_prober, 60.0)
    outcome = checker.run(dict.fromkeys(urls, CSV))
    assert (dict(outcome.verdicts), outcome.left) == ({"ok": 20, "missing": 1}, 0)
    assert links.states(urls)[f"{site.base}/gone.csv"].bad_since
    again = Checker(links, make_prober, 60.0).run(dict.fromkeys(urls, CSV))
    assert not again.verdicts


def test_a_host_that_does_not_answer_is_left_alone(tmp_path: Path, make_prober: Callable[..., Prober]) -> None:
    links = Links(tmp_path / "links.sqlite")
    urls = [f"http://127.0.0.1:1/{number}" for number in range(50)]
    outcome = Checker(links, make_prober, 60.0).run(dict.fromkeys(urls, CSV))
    assert (dict(outcome.verdicts), outcome.left, outcome.hosts) == ({"unreachable": 3}, 47, ["127.0.0.1:1"])
    assert len(links.due(urls, datetime.now(UTC))) == 47


def test_a_run_ends_when_its_time_is_over(site: Site, tmp_path: Path, make_prober: Callable[..., Prober]) -> None:
    urls = [site.add(f"/{n}.csv", reply(200, b"x", Content_Type="text/csv")) for n in range(5)]
    outcome = Checker(Links(tmp_path / "links.sqlite"), make_prober, 0.0).run(dict.fromkeys(urls, CSV))
    assert (dict(outcome.verdicts), outcome.left) == ({}, 5)


def test_a_host_that_wants_to_be_asked_later_is(site: Site, tmp_path: Path, make_prober: Callable[..., Prober]) -> None:
    asked: list[float] = []

    def busy(handler: BaseHTTPRequestHandler) -> None:
        asked.append(time.monotonic())
        good = len(asked) > 2
        route = reply(200, b"x", Content_Type="text/csv") if good else reply(429, Retry_After="1")
        route(handler)

    url = site.add("/a.csv", busy)
    outcome = Checker(Links(tmp_path / "links.sqlite"), make_prober, 60.0).run({url: CSV})
    assert dict(outcome.verdicts) == {"ok": 1}
    assert asked[2] - asked[1] >= 1.0


TEXT = """\
<urn:d> <http://www.w3.org/ns/dcat#accessURL> <https://example.org/page> .
<urn:d> <http://www.w3.org/ns/dcat#byteSize> "1234"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger> .
<urn:d> <http://www.w3.org/ns/dcat#downloadURL> <https://example.org/v\\u00E9lo.csv> .
<urn:d> <http://www.w3.org/ns/dcat#downloadURL> <ftp://example.org/a.csv> .
<urn:d> <http://www.w3.org/ns/dcat#mediaType> <http://www.iana.org/assignments/media-types/text/csv> .
"""


def test_the_addresses_of_distributions_come_with_what_is_declared() -> None:
    assert declared([TEXT]) == {
        "https://example.org/page": Declared(),
        "https://example.org/vélo.csv": Declared(is_file=True, media_type="text/csv", octets=1234),
    }


def test_bad_links_are_assertions_in_earl_and_good_ones_are_not_repeated() -> None:
    states = [state("https://example.org/a"), state("https://example.org/b", "missing")]
    text = "".join(earl.quads(states, "https://data.example.org/", "https://data.example.org/graph/quality"))
    quads = list(parse(text.encode(), RdfFormat.N_QUADS))
    assert len(quads) == 8
    assert f"{earl.EARL}failed" in text
    assert "https://example.org/a>" not in text


def test_whatever_a_server_sends_is_judged() -> None:
    looks = [
        Look(status=200, final="http://x/", media_type="text/html", first=b"<title>\xff\xfe404</title><h1>"),
        Look(status=204, final="http://x/"),
        Look(status=999, final="http://x/" + "y" * 10_000),
    ]
    assert [judge(look, CSV)[0] for look in looks] == ["page", "ok", "refused"]
