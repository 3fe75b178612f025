"""Sends thousands of sloppy, broken and hopeless queries to a server that it starts, and checks what is promised.

    .venv/bin/python bench/sparql_fuzz.py [--queries 20000] [--clients 4] [--timeout 2] [--seed 1] [--heavy 0.02]
        [--corpus ../shared/corpus/sparql] [--data FOLDER] [--report FILE] [--minutes 20] [--slack 8]

The hostile set and the queries of the corpus come first, then those of the grammar. Promised: each is answered within
its budget (and the slack of a busy machine) with a status of the protocol; a 400 says where or why, a 503 or 504 which
budget and when to come back; nothing but an answer that breaks off leaves a traceback in the log; the web processes
live through it; the memory of all processes stays under the cap; no query process ever has an internet socket; nobody
connects to the address that queries name. Cheap queries run beside it: their p50 and p99 are printed over those of the
server left in peace. DATA is a published data folder (default: the samples, harvested and published now). Exit 1 where
a promise is broken; latency is printed, not judged, for it tells as much of the machine.
"""

import argparse
import contextlib
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from random import Random
from typing import Any, Final
from urllib.parse import quote, urlencode

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import _sparql_processes as processes
from bench import _sparql_servers as servers
from bench._sparql_grammar import Grammar
from bench._sparql_hostile import corpus, hostile

REASON: Final = "x-maillon-reason"
LEAVING: Final = 0.03
"""Share of clients that leave without waiting for an answer."""
LEFT: Final = -1
ALLOWED: Final = {200, 400, 406, 413, 429, 503, 504}
ACCEPTED: Final = (
    "application/sparql-results+json", "application/sparql-results+xml", "text/csv", "text/tab-separated-values",
    "text/turtle", "application/n-triples", "text/html", "*/*", "text/csv;q=0.5, */*;q=0.1", "image/png",
)  # fmt: skip
_PLACE: Final = re.compile(r"\b\d+:\d+\b|\blines? \d+|column \d+")
_WHY: Final = re.compile(
    r"at most|SERVICE|read-only|update|prefix|exactly one|absolute|UTF-8|not a query|unknown|function|substitut|empty",
    re.IGNORECASE,
)
_TRACE: Final = re.compile(r"^Traceback .*\n(?:[ ].*\n|\n)*(\S.*)", re.MULTILINE)
_BUDGET: Final = re.compile(r"second|memory|octet|large|busy|too many|worker|time|again|given up", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one query got: status (0 for none), reason, whether it came whole, seconds, what is wrong with it."""

    kind: str
    status: int
    reason: str
    is_whole: bool
    seconds: float
    fault: str


class Listener:
    """A server on loopback that nobody may ask; it counts those who do."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.place = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        self.connections = 0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            client, _ = self._socket.accept()
            self.connections += 1
            client.close()


class Fuzz:
    """Asks queries of one server and judges its answers."""

    def __init__(self, port: int, limit: float) -> None:
        self._port, self._limit = port, limit
        self.outcomes: list[Outcome] = []
        self.faults: list[str] = []
        self.unplaced: Counter[str] = Counter()

    def _send(self, query: str, random: Random) -> tuple[int, dict[str, str], bytes, bool]:
        """Send a query in one of the protocol's ways; return status, headers, body, and whether it came whole."""
        headers = {"Accept": random.choice(ACCEPTED) + random.choice(("", *[", */*;q=0.1"] * 9))}
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=self._limit + 5)
        try:
            way = random.choice(("get", "form", "body"))
            if way == "get" and len(quoted := quote(query)) < 6000:
                connection.request("GET", f"/sparql?query={quoted}", headers=headers)
            elif way == "body":
                headers["Content-Type"] = "application/sparql-query"
                connection.request("POST", "/sparql", query.encode(), headers)
            else:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
                connection.request("POST", "/sparql", urlencode({"query": query}).encode(), headers)
            if random.random() < LEAVING:
                return LEFT, {}, b"", False
            reply = connection.getresponse()
            named = {name.lower(): value for name, value in reply.getheaders()}
            try:
                return reply.status, named, reply.read(), True
            except (http.client.IncompleteRead, ConnectionResetError):
                return reply.status, named, b"", False
        finally:
            connection.close()

    def ask(self, kind: str, query: str, random: Random) -> None:
        """Ask one query and keep the outcome."""
        began = time.monotonic()
        status, is_whole, headers = 0, False, dict[str, str]()
        try:
            status, headers, body, is_whole = self._send(query, random)
            seconds = time.monotonic() - began
            fault = self._fault(status, headers, body.decode("utf-8", "replace"))
        except (OSError, http.client.HTTPException) as error:
            seconds = time.monotonic() - began
            fault = f"no status: {type(error).__name__} {error}"
        if not fault and seconds > self._limit:
            fault = f"took {seconds:.1f} s"
        self.outcomes.append(Outcome(kind, status, headers.get(REASON, ""), is_whole, seconds, fault))
        if fault:
            self.faults.append(f"{kind}, status {status}, {fault}: {query[:300]!r}")

    def _fault(self, status: int, headers: dict[str, str], text: str) -> str:
        if status == LEFT:
            return ""
        if status not in ALLOWED:
            return f"status {status}: {text[:200]}"
        if status == 400 and not (_PLACE.search(text) or _WHY.search(text)):
            self.unplaced[text[:80]] += 1
            return f"400 without place or reason: {text[:200]}"
        if status in (503, 504) and not _BUDGET.search(text):
            return f"{status} without a reason: {text[:200]}"
        comes_back = status == 429 or headers.get(REASON, "busy") == "busy"
        if status in (429, 503) and comes_back and not headers.get("retry-after"):
            return f"{status} without Retry-After: {text[:200]}"
        return ""


