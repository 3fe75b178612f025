"""Real SPARQL servers on the loopback interface, with two datasets for the two sides, and a catalogue to publish there.

Oxigraph and Virtuoso run once for each side; Jena TDB2 has both datasets in one process, as Fuseki has them.
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
JAVA = shutil.which("java")
JARS = Path("/usr/share/java")
JENA = Path(__file__).with_name("jena.java")
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
    """A SPARQL server: a process for each side, named by it, or one for both, named "12".

    Attributes:
        name: What it is.
        addresses: The settings that lead to it.
        commands: Command line by process.
        folders: Working folder by process.
        ports: HTTP port by process.
        processes: What runs.
    """

    name: str
    addresses: dict[str, str]
    commands: dict[str, list[str]]
    folders: dict[str, Path]
    ports: dict[str, int]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, side: str) -> None:
        """Start a process; it answers some time later."""
        self.processes[side] = subprocess.Popen(
            self.commands[side], cwd=self.folders[side], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def wait(self, *sides: str) -> None:
        """Wait until some processes answer, or all."""
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
        """End a process at once."""
        self.processes[side].send_signal(number)
        self.processes[side].wait()

    def restart(self, side: str) -> None:
        """Start a process that was killed again."""
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


def _jena(folder: Path) -> Running:
    """Start Jena with what a test needs of it: little memory, no second compiler, an end for every query."""
    port = _ports()[1]["1"]
    base = f"http://127.0.0.1:{port}/maillon{{side}}"
    options = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dsun.net.httpserver.nodelay=true"]
    options += ["-Daccount=maillon:secret", "-Dtimeout=60", "-cp", f"{folder}:{JARS}/slf4j-nop.jar:{JARS}/*", str(JENA)]
    commands = {"12": [JAVA or "", *options, str(folder), str(port), "maillon1", "maillon2"]}
    addresses = {
        "store_query_url": f"{base}/query",
        "store_update_url": f"{base}/update",
        "store_graph_url": f"{base}/data",
        "store_user": "maillon",
        "store_password": "secret",
    }
    return Running("jena", addresses, commands, {"12": folder}, {"12": port})


_MAKE: dict[str, tuple[bool, str, Callable[[Path], Running]]] = {
    "oxigraph": (
        OXIGRAPH.exists(),
        "the package oxigraph is not installed (python3 bootstrap.py test does)",
        _oxigraph,
    ),
    "virtuoso": (VIRTUOSO is not None, "Virtuoso is not installed (Debian: virtuoso-opensource-7-bin)", _virtuoso),
    "jena": (
        JAVA is not None and (JARS / "jena-tdb2.jar").exists(),
        "Jena TDB2 or a Java to run it is not installed (Debian: libapache-jena-java, default-jre-headless)",
        _jena,
    ),
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


@pytest.fixture(scope="module", params=["oxigraph", "virtuoso", "jena"])
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


@pytest.fixture(scope="module")
def jena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Give a Jena server, empty at the beginning of a module."""
    yield from _running("jena", tmp_path_factory.mktemp("jena"))


def _copied(settings: Settings, data: Path) -> Settings:
    data.mkdir()
    shutil.copyfile(settings.data / "ledger.sqlite", data / "ledger.sqlite")
    return replace(settings, data=data)


@pytest.fixture
def catalogue(settings: Settings, tmp_path: Path) -> Settings:
    """Give settings with a ledger of the test's own that holds the sample catalogue, not published yet."""
    return _copied(settings, tmp_path / "catalogue")


@pytest.fixture(scope="module")
def shared_catalogue(server: Running, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Give settings as ``catalogue``, one for each server: what is there already is not loaded again."""
    return _copied(settings, tmp_path_factory.mktemp(server.name) / "catalogue")


@pytest.fixture(scope="module")
def jena_catalogue(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Give ``shared_catalogue`` for the fixture ``jena``."""
    return _copied(settings, tmp_path_factory.mktemp("jena") / "catalogue")
