"""Turn settings into a running query server (``maillon.sparql.workers.server``), found by its private folder.

A process that answers queries starts its own server with the first one. Where several share one, as the web processes
of ``maillon serve`` do, they know its folder by the variable VARIABLE; whoever finds it dead starts it anew there.
"""

import contextlib
import fcntl
import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from ctypes.util import find_library
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from maillon.settings import Settings
from maillon.sparql.jobs import QueryFailed
from maillon.sparql.workers.lanes import Limits

VARIABLE: Final = "_MAILLON_QUERIES"
"""Names the folder of a query server that several processes share."""
_PREFIX: Final = "maillon-queries-"
_START: Final = 30.0
_STALE: Final = 60.0
_KEPT_VARIABLES: Final = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR")


class Home:
    """A query server: started here, or by another process.

    Args:
        settings: Its limits.
        idle: Seconds after which a snapshot that is not the current one is let go.
    """

    def __init__(self, settings: Settings, idle: float) -> None:
        limits = asdict(Limits.of(settings))
        self._values = {"limits": limits, "in_memory": settings.query_in_memory, "idle": idle}
        self._allocator = settings.query_allocator
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()
        shared = os.environ.get(VARIABLE)
        self.path = Path(shared) if shared else Path(tempfile.mkdtemp(prefix=_PREFIX))
        if not shared:
            _sweep(self.path)

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """Return the server's answer, starting the server where it does not run.

        Raises:
            QueryFailed: It cannot be started, or does not answer.
        """
        for _ in range(3):
            with contextlib.suppress(FileNotFoundError, ConnectionError):
                return self._exchange(question)
            self._start()
        raise QueryFailed("failed", "The query server cannot be started.")

    def _exchange(self, question: dict[str, Any]) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_START)
            connection.connect(str(self.path / "server"))
            try:
                connection.sendall(json.dumps(question).encode() + b"\n")
                line = connection.makefile().readline()
            except TimeoutError as error:
                raise QueryFailed("failed", "The query server does not answer.") from error
        if not line:
            raise ConnectionResetError
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _start(self) -> None:
        """Start the server, once where several notice that it is dead."""
        self._prepare()
        with contextlib.suppress(FileNotFoundError), (self.path / "starting").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            with contextlib.suppress(FileNotFoundError, ConnectionError), socket.socket(socket.AF_UNIX) as probe:
                probe.connect(str(self.path / "server"))
                return
            self._end()
            self._process = process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-P", "-m", "maillon.sparql.workers.server", str(self.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,  # Ctrl-C ends the web processes first
                env=_environment(self._allocator),
            )
            starting = threading.Timer(_START, process.kill)
            starting.start()
            try:
                if process.stdin is not None and process.stdout is not None:
                    process.stdin.write(json.dumps(self._values).encode() + b"\n")
                    process.stdout.readline()
            except BrokenPipeError:
                pass
            finally:
                starting.cancel()

    def _prepare(self) -> None:
        """Make the folder again where it has gone. Raises QueryFailed where somebody else has taken its name."""
        self.path.mkdir(mode=0o700, exist_ok=True)
        found = self.path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise QueryFailed("failed", f"{self.path} belongs to somebody else: remove it.")

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def close(self) -> None:
        """End the server and remove its folder where this process started it. May be called again."""
        if os.getpid() != self._owner:
            return  # a forked process has only a copy
        mine = self._process is not None
        self._end()
        if mine or not os.environ.get(VARIABLE):
            shutil.rmtree(self.path, ignore_errors=True)


def _environment(allocator: str) -> dict[str, str]:
    """Return the variables of the server's process; what it allocates with is put before the C library (ld.so(8)).

    Evaluation allocates all the time, and the usual allocator of glibc costs it a tenth (decision record 0014).
    """
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    library = find_library(allocator) if allocator else None
    return {**kept, "LD_PRELOAD": library} if library else kept


def _sweep(mine: Path) -> None:
    """Remove the folders of servers that were killed together with whoever would have cleaned up after them."""
    for path in mine.parent.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            found = path.lstat()
            old = time.time() - found.st_mtime > _STALE
            if path == mine or not old or found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode):
                continue
            handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(handle)
