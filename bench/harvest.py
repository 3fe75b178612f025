"""Measures conversion, CKAN packages to canonical triples with their hash, beside ckanext-dcat on the same packages.

    .venv/bin/python bench/harvest.py [--packages N] [--peer PYTHON] [--memory]

Makes N different packages (default 10,000), converts them in process (package, record, mapping, canonical N-Triples,
SHA-256 of each entity), and has ckanext-dcat serialise the same ones, in turns of a fifth each, so that both meet the
same moods of the machine. CPU time, one core. ``--peer`` names a Python that has ckanext-dcat; without it only ours is
measured. ``--memory`` instead runs the whole way of a harvest up to the staging file for N and ten times N packages
and compares the most memory that each needed.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._ckan_packages import packages
from harvesters import _ckan_package
from maillon import mapping, repair
from maillon.harvest.staging import Staging
from maillon.harvest.taking import Taker
from maillon.rdf import canonical
from maillon.sources import parse

BASE = "http://localhost:8000/"
SOURCE = parse('kind = "ckan"\nurl = "x.json"\nlanguage = "fr"\npublisher = "Service exemple"', "bench", Path())
TURNS = 5
PAGE = 100
"""Packages read at once, as of a page of ``package_search``."""
HOW_TO_GET_A_PEER = """
Without --peer only ours is measured. To make an interpreter that has ckanext-dcat (Python 3.10 or later):
    uv venv peer && uv pip install --python peer ckan ckanext-dcat
(add what its import still asks for), then run this again with --peer peer/bin/python
"""


def convert(lines: list[str], *, is_repaired: bool) -> tuple[float, int]:
    """Convert packages; return CPU seconds and the number of triples."""
    context = repair.Context(source=SOURCE, base=BASE)
    triples, seconds = 0, 0.0
    for start in range(0, len(lines), PAGE):
        page = [json.loads(line) for line in lines[start : start + PAGE]]
        texts = []
        began = time.process_time()
        for package in page:
            record = _ckan_package.dataset(package["id"], package, SOURCE.language)
            for entity in mapping.entities(record, SOURCE, BASE):
                kept = repair.repair(entity, context).entity if is_repaired else entity
                texts.append(canonical.version(kept, BASE).text)
        seconds += time.process_time() - began
        triples += sum(text.count("\n") for text in texts)
    return seconds, triples


def peer(python: str, path: Path, start: int, stop: int) -> dict[str, float]:
    """Run ckanext-dcat over a part of the file; return CPU seconds by format, and triples of a dataset."""
    script = Path(__file__).with_name("_ckanext_dcat.py")
    command = [python, str(script), str(path), str(start), str(stop)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=path.parent)
    found = json.loads(done.stdout.splitlines()[-1])
    return {**found["seconds"], "triples": found["triples"]}


def compare(number: int, python: str) -> None:
    """Measure ours and the peer in turns, and print the speeds."""
    seconds: dict[str, float] = {}
    triples = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "packages.jsonl"
        path.write_text("".join(json.dumps(package) + "\n" for package in packages(number)), encoding="utf-8")
        lines = path.read_text(encoding="utf-8").splitlines()
        convert(lines[:50], is_repaired=True)  # reads the authority tables
        for turn in range(TURNS):
            start, stop = number * turn // TURNS, number * (turn + 1) // TURNS
            for name, is_repaired in (("maillon", False), ("maillon, with repair rules", True)):
                took, found = convert(lines[start:stop], is_repaired=is_repaired)
                seconds[name] = seconds.get(name, 0) + took
                triples += 0 if is_repaired else found
            if python:
                measured = peer(python, path, start, stop)
                print(
                    f"turn {turn + 1}: ckanext-dcat gives {measured.pop('triples'):.1f} triples a dataset", flush=True
                )
                for name, took in measured.items():
                    seconds[f"ckanext-dcat, {name}"] = seconds.get(f"ckanext-dcat, {name}", 0) + took
    print(f"{number:,} packages, {triples / number:.1f} triples a dataset; CPU time of one core")
    for name, took in seconds.items():
        ratio = f"  maillon is {took / seconds['maillon']:.1f} times faster" if name.startswith("ckanext") else ""
        if ratio:
            ratio += f" ({took / seconds['maillon, with repair rules']:.1f} with repair rules)"
        print(f"{name:28}{took / number * 1000:8.3f} ms a dataset{number / took:10,.0f} datasets/s{ratio}")
    if not python:
        print(HOW_TO_GET_A_PEER)


def stage(number: int) -> None:
    """Take packages into a staging file as a harvest does; print datasets/s and the most memory in MiB as JSON."""
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder, Staging(Path(folder) / "staging.sqlite") as staging:
        taker = Taker(repair.Context(source=SOURCE, base=BASE))
        for package in packages(number):
            taker.take(_ckan_package.dataset(package["id"], package, SOURCE.language), staging)
        entities = staging.count()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"entities": entities, "speed": number / (time.process_time() - began), "memory": memory}))


def compare_memory(number: int) -> None:
    """Stage N and ten times N packages, each in a process of its own, and print what they needed."""
    peaks = []
    for many in (number, number * 10):
        command = [sys.executable, __file__, "--stage", "--packages", str(many)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found = json.loads(done.stdout)
        peaks.append(found["memory"])
        print(
            f"{many:,} packages made, converted, repaired and staged ({found['entities']:,} entities): "
            f"{found['speed']:,.0f} datasets/s, at most {found['memory']:.0f} MiB",
            flush=True,
        )
    print(f"memory, ten times the packages: {peaks[1] / peaks[0] - 1:+.1%}")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--packages", type=int, default=10_000, help="how many packages (default 10,000)")
    parser.add_argument("--peer", default="", help="a Python that has ckanext-dcat")
    parser.add_argument("--memory", action="store_true", help="measure memory for N and ten times N packages")
    parser.add_argument("--stage", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stage:
        stage(options.packages)
    elif options.memory:
        compare_memory(options.packages)
    else:
        compare(options.packages, options.peer)


if __name__ == "__main__":
    main()
