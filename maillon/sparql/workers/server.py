"""Keep a nursery of query workers for each snapshot that is asked for, until whoever started this process has gone.

``python -m maillon.sparql.workers.server HOME`` reads its settings as one line of JSON from standard input, which stays
open for as long as it shall live, writes one line when it listens, and then answers on the Unix socket ``HOME/server``:
a line of JSON with a snapshot's folder gets one with the socket of its workers, or with the reason why there are none.
This process never opens a store and has one thread; it forks nurseries, and replaces those that die.
"""

import contextlib
import fcntl
import gc
import json
import os
import select
import shutil
import signal
import socket
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from maillon.sparql.workers import kernel, loading, nursery
from maillon.sparql.workers.board import DIED, ENDED, FREE, SECTIONS, Board
from maillon.sparql.workers.lanes import Limits
from maillon.sparql.workers.worker import Birth, lease

BACKLOG: Final = 64
"""Clients that wait for a worker; more are told at once that all are busy."""
_HISTORY: Final = 32
_PLACES: Final = 4
_TICK: Final = 1000
_ENDED_SOON: Final = 3


@dataclass(slots=True)
class _Nursery:
    """A nursery as the server sees it: its process, a handle on it, the socket to it, and its section of the board."""

    pid: int
    handle: int
    control: socket.socket
    section: int
    in_memory: bool
    ready: bool = False


@dataclass(slots=True)
class _Place:
    """One snapshot that is asked for.

    Attributes:
        listener: Socket of its clients; outlives its nurseries, so that a client waits while one is replaced.
        path: Where it is found.
        asked: When it was asked for last.
        waiting: Those who want to know where it is, once it is ready.
        deaths: Nurseries that died one after the other before they were ready.
        loadable: Whether to try to hold it in memory.
    """

    snapshot: Path
    listener: socket.socket
    path: Path
    asked: float
    waiting: list[socket.socket] = field(default_factory=list)
    nurseries: list[_Nursery] = field(default_factory=list)
    deaths: int = 0
    loadable: bool = True

    def ready(self) -> bool:
        """Tell whether workers answer."""
        return any(item.ready for item in self.nurseries)


