"""The commands of docs/how-to/working-graph.md do what the page says, on a running server."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import TOKEN
from .endpoints import Http

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "working-graph.md"
STRICT = 'curl() { command curl --fail --silent --show-error --max-time 60 "$@"; }\n'


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_commands_of_the_page_work(address: str, operator: Http, tmp_path: Path) -> None:
    (tmp_path / "list.ttl").write_text("<a> <b> <c> .", encoding="utf-8")
    blocks = re.findall(r"(?:^    .*\n|^\n(?=    ))+", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    script = "\n".join(re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in blocks if "curl" in block)
    script = STRICT + script.replace("http://localhost:8000/", address)
    assert script.count("curl") > 5
    environment = {**os.environ, "MAILLON_OPERATOR_TOKEN": TOKEN, "NO_PROXY": "*"}
    done = subprocess.run(
        ["sh", "-e", "-c", script], capture_output=True, text=True, cwd=tmp_path, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "<http://example.org/c>" in done.stdout
    assert '"results"' in done.stdout
    query = "/working/sparql?query=ASK%7B%3Chttp://example.org/a%3E%20rdfs:label%20%22a%22@en%7D"
    assert b"true" in operator.send("GET", query)[2]
