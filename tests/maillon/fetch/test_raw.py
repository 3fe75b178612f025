"""What a run keeps: usable after a kill, replayable without the network, and never replayed when damaged."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from maillon.errors import SourceUnavailable
from maillon.fetch import Fetcher
from maillon.fetch.raw import Kept, RawFolder
from maillon.fetch.workspace import workspace

Make = Callable[..., Fetcher]


def test_replay_needs_no_server(server: Any, make: Make) -> None:
    first, second = server.add("/1", body=b"one"), server.add("/2", body=b"two")
    with make(first) as fetch:
        fetch(first, "text/turtle")
        fetch(second)
    server.stop()
    with make(first, "r2", replay="r1") as fetch:
        assert (fetch(first).read(), fetch(second).read()) == (b"one", b"two")
        with pytest.raises(SourceUnavailable, match="/3 is not among the answers"):
            fetch(server.base + "/3")


def test_one_address_in_two_formats_is_replayed_in_both(server: Any, make: Make) -> None:
    server.routes["/x"] = lambda handler: (
        server.add("/y", body=handler.headers["Accept"].encode()) and server.routes["/y"](handler)
    )
    url = server.base + "/x"
    for run, replay in (("r1", None), ("r2", "r1")):
        with make(url, run, replay=replay) as fetch:
            assert [fetch(url, accept).read() for accept in ("text/turtle", "text/html")] == [
                b"text/turtle",
                b"text/html",
            ]


def test_a_run_without_answers_cannot_be_replayed(make: Make) -> None:
    with pytest.raises(SourceUnavailable, match="nothing to replay"), make("http://127.0.0.1/", "r2", replay="none"):
        pass


def test_an_answer_changed_on_disk_is_not_replayed(server: Any, make: Make, tmp_path: Path) -> None:
    url = server.add("/x", body=b"one" * 100)
    with make(url) as fetch:
        fetch(url)
    body = tmp_path / "runs" / "r1" / "000001"
    data = bytearray(body.read_bytes())
    for damage in (bytes(data[:-3]), bytes(data[:-10] + b"0123456789"), b"", None):
        body.unlink()
        if damage is not None:
            body.write_bytes(damage)
        with make(url, f"r{damage!r:.3}", replay="r1") as fetch, pytest.raises(SourceUnavailable, match="harvest anew"):
            fetch(url)


def test_a_torn_index_is_used_up_to_its_last_whole_line(tmp_path: Path) -> None:
    folder = RawFolder(tmp_path)
    folder.create()
    for name in ("a", "b"):
        folder.append(Kept(asked=name))
    whole = (tmp_path / "index.jsonl").read_bytes()
    for cut in (*range(0, len(whole), 17), len(whole) // 2 - 1, len(whole) // 2, len(whole) - 1):
        (tmp_path / "index.jsonl").write_bytes(whole[:cut])
        again = RawFolder(tmp_path)
        assert [item.asked for item in again.entries()] == ["a", "b"][: whole[: cut + 1].count(b"\n")]
        again.create()
        again.append(Kept(asked="c"))
        assert again.entries()[-1] == Kept(asked="c")


def test_files_that_were_not_all_kept_are_not_replayed_as_if_they_were(make: Make, tmp_path: Path) -> None:
    root = tmp_path / "f"
    root.mkdir()
    for name in "ab":
        (root / f"{name}.ttl").write_text(name)
    with make(str(root)) as fetch:
        assert len(list(fetch.documents(str(root)))) == 2
    index = tmp_path / "runs" / "r1" / "index.jsonl"
    index.write_text("".join(index.read_text().splitlines(keepends=True)[:-1]))
    with make(str(root), "r2", replay="r1") as fetch, pytest.raises(SourceUnavailable, match="before all files"):
        list(fetch.documents(str(root)))


def test_a_body_that_fails_leaves_nothing(tmp_path: Path) -> None:
    folder = RawFolder(tmp_path)
    with pytest.raises(KeyError), folder.receive(100, "it") as (body, _):
        body.write(b"0123456789")
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_a_killed_fetch_leaves_a_usable_index_and_its_space_is_freed(server: Any, make: Make, tmp_path: Path) -> None:
    url = server.add("/x", body=b"x" * 100_000)
    script = f"""
from pathlib import Path
from maillon.fetch import Fetcher
from maillon.settings import Settings
from maillon.sources import Source
source = Source(name="s", kind="dcat", url={url!r}, allow_hosts=("127.0.0.1",))
with Fetcher(source, Settings(data=Path({str(tmp_path / "data")!r})), Path({str(tmp_path / "runs" / "r1")!r})) as fetch:
    for number in range(10**9):
        fetch({url!r} + "?" + str(number))
"""
    process = subprocess.Popen([sys.executable, "-c", script])
    deadline = time.monotonic() + 20
    while len(server.seen) < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    entries = RawFolder(tmp_path / "runs" / "r1").entries()
    assert len(entries) >= 3
    assert len(list((tmp_path / "data" / "tmp").iterdir())) == 1
    with make(url, "r2", replay="r1") as fetch:
        assert all(fetch(item.asked).read() == b"x" * 100_000 for item in entries)
    assert list((tmp_path / "data" / "tmp").iterdir()) == []


def test_a_workspace_in_use_is_left_alone(tmp_path: Path) -> None:
    with workspace(tmp_path) as one, workspace(tmp_path) as other:
        assert one.is_dir()
        assert other.is_dir()
        lock = os.open(one, os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(lock)
    assert list(tmp_path.iterdir()) == []