class Server:
    """The process.

    Args:
        home: Its private folder.
        values: ``limits`` of ``Limits``, ``in_memory`` octets, ``idle`` seconds after which a snapshot that is not the
            current one is let go.
    """

    def __init__(self, home: Path, values: dict[str, Any]) -> None:
        self._home = home
        self._limits = Limits(**values["limits"])
        self._in_memory = loading.allowed(values["in_memory"])
        self._idle: float = values["idle"]
        size = self._limits.workers * 2 + self._limits.long + self._limits.waiting + _HISTORY
        for left in home.iterdir():  # by a server that was killed
            if left.name != "starting":
                left.unlink()
        self._board = Board(home / "board", size)
        self._listener = _listen(home / "server")
        self._places: list[_Place] = []
        self._poll = select.poll()
        for handle in (0, self._listener.fileno()):
            self._poll.register(handle, select.POLLIN)

    def run(self) -> None:
        """Serve until standard input ends."""
        while True:
            # One at a time: what the first closes may be open again, as something else, for the second.
            for handle, _ in self._poll.poll(_TICK if self._places else None)[:1]:
                if handle == 0:
                    if not os.read(0, 100):
                        return
                elif handle == self._listener.fileno():
                    self._asked()
                else:
                    self._happened(handle)
            self._tidy()

    def _asked(self) -> None:
        """Take one question; its asker waits until the snapshot's workers are ready."""
        asker, _ = self._listener.accept()
        asker.settimeout(1.0)
        try:
            snapshot = Path(json.loads(asker.makefile().readline())["snapshot"])
        except (OSError, ValueError, KeyError, TypeError):
            asker.close()
            return
        place = next((place for place in self._places if place.snapshot == snapshot), None)
        if place is None:
            place = self._open(snapshot)
        else:
            self._places.remove(place)
            self._places.append(place)  # the last one is the one asked for last
        place.asked = time.monotonic()
        place.waiting.append(asker)
        if place.ready():
            self._tell(place, "")

    def _open(self, snapshot: Path) -> _Place:
        path = self._home / os.urandom(8).hex()  # never a name that stood for another snapshot, in an earlier server
        place = _Place(snapshot, _listen(path), path, time.monotonic())
        self._places.append(place)
        self._fork(place, in_memory=False)
        return place

    def _tell(self, place: _Place, failed: str) -> None:
        answer = {"failed": failed} if failed else {"socket": str(place.path)}
        for asker in place.waiting:
            with contextlib.suppress(OSError), asker:
                asker.sendall(json.dumps(answer).encode() + b"\n")
        place.waiting.clear()

    def _fork(self, place: _Place, in_memory: bool) -> None:
        free = [number for number in range(SECTIONS) if number not in self._board.used()]
        if not free:
            if not place.nurseries:
                self._close(place, "Too many snapshots are being asked. Try again in some seconds.")
            return
        self._board.use(free[0], True)
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        server, pid = os.getpid(), os.fork()
        if pid == 0:
            mine.close()
            self._be_nursery(place, (free[0], in_memory), theirs, server)
        theirs.close()
        born = _Nursery(pid, os.pidfd_open(pid), mine, free[0], in_memory)
        place.nurseries.append(born)
        self._poll.register(born.handle, select.POLLIN)
        self._poll.register(born.control, select.POLLIN)

    def _be_nursery(self, place: _Place, kind: tuple[int, bool], control: socket.socket, server: int) -> None:
        """Be a nursery, in the forked process, for the rest of its life."""
        section, in_memory = kind
        try:
            kernel.die_with(server)
            kernel.name("maillon-nursery")
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            self._forget(place)
            lease(place.snapshot)
            store = loading.load(place.snapshot) if in_memory else None
            gc.freeze()
            birth = Birth(place.snapshot, store, place.listener, control, -1, self._board, section, self._limits.memory)
            nursery.keep(birth, control, self._lanes(place, in_memory))
        except BaseException as error:  # the fork must never come back into the server's loop
            print(f"maillon: {place.snapshot.name}: the query workers ended: {error!r}", file=sys.stderr)  # noqa: T201
        finally:
            os._exit(1)

    def _lanes(self, place: _Place, in_memory: bool) -> Limits:
        """Return the limits of a nursery: each warm worker has in time a copy of a store in memory for itself."""
        if not in_memory:
            return self._limits
        copies = self._limits.memory_all // (2 * max(1, loading.estimate(place.snapshot) or 1))
        return replace(self._limits, warm=max(1, min(self._limits.warm, copies)))

    def _forget(self, mine: _Place) -> None:
        """Close in a nursery what only the server needs."""
        os.close(0)
        os.open(os.devnull, os.O_RDONLY)
        self._listener.close()
        for place in self._places:
            for item in place.nurseries:
                item.control.close()
                os.close(item.handle)
            for asker in place.waiting:
                asker.close()
            if place is not mine:
                place.listener.close()

    def _happened(self, handle: int) -> None:
        for place in self._places:
            for item in place.nurseries:
                if handle == item.handle:
                    self._bury(place, item)
                    return
                if handle == item.control.fileno():
                    self._heard(place, item, item.control.recv(2000))
                    return

    def _heard(self, place: _Place, item: _Nursery, message: bytes) -> None:
        if not message:  # its process has ended too, which is noticed by its handle
            self._poll.unregister(item.control)
        elif message == b"ready":
            item.ready = True
            place.deaths = 0
            for other in place.nurseries:
                if item.in_memory and other is not item:
                    _say(other, b"retire")
            self._tell(place, "")
        elif item.in_memory:
            place.loadable = False
            os.kill(item.pid, signal.SIGKILL)
        else:
            reason = message.removeprefix(b"failed").decode(errors="replace")
            self._close(place, f"The snapshot cannot be opened: {reason}")

    def _bury(self, place: _Place, item: _Nursery) -> None:
        """Clean up after a nursery, and start another one where no other answers."""
        os.waitpid(item.pid, 0)
        for slot, entry in enumerate(self._board.section(item.section), item.section * self._board.size):
            if entry.state not in (FREE, ENDED):  # its workers died with it
                self._board.put(slot, "outcome", entry.outcome or DIED)
                self._board.put(slot, "state", ENDED)
        self._board.use(item.section, False)
        with contextlib.suppress(KeyError):
            self._poll.unregister(item.control)
        self._poll.unregister(item.handle)
        item.control.close()
        os.close(item.handle)
        place.nurseries.remove(item)
        if item.in_memory and not item.ready:
            place.loadable = False
        if place.nurseries:
            return
        place.deaths += not item.ready
        if place.deaths >= _ENDED_SOON:
            self._close(place, "The query workers did not start.")
        else:
            self._fork(place, in_memory=False)

    def _close(self, place: _Place, reason: str) -> None:
        """Let go of a snapshot: its workers end, its next query starts all over."""
        self._tell(place, reason)
        self._places.remove(place)
        place.path.unlink(missing_ok=True)
        place.listener.close()
        for item in place.nurseries:
            with contextlib.suppress(KeyError):
                self._poll.unregister(item.control)
            self._poll.unregister(item.handle)
            os.kill(item.pid, signal.SIGKILL)
            os.waitpid(item.pid, 0)
            self._board.use(item.section, False)
            item.control.close()
            os.close(item.handle)

    def _tidy(self) -> None:
        """Load the current snapshot into memory, and let go of others that nobody asks any more."""
        now = time.monotonic()
        current = next((place for place in reversed(self._places) if _is_current(place.snapshot)), None)
        current = current or (self._places[-1] if self._places else None)
        for place in list(self._places):
            if place is current:
                self._load(place)
                continue
            unready = [item for item in place.nurseries if item.in_memory and not item.ready]
            for item in unready:  # it was overtaken while it loaded
                os.kill(item.pid, signal.SIGKILL)
            idle = now - max(place.asked, self._last_query(place)) > self._idle and not self._busy(place)
            if idle or (len(self._places) > _PLACES and not self._busy(place)):
                self._close(place, "The snapshot is not served any more. Ask again.")

    def _load(self, place: _Place) -> None:
        if not place.loadable or not place.ready() or any(item.in_memory for item in place.nurseries):
            return
        size = loading.estimate(place.snapshot)
        place.loadable = size is not None and size <= self._in_memory
        if place.loadable:
            self._fork(place, in_memory=True)

    def _last_query(self, place: _Place) -> float:
        entries = [entry for item in place.nurseries for entry in self._board.section(item.section)]
        return max((entry.started for entry in entries), default=0.0)

    def _busy(self, place: _Place) -> bool:
        return any(self._board.busy(item.section) for item in place.nurseries) or bool(place.waiting)


def _say(item: _Nursery, message: bytes) -> None:
    with contextlib.suppress(OSError):  # it has just ended
        item.control.send(message)


def _is_current(snapshot: Path) -> bool:
    try:
        return (snapshot.parent / "current").resolve(strict=True) == snapshot.resolve()
    except OSError:
        return False


def _listen(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


def main(home: Path) -> None:
    """Run the server over its folder, and remove the folder at the end unless another one uses it by then."""
    values = json.loads(sys.stdin.buffer.readline())
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    kernel.name("maillon-queries")
    handle = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(handle, fcntl.LOCK_SH)
    try:
        server = Server(home, values)
        gc.freeze()
        os.write(1, b"ready\n")
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 1)
        os.close(null)
        server.run()
    finally:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
