"""Holds a source for one run by a lease in the ledger, which is renewed while the run lives and ends with it.

One way for one machine and for many: the row in the ledger, whatever its database. A crashed run's lease is taken over
when its heartbeat is too old, and at once when its process is known to be dead: it ran under this boot of this machine
and in our namespace of processes, and its number is gone or another process has it. A run that was paused for so long
that another took its lease finds out in its next writing transaction (``Fenced``), before it writes anything.
"""

import contextlib
import os
import platform
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self

from sqlalchemy import Connection

from maillon.errors import OperatorError, SourceUnavailable
from maillon.ledger import Ledger, leases

BEATS: Final = 8
"""How often a lease is renewed in the time after which it could be taken over; at least every five seconds."""

_NONE: Final = "-"


class LeaseLost(SourceUnavailable):
    """Another run has taken this source over; this one must not write any more."""


def _begun(process: int) -> str:
    """Return when a process began, in ticks since boot, as Linux counts it (proc(5), field 22); empty if it is gone."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def _machine() -> str:
    """Return what is the same for exactly the processes that see each other's numbers; ``-`` where that is unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}".replace(" ", "")
    except OSError:
        return _NONE


def new_holder(token: str = "") -> str:
    """Return a text that names this process as the holder of one lease: token, machine, number, beginning, host."""
    process = os.getpid()
    host = platform.node().replace(" ", "-")[:100] or _NONE
    return f"{token or uuid.uuid4().hex} {_machine()} {process} {_begun(process) or _NONE} {host}"


def _parts(holder: str) -> list[str]:
    return (holder.split(" ") + [_NONE] * 5)[:5]


def is_dead(holder: str) -> bool:
    """Tell whether the process that holds a lease is known to have ended; False where it cannot be known."""
    _, machine, process, begun, _ = _parts(holder)
    if machine == _NONE or machine != _machine() or not process.isdecimal() or begun == _NONE:
        return False
    return _begun(int(process)) != begun


def is_void(lease: leases.Lease, seconds: float) -> bool:
    """Tell whether a lease may be taken over; ``seconds`` is the setting ``lease_seconds``."""
    return lease.age > seconds or is_dead(lease.holder)


class Held:
    """The lease of one source, as a context manager: taken at its start, renewed by a thread, given back at its end.

    Args:
        ledger: Where the lease stands.
        source: Name of the source.
        seconds: Age of a heartbeat after which a lease may be taken over.
        token: Begins the name of the holder, for whoever watches this process; default a new one.

    Raises:
        SourceUnavailable: Another run holds it; the message says which and since when.
    """

    def __init__(self, ledger: Ledger, source: str, seconds: float, token: str = "") -> None:
        self._ledger = ledger
        self._source = source
        self._seconds = seconds
        self._holder = new_holder(token)
        self._ended = threading.Event()
        self._lost = False
        self._thread = threading.Thread(target=self._beat, name=f"lease of {source}", daemon=True)

    def __enter__(self) -> Self:
        with self._ledger.writing() as connection:
            present = leases.take(connection, self._source, self._holder, lambda lease: is_void(lease, self._seconds))
        if present is not None:
            _, _, process, _, host = _parts(present.holder)
            raise SourceUnavailable(
                f"Source {self._source} is being harvested by process {process} on {host} since {present.since}: wait "
                f"until that run has ended. If it hangs, end that process: its lease is free {self._seconds:g} seconds "
                "later."
            )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        with contextlib.suppress(OperatorError), self._ledger.writing() as connection:
            leases.give_back(connection, self._source, self._holder)
        self._thread.join(timeout=5)

    def _beat(self) -> None:
        while not self._ended.wait(min(5.0, self._seconds / BEATS)):
            # A ledger that cannot be written for a moment is tried again; what counts is asked when something is
            # written.
            with contextlib.suppress(OperatorError), self._ledger.writing() as connection:
                if self._ended.is_set():
                    return
                self._lost = not leases.renew(connection, self._source, self._holder)
            if self._lost:
                return

    def check(self) -> None:
        """Raise LeaseLost where the thread found that the lease is another's."""
        if self._lost:
            raise self._failure()

    def assure(self, connection: Connection) -> None:
        """Renew the lease inside a writing transaction. Raises LeaseLost, so that nothing of it is committed."""
        if not leases.renew(connection, self._source, self._holder):
            self._lost = True
            raise self._failure()

    def _failure(self) -> LeaseLost:
        return LeaseLost(
            f"This run of source {self._source} was silent for more than {self._seconds:g} seconds, so another one "
            "took over: this one stopped and wrote nothing more. If this machine is paused for long, raise the setting "
            "lease_seconds."
        )


class Fenced(Ledger):
    """A ledger as the holder of a lease writes it: no transaction commits once the lease is another's.

    It shares the connections of the ledger it is made from, which is to be closed, not this one.
    """

    def __init__(self, ledger: Ledger, held: Held) -> None:
        self._database = ledger._database
        self._held = held

    def close(self) -> None:
        """Leave the connections to the ledger that opened them."""

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give the one writing transaction, as ``Ledger.writing`` does. Raises LeaseLost before anything is written."""
        with super().writing() as connection:
            self._held.assure(connection)
            yield connection
            self._held.assure(connection)  # a long transaction must not leave an old heartbeat behind
