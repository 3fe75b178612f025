"""Starts the SPARQL servers that are compared, each over the same catalogue, on loopback, and stops them.

Maillon, the plain Flask of ``_sparql_baseline``, the native Oxigraph server, Virtuoso 7 (Debian:
virtuoso-opensource-7-bin), Jena TDB2 (Debian: libapache-jena-java). Each is reached by the SPARQL 1.1 Protocol
(https://www.w3.org/TR/sparql11-protocol/), a query in the address, over one kept connection.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

from bench import _sparql_processes as processes
from bench._sparql_client import BrokenOff, Connection

ROOT: Final = Path(__file__).resolve().parents[1]
BIN: Final = Path(sys.executable).parent
JSON: Final = "application/sparql-results+json"
JARS: Final = Path("/usr/share/java")
JENA: Final = ROOT / "tests" / "remote" / "jena.java"
"""The program that the tests of remote engines run, too."""
TRIES: Final = 10
IDLE: Final = 1.5
"""Seconds after which a kept connection is opened anew: gunicorn closes it after 2, the native Oxigraph server answers
500 on one that was idle for a minute."""
GRAPH: Final = "urn:bench"
"""Graph of the catalogue in Virtuoso, which has no default graph of its own."""
VIRTUOSO: Final = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
MaxCheckpointRemap = 2000
[TempDatabase]
DatabaseFile = {folder}/temporary.db
TransactionFile = {folder}/temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
ServerThreads = 20
NumberOfBuffers = 340000
MaxDirtyBuffers = 250000
DirsAllowed = {folder}
CheckpointInterval = 0
SchedulerInterval = 10
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerRoot = {folder}
ServerThreads = 10
[SPARQL]
ResultSetMaxRows = 10000000
MaxQueryExecutionTime = 600
"""


class ServerFailed(RuntimeError):
    """A server did not start or did not answer."""


@dataclass
class Server:
    """A running SPARQL server.

    Attributes:
        name: What it is called in tables.
        port: Its HTTP port on loopback.
        path: Path of its endpoint.
        process: Its first process.
        parameters: Sent with every query.
        targets: What was asked for each query.
        refused: How often it said that it was busy.
        left: Its processes that outlived it, once it was stopped.
    """

    name: str
    port: int
    path: str
    process: subprocess.Popen[bytes]
    parameters: dict[str, str] = field(default_factory=dict)
    targets: dict[str, str] = field(default_factory=dict)
    connection: Connection | None = None
    asked: float = 0.0
    refused: int = 0
    left: list[processes.Entry] = field(default_factory=list)

    @property
    def address(self) -> str:
        """The address of its endpoint."""
        return f"http://127.0.0.1:{self.port}{self.path}"

    def target(self, query: str) -> str:
        """Return the path that asks a query."""
        return f"{self.path}?{urlencode({'query': query, **self.parameters}, quote_via=quote)}"

    def ask(self, query: str, accept: str = JSON) -> bytes:
        """Ask a query over the kept connection; a server that is busy is asked again, which is counted in ``refused``.

        Raises:
            ServerFailed: It answered with another status than 200, or not at all.
        """
        for attempt in range(TRIES):
            status, body = self._get(query, accept)
            if status == 200:
                return body
            if status != 503 or b"busy" not in body or attempt == TRIES - 1:
                break
            self.refused += 1
            time.sleep(1)
        raise ServerFailed(f"{self.name} answered {status}: {body[:300].decode(errors='replace')}")

    def _get(self, query: str, accept: str) -> tuple[int, bytes]:
        """Return status and body, over a new connection where the server has closed the kept one."""
        if self.connection is None:
            self.connection = Connection(self.port)
        if time.monotonic() > self.asked + IDLE:
            self.connection.close()
        target = self.targets.get(query) or self.targets.setdefault(query, self.target(query))
        for attempt in range(2):
            try:
                found = self.connection.get(target, accept)
            except BrokenOff as error:
                if attempt:
                    raise ServerFailed(f"{self.name} does not answer: {error}") from error
                continue
            self.asked = time.monotonic()
            return found
        raise AssertionError

    def settle(self, seconds: float = 180.0) -> None:
        """Wait until it does nothing any more, such as loading a copy of the store into memory."""
        end = time.monotonic() + seconds
        used = processes.cpu(self.process.pid)
        while time.monotonic() < end:
            time.sleep(2)
            before, used = used, processes.cpu(self.process.pid)
            if used - before < 0.1:
                return

    def wait(self, seconds: float = 600.0) -> None:
        """Wait until it answers. Raises ServerFailed."""
        end = time.monotonic() + seconds
        while True:
            with suppress(ServerFailed):
                if json.loads(self.ask("SELECT ?s { ?s ?p ?o } LIMIT 1"))["results"]["bindings"]:
                    return
            if self.process.poll() is not None or time.monotonic() > end:
                raise ServerFailed(f"{self.name} did not start within {seconds:g} s; see its log.")
            time.sleep(0.1)


