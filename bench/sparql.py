"""Measures the SPARQL endpoint beside other engines, in one interleaved run, and prints ratios.

    .venv/bin/python bench/sparql.py [--parts small,mix,rows] [--datasets 10000,100000] [--rounds 5]
        [--peers oxigraph,virtuoso,jena] [--requests 500] [--rows 1000000] [--limit 60] [--folder FOLDER]

small: CPU of one small query of Maillon (all its processes) beside pyoxigraph inside a plain Flask behind the same
gunicorn. mix: twenty catalogue queries beside the native Oxigraph server, Virtuoso and Jena TDB2 (a JVM with its own
small HTTP server, not Fuseki, which Debian does not have), with the result cache off, then repeated with it on, and
behind nginx as docs/how-to/behind-a-proxy.md has it; answers are compared before anything is timed. rows: first octet,
whole time and memory of one long answer. Servers take turns, in an order that changes each round; every figure is a
median. FOLDER (default: a temporary one) keeps the catalogues. A query that takes a server more than --limit seconds is
asked of it no more.
"""

import argparse
import http.client
import math
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import _sparql_catalogue as catalogue
from bench import _sparql_mix as mix
from bench import _sparql_processes as processes
from bench import _sparql_servers as servers
from bench._sparql_servers import Server, ServerFailed

OURS = ("maillon", "on disk", "cached", "behind nginx")
PRIME = 7919
"""Numbers of datasets are walked through in steps of it, so that no small query comes twice."""


@dataclass
class Series:
    """Measurements of one server: wall and CPU milliseconds of one query, by name of the query."""

    wall: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    cpu: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def middle(self, name: str, kind: str = "wall") -> float:
        """Return the median of a query (of CPU, counted in hundredths, the mean), NaN where it was not measured."""
        found = getattr(self, kind).get(name)
        if not found:
            return math.nan
        return statistics.fmean(found) if kind == "cpu" else statistics.median(found)


def load() -> str:
    """Return the load averages as text."""
    return "load " + " ".join(f"{value:.1f}" for value in os.getloadavg())


def say(text: str = "") -> None:
    """Print a line at once."""
    print(text, flush=True)


def turns(names: list[str], rounds: int) -> Iterator[list[str]]:
    """Yield the order of each round: turned by one place, then backwards."""
    for number in range(rounds):
        shift = number % len(names)
        order = names[shift:] + names[:shift]
        yield order[::-1] if number % 2 else order


def timed(server: Server, queries: list[str], accept: str = servers.JSON) -> tuple[float, float]:
    """Ask queries one after the other; return wall and CPU milliseconds of one."""
    before, began = processes.cpu(server.process.pid), time.perf_counter()
    for query in queries:
        server.ask(query, accept)
    wall = time.perf_counter() - began
    return wall * 1000 / len(queries), (processes.cpu(server.process.pid) - before) * 1000 / len(queries)


def geometric(values: list[float]) -> float:
    """Return the geometric mean of those that are numbers, NaN where there are none."""
    logs = [math.log(value) for value in values if value > 0 and not math.isnan(value)]
    return math.exp(sum(logs) / len(logs)) if logs else math.nan


def verdict(what: str, value: float, most: float) -> None:
    """Print whether a promise is kept."""
    say(f"{'kept  ' if value <= most else 'BROKEN'} {what}: {value:.2f} (at most {most:g})")


def measure_small(data: Path, snapshot: Path, datasets: int, options: argparse.Namespace) -> None:
    """Part (a): CPU of small queries, Maillon over the plain Flask."""
    say(f"\n## Small queries over {datasets:,} datasets: CPU ms of one, {options.requests} different ones a round")
    starts: dict[str, Callable[[], Server]] = {
        "flask": lambda: servers.flask(snapshot / "store", data),
        "maillon": lambda: servers.maillon(data),
        "maillon, no cache": lambda: servers.maillon(data, "maillon-no-cache", query_cache="0"),
    }
    series: dict[str, Series] = {name: Series() for name in starts}
    with ExitStack() as stack:
        running = start_all(stack, starts)
        position = 0
        for order in turns(list(starts), options.rounds + 1):  # the first round warms up
            for kind in mix.small(0):
                position += options.requests
                numbers = [(position + place) * PRIME % datasets for place in range(options.requests)]
                queries = [mix.small(number)[kind] for number in numbers]
                for name in order:
                    wall, cpu = timed(running[name], queries)
                    series[name].wall[kind].append(wall)
                    series[name].cpu[kind].append(cpu)
    for item in series.values():
        for lists in (item.wall, item.cpu):
            for values in lists.values():
                values.pop(0)
    say(f"{'':24}" + "".join(f"{name:>28}" for name in starts) + f"   ({load()})")
    for kind in mix.small(0):
        least = series["flask"].middle(kind, "cpu")
        cells = [(item.middle(kind, "cpu"), item.middle(kind)) for item in series.values()]
        say(f"{kind:24}" + "".join(f"{cpu:9.2f} ({cpu / least:4.2f}) {wall:5.2f} wall" for cpu, wall in cells))
    ratios = [series["maillon"].middle(kind, "cpu") / series["flask"].middle(kind, "cpu") for kind in mix.small(0)]
    verdict("CPU of a small query over in-process pyoxigraph, worst of three", max(ratios), 2.5)


