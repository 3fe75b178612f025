"""``maillon serve``: the Flask application behind gunicorn, on the local machine only unless told otherwise."""

import gc
import logging
import os
import socket
import struct
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from maillon.cli.options import with_settings
from maillon.errors import OperatorError, SnapshotError
from maillon.settings import Settings
from maillon.sparql.jobs import QueryFailed
from maillon.sparql.workers.home import VARIABLE
from maillon.sparql.workers.pool import QueryPool
from maillon.store import snapshots

SEND_SECONDS: Final = 30
"""Seconds within which a client must take some of what it is sent."""
_SWITCH_SECONDS: Final = 0.0005
"""Seconds after which a thread that computes lets another go on. A cheap request gives up its turn at each system call,
so behind a few busy threads it would wait several times Python's usual 5 ms for it (decision record 0014)."""
_COUNTS: Final = "PROMETHEUS_MULTIPROC_DIR"


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn with options from us instead of from its own command line."""

    def __init__(self, settings: Settings, address: tuple[str, int]) -> None:
        self._settings = settings
        self._options: dict[str, Any] = {
            "bind": f"{address[0]}:{address[1]}",
            "workers": settings.web_workers,
            "threads": settings.web_threads,
            "worker_class": "gthread",
            "timeout": max(60, int(settings.query_timeout) + 30),
            "graceful_timeout": 5,
            "control_socket_disable": True,
            "limit_request_line": 8190,  # the most gunicorn allows: SPARQL queries come by GET too
            "loglevel": "warning",
            "when_ready": _bound_sending,
            "post_worker_init": _be_fair,
            "child_exit": _forget_process,
        }
        super().__init__()

    def load_config(self) -> None:
        """Take our options."""
        for key, value in self._options.items():
            self.cfg.set(key, value)

    def load(self) -> Flask:
        """Make the application, once in each worker process."""
        # Imported here, because prometheus_client looks at the environment once, when it is imported.
        app: Flask = import_module("maillon.web").create_app(self._settings)
        return app


def _bound_sending(server: Any) -> None:
    """Let a client that takes nothing for a while go: what it holds is one of the threads (inherited on Linux)."""
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_SECONDS, 0))


def _be_fair(_worker: Any) -> None:
    """Let no request wait for long for what it has no part in: threads that compute, and the garbage collector."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.collect()
    gc.freeze()  # what was loaded stays: looking through its 77,000 objects again takes 60 ms each time


def _forget_process(_server: Any, worker: Any) -> None:
    """Let the numbers of a web process that has ended count no more as those of a living one."""
    if _COUNTS in os.environ:
        import_module("prometheus_client.multiprocess").mark_process_dead(worker.pid)


@contextmanager
def _counting_together(settings: Settings) -> Iterator[None]:
    """Let several web processes count into files of one folder, so that /metrics tells of all."""
    if settings.web_workers == 1:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="maillon-metrics-") as folder:
        os.environ[_COUNTS] = folder
        yield


def _log_queries() -> None:
    """Write a line for each SPARQL query, and what goes wrong, on standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.getLogger("maillon")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)


def _check_free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise OperatorError(
                f"Port {port} of {host} cannot be used ({error.strerror}): choose one with --port."
            ) from error


@contextmanager
def _query_server(settings: Settings) -> Iterator[None]:
    """Start the query server that all web processes share, before they are forked, and end it after them."""
    pool = QueryPool(settings)
    try:
        with snapshots.open_current(settings.snapshots) as snapshot:
            os.environ[VARIABLE] = str(pool.start(snapshot.path))
    except (SnapshotError, QueryFailed):
        pass  # nothing is published yet, or the first query says what is wrong
    try:
        yield
    finally:
        os.environ.pop(VARIABLE, None)
        pool.close()


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until stopped. Raises OperatorError where the port is taken."""
    _check_free(host, port)
    if snapshots.current_number(settings.snapshots) is None:
        click.echo("Nothing is published yet: run `maillon harvest`, then `maillon publish`.", err=True)
    if not (settings.contact_email or settings.contact_url):
        click.echo("Nobody can report a barrier: set contact_email or contact_url.", err=True)
    click.echo(f"Maillon serves http://{host}:{port}/ (stop with Ctrl-C)")
    _log_queries()
    with _counting_together(settings), _query_server(settings):
        _Server(settings, (host, port)).run()


@click.command("serve")
@with_settings
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen on.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; put a proxy in front of it (docs/how-to/behind-a-proxy.md).",
)
def serve_command(settings: Settings, port: int, host: str) -> None:
    """Serve the published snapshot: pages, feeds, linked data and SPARQL, until stopped.

    A snapshot published meanwhile is served from the next request on, without a restart.
    """
    serve(settings, host, port)


COMMANDS = (serve_command,)
