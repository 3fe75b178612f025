"""Compares the engine with pySHACL on real, exemplary and mutated graphs: focus, path, severity, component, shape.

    PYTHONPATH=. .venv/bin/python bench/validation_reference.py [--data DATA] [--sample 300] [--graphs 60]

Takes four real German catalogues and the examples of DCAT-AP-ES from ../shared, a sample of the published datasets of a
data folder, and mutated graphs. Prints a line for each graph; exit status 1 where the two disagree anywhere.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import RdfFormat, Triple, parse

from bench import _validation_fuzz as fuzz
from maillon.harvest import comparing
from maillon.ledger import Ledger
from maillon.settings import Settings
from maillon.validation import agreement, engine, marks

EXAMPLES = Path(__file__).resolve().parents[2] / "shared" / "standards" / "examples"
GERMAN = ("brandenburg", "bremen", "destatis", "rostock")


def german(name: str) -> Path:
    """Return the file of a real catalogue."""
    return EXAMPLES / "dcat-ap-de-testcases" / "dashboard" / f"{name}-catalog-original-input.rdf"


def triples(path: Path) -> list[Triple]:
    """Return the triples of a file, told by its ending."""
    kind = RdfFormat.from_extension(path.suffix[1:])
    return [quad.triple for quad in parse(path.read_bytes(), kind, base_iri="https://e.example/")]


def graphs(options: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Yield name and N-Triples of each graph."""
    for name in GERMAN:
        yield name, fuzz.text_of(triples(german(name)))
    for path in sorted((EXAMPLES / "dcat-ap-es" / "ttl").rglob("*.ttl")):
        try:
            yield path.name, fuzz.text_of(triples(path))
        except SyntaxError as error:
            print(f"{path.name}: no Turtle, left out ({error})")
    if options.data:
        with Ledger(Settings(data=options.data).ledger) as ledger:
            versions = comparing.drawn(ledger, options.sample, options.seed)
        for start in range(0, len(versions), 500):
            yield f"{options.data.name} {start}", "".join(version.text for version in versions[start : start + 500])
    real = triples(german("brandenburg"))
    for seed in range(options.graphs):
        yield f"mutated {seed}", fuzz.graph(seed, real)


def main() -> int:
    """Compare, and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a data folder with a ledger")
    parser.add_argument("--sample", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--graphs", type=int, default=60)
    first, second = engine.default(), engine.reference()
    number = results = differing = 0
    spent = [0.0, 0.0]
    for name, text in graphs(parser.parse_args()):
        data = text + marks.marked(text)
        clock = [time.process_time()]
        found = []
        for made in (first, second):
            found.append(made.validate(data))
            clock.append(time.process_time())
        spent = [spent[0] + clock[1] - clock[0], spent[1] + clock[2] - clock[1]]
        differences = agreement.differing(*found)
        number, results, differing = number + 1, results + len(found[0]), differing + bool(differences)
        print(
            f"{name}: {text.count(chr(10)):,} triples, {len(found[0]):,} results, {len(differences)} differ", flush=True
        )
        for what, counts in differences.items():
            print("   ", *counts, *what)
    print(f"{number} graphs, {results:,} results of {first.name}, {differing} graphs differ from {second.name}")
    print(f"CPU seconds: {spent[0]:.1f} and {spent[1]:.1f}")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