def peers(data: Path, snapshot: Path, names: list[str]) -> Iterator[tuple[str, Callable[[], Server]]]:
    """Yield how the other engines are started."""
    source = data / "catalogue.nt"
    known: dict[str, Callable[[], Server]] = {
        "oxigraph": lambda: servers.oxigraph(snapshot / "store", data),
        "virtuoso": lambda: servers.virtuoso(source, data),
        "jena": lambda: servers.jena(source, data),
    }
    for name in names:
        yield name, known[name]


def start_all(stack: ExitStack, starts: dict[str, Callable[[], Server]]) -> dict[str, Server]:
    """Start servers and let them come to rest; one that does not start is left out with a line."""
    running = {}
    for name, start in starts.items():
        try:
            running[name] = stack.enter_context(servers.running(start()))
            running[name].settle()
        except ServerFailed as failed:
            say(f"left out: {name}: {failed}")
    return running


def compare(running: dict[str, Server], limit: float) -> dict[str, list[str]]:
    """Ask every query once of every server and print whose answers differ; return the queries to time by server."""
    fit: dict[str, list[str]] = {name: [] for name in running}
    for query, text in mix.MIX.items():
        reference: bytes | None = None
        for name, server in running.items():
            began = time.monotonic()
            try:
                answer = server.ask(text, "text/csv")
            except ServerFailed as failed:
                say(f"not timed: {query}: {failed}")
                continue
            reference = answer if reference is None else reference
            if differs := mix.difference(reference, answer):
                say(f"DIFFERS: {query}: {next(iter(running))} and {name}: {differs}")
            if time.monotonic() - began > limit:
                say(f"not timed: {query}: {name} took {time.monotonic() - began:.0f} s")
                continue
            fit[name].append(query)
    return fit


def repeats(milliseconds: float) -> int:
    """Return how often a query is asked in one turn: for 150 ms or 40 times, at least once."""
    return max(1, min(40, int(150 / max(milliseconds, 0.1))))


def measure_mix(data: Path, snapshot: Path, datasets: int, options: argparse.Namespace) -> None:
    """Part (b): twenty queries, not cached, and repeated."""
    say(f"\n## Mix of {len(mix.MIX)} queries over {datasets:,} datasets")
    starts: dict[str, Callable[[], Server]] = {
        "maillon": lambda: servers.maillon(data, "maillon-no-cache", query_cache="0"),
        "on disk": lambda: servers.maillon(data, "maillon-disk", query_cache="0", query_in_memory="0"),
        "cached": lambda: servers.maillon(data),
        **dict(peers(data, snapshot, options.peers)),
    }
    with ExitStack() as stack:
        running = start_all(stack, starts)
        running |= start_all(stack, {"behind nginx": lambda: servers.nginx(running["cached"], data)})
        fit = compare(running, options.limit)  # each query was asked once now: caches of engines are warm
        series = {name: Series() for name in running}
        for order in turns(list(running), options.rounds):
            for query, text in mix.MIX.items():
                for name in order:
                    if query in fit[name]:
                        times = repeats(series[name].middle(query)) if series[name].wall[query] else 1
                        wall, cpu = timed(running[name], [text] * times, "text/csv")
                        series[name].wall[query].append(wall)
                        series[name].cpu[query].append(cpu)
    say("busy, asked again: " + ", ".join(f"{name} {server.refused} times" for name, server in running.items()))
    table(series, "wall")
    table(series, "cpu")
    if "oxigraph" in series:
        judge(series)


def table(series: dict[str, Series], kind: str) -> None:
    """Print the medians of one kind with their ratios to the native Oxigraph server, and geometric means."""
    say(f"\n{kind} ms of one query (ratio to native Oxigraph)   ({load()})")
    say(f"{'':24}" + "".join(f"{name:>18}" for name in series))
    native = series.get("oxigraph", Series())
    for query in mix.MIX:
        cells = [(item.middle(query, kind), native.middle(query, kind) or math.nan) for item in series.values()]
        say(f"{query:24}" + "".join(f"{value:10.1f} ({value / least:5.2f})" for value, least in cells))
    means = [ratio(item, native, kind) for item in series.values()]
    say(f"{'geometric mean':24}" + "".join(f"{'':10} ({mean:5.2f})" for mean in means))


