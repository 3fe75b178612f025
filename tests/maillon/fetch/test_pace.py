"""The pace of requests to one host, kept together by every process of a machine."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from maillon.errors import SourceUnavailable
from maillon.fetch import Fetcher
from maillon.fetch.pace import Gate

Make = Callable[..., Fetcher]


def test_each_gets_the_place_after_the_one_before(tmp_path: Path) -> None:
    gates = Gate(tmp_path), Gate(tmp_path)
    waits = [gates[number % 2].place("data.example:443", 0.5) for number in range(4)]
    assert [round(wait, 1) for wait in waits] == [0.0, 0.5, 1.0, 1.5]
    assert gates[0].place("other.example:443", 0.5) == 0.0


def test_processes_share_the_pace_of_a_host(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from maillon.fetch.pace import Gate\n"
        "print(sum(Gate(Path(sys.argv[1])).place('data.example:443', 10) > 0 for _ in range(20)))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert sum(int(process.communicate()[0]) for process in running) == 59, "only the very first need not wait"


@pytest.mark.parametrize("left", [b"", b"not a number", b"%030.6f" % 1e12])
def test_what_a_reboot_or_a_full_disk_left_counts_for_nothing(tmp_path: Path, left: bytes) -> None:
    gate = Gate(tmp_path)
    gate.place("data.example:443", 1)
    [file] = tmp_path.iterdir()
    file.write_bytes(left)
    assert gate.place("data.example:443", 1) == 0.0


def test_a_source_keeps_its_rate_also_over_redirects(server: Any, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maillon.fetch.http.is_loopback", lambda _host: False)
    server.add("/a", status=302, Location="/b")
    server.add("/b", body=b"b")
    server.add("/c", body=b"c")
    began = time.monotonic()
    with make(server.base, rate=5.0) as fetch:
        fetch(server.base + "/a")
        fetch(server.base + "/c")
    assert time.monotonic() - began >= 0.4
    assert [path for path, _ in server.seen] == ["/a", "/b", "/c"]


def test_a_host_of_this_machine_that_is_allowed_by_name_is_not_slowed_down(server: Any, make: Make) -> None:
    began = time.monotonic()
    with make(server.base, rate=0.1) as fetch:
        for number in range(5):
            fetch(server.add(f"/{number}"))
    assert time.monotonic() - began < 5


def test_a_turn_that_comes_too_late_is_told_and_not_waited_for(
    server: Any, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maillon.fetch.http.is_loopback", lambda _host: False)
    url = server.add("/x", body=b"x")
    with make(url, rate=0.01, settings={"fetch_total": 2.0}) as fetch:
        fetch(url)
        with pytest.raises(SourceUnavailable, match=r"go 100 seconds apart.*raise rate"):
            fetch(server.base + "/y")
    assert len(server.seen) == 1


def test_all_attempts_together_end_in_time(server: Any, make: Make) -> None:
    server.add("/x", status=500)
    fails = server.routes["/x"]

    def slowly(handler: Any) -> None:
        time.sleep(0.4)
        fails(handler)

    server.routes["/x"] = slowly
    began = time.monotonic()
    with make(server.base, settings={"fetch_total": 1.0}) as fetch, pytest.raises(SourceUnavailable):
        fetch(server.base + "/x")
    assert time.monotonic() - began < 1.6
    assert len(server.seen) < 4, "the fourth attempt has no time left"


def test_a_pause_that_is_longer_than_what_is_left_is_not_waited_for(server: Any, make: Make) -> None:
    url = server.add("/x", status=503, Retry_After="5")
    began = time.monotonic()
    with make(url, settings={"fetch_total": 2.0}) as fetch, pytest.raises(SourceUnavailable, match="503"):
        fetch(url)
    assert time.monotonic() - began < 2
    assert len(server.seen) == 1
