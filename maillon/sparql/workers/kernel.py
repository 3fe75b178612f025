"""What processes ask of the Linux kernel beyond Python's ``os``: names, lasting no longer than the parent, memory used.

After prctl(2), proc(5), sched(7).
"""

import contextlib
import ctypes
import os
import resource
import signal
from pathlib import Path
from typing import Final

_PDEATHSIG: Final = 1
_NAME: Final = 15
_PAGE: Final = resource.getpagesize()
_LIBRARY: Final = ctypes.CDLL(None, use_errno=True)


def die_with(parent: int) -> None:
    """End this process by SIGKILL when its parent ends, and now where that has happened already."""
    _LIBRARY.prctl(_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def name(text: str) -> None:
    """Give this process a name of up to 15 letters for ``ps`` and ``top``."""
    _LIBRARY.prctl(_NAME, text.encode()[:15], 0, 0, 0)


def private_memory(pid: int) -> int:
    """Return the octets of anonymous memory that a process sees, what it shares by fork included; 0 once it is gone."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:
        return 0
    return (int(fields[1]) - int(fields[2])) * _PAGE


def give_way(thread: int, niceness: int) -> None:
    """Let one thread of a process go after all others; threads that others of its process start do not."""
    with contextlib.suppress(OSError):  # it has just ended
        os.setpriority(os.PRIO_PROCESS, thread, niceness)
