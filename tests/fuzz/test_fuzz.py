"""A short run of ``bench/sparql_fuzz.py``: sloppy, broken and hopeless queries, and what the endpoint promises of them.

The whole run, 20,000 queries with latencies beside it, is ``bench/sparql_fuzz.py`` itself. Here nothing is judged by a
clock but that each query ends within its budget and a generous slack.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from maillon.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus" / "sparql"
QUERIES = 600


@pytest.fixture(scope="module")
def report(harvested: Settings, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Give the report of a short run over the sample sources."""
    path = tmp_path_factory.mktemp("fuzz") / "report.json"
    command = [sys.executable, str(ROOT / "bench" / "sparql_fuzz.py"), "--queries", str(QUERIES), "--timeout", "1"]
    command += ["--peace", "1", "--minutes", "4", "--slack", "20", "--data", str(harvested.data), "--heavy", "0.01"]
    command += ["--report", str(path), *(["--corpus", str(CORPUS)] if CORPUS.is_dir() else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert path.exists(), done.stdout + done.stderr
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.slow
def test_every_query_gets_a_status_of_the_protocol_with_a_reason_within_its_budget(report: dict[str, Any]) -> None:
    assert report["faults"] == []
    assert report["asked"] == QUERIES


@pytest.mark.slow
def test_the_server_lives_through_all_of_them(report: dict[str, Any]) -> None:
    assert report["web processes live on"]
    assert report["answers afterwards"]
    assert report["tracebacks"] == []


@pytest.mark.slow
def test_cheap_requests_are_answered_beside_them(report: dict[str, Any]) -> None:
    assert report["beside"]["asked"] > 20
    assert report["beside"]["bad"] == {}


@pytest.mark.slow
def test_no_query_opens_a_connection(report: dict[str, Any]) -> None:
    assert report["connections"] == 0
    assert report["sockets"] == []


@pytest.mark.slow
def test_all_processes_together_stay_under_their_memory(report: dict[str, Any]) -> None:
    assert [text for text in report["broken"] if "memory" in text] == []
