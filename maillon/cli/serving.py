"""``maillon serve``: the Flask application behind gunicorn, on the local machine only unless told otherwise."""

import socket
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from maillon.cli.options import with_settings
from maillon.errors import OperatorError
from maillon.settings import Settings
from maillon.store import snapshots
from maillon.web import create_app


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
        }
        super().__init__()

    def load_config(self) -> None:
        """Take our options."""
        for key, value in self._options.items():
            self.cfg.set(key, value)

    def load(self) -> Flask:
        """Make the application, once in each worker process."""
        return create_app(self._settings)


def _check_free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise OperatorError(
                f"Port {port} of {host} cannot be used ({error.strerror}): choose one with --port."
            ) from error


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until stopped. Raises OperatorError where the port is taken."""
    _check_free(host, port)
    if snapshots.current_number(settings.snapshots) is None:
        click.echo("Nothing is published yet: run `maillon harvest`, then `maillon publish`.", err=True)
    click.echo(f"Maillon serves http://{host}:{port}/ (stop with Ctrl-C)")
    _Server(settings, (host, port)).run()


@click.command("serve")
@with_settings
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen on.")
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on; put a proxy in front of it."
)
def serve_command(settings: Settings, port: int, host: str) -> None:
    """Serve the published snapshot: pages, feeds, linked data and SPARQL, until stopped.

    A snapshot published meanwhile is served from the next request on, without a restart.
    """
    serve(settings, host, port)


COMMANDS = (serve_command,)
