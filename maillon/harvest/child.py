"""Calls a function in a process of its own that is watched: it can be told to end, and ended by force at any moment.

The child is a new interpreter, not a fork, because whoever watches may have threads (a scheduler, a Dask worker). Both
sides are joined by a pair of sockets: values go in once, messages and one result come out. When the watcher dies, the
socket ends, and the child ends itself; so nothing that nobody watches goes on harvesting.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from multiprocessing.connection import Connection, Pipe
from types import FrameType
from typing import Any, Final

from maillon.errors import OperatorError

LAST_WORDS: Final = 10.0
"""Seconds that a child has to end in order once it was told to."""

ABANDONED: Final = "The run was ended with the scheduler that had begun it, and is made up when that runs again."
"""Message of a run whose watcher told it to end."""

_STEP: Final = 0.2
_START: Final = "import sys; from maillon.harvest.child import main; main(int(sys.argv[1]))"

Tell = Callable[..., None]
"""What the function is given to say how far it is; what it is called with reaches the watcher."""


class ChildEnded(Exception):
    """The child gave no result; ``how`` says why: ``time``, ``stopped`` or ``died``."""

    def __init__(self, how: str, code: int) -> None:
        super().__init__(f"{how}, exit status {code}")
        self.how = how
        self.code = code


class Stopped(KeyboardInterrupt):
    """The watcher asked the child to end."""


def call(
    function: str,
    arguments: tuple[Any, ...],
    seconds: float,
    heard: Tell,
    stop: threading.Event | None = None,
) -> Any:
    """Call a function in a child and return its result.

    Args:
        function: ``module:name`` of a function that takes the arguments and, as the last one, a ``Tell``.
        arguments: Values that can be pickled.
        seconds: After them the child is killed, whatever it does.
        heard: Called with each message of the child.
        stop: When set, the child is asked to end, and killed if it does not.

    Raises:
        ChildEnded: It gave no result.
        OperatorError: The function raised one.
    """
    near, far = Pipe()
    with near:
        with far:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter
                [sys.executable, "-c", _START, str(far.fileno())], stdin=subprocess.DEVNULL, pass_fds=(far.fileno(),)
            )
        try:
            with contextlib.suppress(OSError):  # it died at its birth: told below
                near.send((list(sys.path), function, arguments))
            return _result(near, process, time.monotonic() + seconds, heard, stop or threading.Event())
        finally:
            process.kill()
            process.wait()


def _result(
    near: "Connection[Any, Any]", process: subprocess.Popen[bytes], end: float, heard: Tell, stop: threading.Event
) -> Any:
    is_told = False
    while time.monotonic() < end:
        if stop.is_set() and not is_told:
            is_told, end = True, min(end, time.monotonic() + LAST_WORDS)
            process.send_signal(signal.SIGTERM)
        try:
            if not near.poll(_STEP):
                continue
            kind, value = near.recv()
        except (EOFError, OSError):
            raise ChildEnded("stopped" if is_told else "died", _code(process)) from None
        if kind == "result":
            return value
        if kind == "refused":
            raise OperatorError(value)
        heard(*value)
    raise ChildEnded("stopped" if is_told else "time", 0)


def _code(process: subprocess.Popen[bytes]) -> int:
    """Return the exit status of a child that has nothing more to say; one that does not go is killed."""
    try:
        return process.wait(LAST_WORDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _told(_number: int, _frame: FrameType | None) -> None:
    raise Stopped(ABANDONED)


def _await_end(near: "Connection[Any, Any]") -> None:
    """End this process when its watcher has gone; runs in a thread, because the other one is at work."""
    with contextlib.suppress(EOFError, OSError):
        near.recv()
    os._exit(1)


def main(descriptor: int) -> None:
    """Be the child: take the call from the watcher, make it, give the result back."""
    with Connection(descriptor) as far:
        path, function, arguments = far.recv()
        sys.path[:] = path
        signal.signal(signal.SIGINT, signal.default_int_handler)  # the watcher may ignore it
        signal.signal(signal.SIGTERM, _told)
        threading.Thread(target=_await_end, args=(far,), daemon=True).start()
        module, _, name = function.partition(":")
        try:
            result = getattr(import_module(module), name)(*arguments, lambda *values: far.send(("message", values)))
            far.send(("result", result))
        except OperatorError as error:
            far.send(("refused", str(error)))
        except KeyboardInterrupt:
            sys.exit(130)
