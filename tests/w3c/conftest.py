"""A write-enabled server on loopback for the suites of the W3C, over the published sample catalogue."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .endpoints import Http

TOKEN = "operator-of-the-suites"


@pytest.fixture(scope="session")
def address(sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of the server, ending with a slash."""
    data = tmp_path_factory.mktemp("w3c")
    (data / "snapshots").symlink_to(sample_data / "snapshots")
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    values = {"DATA": str(data), "OPERATOR_TOKEN": TOKEN, "QUERY_RATE": "", "QUERY_TIMEOUT": "30"}
    command = [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--threads", "4", "--log-level", "error"]
    command += ["--no-control-socket", "--bind", f"fd://{listener.fileno()}", "maillon.web:create_app()"]
    with (data / "log").open("wb") as log:
        server = subprocess.Popen(
            command,
            env={**os.environ, **{f"MAILLON_{name}": value for name, value in values.items()}},
            pass_fds=[listener.fileno()],
            stdout=log,
            stderr=log,
            cwd=data,
        )
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    listener.close()
    server.terminate()
    server.wait(30)


@pytest.fixture
def operator(address: str) -> Iterator[Http]:
    """Give a connection with the operator's token."""
    connection = Http(address, TOKEN)
    yield connection
    connection.close()


@pytest.fixture
def visitor(address: str) -> Iterator[Http]:
    """Give a connection without."""
    connection = Http(address)
    yield connection
    connection.close()
