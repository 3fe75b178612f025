"""Turn the store of a snapshot on disk into one in memory, which forked workers share.

Every way through pyoxigraph was measured (decision record 0014); the fastest is to write N-Quads in one process and to
parse them in another. The one that loads is single-threaded again afterwards, so that it can fork.
"""

import contextlib
import ctypes
import gc
import json
import os
import threading
from pathlib import Path
from typing import Final

from pyoxigraph import RdfFormat, Store

from maillon.sparql.workers import kernel
from maillon.store import statistics

OCTETS_A_TRIPLE: Final = 450
"""Octets of memory for each triple of the default graph, those of findings, repairs and copies included: 1,835,889 take
790 MB."""
OCTETS_OF_QUALITY: Final = 360
"""Octets for each triple about quality, which may be two for three of the default graph: 1,151,948 take 415 MB."""
SHARE: Final = 4
"""A copy takes at most one part in so many of the machine's memory: at a publish there are two of them."""
_CGROUP: Final = Path("/sys/fs/cgroup/memory.max")
_NICE: Final = 10
_BUFFER: Final = 1 << 20
_COLLAPSE: Final = 25  # MADV_COLLAPSE
_HUGE: Final = 1 << 21


def allowed(wanted: int) -> int:
    """Return how many octets a copy may take: those wanted, but no more than its share of the memory there is."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with contextlib.suppress(OSError, ValueError):  # no control group, or "max"
        memory = min(memory, int(_CGROUP.read_text()))
    return min(wanted, memory // SHARE)


def estimate(snapshot: Path) -> int | None:
    """Return the octets that a snapshot takes in memory, None where its manifest does not say how much it holds."""
    try:
        manifest = json.loads((snapshot / "manifest.json").read_text(encoding="utf-8"))
        counted = statistics.read(snapshot)
        quality = sum(n for name, n in counted.graphs.items() if "/graph/quality" in name) if counted else 0
        return int(manifest["counts"]["triples"]) * OCTETS_A_TRIPLE + quality * OCTETS_OF_QUALITY
    except (OSError, ValueError, KeyError, TypeError):
        return None


def load(snapshot: Path) -> Store:
    """Load a snapshot's store into memory, giving way to queries meanwhile.

    Raises:
        OSError: The store on disk cannot be read to its end.
    """
    source, sink = os.pipe()
    loader = os.getpid()
    pid = os.fork()
    if pid == 0:
        _write(snapshot, sink, loader)
    os.close(sink)
    store = Store()
    # Only a thread of its own can be made nicer for a while: taking niceness back needs privileges.
    loading = threading.Thread(target=_read, args=(store, source))
    loading.start()
    loading.join()
    _, status = os.waitpid(pid, 0)
    if status != 0:
        raise OSError(f"The store of {snapshot} could not be read to its end (status {status}).")
    _take_large_pages()
    gc.collect()
    gc.freeze()
    return store


def _write(snapshot: Path, sink: int, loader: int) -> None:
    """Write all quads of the store on disk, in the forked process, and end it."""
    code = 1
    try:
        kernel.die_with(loader)
        os.nice(_NICE)
        with os.fdopen(sink, "wb", buffering=_BUFFER) as output:
            Store.read_only(str(snapshot / "store")).dump(output, RdfFormat.N_QUADS)
        code = 0
    finally:
        os._exit(code)


def _read(store: Store, source: int) -> None:
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
    with os.fdopen(source, "rb", buffering=_BUFFER) as data:
        store.load(data, RdfFormat.N_QUADS)


def _take_large_pages() -> None:
    """Ask for large pages for what was loaded: a fork then copies 512 times fewer entries, and look-ups are cheaper.

    Where the kernel has none of them (before 6.1, or switched off), everything stays as it is.
    """
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = (ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int)
    for line in Path("/proc/self/maps").read_text().splitlines():
        area, rights, _, _, inode, *_ = line.split()
        first, last = (int(number, 16) for number in area.split("-"))
        first, last = -(-first // _HUGE) * _HUGE, last // _HUGE * _HUGE
        if rights == "rw-p" and inode == "0" and last - first >= _HUGE:
            advise(first, last - first, _COLLAPSE)
