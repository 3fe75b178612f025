"""The application in process (``client``) and as real servers on loopback (``server``, ``serve``)."""

import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import Message
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, Quad, Store

from maillon.settings import Settings
from maillon.store import snapshots
from maillon.web import create_app
from maillon.web.engine import engine

MADE = {1: "2026-03-01T06:00:00Z", 2: "2026-06-01T06:00:00Z", 4: "2026-09-01T06:00:00Z"}
Ask = Callable[..., tuple[int, Message, bytes]]


def _start(data: Path, log: Path, values: dict[str, str]) -> tuple[str, subprocess.Popen[bytes]]:
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    port = listener.getsockname()[1]
    environment = {**os.environ, "MAILLON_DATA": str(data), **{f"MAILLON_{k.upper()}": v for k, v in values.items()}}
    command = [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--threads", "24", "--log-level", "error"]
    command += ["--no-control-socket", "--bind", f"fd://{listener.fileno()}", "maillon.web:create_app()"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=environment, pass_fds=[listener.fileno()], stdout=output, stderr=output, cwd=log.parent
        )
    listener.close()
    return f"http://127.0.0.1:{port}/", process


@pytest.fixture(scope="session")
def serve(sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """Give a function that starts a server with some settings over a data folder and returns its address."""
    running: list[subprocess.Popen[bytes]] = []

    def start(data: Path | None = None, **values: str) -> str:
        log = tmp_path_factory.mktemp("server") / "log"
        address, process = _start(data or sample_data, log, values)
        running.append(process)
        return address

    yield start
    for process in running:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def server(serve: Callable[..., str]) -> str:
    """Give the address of a server of the sample catalogue, ending with a slash."""
    return serve()


def _copy(source: Path, root: Path, number: int) -> None:
    """Make a snapshot like another, with its own number, time and one triple that names it."""
    target = snapshots.folder(root, number)
    shutil.copytree(source, target)
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    manifest |= {"number": number, "made": MADE[number]}
    (target / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    store = Store(str(target / "store"))
    label = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    store.add(Quad(NamedNode("urn:snapshot"), label, Literal(str(number))))
    store.flush()


@pytest.fixture(scope="session")
def kept(sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a data folder with the snapshots 1, 2 and 4; 4 is served. In each, ``<urn:snapshot>`` has its number."""
    data = tmp_path_factory.mktemp("kept")
    root = data / "snapshots"
    root.mkdir()
    for number in MADE:
        _copy((sample_data / "snapshots" / "current").resolve(), root, number)
    snapshots.switch(root, 4)
    return data


@pytest.fixture(scope="session")
def ask() -> Ask:
    """Give a plain HTTP client that follows no redirect; it returns status, headers and body."""

    class Unfollowed(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_args: object, **_values: object) -> None:
            return None

    opener = urllib.request.build_opener(Unfollowed, urllib.request.ProxyHandler({}))

    def send(
        address: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[int, Message, bytes]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(address, body, named, method=method)
        try:
            with opener.open(request, timeout=60) as reply:
                return reply.status, reply.headers, reply.read()
        except urllib.error.HTTPError as reply:
            with reply:
                return reply.code, reply.headers, reply.read()

    return send


@pytest.fixture(scope="session")
def client(settings: Settings) -> Iterator[FlaskClient]:
    """Give a client of the application in this process."""
    app = create_app(replace(settings, queries_per_client=1000, query_rate=""))
    yield app.test_client()
    with app.app_context():
        engine().close()
