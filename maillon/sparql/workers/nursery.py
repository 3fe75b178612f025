"""Keep query workers of one snapshot ready, watch over what they do, and end what used up a budget.

``maillon.sparql.workers.server`` forks this process, one or two for each snapshot that is asked for: at first over the
store on disk, which each worker opens for itself; then, where the snapshot fits, over a copy in memory, loaded once,
that the workers share by fork. It has one thread, so that it can fork at any time. All its workers take clients from
one listening socket, whose backlog is the queue. It learns what they do from the board
(``maillon.sparql.workers.board``), every 20 ms while anything runs; what it decides is in
``maillon.sparql.workers.lanes``.
"""

import contextlib
import os
import select
import signal
import socket
import time
from dataclasses import dataclass, replace
from typing import Final

from maillon.sparql.workers import board as states
from maillon.sparql.workers import kernel, lanes
from maillon.sparql.workers.board import (
    BUSY,
    DIED,
    ENDED,
    FREE,
    GONE,
    HELD,
    IDLE,
    LONG,
    MANY,
    MEMORY,
    MEMORY_ALL,
    PANICKED,
    QUICK,
    RESTED,
    STARTING,
    STOPPED,
    SURPLUS,
    TIME,
    Entry,
)
from maillon.sparql.workers.lanes import Limits, Long
from maillon.sparql.workers.worker import HAND_OVER, Birth, Worker

NICE: Final = 10
_TICK: Final = 20
"""Milliseconds between two looks at the board while anything runs."""
_AWAKE: Final = 1.0
_PAUSE: Final = 0.5
"""Seconds before the next worker where one did not start."""
_SAID: Final = 4000
_MEMORY_EVERY: Final = 0.1
_LEFT_OVER: Final = 4
"""A worker goes on only where its allocator has kept less than one part in so many of a query's memory."""


@dataclass(slots=True)
class _Child:
    """A worker as its nursery sees it.

    Attributes:
        pid: Its process.
        handle: Of the process; readable when it has ended.
        shared: Octets that it had at its start, shared with the nursery.
        said: File in memory that is its standard error.
    """

    pid: int
    handle: int
    shared: int
    said: int

    def close(self) -> None:
        """Let go of the process."""
        os.close(self.handle)
        os.close(self.said)


