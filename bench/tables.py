"""Measures the conversion of open tables: rows a second beside rdflib doing the same naively, and memory by length.

    .venv/bin/python bench/tables.py [ROWS]

Writes a CSV of seven columns (default 100,000 rows), converts it to canonical N-Triples, and does the same with
``csv.DictReader`` and rdflib, in processes of their own. Then it converts ten times as many rows and compares memory.
Both ways must give the same number of triples.
"""

import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BASE = "http://localhost:8000/"
GRAPH = f"{BASE}graph/data/bench/t"
DISTRIBUTION = "https://portal.example/id/distribution/1"
TOML = """
kind = "dcat"
url = "x.ttl"
[[tables]]
name = "t"
dataset = "d"
iri = "{id}"
class = "schema:Place"
[tables.columns.id]
property = "dct:identifier"
[tables.columns.naam]
property = "rdfs:label"
language = "nl"
[tables.columns.nis]
property = "schema:containedInPlace"
iri = "../towns/{nis}"
[tables.columns.datum]
property = "dct:issued"
datatype = "date"
format = "d/M/yyyy"
[tables.columns.aantal]
property = "schema:value"
datatype = "integer"
[tables.columns.bedrag]
property = "schema:price"
datatype = "decimal"
decimal = ","
[tables.columns.actief]
property = "schema:isAccessibleForFree"
datatype = "boolean"
format = "ja|nee"
"""


def write(path: Path, rows: int) -> None:
    """Write the table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["id", "naam", "nis", "datum", "aantal", "bedrag", "actief"])
        for number in range(rows):
            day = f"{number % 28 + 1}/{number % 12 + 1}/20{number % 25:02}"
            cells = [number, f"Plaats {number}", 21001 + number % 19, day, number * 7, f"{number},5", "ja"]
            writer.writerow(cells)


def ours(path: Path) -> int:
    """Convert with Maillon to canonical N-Triples; return the number of triples of rows."""
    from maillon import tabular  # noqa: PLC0415 (each way loads its own)
    from maillon.rdf import canonical  # noqa: PLC0415 (each way loads its own)
    from maillon.records import Entity  # noqa: PLC0415 (each way loads its own)
    from maillon.sources import Answer, parse  # noqa: PLC0415 (each way loads its own)

    source = parse(TOML, "bench", path.parent)
    (table,) = tabular.declared(source)
    resource_ = tabular.Resource("https://portal.example/id/dataset/1", DISTRIBUTION, path.name)
    count = 0
    for item in tabular.rows(table, resource_, source, BASE, lambda url: Answer(f"https://x.example/{url}", "", path)):
        if isinstance(item, Entity) and item.iri != GRAPH:
            count += canonical.version(item, BASE).text.count("\n")
    return count


def naive(path: Path) -> int:
    """Convert with csv.DictReader and rdflib, a graph a row as one would write it by hand; return the triples."""
    from datetime import datetime  # noqa: PLC0415 (each way loads its own)

    from rdflib import DCTERMS, PROV, RDF, RDFS, VOID, XSD, Graph, Literal, URIRef  # noqa: PLC0415 (each way loads its own)

    schema = "http://schema.org/"
    count = 0
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file, delimiter=";"), start=2):
            graph, subject = Graph(), URIRef(f"{BASE}id/data/bench/t/{row['id']}")
            day = datetime.strptime(row["datum"], "%d/%m/%Y").date()  # noqa: DTZ007 (a date has no zone)
            graph.add((subject, RDF.type, URIRef(schema + "Place")))
            graph.add((subject, DCTERMS.identifier, Literal(row["id"])))
            graph.add((subject, RDFS.label, Literal(row["naam"], lang="nl")))
            town = URIRef(f"{BASE}id/data/bench/towns/{row['nis']}")
            graph.add((subject, URIRef(schema + "containedInPlace"), town))
            graph.add((subject, DCTERMS.issued, Literal(day)))
            graph.add((subject, URIRef(schema + "value"), Literal(int(row["aantal"]))))
            price = Literal(row["bedrag"].replace(",", "."), datatype=XSD.decimal)
            graph.add((subject, URIRef(schema + "price"), price))
            graph.add((subject, URIRef(schema + "isAccessibleForFree"), Literal(row["actief"] == "ja")))
            graph.add((subject, VOID.inDataset, URIRef(GRAPH)))
            graph.add((subject, PROV.wasDerivedFrom, URIRef(f"{DISTRIBUTION}#row={number}")))
            count += len(sorted(line for line in graph.serialize(format="nt").splitlines() if line))
    return count


def measured(what: str, path: Path) -> dict[str, float]:
    """Run one way in a process of its own; return CPU seconds, triples and the most memory in MiB."""
    command = [sys.executable, __file__, what, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _child(what: str, path: Path) -> None:
    convert = {"ours": ours, "naive": naive}[what]
    begun = time.process_time()
    triples = convert(path)
    seconds = time.process_time() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "triples": triples, "memory": memory}))


def main(rows: int) -> None:
    """Print the numbers."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "small.csv"
        write(path, rows)
        fast, slow = measured("ours", path), measured("naive", path)
        assert fast["triples"] == slow["triples"] == rows * 10, (fast, slow)
        for name, found in (("maillon", fast), ("rdflib", slow)):
            speed = rows / found["seconds"]
            print(
                f"{name}: {rows:,} rows in {found['seconds']:.1f} CPU s, {speed:,.0f} rows/s, {found['memory']:.0f} MiB"
            )
        print(f"ratio: {slow['seconds'] / fast['seconds']:.1f}")
        path = Path(folder) / "large.csv"
        write(path, rows * 10)
        large = measured("ours", path)
        print(f"maillon: {rows * 10:,} rows in {large['seconds']:.1f} CPU s, {large['memory']:.0f} MiB")
        print(f"memory, ten times the rows: {large['memory'] / fast['memory'] - 1:+.1%}")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    if len(sys.argv) > 2:
        _child(sys.argv[1], Path(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