def queries(options: argparse.Namespace, place: str) -> Iterator[tuple[str, str]]:
    """Yield kind and text of all queries, those that stand fixed among the first."""
    number = 0
    fixed = [*hostile(place), *(corpus(options.corpus) if options.corpus else ())]
    Random(options.seed).shuffle(fixed)
    grammar = Grammar(options.seed, place, options.heavy)
    for kind, query in fixed:
        yield kind, query
        yield grammar.query(number)
        number += 1
    for rest in count(number):
        yield grammar.query(rest)


def work(fuzz: Fuzz, source: Iterator[tuple[int, tuple[str, str]]], lock: threading.Lock, until: float) -> None:
    """Ask queries until there are no more or time is over: one of the clients."""
    while time.monotonic() < until:
        with lock:
            number, (kind, query) = next(source, (-1, ("", "")))
        if number < 0:
            return
        fuzz.ask(kind, query, Random(number))


@contextlib.contextmanager
def probing(server: servers.Server) -> Iterator[dict[str, Any]]:
    """Run the probe beside something; its findings are in the dictionary afterwards."""
    command = [sys.executable, str(Path(__file__).with_name("_sparql_probe.py")), f"http://127.0.0.1:{server.port}/"]
    found: dict[str, Any] = {}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as probe:
        try:
            yield found
        finally:
            said, _ = probe.communicate(timeout=120)
    found.update(json.loads(said) if said else {})


def samples(folder: Path) -> Path:
    """Harvest and publish the samples into a folder; return it."""
    for command in ("harvest", "publish"):
        subprocess.run(
            [str(servers.BIN / "maillon"), command], check=True, capture_output=True,
            env={**os.environ, "MAILLON_DATA": str(folder)},
        )  # fmt: skip
    return folder


def start(options: argparse.Namespace, data: Path) -> servers.Server:
    """Start the server with small budgets."""
    values = {
        "query_timeout": f"{options.timeout:g}",
        "query_max_bytes": "5000000",
        "query_memory": str(options.memory),
        "query_memory_all": str(options.memory_all),
    }
    return servers.maillon(data, "fuzz", **values)


def run(options: argparse.Namespace, data: Path) -> dict[str, Any]:
    """Ask everything; return the report."""
    listener, lock = Listener(), threading.Lock()
    numbered = enumerate(islice(queries(options, listener.place), options.queries))
    written = len(path.read_text("utf-8", "replace")) if (path := data / "fuzz.log").exists() else 0
    with servers.running(start(options, data)) as server:
        fuzz = Fuzz(server.port, options.timeout + options.slack)
        with probing(server) as warm:
            time.sleep(1)
        with probing(server) as peace:
            time.sleep(options.peace)
        web = processes.web_processes(server.process.pid)
        began = time.monotonic()
        with probing(server) as beside, processes.Watch(server.process.pid, 1.0, is_looking_at_sockets=True) as watch:
            arguments = (fuzz, numbered, lock, began + options.minutes * 60)
            clients = [threading.Thread(target=work, args=arguments) for _ in range(options.clients)]
            for client in clients:
                client.start()
            for client in clients:
                client.join()
        seconds = time.monotonic() - began
        time.sleep(options.timeout)
        is_well = b"true" in server.ask("ASK { ?d a dcat:Dataset }")
        lives_on = web == processes.web_processes(server.process.pid)
    log = (data / "fuzz.log").read_text(encoding="utf-8", errors="replace")[written:]
    return {
        "asked": len(fuzz.outcomes), "seconds": seconds, "faults": fuzz.faults, "web processes live on": lives_on,
        "answers afterwards": is_well, "connections": listener.connections, "sockets": sorted(watch.offending),
        "memory": watch.peak, "processes": watch.most,
        "tracebacks": [line for line in _TRACE.findall(log) if "QueryFailed" not in line],
        "peace": peace, "beside": beside, "warm": warm.get("asked", 0), "outcomes": fuzz.outcomes,
    }  # fmt: skip