def ratio(item: Series, native: Series, kind: str) -> float:
    """Return the geometric mean of a server's ratios to another one."""
    return geometric([item.middle(query, kind) / (native.middle(query, kind) or math.nan) for query in mix.MIX])


def judge(series: dict[str, Series]) -> None:
    """Print which promises about the mix are kept."""
    native = series["oxigraph"]
    say()
    verdict("mix, wall, in memory, over native Oxigraph", ratio(series["maillon"], native, "wall"), 0.6)
    verdict("mix, wall, on disk, over native Oxigraph", ratio(series["on disk"], native, "wall"), 1.0)
    for ours in ("cached", "behind nginx"):
        for name, peer in series.items():
            if ours in series and name not in OURS:
                repeated(ours, series[ours], name, peer)


def repeated(ours: str, item: Series, name: str, peer: Series) -> None:
    """Print how much faster repeated queries are than a peer."""
    ratios = [peer.middle(query) / item.middle(query) for query in mix.MIX]
    known = [ratio for ratio in ratios if not math.isnan(ratio)]
    if known:
        mean, least, most = geometric(known), min(known), max(known)
        say(f"{'kept  ' if mean >= 20 else 'BROKEN'} repeated queries, {ours}: {mean:.0f} times faster than {name} "
            f"(at least 20; by query {least:.1f} to {most:.0f})")  # fmt: skip


def stream(server: Server, query: str) -> tuple[float, float, int]:
    """Read one long answer; return seconds to the first octet and to the last, and octets."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=900)
    try:
        began = time.perf_counter()
        connection.request("GET", server.target(query), headers={"Accept": servers.JSON})
        reply = connection.getresponse()
        octets = len(reply.read(1))
        first = time.perf_counter() - began
        while part := reply.read(1 << 20):
            octets += len(part)
        if reply.status != 200:
            raise ServerFailed(f"{server.name} answered {reply.status}")
        return first, time.perf_counter() - began, octets
    finally:
        connection.close()


def measure_rows(data: Path, snapshot: Path, datasets: int, options: argparse.Namespace) -> None:
    """Part (c): one long answer, never the same twice, so that no cache helps."""
    say(f"\n## One answer of {options.rows:,} rows, {datasets:,} datasets")
    starts: dict[str, Callable[[], Server]] = {
        "maillon": lambda: servers.maillon(data),
        "on disk": lambda: servers.maillon(data, "maillon-disk", query_in_memory="0"),
        **dict(peers(data, snapshot, options.peers)),
    }
    found: dict[str, list[tuple[float, float, float, float]]] = defaultdict(list)
    with ExitStack() as stack:
        running = start_all(stack, starts)
        for server in running.values():
            server.ask(mix.small(1)["ask by subject"])
        less = Random(1)
        for order in turns(list(running), options.rounds):
            for name in order:
                if any(whole > options.limit for _, whole, _, _ in found[name]):
                    continue  # once is enough
                pid = running[name].process.pid
                idle = processes.memory(pid)
                with processes.Watch(pid, 0.1) as watch:
                    first, whole, octets = stream(running[name], mix.many(options.rows - less.randrange(1000)))
                found[name].append((first * 1000, whole, watch.peak / 1e6, (watch.peak - idle) / 1e6))
        say(f"{octets / 1e6:.0f} MB of JSON   ({load()})")
    for name, values in found.items():
        first, whole, peak, growth = (statistics.median(column) for column in zip(*values, strict=True))
        say(f"{name:12} first octet {first:8.1f} ms, whole {whole:6.1f} s, peak PSS {peak:6.0f} MB, {growth:+6.0f} MB")
    if "oxigraph" in found:
        columns = {name: [statistics.median(c) for c in zip(*values, strict=True)] for name, values in found.items()}
        verdict("first octet over native", columns["maillon"][0] / columns["oxigraph"][0], 3)
        for name in ("on disk", "maillon"):
            verdict(f"memory in MB beyond the idle server's, {name}", columns[name][3], 300)
        verdict("memory of all processes in MB, store on disk", columns["on disk"][2], 300)


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", type=lambda text: text.split(","), default=["small", "mix", "rows"])
    parser.add_argument("--datasets", type=lambda text: [int(item) for item in text.split(",")], default=[10_000])
    parser.add_argument("--peers", type=lambda text: text.split(",") if text else [], default=["oxigraph", "virtuoso"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=500)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--limit", type=float, default=60.0)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    processes.end_cleanly()
    parts = {"small": measure_small, "mix": measure_mix, "rows": measure_rows}
    with tempfile.TemporaryDirectory(prefix="maillon-bench-") as temporary:
        for datasets in options.datasets:
            data = (options.folder or Path(temporary)) / f"catalogue-{datasets}"
            snapshot = catalogue.make(data, datasets)
            for name in options.parts:
                parts[name](data, snapshot, datasets, options)


if __name__ == "__main__":
    main()
