"""Measures harvest, second harvest and publish of one source, beside the plain parsing of the same files by pyoxigraph.

    .venv/bin/python bench/whole_catalogue.py SOURCE.toml [FOLDER]

SOURCE must be a source of RDF files. Prints a line for each step: wall and CPU seconds, peak memory, and the ratio of
its CPU seconds to those of the parsing alone, which is the least that any program must do. FOLDER (default: a temporary
one) is left for a look at its sizes.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMAND = "import sys; from maillon.cli import main; sys.exit(main())"
PARSE = """
import sys
from pathlib import Path
from maillon.fetch import Fetcher
from maillon.rdf import parsing
from maillon.settings import Settings
from maillon import sources
source, data = sources.load(sys.argv[1]), Path(sys.argv[2])
with Fetcher(source, Settings(data=data), data / "raw-parsed") as fetch:
    print(sum(len(parsing.parse(a.read(), a.url, a.media_type).quads) for a in fetch.documents(source.url)))
"""


def measured(*arguments: str) -> tuple[str, float, float, int]:
    """Run Python with arguments; return its output, wall seconds, CPU seconds and peak memory in MB."""
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(arguments[-4:])} ended with status {process.returncode}")
    return output, time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024


def megabytes(folder: Path) -> int:
    """Return the size of all files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) // 1_000_000


def main() -> None:
    """Measure and print."""
    source, data = sys.argv[1], Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp(prefix="maillon-bench-"))
    cli = ("-c", COMMAND)
    output, wall, yardstick, memory = measured("-c", PARSE, source, str(data))
    print(f"parse alone      {wall:7.1f} s wall {yardstick:7.1f} s CPU {memory:6} MB   1.0  ({output.strip()} quads)")
    steps = (
        ("harvest", (*cli, "harvest", "--json", "--data", str(data), source)),
        ("harvest again", (*cli, "harvest", "--json", "--data", str(data), source)),
        ("publish", (*cli, "publish", "--json", "--data", str(data))),
    )
    for name, arguments in steps:
        output, wall, seconds, memory = measured(*arguments)
        said = {key: value for key, value in json.loads(output).items() if isinstance(value, int)}
        print(f"{name:16} {wall:7.1f} s wall {seconds:7.1f} s CPU {memory:6} MB {seconds / yardstick:5.1f}  {said}")
    for part in sorted(path for path in (data / "snapshots").glob("0*/*") if path.name != "lease"):
        print(f"{part.name:20} {megabytes(part) if part.is_dir() else part.stat().st_size // 1_000_000} MB")
    print(f"ledger.sqlite        {(data / 'ledger.sqlite').stat().st_size // 1_000_000} MB")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
