"""Measures validation against the reference engine, and checks that parts and wholes give the same findings.

    PYTHONPATH=. .venv/bin/python bench/validation.py [--rounds 2] [--large 100000] [--check] [--no-large]

Prints four ratios, each from CPU seconds (user and system) of the validating alone, each measurement in a process of
its own: ``shacl`` and pySHACL in turns over the same 1,000 synthetic datasets under our shapes; CPU for one dataset at
100,000 and at 1,000, with the peak of memory; one changed dataset against 10,000. ``--check`` compares instead: 10,000
datasets in chunks with all in one call, and what is found after 500 random edits by validating only what is new with
what is found by validating everything. Exit status 1 if a target is missed.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from random import Random
from statistics import median

from bench._validation_catalogue import Catalogue
from maillon import validation
from maillon.records import Finding, Version
from maillon.validation import attribution, engine
from maillon.validation.engine import Engine

BATCH = 3000
"""Versions in one call of validate(), as a harvest hands them over: 1,000 datasets with two distributions each."""

TIMES_LESS = 40
CLOSE = 1.2
PEAK_MB = 400
SHARE = 200


def batches(versions: Iterator[Version]) -> Iterator[list[Version]]:
    """Yield versions by BATCH."""
    while batch := list(islice(versions, BATCH)):
        yield batch


def chosen(name: str) -> Engine:
    """Return the engine of a name."""
    return engine.default() if name == "shacl" else engine.reference()


def one(name: str, datasets: int) -> dict[str, float]:
    """Validate a catalogue in this process; return CPU seconds, findings, triples and the peak of memory in MB."""
    made = chosen(name)
    validation.validate(Catalogue(seed=2).dataset(0), made)  # what is done once a process
    spent, found, triples = 0.0, 0, 0
    for batch in batches(Catalogue().versions(datasets)):
        triples += sum(version.text.count("\n") for version in batch)
        before = time.process_time()
        result = validation.validate(batch, made)
        spent += time.process_time() - before
        found += sum(len(items) for items in result.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"cpu": spent, "findings": found, "triples": triples, "peak_mb": peak}


def changed() -> dict[str, float]:
    """Return CPU seconds of validating one changed dataset with its distributions, the mean of 200."""
    catalogue = Catalogue()
    validation.validate(catalogue.dataset(0))
    edited = [catalogue.dataset(number, edition=1) for number in range(200)]
    before = time.process_time()
    for versions in edited:
        validation.validate(versions)
    return {"cpu": (time.process_time() - before) / len(edited)}


def measured(*arguments: str) -> dict[str, float]:
    """Run one measurement in a process of its own."""
    command = [sys.executable, __file__, "--one", *arguments]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    values: dict[str, float] = json.loads(answer.stdout)
    shown = ", ".join(f"{key} {value:,.4g}" for key, value in values.items())
    print(f"  {' '.join(arguments)}: {shown}", flush=True)
    return values


def verdict(text: str, is_met: bool) -> bool:
    """Print one target and whether it is met."""
    print(f"{'met   ' if is_met else 'MISSED'} {text}", flush=True)
    return is_met


def compare(rounds: int, large: int) -> bool:
    """Measure everything and print the ratios."""
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(measured("shacl", "1000"))
        theirs.append(measured("pyshacl", "1000"))
    ratio = median(item["cpu"] for item in theirs) / median(item["cpu"] for item in ours)
    same = len({item["findings"] for item in (*ours, *theirs)}) == 1
    results = [
        verdict(
            f"pySHACL needs {ratio:.1f} times the CPU at 1,000 datasets (target {TIMES_LESS})", ratio >= TIMES_LESS
        ),
        verdict(f"both find {ours[0]['findings']:,.0f} in {ours[0]['triples']:,.0f} triples", same),
    ]
    thousands = measured("shacl", "10000")
    share = thousands["cpu"] / measured("changed", "1")["cpu"]
    results.append(verdict(f"one changed dataset costs 1/{share:,.0f} of 10,000 (target 1/{SHARE})", share >= SHARE))
    return all([*results, *(steady(large) if large else ())])


def steady(large: int) -> list[bool]:
    """Compare CPU for a dataset at many and at 1,000; the short measurements stand before and after the long one."""
    short = [measured("shacl", "1000") for _ in range(4)]
    much = measured("shacl", str(large))
    short += [measured("shacl", "1000") for _ in range(4)]
    growth = (much["cpu"] / large) / (median(item["cpu"] for item in short) / 1000)
    peak = much["peak_mb"]
    return [
        verdict(f"CPU for a dataset at {large:,}: {growth:.2f} of that at 1,000", growth <= CLOSE),
        verdict(f"peak memory at {large:,}: {peak:,.0f} MB (target {PEAK_MB})", peak < PEAK_MB),
    ]


def in_one_call(versions: list[Version]) -> dict[str, list[Finding]]:
    """Return findings by hash with all versions in one call of the engine."""
    (chunk,) = attribution.chunks(versions, len(versions), 10**12)
    return attribution.findings(engine.default(), chunk)


def edited(catalogue: Catalogue, versions: dict[str, Version], edits: int) -> Counter[str]:
    """Edit entities of a catalogue in place: texts, defects that come and go, publishers, licences, concepts."""
    chance, kinds = Random(7), Counter[str]()
    others = {version.iri: version for version in catalogue.shared(edition=1)}
    worse, iris = Catalogue(seed=3, rate=0.9), list(versions)
    datasets = (len(iris) - len(others)) // 3
    while kinds.total() < edits:
        if chance.random() < 0.2 and others:
            new = others.pop(chance.choice(list(others)))
        else:
            number = chance.randrange(datasets)
            new = chance.choice(chance.choice((catalogue, worse)).dataset(number, kinds.total() + 1))
        kinds[new.kind] += versions[new.iri].hash != new.hash
        versions[new.iri] = new
    return kinds


def check(datasets: int = 10_000, edits: int = 500) -> bool:
    """Compare parts with wholes; print what was compared."""
    catalogue = Catalogue(rate=0.5)
    listed = list(catalogue.versions(datasets))
    chunked = validation.validate(listed)
    whole = {key: sorted(items, key=str) for key, items in in_one_call(listed).items()}
    number = sum(len(items) for items in whole.values())
    equal = {key: sorted(items, key=str) for key, items in chunked.items()} == whole
    results = [verdict(f"{datasets:,} datasets in chunks and in one call: {number:,} findings, the same", equal)]
    versions = {version.iri: version for version in listed}
    kinds = edited(catalogue, versions, edits)
    known = dict(chunked)
    fresh = [version for version in versions.values() if version.hash not in known]
    known.update(validation.validate(fresh))
    full = validation.validate(list(versions.values()))
    same = {key: known[key] for key in full} == full
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    results.append(verdict(f"after {edits} edits ({told}), {len(fresh)} validated: as validating all", same))
    return all(results)


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--one", nargs=2, metavar=("ENGINE", "DATASETS"), help="one measurement, in this process")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--no-large", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if options.one:
        name, datasets = options.one
        print(json.dumps(changed() if name == "changed" else one(name, int(datasets))))
        return 0
    done = check() if options.check else compare(options.rounds, 0 if options.no_large else options.large)
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main())
