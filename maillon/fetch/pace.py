"""Turns a rate (requests a second to one host) into waiting, together with every other run on this machine.

One small file for each host holds the moment at which the next request may go; who wants to send one takes that moment
and writes the one after it, under a lock that is held for microseconds. So two sources of one portal that are harvested
side by side keep its rate together. The clock is CLOCK_MONOTONIC, which all processes of a machine share; it begins
anew at a reboot, so a moment that lies impossibly far ahead is from before and counts for nothing.
"""

import fcntl
import hashlib
import os
import time
from pathlib import Path
from typing import Final

FARTHEST: Final = 3600.0
"""Seconds that a place in the queue can lie ahead; beyond them it is from before a reboot."""


class Gate:
    """The gate to every host, for one process.

    Args:
        folder: Where the files are; made with the first wait.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def place(self, host: str, interval: float) -> float:
        """Take the next place in the queue to a host; return the seconds to wait until it comes.

        Args:
            host: Host name with port, as it is compared.
            interval: Seconds until the place after it.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / hashlib.sha256(host.encode()).hexdigest()[:32]
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            now = time.monotonic()
            mine = max(_moment(os.read(descriptor, 40)), now)
            if mine > now + max(FARTHEST, 2 * interval):
                mine = now
            os.lseek(descriptor, 0, os.SEEK_SET)
            os.write(descriptor, f"{mine + interval:030.6f}".encode())
        finally:
            os.close(descriptor)
        return mine - now


def _moment(text: bytes) -> float:
    try:
        return float(text)
    except ValueError:  # empty, or torn by a full disk
        return 0.0
