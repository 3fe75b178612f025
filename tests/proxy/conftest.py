"""Maillon behind nginx, both real and on loopback, with the very configuration of docs/how-to/behind-a-proxy.md.

``start`` turns the configuration of the page and the folder of a catalogue into two servers; only ports, paths and the
lines for TLS are put in the place of the page's. ``proxied`` is one such pair for tests that change nothing.
"""

import http.client
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from maillon.store import snapshots

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "behind-a-proxy.md"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
HOST = "catalogue.example.org"
TOKEN = "secret-of-the-operator"
SETTINGS = {"proxies": "1", "query_rate": "200 per minute", "query_max_bytes": "30000000", "operator_token": TOKEN}
_VALID = struct.Struct("@Nq")
"""How a file of nginx's cache begins: a number of its layout, and the second until which it may be used."""
_LAYOUT = 5
_HTTP = """
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
{user}
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi; access_log off;
    include {folder}/site.conf;
}}
"""


@dataclass(frozen=True)
class Reply:
    """What a client got.

    Attributes:
        status: Status.
        headers: Headers.
        body: Octets.
    """

    status: int
    headers: Message
    body: bytes

    @property
    def cache(self) -> str:
        """What nginx says of its cache."""
        return str(self.headers["X-Cache-Status"])


@dataclass(frozen=True)
class Proxied:
    """Maillon behind nginx.

    Attributes:
        port: Port of nginx that stands for 443.
        plain: Port of nginx that stands for 80.
        folder: Everything that nginx writes: cache, logs, files for a while.
        data: Data folder of Maillon.
        log: Log of Maillon, a line for each query.
        maillon: Process of Maillon.
        token: What signs the operator on.
    """

    port: int
    plain: int
    folder: Path
    data: Path
    log: Path
    maillon: subprocess.Popen[bytes]
    token: str = TOKEN

    def open(self, source: str = "127.0.0.1") -> http.client.HTTPConnection:
        """Return a connection to nginx from some address of loopback."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=(source, 0))

    def ask(
        self,
        target: str,
        method: str = "GET",
        body: bytes | None = None,
        source: str = "127.0.0.1",
        **headers: Any,
    ) -> Reply:
        """Send a request to nginx; the names of headers are written with ``_``."""
        connection = self.open(source)
        try:
            sent = {"Host": HOST, **{name.replace("_", "-"): value for name, value in headers.items()}}
            connection.request(method, target, body, sent)
            reply = connection.getresponse()
            return Reply(reply.status, reply.headers, reply.read())
        finally:
            connection.close()

    def query(self, text: str, name: str = "json", source: str = "127.0.0.1", **headers: Any) -> Reply:
        """Ask a query by GET."""
        return self.ask(f"/sparql?format={name}&query={quote(text)}", source=source, **headers)

    def asked(self) -> list[str]:
        """Return the outcomes of the queries that have come to Maillon, in their order."""
        lines = [line for line in self.log.read_text("utf-8").splitlines() if line.startswith('{"query"')]
        return [json.loads(line)["outcome"] for line in lines]

    def outcome(self, before: int) -> str:
        """Return the outcome of the first query after so many, waiting until it is known."""
        end = time.monotonic() + 30
        while len(self.asked()) <= before:
            assert time.monotonic() < end, "Maillon has no line of the query"
            time.sleep(0.02)
        return self.asked()[before]

    def kept(self, target: str) -> list[Path]:
        """Return the files in nginx's cache with the answers to GET of a target, one for each variant by Vary."""
        key = f"\nKEY: GET {target}\n".encode()
        files = [path for path in (self.folder / "cache").rglob("*") if path.is_file()]
        return [path for path in files if key in path.read_bytes()[:16_384]]

    def seconds(self, target: str) -> float:
        """Return for how many seconds from now nginx may use an answer in its cache."""
        (path,) = self.kept(target)
        layout, until = _VALID.unpack_from(path.read_bytes())
        assert layout == _LAYOUT, "this nginx writes its cache in another layout: see ngx_http_cache.h"
        return float(until - time.time())

    def let_pass(self, target: str) -> None:
        """Make an answer in nginx's cache as old as it may get: nothing but its last second is changed."""
        (path,) = self.kept(target)
        with path.open("r+b") as file:
            file.write(_VALID.pack(_LAYOUT, int(time.time()) - 1))

    def octets(self) -> int:
        """Return how much nginx has in files."""
        found = 0
        for path in self.folder.rglob("*"):
            with suppress(FileNotFoundError):
                found += path.stat().st_size
        return found