def free_port() -> int:
    """Return a port of loopback that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """Give a started server as soon as it answers, and stop it afterwards."""
    try:
        server.wait()
        yield server
    finally:
        if server.connection is not None:
            server.connection.close()
        server.left = processes.stop(server.process)


def maillon(data: Path, name: str = "maillon", **values: str) -> Server:
    """Start ``maillon serve`` over a data folder; limits per client are lifted unless given."""
    port = free_port()
    settings = {"query_rate": "", "queries_per_client": "1000", **values}
    variables = {f"MAILLON_{key.upper()}": value for key, value in settings.items()}
    command = [str(BIN / "maillon"), "serve", "--port", str(port)]
    process = processes.start(command, data / f"{name}.log", MAILLON_DATA=str(data.resolve()), **variables)
    return Server(name, port, "/sparql", process)


def nginx(origin: Server, folder: Path) -> Server:
    """Start nginx before a server, as docs/how-to/behind-a-proxy.md has it but for ports, paths and TLS."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        raise ServerFailed("nginx is not installed (Debian: nginx-light).")
    home, port = (folder / "nginx").resolve(), free_port()
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    site = (
        (ROOT / "docs" / "how-to" / "behind-a-proxy.md")
        .read_text("utf-8")
        .partition("```nginx\n")[2]
        .partition("```")[0]
    )
    site = re.sub(r"listen (\[::\]:.*|80);|ssl_certificate(_key)? .*;", "", site)
    site = re.sub(r"listen 443 .*;", f"listen 127.0.0.1:{port};", site)
    site = re.sub(r"/var/(cache|log)/nginx", str(home), site).replace("127.0.0.1:8000", f"127.0.0.1:{origin.port}")
    user = "user root;" if os.geteuid() == 0 else ""
    paths = "".join(
        f"{name}_temp_path {home}/{name}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (home / "nginx.conf").write_text(
        f"{user} pid {home}/pid; daemon off; events {{}} http {{ access_log off; {paths}\n{site}\n}}\n", "utf-8"
    )
    command = [program, "-p", str(home), "-c", str(home / "nginx.conf"), "-e", str(home / "error.log")]
    return Server("nginx", port, origin.path, processes.start(command, folder / "nginx.log"))


def flask(store: Path, folder: Path) -> Server:
    """Start the plain Flask over a store, behind gunicorn as ``maillon serve`` sets it."""
    port = free_port()
    command = [str(BIN / "gunicorn"), "--worker-class", "gthread", "--workers", "1", "--threads", "8"]
    command += ["--limit-request-line", "8190", "--log-level", "warning", "--no-control-socket", "--bind"]
    command += [f"127.0.0.1:{port}", f'bench._sparql_baseline:create_app("{store.resolve()}")']
    return Server("flask", port, "/sparql", processes.start(command, folder / "flask.log", PYTHONPATH=str(ROOT)))


def oxigraph(store: Path, folder: Path) -> Server:
    """Start the native Oxigraph server over a store, read-only."""
    port = free_port()
    command = [str(BIN / "oxigraph"), "serve-read-only", "--location", str(store.resolve())]
    command += ["--bind", f"127.0.0.1:{port}"]
    return Server("oxigraph", port, "/query", processes.start(command, folder / "oxigraph.log"))


def _isql(sql: int, *statements: str) -> str:
    command = ["isql-vt", f"127.0.0.1:{sql}", "dba", "dba", "ERRORS=stdout"]
    text = "".join(f"{line};\n" for line in statements)
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode or "*** Error" in done.stdout:
        raise ServerFailed(f"Virtuoso refused: {done.stdout[-500:]}{done.stderr[-500:]}")
    return done.stdout


def _load(sql: int, path: Path) -> None:
    """Load N-Triples into a Virtuoso that is coming up."""
    for _ in range(120):
        with suppress(ServerFailed):
            _isql(sql, "status()")
            break
        time.sleep(0.5)
    _isql(sql, f"DB.DBA.TTLP_MT(file_open('{path}'), '', '{GRAPH}', 255, 2)", "checkpoint")


def jena(source: Path, folder: Path) -> Server:
    """Start Jena TDB2 over N-Triples, loaded the first time, behind the HTTP server of the JDK."""
    if shutil.which("java") is None or not (JARS / "jena-tdb2.jar").exists():
        raise ServerFailed("java or Jena is not installed (Debian: default-jre-headless, libapache-jena-java).")
    home, port = (folder / "jena").resolve(), free_port()
    home.mkdir(parents=True, exist_ok=True)
    command = [
        "java",
        "-Xmx3g",
        "-Dsun.net.httpserver.nodelay=true",
        "-cp",
        f"{home}:{JARS}/slf4j-nop.jar:{JARS}/*",
        str(JENA),
    ]
    command += [str(home), str(port), f"database={source.resolve()}"]
    return Server("jena", port, "/database/query", processes.start(command, folder / "jena.log"))


def virtuoso(source: Path, folder: Path) -> Server:
    """Start Virtuoso over N-Triples, loaded the first time into a folder of its own beside its log."""
    if shutil.which("virtuoso-t") is None or shutil.which("isql-vt") is None:
        raise ServerFailed("virtuoso-t and isql-vt are not installed (Debian: virtuoso-opensource-7-bin).")
    home = (folder / "virtuoso").resolve()
    home.mkdir(parents=True, exist_ok=True)
    sql, port = free_port(), free_port()
    (home / "virtuoso.ini").write_text(VIRTUOSO.format(folder=home, sql=sql, port=port), encoding="utf-8")
    (home / "virtuoso.lck").unlink(missing_ok=True)
    command = ["virtuoso-t", "+foreground", "+configfile", str(home / "virtuoso.ini")]
    process = processes.start(command, folder / "virtuoso-start.log")
    try:
        if not (home / "loaded").exists():
            copy = home / "catalogue.nt"
            copy.unlink(missing_ok=True)
            os.link(source, copy)
            _load(sql, copy)
            (home / "loaded").touch()
    except ServerFailed:
        processes.stop(process)
        raise
    return Server("virtuoso", port, "/sparql", process, {"default-graph-uri": GRAPH})
