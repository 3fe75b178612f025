"""Measures ckanext-dcat; ``bench/harvest.py`` runs it by a Python that has it: PYTHON _ckanext_dcat.py FILE FROM TO.

Serialises the packages FROM to TO of a file of JSON lines in each format, one by one, as its endpoint of a dataset
does, and prints one JSON object: CPU seconds by format, and the number of triples. The organisation is handed over as
the extras ``publisher_name`` and ``publisher_uri``: otherwise ckanext-dcat would ask CKAN's database for it.
"""

import json
import sys
import time
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

FORMATS = ("xml", "nt", "turtle")
"""The first is what ckanext-dcat gives by default."""
PAGE = 100
"""Packages read at once."""


def package(line: str) -> dict[str, Any]:
    """Read one package, its organisation as extras."""
    found: dict[str, Any] = json.loads(line)
    organisation = found.pop("organization")
    found["extras"] += [
        {"key": "publisher_name", "value": organisation["title"]},
        {"key": "publisher_uri", "value": f"https://portal.example.org/organization/{organisation['id']}"},
    ]
    return found


def main(path: Path, start: int, stop: int) -> None:
    """Measure and print."""
    # Only the other interpreter has them, so nothing here may be checked against their types.
    config = import_module("ckan.common").config
    serializer_class = import_module("ckanext.dcat.processors").RDFSerializer
    config["ckan.site_url"] = "https://portal.example.org"
    config["ckan.site_id"] = "bench"
    with path.open(encoding="utf-8") as file:
        lines = list(islice(file, start, stop))
    serializer_class().serialize_dataset(package(lines[0]))  # reads what it reads once
    seconds = dict.fromkeys(FORMATS, 0.0)
    triples = 0
    for place in range(0, len(lines), PAGE):
        for name in FORMATS:
            page = [package(line) for line in lines[place : place + PAGE]]
            began = time.process_time()
            for item in page:
                serializer_class().serialize_dataset(item, _format=name)
            seconds[name] += time.process_time() - began
        serializer = serializer_class()
        serializer.graph_from_dataset(page[0])
        triples += len(serializer.g)
    print(json.dumps({"seconds": seconds, "triples": triples / len(range(0, len(lines), PAGE))}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
