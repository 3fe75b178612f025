"""Answer SPARQL queries over one snapshot, one after the other, in a process that may be killed at any moment.

``maillon.sparql.workers.nursery`` forks this process. It opens the store, or was born with it in memory, gives up all
that a query has no use for (``maillon.sparql.workers.sandbox``), and takes clients from the one listening socket that
it shares with its siblings. The query is evaluated in a thread with a big stack: deep nesting then costs time instead
of a crash. The first thread waits for the nursery to ask for the client's connection, which it then watches over.
"""

import fcntl
import os
import resource
import select
import signal
import socket
import struct
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import Store

from maillon.sparql.workers import sandbox
from maillon.sparql.workers.board import IDLE, QUICK, RESTED, SURPLUS, Board
from maillon.sparql.workers.evaluation import answer
from maillon.sparql.workers.frames import Frames, read_job

HAND_OVER: Final = signal.SIGUSR1
"""Asks a worker for its client's connection, or to look at its lane; its threads block it, from before its birth."""
_STACK: Final = 256 << 20
_PATIENCE: Final = struct.pack("ll", 2, 0)  # a client sends its job at once


@dataclass(frozen=True, slots=True)
class Birth:
    """What a worker is born with.

    Attributes:
        snapshot: Folder of the snapshot.
        store: The store, where it is in memory already.
        listener: Socket of the clients.
        channel: Socket to the nursery: ``R`` ready, ``W`` wake up, ``C`` a connection, ``F`` and why it cannot work,
            each followed by the slot's number.
        retire: Becomes readable when no more clients shall be taken.
        board: Where it says what it does.
        section: The nursery's section of it.
        memory: Octets that a query may use.
    """

    snapshot: Path
    store: Store | None
    listener: socket.socket
    channel: socket.socket
    retire: int
    board: Board
    section: int
    memory: int


class Worker:
    """The process, after the fork."""

    def __init__(self, birth: Birth, slot: int) -> None:
        self._birth = birth
        self._slot = slot
        self._store = birth.store or Store.read_only(str(birth.snapshot / "store"))
        self._connection: socket.socket | None = None
        self._rests = False
        self._poll = select.epoll()

    def run(self) -> None:
        """Answer until the process is ended."""
        birth, slot = self._birth, self._slot
        limit_memory(birth.memory)
        sandbox.lock_down()
        threading.stack_size(_STACK)
        # Once and for all: the kernel wakes who registered first, so clients come to the worker that has read most.
        self._poll.register(birth.listener, select.EPOLLIN | select.EPOLLEXCLUSIVE)
        self._poll.register(birth.retire, select.EPOLLIN)
        self._begin()
        while True:
            signal.sigwait([HAND_OVER])
            connection, lane = self._connection, birth.board.entry(slot).lane
            if connection is not None:
                socket.send_fds(birth.channel, [b"C" + bytes([slot % 256])], [connection.fileno()])
            elif lane == SURPLUS:
                os._exit(0)  # a client whose connection was just taken asks again
            elif lane == QUICK and self._rests:
                self._begin()

    def _begin(self) -> None:
        """Take clients in a new thread: the last one may have been made to give way, which nobody can take back."""
        self._rests = False
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        try:
            self._wait()
        except BaseException:
            os._exit(1)
        self._rests = True
        self._birth.board.put(self._slot, "state", RESTED)
        self._birth.channel.send(b"W" + bytes([self._slot % 256]))

    def _wait(self) -> None:
        """Take clients until the query of one is long, or has had to give way."""
        birth, slot, poll = self._birth, self._slot, self._poll
        birth.board.put(slot, "thread", threading.get_native_id())
        birth.board.put(slot, "state", IDLE)
        birth.channel.send(b"R" + bytes([slot % 256]))
        while True:
            for handle, _ in poll.poll():
                if handle == birth.retire:
                    os._exit(0)
                try:
                    connection, _ = birth.listener.accept()
                except BlockingIOError:  # a sibling was faster
                    continue
                with connection:
                    self._serve(connection)
                if birth.board.entry(slot).lane != QUICK:  # there is another one in its place
                    return

    def _serve(self, connection: socket.socket) -> None:
        """Answer one client. The alarm ends the process should the nursery not do it in time."""
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _PATIENCE)
        job = read_job(connection)
        if job is None or _has_gone(connection):  # it waited too long for a worker
            return
        board, slot = self._birth.board, self._slot
        self._connection = connection
        board.begin(slot, job["token"], (time.monotonic(), job["seconds"]), job["query"])
        if board.asleep(self._birth.section):
            self._birth.channel.send(b"W" + bytes([slot % 256]))
        signal.setitimer(signal.ITIMER_REAL, job["seconds"] + 2)
        try:
            answer(self._store, job, Frames(connection, os.getpid()))
        except OSError:
            pass  # the client went away
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._connection = None
            board.put(slot, "state", IDLE)


def _has_gone(connection: socket.socket) -> bool:
    """Tell whether a client has closed its side."""
    try:
        return not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True


def limit_memory(octets: int) -> None:
    """Let this process have so many octets more than it has now, no core file and few open files."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    wanted = pages * resource.getpagesize() + _STACK + octets
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, wanted))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def lease(snapshot: Path) -> None:
    """Hold the snapshot's lease for as long as this process lives, so that it is not pruned under it."""
    path = snapshot / "lease"
    if path.is_file():
        fcntl.flock(os.open(path, os.O_RDONLY | os.O_CLOEXEC), fcntl.LOCK_SH)