class Nursery:
    """The process, after the fork.

    Args:
        birth: What its workers are born with; ``channel`` is their end.
        channel: The nursery's end of the workers' channel.
        control: Socket to the server: it says ``ready``, or ``failed`` and why; the server says ``retire``.
        limits: Of the lanes.
    """

    def __init__(self, birth: Birth, channel: socket.socket, control: socket.socket, limits: Limits) -> None:
        self._birth = birth
        self._board = birth.board
        self._first = birth.section * birth.board.size
        self._channel = channel
        self._control = control
        self._limits = limits
        self._children: dict[int, _Child] = {}
        self._long: dict[int, Long] = {}
        self._surplus: set[int] = set()
        self._warm: set[int] = set()
        self._watched: dict[int, int] = {}
        self._next_slot = 0
        self._spawn_at = 0.0
        self._measured = 0.0
        self._ticked = time.monotonic()
        self._ready = self._retired = False
        self._poll = select.poll()
        for item in (channel, control):
            self._poll.register(item, select.POLLIN)

    def run(self) -> None:
        """Look after the workers until the server goes away, or until the last one has ended after ``retire``."""
        busy_at = time.monotonic()
        while self._children or not self._retired:
            entries = self._tick()
            now = time.monotonic()
            if any(entry.state in (BUSY, STARTING) for entry in entries.values()) or self._long:
                busy_at = now
            asleep = now - busy_at > _AWAKE
            self._board.sleep(self._birth.section, asleep)
            # Looking again after a second costs nothing and makes up for a wake-up that crossed with falling asleep.
            for handle, _ in self._poll.poll(1000 if asleep else _TICK)[:1]:
                # One at a time: what the first closes may be open again, as something else, for the second.
                self._happened(handle)

    def _happened(self, handle: int) -> None:
        if handle == self._control.fileno():
            self._told()
        elif handle == self._channel.fileno():
            self._heard()
        elif handle in self._watched:
            self._kill(self._watched[handle], GONE)
        else:
            self._reap(next(slot for slot, child in self._children.items() if child.handle == handle))

    def _told(self) -> None:
        try:
            order = self._control.recv(100)
        except ConnectionError:
            order = b""
        if order != b"retire":
            os._exit(0)  # the server has gone, and the workers go with this process
        self._retired = True
        os.eventfd_write(self._birth.retire, 1)

    def _heard(self) -> None:
        message, handles, _, _ = socket.recv_fds(self._channel, 2000, 1)
        kind, place = message[:1], message[1]
        if kind == b"R" and not self._ready:
            self._ready = True
            self._control.send(b"ready")
        elif kind == b"F":
            self._spawn_at = time.monotonic() + _PAUSE
            if not self._ready:
                self._control.send(b"failed" + message[2:])
        elif kind == b"C":
            slot = next((slot for slot in self._long if slot % 256 == place), None)
            if slot is None or slot in self._watched.values():
                os.close(handles[0])
                return
            self._watched[handles[0]] = slot
            self._poll.register(handles[0], select.POLLRDHUP)

    def _reap(self, slot: int) -> None:
        """Say on the board why a worker ended, before its client sees the end of the connection."""
        child = self._children.pop(slot)
        _, status = os.waitpid(child.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        entry = self._board.entry(slot)
        if entry.outcome == states.NONE:
            self._board.put(slot, "outcome", _outcome(code, os.pread(child.said, _SAID, 0)))
        self._board.put(slot, "code", code)
        self._board.put(slot, "state", ENDED)
        self._board.put(slot, "memory", 0)
        self._board.put(slot, "lane", QUICK)
        self._long.pop(slot, None)
        self._surplus.discard(slot)
        self._warm.discard(slot)
        self._unwatch(slot)
        self._poll.unregister(child.handle)
        child.close()

    def _unwatch(self, slot: int) -> None:
        """Let go of the connections of a worker's client."""
        for handle in [handle for handle, place in self._watched.items() if place == slot]:
            self._poll.unregister(handle)
            os.close(handle)
            del self._watched[handle]

    def _tick(self) -> dict[int, Entry]:
        """Look at the board and act; return the slots of living workers."""
        now = time.monotonic()
        passed, self._ticked = now - self._ticked, now
        entries = {slot: self._board.entry(slot) for slot in self._children}
        for query in self._long.values():
            query.ran += 0.0 if query.held else passed
        for slot, entry in entries.items():
            if entry.state == BUSY:
                self._judge(slot, entry, now)
            elif entry.state == RESTED:
                self._rested(slot)
        if self._long:
            self._place()
            self._weigh(now)
        if not self._retired and now >= self._spawn_at:
            self._make_room(entries, now)
            self._spawn()
            self._thin(entries)
        return entries

    def _judge(self, slot: int, entry: Entry, now: float) -> None:
        """Make a query long, or end it where its time is used up or the operator wants it."""
        if slot not in self._long:
            if now - entry.started <= min(self._limits.quick, entry.seconds) and entry.ordered != entry.token:
                return
            if not self._lengthen(slot, entry):
                return
            if lanes.too_many(self._everywhere(), self._limits):
                self._kill(slot, MANY)
                return
        if entry.ordered == entry.token:
            self._kill(slot, STOPPED)
        elif now - entry.started > entry.seconds:
            self._kill(slot, TIME)

    def _lengthen(self, slot: int, entry: Entry) -> bool:
        """Make a query long: its worker takes no other one before it is told, so that no signal hits another query."""
        if not self._set_apart(slot, entry, LONG):
            return False
        self._surplus.discard(slot)
        self._long[slot] = Long(slot, entry.token, self._ticked - entry.started)
        kernel.give_way(entry.thread, NICE)
        self._signal(slot, HAND_OVER)
        return True

    def _rested(self, slot: int) -> None:
        """Let a worker go on that has answered a query apart, where there is room for what it keeps.

        A new one would read again what this one has read: from disk, or copied page by page because reading counts
        references (decision record 0014).
        """
        query = self._long.pop(slot, None)
        if query is not None and query.held:
            self._signal(slot, signal.SIGCONT)
        self._unwatch(slot)
        child = self._children[slot]
        grown = kernel.private_memory(child.pid) - child.shared
        room = slot in self._warm or len(self._warm) < self._limits.warm
        goes_on = room and not self._retired and grown < self._limits.memory // _LEFT_OVER
        if goes_on:
            self._warm.add(slot)
        else:
            self._surplus.add(slot)
        self._board.put(slot, "memory", 0)
        self._board.put(slot, "state", STARTING)
        self._board.put(slot, "lane", QUICK if goes_on else SURPLUS)
        self._signal(slot, HAND_OVER)

    def _thin(self, entries: dict[int, Entry]) -> None:
        """End idle workers that are too many since others went on, those that have read least."""
        ready = [slot for slot in self._children if slot not in self._long and slot not in self._surplus]
        spare = [slot for slot in ready if slot not in self._warm and slot in entries and entries[slot].state == IDLE]
        for slot in spare[::-1][: max(0, len(ready) - self._limits.workers)]:
            self._surplus.add(slot)
            self._board.put(slot, "lane", SURPLUS)
            self._signal(slot, HAND_OVER)

    def _set_apart(self, slot: int, entry: Entry, lane: int) -> bool:
        """Let a worker take no more queries after the one it answers; return False where that has just ended."""
        self._board.put(slot, "lane", lane)
        again = self._board.entry(slot)
        if again.state == BUSY and again.taken == entry.taken:
            return True
        self._board.put(slot, "lane", entry.lane)
        return False

    def _make_room(self, entries: dict[int, Entry], now: float) -> None:
        """Where no worker is idle, let the query that has run longest give way, and a new worker take its place."""
        quick = {slot: entry for slot, entry in entries.items() if slot not in self._long and slot not in self._surplus}
        if any(entry.state in (IDLE, STARTING) for entry in quick.values()) or not quick:
            return
        slot, entry = min(quick.items(), key=lambda item: item[1].started)
        enough = len(self._surplus) >= self._limits.workers
        waits = entry.state == BUSY and now - entry.started > _TICK / 1000 and not enough
        if waits and self._set_apart(slot, entry, SURPLUS):
            self._surplus.add(slot)
            kernel.give_way(entry.thread, NICE)

    def _everywhere(self) -> list[Entry]:
        """Return the slots of all nurseries."""
        return [entry for number in self._board.used() for entry in self._board.section(number) if entry.state != FREE]

    def _place(self) -> None:
        """Hold and continue long queries."""
        others = [number for number in self._board.used() if number != self._birth.section]
        elsewhere = sum(entry.lane == LONG for number in others for entry in self._board.section(number))
        going = lanes.chosen(list(self._long.values()), self._limits, elsewhere)
        for slot, query in self._long.items():
            waiting = slot not in going
            # A worker is not held before it has handed over its connection, for which it has 20 to 40 ms.
            handed_over = slot in self._watched.values() or query.ran > 3 * _TICK / 1000 + self._limits.quick
            if waiting != query.held and (handed_over or not waiting):
                query.held = waiting
                self._board.put(slot, "lane", HELD if waiting else LONG)
                self._signal(slot, signal.SIGSTOP if waiting else signal.SIGCONT)

    def _weigh(self, now: float) -> None:
        """Note what memory long queries use, and end the largest one where all use too much."""
        if now - self._measured < _MEMORY_EVERY:
            return
        self._measured = now
        for slot in self._long:
            child = self._children[slot]
            self._board.put(slot, "memory", max(0, kernel.private_memory(child.pid) - child.shared))
        largest = lanes.largest(self._everywhere(), self._limits)
        for slot in list(self._long):
            if largest is not None and self._children[slot].pid == largest.pid:
                self._kill(slot, MEMORY_ALL)

    def _kill(self, slot: int, outcome: int) -> None:
        if self._board.entry(slot).outcome == states.NONE:
            self._board.put(slot, "outcome", outcome)
        self._signal(slot, signal.SIGKILL)

    def _signal(self, slot: int, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._children[slot].pid, number)

    def _spawn(self) -> None:
        """Fork as many workers as are missing; those with a long query take no other one and do not count."""
        missing = self._limits.workers - sum(
            slot not in self._long and slot not in self._surplus for slot in self._children
        )
        for _ in range(missing):
            slot = self._free_slot()
            self._board.clear(slot)
            self._board.put(slot, "state", STARTING)
            nursery, said = os.getpid(), os.memfd_create("stderr")
            pid = os.fork()
            if pid == 0:
                os.dup2(said, 2)
                os.close(said)
                self._be_born(slot, nursery)
            self._board.put(slot, "pid", pid)
            handle = os.pidfd_open(pid)
            self._poll.register(handle, select.POLLIN)
            self._children[slot] = _Child(pid, handle, kernel.private_memory(pid), said)

    def _free_slot(self) -> int:
        """Return a slot, the one whose last worker ended longest ago: its client may still ask why."""
        for _ in range(self._board.size):
            slot = self._first + self._next_slot
            self._next_slot = (self._next_slot + 1) % self._board.size
            if slot not in self._children:
                return slot
        raise RuntimeError("A nursery has more workers than slots.")

    def _be_born(self, slot: int, nursery: int) -> None:
        """Be a worker, in the forked process, for the rest of its life."""
        try:
            kernel.die_with(nursery)
            kernel.name("maillon-query")
            for handle in (self._channel.fileno(), self._control.fileno(), *self._watched):
                os.close(handle)
            for child in self._children.values():
                child.close()
            Worker(self._birth, slot).run()
        except BaseException as error:  # the fork must never come back into the nursery's loop
            reason = str(error).encode()[:1000]
            self._birth.channel.send(b"F" + bytes([slot % 256]) + reason)
        finally:
            os._exit(1)


def _outcome(code: int, said: bytes) -> int:
    """Return why a worker ended that nobody has ended, by its exit code and what it said on standard error."""
    if code == -signal.SIGABRT:  # a failed allocation aborts, and so does a panic of the engine
        return PANICKED if b"panicked at" in said else MEMORY
    return TIME if code == -signal.SIGALRM else DIED  # the alarm is the worker's own


def keep(birth: Birth, control: socket.socket, limits: Limits) -> None:
    """Run a nursery whose workers are born with ``birth`` and a channel to it."""
    # Before the store's own threads are made: one that does not block it would die of it, and the process with it.
    signal.pthread_sigmask(signal.SIG_BLOCK, [HAND_OVER])
    mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    Nursery(replace(birth, channel=theirs, retire=os.eventfd(0)), mine, control, limits).run()
