"""No source reaches the operator's own network."""

from collections.abc import Callable
from typing import Any

import pytest

from maillon.errors import SourceUnavailable
from maillon.fetch import Fetcher
from maillon.fetch.guard import Deadline, DeadlinePassed, is_public, resolve

Make = Callable[..., Fetcher]

HOSTILE = [
    "http://127.0.0.1:{port}/x",
    "http://2130706433:{port}/x",
    "http://0x7f000001:{port}/x",
    "http://0177.0.0.1:{port}/x",
    "http://127.1:{port}/x",
    "http://0.0.0.0:{port}/x",
    "http://[::1]:{port}/x",
    "http://[::ffff:127.0.0.1]:{port}/x",
    "http://[::ffff:7f00:1]:{port}/x",
    "http://localhost:{port}/x",
    "http://localhost.:{port}/x",
    "http://user:pass@127.0.0.1:{port}/x",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://[64:ff9b::7f00:1]:{port}/x",
    "http://[2002:7f00:1::]:{port}/x",
    "http://10.0.0.1/x",
    "http://100.64.0.1/x",
    "http://[fe80::1]/x",
    "http://224.0.0.1/x",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address_is_refused_before_a_connection_is_made(server: Any, make: Make, url: str) -> None:
    server.add("/x", body=b"secret")
    address = url.format(port=server.port)
    refused = r"not a public address|Invalid IPv4 address|There is no host"
    with make(address, allow_hosts=()) as fetch, pytest.raises(SourceUnavailable, match=refused):
        fetch(address)
    assert server.seen == []


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a.example/x", "gopher://127.0.0.1/", "/etc/passwd", "x"])
def test_only_http_is_fetched_for_a_source_on_the_web(make: Make, url: str) -> None:
    with make("http://127.0.0.1/") as fetch, pytest.raises(SourceUnavailable, match="http only"):
        fetch(url)


@pytest.mark.parametrize("url", ["http://", "http:///x", "http://[::1", "http://a b/", "http://127.0.0.1:99999/x"])
def test_an_address_that_is_none_is_refused_with_a_message(make: Make, url: str) -> None:
    with make(url) as fetch, pytest.raises(SourceUnavailable, match=r"cannot be fetched|host name|There is no host"):
        fetch(url)


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest/meta-data/", "http://localhost:{port}/x", "http://2130706433:{port}/x"]
)
def test_a_redirect_is_guarded_like_the_first_address(server: Any, make: Make, target: str) -> None:
    server.add("/x", body=b"secret")
    url = server.add("/go", status=302, Location=target.format(port=server.port))
    with make(url) as fetch, pytest.raises(SourceUnavailable, match="not a public address"):
        fetch(url)
    assert [path for path, _ in server.seen] == ["/go"]


def test_another_host_that_is_allowed_does_not_open_the_loopback_address(server: Any, make: Make) -> None:
    server.add("/x", body=b"secret")
    server.add("/go", status=302, Location=f"{server.base}/x")
    url = f"http://localhost:{server.port}/go"
    with make(url, allow_hosts=("LOCALHOST.",)) as fetch, pytest.raises(SourceUnavailable, match=r"127\.0\.0\.1"):
        fetch(url)
    assert [path for path, _ in server.seen] == ["/go"]


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/x", "javascript:alert(1)", ""])
def test_a_redirect_to_another_scheme_is_refused(server: Any, make: Make, location: str) -> None:
    url = server.add("/go", status=302, Location=location)
    with make(url) as fetch, pytest.raises(SourceUnavailable, match="no http address"):
        fetch(url)


def test_a_redirect_with_a_user_name_to_another_host_is_refused(server: Any, make: Make) -> None:
    url = server.add("/go", status=302, Location=f"http://user:pass@localhost:{server.port}/x")
    with (
        make(url, allow_hosts=("127.0.0.1", "localhost")) as fetch,
        pytest.raises(SourceUnavailable, match="user name") as caught,
    ):
        fetch(url)
    assert "pass" not in str(caught.value)


def test_a_login_in_the_address_is_sent_but_never_kept_or_passed_on(server: Any, make: Make, tmp_path: Any) -> None:
    server.add("/x", body=b"<a> <b> <c> .")
    server.add("/go", status=302, Location=f"http://localhost:{server.port}/x")
    url = f"http://user:hunter2@127.0.0.1:{server.port}/go"
    with make(url, allow_hosts=("127.0.0.1", "localhost")) as fetch:
        assert fetch(url).url == f"http://localhost:{server.port}/x"
    assert ["authorization" in headers for _, headers in server.seen] == [True, False]
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"hunter2" not in kept
    assert b"dXNlcjpodW50ZXIy" not in kept


def test_proxy_variables_of_the_environment_are_not_used(
    server: Any, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9/")
    url = server.add("/x", body=b"ok")
    with make(url) as fetch:
        assert fetch(url).read() == b"ok"


@pytest.mark.parametrize("address", ["8.8.8.8", "193.191.208.1", "2a01:690:7::1"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


def test_a_name_is_resolved_only_to_what_may_be_used() -> None:
    assert "127.0.0.1" in resolve("localhost", 80, frozenset({"localhost"}))
    with pytest.raises(OSError, match=r".*"):
        resolve("no-such-host.invalid", 80, frozenset())


def test_a_deadline_gives_what_is_left() -> None:
    deadline = Deadline()
    assert deadline.clamp(5.0) == 5.0
    deadline.start(1.0)
    assert 0 < deadline.clamp(None) <= 1.0
    deadline.start(-1.0)
    with pytest.raises(DeadlinePassed):
        deadline.clamp(5.0)
