"""Makes the ``concurrent.futures`` executor that harvests sources side by side.

The setting ``harvest_executor`` names the function that makes it, so that a catalogue with many sources can hand its
runs to a cluster (Dask: ``Client(address).get_executor()``) without any change here. What is submitted to it can be
pickled and watches a process of its own (``watching``), so any kind of executor does.
"""

import multiprocessing
import os
import signal
import threading
from concurrent.futures import Executor, ProcessPoolExecutor
from importlib import import_module
from multiprocessing.connection import wait

from maillon.errors import SettingsError
from maillon.settings import Settings


def _end_with_parent() -> None:
    """End this worker when the process that made the pool is gone, which else would wait for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _begin() -> None:
    """Prepare a worker: Ctrl-C is for the processes that harvest, whose last words a worker still has to hear."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def process_pool(_settings: Settings, jobs: int) -> Executor:
    """Return a pool of so many processes on this machine."""
    # A fork is quick and safe as long as there are no threads, as on the command line.
    method = "fork" if threading.active_count() == 1 else "spawn"
    return ProcessPoolExecutor(jobs, multiprocessing.get_context(method), _begin)


def make(settings: Settings, jobs: int) -> Executor:
    """Return the executor that the settings ask for.

    Raises:
        SettingsError: The setting names no function, or that returns no executor.
    """
    wanted = settings.harvest_executor
    module, _, name = wanted.partition(":")
    try:
        executor = getattr(import_module(module), name)(settings, jobs)
    except (ImportError, AttributeError, ValueError) as error:
        raise SettingsError(
            f"harvest_executor is {wanted!r}: {error}. Name a function as module:name that can be imported."
        ) from error
    if not isinstance(executor, Executor):
        raise SettingsError(f"harvest_executor is {wanted!r}: it returns no concurrent.futures executor.")
    return executor
