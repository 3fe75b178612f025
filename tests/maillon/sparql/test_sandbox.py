"""A locked-down process can neither reach out nor start, write or harm anything, and still does its work."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

TRY = """
import os, signal, socket, sys, threading
from maillon.sparql.workers import sandbox
if sys.argv[1] == "network only":
    assert sandbox.deny_network()
    open(sys.argv[2], "w").close()
    socket.socket()
assert sandbox.lock_down()
target, parent = sys.argv[2], os.getppid()
tries = {
    "socket": lambda: socket.socket(),
    "socketpair": lambda: socket.socketpair(),
    "exec": lambda: os.execv("/bin/true", ["true"]),
    "fork": os.fork,
    "spawn": lambda: os.posix_spawn("/bin/true", ["true"], {}),
    "write": lambda: open(target, "w"),
    "append": lambda: open(target, "a"),
    "unlink": lambda: os.unlink(__file__ if "__file__" in globals() else "/nowhere"),
    "mkdir": lambda: os.mkdir(target),
    "kill": lambda: os.kill(parent, 0),
    "work": lambda: None,
}
if sys.argv[1] == "work":
    done = []
    thread = threading.Thread(target=lambda: done.append(open("/proc/self/stat").read()))
    thread.start()
    thread.join()
    assert done
    os.kill(os.getpid(), signal.SIGABRT)
tries[sys.argv[1]]()
"""


def run(what: str, target: Path) -> tuple[int, str]:
    command = [sys.executable, "-c", TRY, what, str(target)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    "what", ["socket", "socketpair", "exec", "fork", "spawn", "write", "append", "unlink", "mkdir", "kill"]
)
def test_what_a_query_has_no_use_for_is_refused(tmp_path: Path, what: str) -> None:
    code, error = run(what, tmp_path / "target")
    assert (code, "PermissionError" in error) == (1, True), error
    assert not (tmp_path / "target").exists()


def test_threads_files_to_read_and_an_end_by_its_own_hand_are_left(tmp_path: Path) -> None:
    code, error = run("work", tmp_path / "target")
    assert code == -signal.SIGABRT, error


def test_the_network_alone_can_be_denied(tmp_path: Path) -> None:
    code, error = run("network only", tmp_path / "target")
    assert (code, "PermissionError" in error) == (1, True)
    assert (tmp_path / "target").exists()
    assert os.access(tmp_path / "target", os.R_OK)
