"""Real SPARQL servers on the loopback interface, two of each for the two sides, and a catalogue to publish into them.

``server`` is one of the servers that are installed; where one is not, its tests are skipped and say what to install.
"""

import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from maillon.settings import Settings

OXIGRAPH = Path(sys.executable).parent / "oxigraph"
VIRTUOSO = shutil.which("virtuoso-t")
_INI = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
FileExtend = 200
[TempDatabase]
DatabaseFile = temporary.db
TransactionFile = temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
ServerThreads = 10
DisableUnixSocket = 1
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
CheckpointInterval = 0
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerThreads = 6
[SPARQL]
"""


@dataclass
class Running:
    """A SPARQL server, once for each side.

    Attributes:
        name: What it is.
        addresses: The settings that lead to it.
        commands: Command line by side.
        folders: Working folder by side.
        ports: HTTP port by side.
    """

    name: str
    addresses: dict[str, str]
    commands: dict[str, list[str]]
    folders: dict[str, Path]
    ports: dict[str, int]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, side: str) -> None:
        """Start a side; it answers some time later."""
        self.processes[side] = subprocess.Popen(
            self.commands[side], cwd=self.folders[side], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def wait(self, *sides: str) -> None:
        """Wait until some sides answer, or all."""
        end = time.monotonic() + 90
        for side, port in self.ports.items():
            if sides and side not in sides:
                continue
            while time.monotonic() < end:
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                assert self.processes[side].poll() is None, f"{self.name} did not start"
                time.sleep(0.1)

    def kill(self, side: str, number: int = signal.SIGKILL) -> None:
        """End a side at once."""
        self.processes[side].send_signal(number)
        self.processes[side].wait()

    def restart(self, side: str) -> None:
        """Start a side that was killed again."""
        for lock in self.folders[side].glob("*.lck"):
            lock.unlink()
        self.start(side)
        self.wait(side)

    def settings(self, settings: Settings, **more: object) -> Settings:
        """Return settings that publish into this server."""
        return replace(settings, store_kind="sparql", **{**self.addresses, **more})  # type: ignore[arg-type]


def _ports() -> tuple[str, dict[str, int]]:
    """Return the beginning that two free ports share, and the ports."""
    while True:
        stem = str(random.randint(2000, 3200))
        ports = {side: int(stem + side) for side in "12"}
        with suppress(OSError):
            for port in (*ports.values(), *(port + 7 for port in ports.values())):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            return stem, ports


def _oxigraph(folder: Path) -> Running:
    stem, ports = _ports()
    base = f"http://127.0.0.1:{stem}{{side}}"
    commands = {
        side: [str(OXIGRAPH), "serve", "--location", str(folder / side / "data"), "--bind", f"127.0.0.1:{port}"]
        for side, port in ports.items()
    }
    addresses = {
        "store_query_url": f"{base}/query",
        "store_update_url": f"{base}/update",
        "store_graph_url": f"{base}/store",
    }
    return Running("oxigraph", addresses, commands, {side: folder / side for side in ports}, ports)


def _virtuoso(folder: Path) -> Running:
    stem, ports = _ports()
    base = f"http://127.0.0.1:{stem}{{side}}"
    for side, port in ports.items():
        (folder / side).mkdir(parents=True, exist_ok=True)
        (folder / side / "virtuoso.ini").write_text(_INI.format(port=port, sql=port + 7), encoding="utf-8")
    commands = {side: [VIRTUOSO or "", "+foreground", "+configfile", "virtuoso.ini"] for side in ports}
    addresses = {
        "store_query_url": f"{base}/sparql",
        "store_update_url": f"{base}/sparql-auth",
        "store_graph_url": f"{base}/sparql-graph-crud-auth",
        "store_user": "dba",
        "store_password": "dba",
    }
    return Running("virtuoso", addresses, commands, {side: folder / side for side in ports}, ports)


_MAKE: dict[str, tuple[bool, str, Callable[[Path], Running]]] = {
    "oxigraph": (
        OXIGRAPH.exists(),
        "the package oxigraph is not installed (python3 bootstrap.py test does)",
        _oxigraph,
    ),
    "virtuoso": (VIRTUOSO is not None, "Virtuoso is not installed (Debian: virtuoso-opensource-7-bin)", _virtuoso),
}


def _running(name: str, folder: Path) -> Iterator[Running]:
    present, why, make = _MAKE[name]
    if not present:
        pytest.skip(why)
    running = make(folder)
    for side, place in running.folders.items():
        place.mkdir(parents=True, exist_ok=True)
        running.start(side)
    try:
        running.wait()
        yield running
    finally:
        for process in running.processes.values():
            process.kill()
            process.wait()


@pytest.fixture(scope="module", params=["oxigraph", "virtuoso"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Give each kind of server in turn, empty at the beginning of a module."""
    yield from _running(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture
def oxigraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Give an Oxigraph server of the test's own: what a broken load had under way must not reach another test."""
    yield from _running("oxigraph", tmp_path_factory.mktemp("oxigraph"))


@pytest.fixture(scope="module")
def virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Give a Virtuoso server, empty at the beginning of a module."""
    yield from _running("virtuoso", tmp_path_factory.mktemp("virtuoso"))


@pytest.fixture
def catalogue(settings: Settings, tmp_path: Path) -> Settings:
    """Give settings with a ledger of the test's own that holds the sample catalogue, not published yet."""
    data = tmp_path / "catalogue"
    data.mkdir()
    shutil.copyfile(settings.data / "ledger.sqlite", data / "ledger.sqlite")
    return replace(settings, data=data)
