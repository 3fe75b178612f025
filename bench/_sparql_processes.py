"""Reads what a server costs from /proc (proc(5)): CPU seconds, memory and sockets of it and all that it started.

A server is started as a session of its own, so that its processes are found even where one of them lost its parent.
Linux only. CPU times come in hundredths of a second, so measure over many requests.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

GRACE: Final = 5.0
QUERY_NAMES: Final = "maillon-"
"""How the names of query processes begin."""
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Entry:
    """One process: its parent, its session, its name, its state, and its CPU seconds with those of ended children."""

    pid: int
    parent: int
    session: int
    name: str
    state: str
    cpu: float


def _entry(pid: int) -> Entry | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:  # it has ended
        return None
    name, _, rest = text.partition("(")[2].rpartition(")")
    values = rest.split()
    cpu = sum(map(int, values[11:15])) / _TICKS
    return Entry(pid, int(values[1]), int(values[3]), name, values[0], cpu)


def tree(root: int) -> list[Entry]:
    """Return a process, all that descend from it, and all of its session."""
    found = [entry for path in Path("/proc").iterdir() if path.name.isdigit() and (entry := _entry(int(path.name)))]
    children: dict[int, list[Entry]] = defaultdict(list)
    for entry in found:
        children[entry.parent].append(entry)
    waiting = [entry for entry in found if root in (entry.pid, entry.session)]
    known: dict[int, Entry] = {}
    while waiting:
        entry = waiting.pop()
        if entry.pid not in known:
            known[entry.pid] = entry
            waiting += children[entry.pid]
    return sorted(known.values(), key=lambda entry: entry.pid)


def cpu(root: int) -> float:
    """Return the CPU seconds, user and system, that a tree has used up to now, ended processes included."""
    return sum(entry.cpu for entry in tree(root))


def pss(pid: int) -> int:
    """Return the octets of memory of a process, shared pages counted in parts; 0 for one that has ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def memory(root: int) -> int:
    """Return the octets of memory of a tree."""
    return sum(pss(entry.pid) for entry in tree(root))


def descriptors(pid: int) -> list[str]:
    """Return what the open descriptors of a process lead to."""
    found = []
    with contextlib.suppress(OSError):
        for item in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                found.append(str(item.readlink()))
    return found


def sockets(pid: int) -> list[str]:
    """Return the sockets among the descriptors of a process, such as ``socket:[4711]``."""
    return [name for name in descriptors(pid) if name.startswith("socket:")]


def internet_sockets() -> set[str]:
    """Return the names of all TCP and UDP sockets of this network namespace, as descriptors lead to them."""
    found = set()
    for name in ("tcp", "tcp6", "udp", "udp6"):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/net/{name}").read_text(encoding="ascii").splitlines()[1:]:
                found.add(f"socket:[{line.split()[9]}]")
    return found


def end_cleanly() -> None:
    """Let SIGTERM end this program as Ctrl-C does, so that the servers it started end with it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def start(command: list[str], log: Path, **variables: str) -> subprocess.Popen[bytes]:
    """Start a server as a session of its own, its output in a file."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd=log.parent,
        )


def _is_there(entry: Entry) -> bool:
    now = _entry(entry.pid)
    return now is not None and now.session == entry.session and now.state != "Z"


def stop(process: subprocess.Popen[bytes], seconds: float = 15.0) -> list[Entry]:
    """End a server; return those of its processes that were still there GRACE seconds later, which are killed too."""
    members = tree(process.pid)
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    end = time.monotonic() + GRACE
    while (left := [entry for entry in members[1:] if _is_there(entry)]) and time.monotonic() < end:
        time.sleep(0.1)
    for entry in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(entry.pid, signal.SIGKILL)
    return left


class Watch:
    """Samples a tree from a thread of its own while something runs.

    Attributes:
        peak: Most octets of memory of the whole tree.
        most: Most processes at once.
        offending: Processes below the web processes that held an internet socket: "pid name descriptor".
    """

    def __init__(self, root: int, seconds: float = 0.5, *, is_looking_at_sockets: bool = False) -> None:
        self.peak = self.most = 0
        self.offending: set[str] = set()
        self._root, self._seconds, self._sockets = root, seconds, is_looking_at_sockets
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            members = tree(self._root)
            self.most = max(self.most, len(members))
            self.peak = max(self.peak, sum(pss(entry.pid) for entry in members))
            if self._sockets:
                self._look(members)
            if self._ended.wait(self._seconds):
                return

    def _look(self, members: list[Entry]) -> None:
        held = [(entry, sockets(entry.pid)) for entry in query_processes(self._root, members)]
        if any(names for _, names in held):
            known = internet_sockets()
            self.offending |= {
                f"{entry.pid} {entry.name} {name}" for entry, names in held for name in names if name in known
            }


def query_processes(root: int, members: list[Entry] | None = None) -> Iterator[Entry]:
    """Yield the processes of a gunicorn that are neither its master nor web processes."""
    for entry in tree(root) if members is None else members:
        if entry.pid != root and (entry.parent != root or entry.name.startswith(QUERY_NAMES)):
            yield entry


def web_processes(root: int) -> list[int]:
    """Return the web processes of a gunicorn: children of its master that are no query processes."""
    return [entry.pid for entry in tree(root) if entry.parent == root and not entry.name.startswith(QUERY_NAMES)]