def _free() -> list[int]:
    """Return ports that nobody has, of this moment: nginx takes none that is open already."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(3)]
        return [int(item.getsockname()[1]) for item in sockets]


def _answers(process: subprocess.Popen[bytes], *ports: int) -> bool:
    """Wait until something is answered on each port; tell whether the process has not ended instead."""
    for port in ports:
        for _ in range(600):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            with suppress(OSError, http.client.HTTPException), closing(connection):
                connection.request("GET", "/robots.txt", headers={"Host": HOST})
                connection.getresponse().read()
                break
            if process.poll() is not None:
                return False
            time.sleep(0.05)
    return process.poll() is None


@pytest.fixture(scope="session")
def site() -> str:
    """Give the one configuration of the page."""
    (found,) = re.findall(r"```nginx\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return str(found)


def _placed(text: str, folder: Path, plain: int, port: int, maillon: int) -> str:
    """Return the configuration with other ports and paths, and without TLS. Each of these must be there."""
    changes = {
        r"listen 80;": f"listen 127.0.0.1:{plain};",
        r"listen \[::\]:80;": "",
        r"listen 443 ssl http2;": f"listen 127.0.0.1:{port};",
        r"listen \[::\]:443 ssl http2;": "",
        r"ssl_certificate +\S+;": "",
        r"ssl_certificate_key +\S+;": "",
        r"/var/cache/maillon\b": f"{folder}/cache",
        r"/var/log/nginx/maillon\.log": f"{folder}/access.log",
        r"http://127\.0\.0\.1:8000;": f"http://127.0.0.1:{maillon};",
    }
    for old, new in changes.items():
        text, count = re.subn(old, new, text)
        assert count, f"{old} does not stand in the configuration of {PAGE.name}"
    return text


def _maillon(data: Path, log: Path, port: int, values: dict[str, str]) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "MAILLON_DATA": str(data), **{f"MAILLON_{k.upper()}": v for k, v in values.items()}}
    command = [sys.executable, "-c", "from maillon.cli import main; main()", "serve", "--port", str(port)]
    with log.open("wb") as output:
        return subprocess.Popen(command, env=environment, stdout=output, stderr=output, cwd=log.parent)


def _nginx(folder: Path, text: str) -> subprocess.Popen[bytes]:
    (folder / "site.conf").write_text(text, "utf-8")
    # Started as root it would work as another user, who may not enter the folders of tests.
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(_HTTP.format(folder=folder, user=user), "utf-8")
    command = [str(NGINX), "-p", str(folder), "-c", f"{folder}/nginx.conf", "-e", f"{folder}/error.log"]
    return subprocess.Popen([*command, "-g", "daemon off;"], stdin=subprocess.DEVNULL)


Start = Callable[..., Proxied]


def _pair(
    folders: tuple[Path, Path], data: Path, text: str, values: dict[str, str], running: list[subprocess.Popen[bytes]]
) -> Proxied | None:
    """Start both servers; None where one of them has ended, for its port was taken between two moments."""
    (folder, other), (plain, port, behind) = folders, _free()
    log = other / "log"
    maillon = _maillon(data, log, behind, {**SETTINGS, **values})
    running.append(maillon)
    if not _answers(maillon, behind):
        return None
    nginx = _nginx(folder, _placed(text, folder, plain, port, behind))
    running.append(nginx)
    return Proxied(port, plain, folder, data, log, maillon) if _answers(nginx, port, plain) else None


@pytest.fixture(scope="session")
def start(site: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Give a function that starts Maillon over a folder and nginx before it, with the page's text or another."""
    if NGINX is None:
        pytest.skip("nginx is not installed: apt-get install nginx-light (it need not run)")
    running: list[subprocess.Popen[bytes]] = []

    def begin(data: Path, text: str = "", **values: str) -> Proxied:
        for _ in range(3):
            folders = tmp_path_factory.mktemp("nginx"), tmp_path_factory.mktemp("maillon")
            if found := _pair(folders, data, text or site, values, running):
                return found
        logs = [path.read_text("utf-8") for folder in folders for path in folder.glob("*log")]
        pytest.fail("One of the servers does not start: " + "\n".join(logs))

    yield begin
    for process in running:
        process.terminate()
        process.wait(20)


def _copy(source: Path, root: Path, number: int) -> None:
    """Make a snapshot like another, with its own number and one triple that names it."""
    target = snapshots.folder(root, number)
    shutil.copytree(source, target)
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    (target / "manifest.json").write_text(json.dumps({**manifest, "number": number}), encoding="utf-8")
    store = Store(str(target / "store"))
    label = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    store.add(Quad(NamedNode("urn:snapshot"), label, Literal(str(number))))
    store.flush()


@pytest.fixture
def two(sample_data: Path, tmp_path: Path) -> Path:
    """Give a data folder with the snapshots 1 and 2; 1 is served. In each, ``<urn:snapshot>`` has its number."""
    root = tmp_path / "snapshots"
    root.mkdir()
    for number in (1, 2):
        _copy((sample_data / "snapshots" / "current").resolve(), root, number)
    snapshots.switch(root, 1)
    return tmp_path


@pytest.fixture(scope="session")
def proxied(start: Start, sample_data: Path) -> Proxied:
    """Give the sample catalogue behind nginx."""
    return start(sample_data)