def _name(item: Outcome) -> str:
    if item.status <= 0:
        return "left" if item.status == LEFT else "none"
    return f"{item.status}{'' if item.is_whole else ' cut'} {item.reason}".strip()


def show(report: dict[str, Any]) -> None:
    """Print what queries of each kind got, and the latencies of the probe."""
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    slowest: dict[str, float] = defaultdict(float)
    for item in report.pop("outcomes"):
        kinds[item.kind][_name(item)] += 1
        slowest[item.kind] = max(slowest[item.kind], item.seconds)
    for kind, statuses in sorted(kinds.items()):
        print(f"{kind:10} {statuses.total():6}  slowest {slowest[kind]:5.1f} s  {dict(sorted(statuses.items()))}")
    print(f"{report['asked']} queries in {report['seconds']:.0f} s, peak PSS {report['memory'] / 1e6:.0f} MB, "
          f"at most {report['processes']} processes, {len(report['tracebacks'])} tracebacks in the log")  # fmt: skip
    compare_probes(report["peace"], report["beside"])
    print("promised: p99 of all at most 5 times that in peace; load " + " ".join(f"{x:.1f}" for x in os.getloadavg()))
    for fault in report["faults"][:20]:
        print("FAULT", fault)


def compare_probes(peace: dict[str, Any], beside: dict[str, Any]) -> None:
    """Print the latencies of the probe beside the fuzzing over those in peace."""
    if not (peace.get("asked") and beside.get("asked")):
        print("the probe could not start")
        return
    print(f"probe: {peace['asked']} in peace (bad: {peace['bad']}), {beside['asked']} beside (bad: {beside['bad']})")
    for share in ("p50", "p99"):
        parts = [
            f"{name} {before:.1f} -> {beside[share].get(name, 0):.1f} ms ({beside[share].get(name, 0) / before:.1f})"
            for name, before in peace[share].items()
            if before
        ]
        print(f"{share}: " + ", ".join(parts))


def broken(report: dict[str, Any], options: argparse.Namespace) -> list[str]:
    """Return the promises that were broken."""
    checks = {
        f"{len(report['faults'])} queries got a wrong answer": not report["faults"],
        f"only {report['asked']} of {options.queries} were asked in {options.minutes} minutes": report["asked"]
        == options.queries,
        "a web process died": report["web processes live on"],
        "the server does not answer afterwards": report["answers afterwards"],
        f"{report['connections']} connections were made to the address in the queries": not report["connections"],
        f"query processes had internet sockets: {report['sockets'][:3]}": not report["sockets"],
        f"memory reached {report['memory'] / 1e6:.0f} MB": report["memory"] <= options.memory_all + 500_000_000,
        f"tracebacks are in the log: {report['tracebacks'][:3]}": not report["tracebacks"],
    }
    return [text for text, is_kept in checks.items() if not is_kept]


def main() -> None:
    """Fuzz, print, and end with 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queries", type=int, default=20_000)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--timeout", type=float, default=2.0)
    parser.add_argument("--slack", type=float, default=8.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--heavy", type=float, default=0.02)
    parser.add_argument("--peace", type=float, default=15.0, help="seconds for which the undisturbed probe runs")
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--memory", type=int, default=2_000_000_000)
    parser.add_argument("--memory-all", type=int, default=3_000_000_000)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--report", type=Path)
    options = parser.parse_args()
    processes.end_cleanly()
    with tempfile.TemporaryDirectory(prefix="maillon-fuzz-") as temporary:
        report = run(options, options.data or samples(Path(temporary)))
    show(report)
    faults = broken(report, options)
    if options.report:
        options.report.write_text(json.dumps({**report, "broken": faults}, indent=1), encoding="utf-8")
    print("\n".join(f"BROKEN: {text}" for text in faults) or "all promises kept")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
