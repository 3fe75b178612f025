"""A bounded soak: a server under mixed load that is published to every minute, while its processes are killed.

    nohup .venv/bin/python bench/soak.py --minutes 60 > soak.log &
        [--minutes 60] [--datasets 1000] [--every 60] [--kills 15] [--rate 1.0] [--seed 1] [--folder FOLDER]

A source of DATASETS datasets is changed, harvested, published and old snapshots pruned every EVERY seconds. About 19
requests a second (times RATE) come meanwhile: small and analytic queries, large answers, slow readers, clients that
leave, conditional requests, queries of older snapshots. About every KILLS seconds a process below the web processes is
ended by SIGKILL. Promised: every whole answer is that of the snapshot it names; every request whose connection we did
not cut has a status; nothing leaks: processes, descriptors, files, disk. Prints a line a minute and a table at the end;
exit 1 where a promise is broken.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from random import Random
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import _sparql_processes as processes
from bench import _sparql_servers as servers
from bench._sparql_catalogue import Catalogue, iri
from bench._sparql_soak import Clients, Truth
from maillon.settings import Settings
from maillon.store import snapshots

CACHE: Final = 20_000_000
SOURCE: Final = 'kind = "dcat"\nurl = "soak.nt"\npublisher = "Service exemple"\nlanguage = "fr"\n'
STEP: Final = 97
"""One dataset in so many changes its French title at each revision."""


@dataclass(frozen=True, slots=True)
class State:
    """What may leak. Octets in MB."""

    processes: int
    zombies: int
    web_descriptors: int
    snapshots: int
    snapshots_mb: float
    temporary_files: int
    other_files: int
    other_mb: float
    memory_mb: float


def megabytes(paths: list[Path]) -> float:
    """Return the size of files that may vanish meanwhile, those with several names counted once."""
    sizes: dict[int, int] = {}
    for path in paths:
        with contextlib.suppress(OSError):
            found = path.stat()
            sizes[found.st_ino] = found.st_blocks * 512
    return sum(sizes.values()) / 1e6


def below(folder: Path) -> list[Path]:
    """Return all files below a folder from which others may be taken meanwhile."""
    return [Path(base) / name for base, _, names in os.walk(folder) for name in names]


class Soak:
    """A data folder, the server over it, and what is done to both.

    Attributes:
        truth: What is right.
        killed: Number of processes that were killed.
        published: Number of snapshots published.
    """

    def __init__(self, folder: Path, options: argparse.Namespace) -> None:
        self.folder, self.data, self.temporary = folder, folder / "data", folder / "tmp"
        self.temporary.mkdir(parents=True, exist_ok=True)
        self.options = options
        self.settings = Settings(data=self.data)
        self.truth = Truth()
        self.killed = self.published = 0
        self._random = Random(options.seed)
        (folder / "soak.toml").write_text(SOURCE, encoding="utf-8")
        self._lines = "".join(Catalogue(options.datasets).parts()).splitlines(keepends=True)

    def _write(self, revision: int) -> None:
        """Write the source as of a revision."""
        changing = {
            f"<{iri('dataset', number)}>"
            for number in range(self.options.datasets)
            if number % STEP == revision % STEP or number == 0
        }
        with (self.folder / "soak.nt").open("w", encoding="utf-8") as file:
            for line in self._lines:
                subject, predicate, rest = line.split(" ", 2)
                is_title = predicate.endswith("title>") and subject in changing and '"@fr' in rest
                file.write(f'{subject} {predicate} "Révision {revision}"@fr .\n' if is_title else line)
            file.write(f'<{iri("dataset", 0)}> <http://www.w3.org/ns/dcat#version> "{revision}" .\n')

    def _maillon(self, *arguments: str) -> None:
        command = ["nice", "-n", "10", str(servers.BIN / "maillon"), *arguments]
        variables = {**os.environ, "MAILLON_DATA": str(self.data)}
        done = subprocess.run(command, cwd=self.folder, env=variables, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"maillon {' '.join(arguments)} failed: {done.stdout[-500:]}{done.stderr[-1500:]}")

    def publish(self, revision: int) -> None:
        """Change the source, harvest, publish, learn what is right now, prune."""
        self._write(revision)
        self._maillon("harvest", "soak.toml")
        self._maillon("publish")
        number = snapshots.current_number(self.settings.snapshots)
        assert number is not None
        self.truth.learn(number, snapshots.folder(self.settings.snapshots, number), revision)
        self._maillon("snapshots", "prune")
        self.published += 1

    def kill(self, server: servers.Server) -> None:
        """End one of the processes below the web processes, any of them."""
        victims = [entry.pid for entry in processes.query_processes(server.process.pid) if entry.state != "Z"]
        if victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._random.choice(victims), signal.SIGKILL)
                self.killed += 1

    def state(self, server: servers.Server) -> State:
        """Look at everything that may leak."""
        members = processes.tree(server.process.pid)
        kept = below(self.settings.snapshots)
        other = [path for path in below(self.data) if self.settings.snapshots not in path.parents]
        return State(
            processes=sum(entry.state != "Z" for entry in members),
            zombies=sum(entry.state == "Z" for entry in members),
            web_descriptors=sum(len(processes.descriptors(pid)) for pid in processes.web_processes(server.process.pid)),
            snapshots=len(snapshots.numbers(self.settings.snapshots)),
            snapshots_mb=megabytes(kept),
            temporary_files=len(below(self.temporary)),
            other_files=len(other),
            other_mb=megabytes(other),
            memory_mb=sum(processes.pss(entry.pid) for entry in members) / 1e6,
        )

    def server(self) -> servers.Server:
        """Start the server: temporary files in a folder of their own, a cache so small that it has to give way."""
        os.environ["TMPDIR"] = str(self.temporary)
        return servers.maillon(self.data, "soak", query_timeout="20", query_cache=str(CACHE), web_threads="16")

    def run(self, server: servers.Server) -> tuple[State, State, Clients]:
        """Soak; return the state at the beginning and at the end."""
        clients = Clients(server.port, self.truth, self.options.rate, self.options.seed)
        clients.start()
        began, first = time.monotonic(), None
        for minute in self._minutes(began, server):
            self.publish(self.published)
            self.truth.compare()
            if minute == 2 or first is None:
                first = self.state(server)
            self._say(time.monotonic() - began, server, clients)
        clients.stop()
        time.sleep(10)
        server.ask("ASK { ?d a dcat:Dataset }")
        self.truth.compare()
        assert first is not None
        return first, self.state(server), clients

    def _say(self, seconds: float, server: servers.Server, clients: Clients) -> None:
        counts, truth = clients.counts, self.truth
        print(
            f"{seconds:6.0f} s  {counts.statuses.total()} answers, {truth.compared} compared, "
            f"{len(truth.wrong)} wrong, {len(counts.lost)} lost, {len(counts.odd)} odd, "
            f"{self.killed} killed, {self.published} published, "
            f"load {os.getloadavg()[0]:.1f}, {self.state(server)}",
            flush=True,
        )

    def _minutes(self, began: float, server: servers.Server) -> Iterator[int]:
        """Yield the number of each interval at its beginning; kill between."""
        interval, kill = 0, began + 5
        while (now := time.monotonic()) < began + self.options.minutes * 60:
            if now >= kill:
                self.kill(server)
                kill = now + self._random.expovariate(1 / self.options.kills)
            if now >= began + interval * self.options.every:
                yield interval
                interval += 1
            time.sleep(0.2)


def judge(soak: Soak, first: State, last: State, clients: Clients) -> list[str]:
    """Return the promises that were broken."""
    keep, counts, truth = soak.settings.keep_snapshots, clients.counts, soak.truth
    checks = {
        f"{len(truth.wrong)} wrong answers: {truth.wrong[:3]}": not truth.wrong,
        f"{truth.unknown()} answers named no known snapshot": not truth.unknown(),
        f"{len(counts.lost)} requests without a status: {counts.lost[:3]}": not counts.lost,
        f"{len(counts.odd)} odd answers: {counts.odd[:3]}": not counts.odd,
        "hardly anything was compared": truth.compared > soak.options.minutes * 60,
        f"processes: {first.processes} -> {last.processes}": last.processes <= first.processes + 3,
        f"{last.zombies} zombies": last.zombies <= 2,
        f"descriptors: {first.web_descriptors} -> {last.web_descriptors}": last.web_descriptors
        <= first.web_descriptors + 20,
        f"{last.snapshots} snapshots are kept": last.snapshots <= keep + 1,
        f"snapshots: {first.snapshots_mb:.0f} -> {last.snapshots_mb:.0f} MB": last.snapshots_mb
        <= 2 * first.snapshots_mb * max(1, (keep + 1) / max(first.snapshots, 1)),
        f"temporary files: {first.temporary_files} -> {last.temporary_files}": last.temporary_files
        <= first.temporary_files + 10,
        f"memory: {first.memory_mb:.0f} -> {last.memory_mb:.0f} MB": last.memory_mb <= first.memory_mb * 1.5 + 200,
    }
    return [text for text, is_kept in checks.items() if not is_kept]


def show(soak: Soak, first: State, last: State, clients: Clients) -> None:
    """Print the table."""
    print(f"\n{soak.published} snapshots, {soak.killed} processes killed, {soak.truth.compared} answers compared")
    for name, number in sorted(clients.counts.statuses.items()):
        print(f"{name:24} {number:8}")
    print(f"{'':24} {'beginning':>12} {'end':>12}")
    for item in fields(State):
        print(f"{item.name:24} {getattr(first, item.name):12.0f} {getattr(last, item.name):12.0f}")


def main() -> None:
    """Soak, print, and end with 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--datasets", type=int, default=1000)
    parser.add_argument("--every", type=float, default=60.0)
    parser.add_argument("--kills", type=float, default=15.0)
    parser.add_argument("--rate", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    processes.end_cleanly()
    with tempfile.TemporaryDirectory(prefix="maillon-soak-") as temporary:
        soak = Soak((options.folder or Path(temporary)).resolve(), options)
        soak.publish(0)
        server = soak.server()
        with servers.running(server):
            first, last, clients = soak.run(server)
        show(soak, first, last, clients)
        faults = judge(soak, first, last, clients) + [f"{entry} outlived the server" for entry in server.left]
    print("\n".join(f"BROKEN: {text}" for text in faults) or "all promises kept")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
