"""Each query is counted once, by how it ended, with one line that says so and not who asked."""

import json
import logging
from collections.abc import Iterator

import pytest
from prometheus_client import REGISTRY

from maillon.sparql import metrics
from maillon.sparql.jobs import Answer, Job, QueryFailed

JOB = Job(query="SELECT * { ?s ?p 'Dupont' }")


class Parts(Answer):
    """An answer of given parts, which may end in a failure."""

    media_type = "text/csv"

    def __init__(self, *parts: bytes | QueryFailed) -> None:
        self._parts: Iterator[bytes | QueryFailed] = iter(parts)
        self.closed = False

    def __next__(self) -> bytes:
        part = next(self._parts)
        if isinstance(part, QueryFailed):
            raise part
        return part

    def close(self) -> None:
        self.closed = True


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("maillon_sparql_queries_total", {"outcome": outcome}) or 0.0


def line(caplog: pytest.LogCaptureFixture) -> dict[str, object]:
    (record,) = [item for item in caplog.records if item.name == "maillon.sparql.queries"]
    found: dict[str, object] = json.loads(record.getMessage())
    return found


@pytest.fixture(autouse=True)
def logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "maillon.sparql.queries")


def test_a_whole_answer_counts_as_ok(caplog: pytest.LogCaptureFixture) -> None:
    before = counted("ok")
    answer = metrics.watched(lambda: (Parts(b"a,b\n", b"1,2\n"), False), JOB, 7, 1.0)
    assert (answer.media_type, b"".join(answer)) == ("text/csv", b"a,b\n1,2\n")
    answer.close()
    assert counted("ok") == before + 1
    said = line(caplog)
    assert (said["outcome"], said["octets"], said["snapshot"], said["lane"]) == ("ok", 8, 7, "quick")
    assert "Dupont" not in json.dumps(said)


def test_an_answer_from_the_cache_is_told_apart(caplog: pytest.LogCaptureFixture) -> None:
    before = counted("cached")
    list(metrics.watched(lambda: (Parts(b"x"), True), JOB, 7, 1.0))
    assert counted("cached") == before + 1
    assert line(caplog)["lane"] == "cached"


def test_a_failure_before_the_first_octets_keeps_the_text(caplog: pytest.LogCaptureFixture) -> None:
    def start() -> tuple[Answer, bool]:
        raise QueryFailed("time", "used up")

    before = counted("time")
    with pytest.raises(QueryFailed):
        metrics.watched(start, JOB, 7, 1.0)
    assert counted("time") == before + 1
    assert line(caplog)["text"] == JOB.query


def test_a_failure_midway_and_a_client_that_left_are_counted_once(caplog: pytest.LogCaptureFixture) -> None:
    before = counted("memory"), counted("left")
    parts = Parts(b"x", QueryFailed("memory", "used up"))
    answer = metrics.watched(lambda: (parts, False), JOB, 7, 1.0)
    with pytest.raises(QueryFailed):
        list(answer)
    answer.close()
    assert parts.closed
    assert (counted("memory"), counted("left")) == (before[0] + 1, before[1])
    assert line(caplog)["outcome"] == "memory"
    metrics.watched(lambda: (Parts(b"x"), False), JOB, 7, 1.0).close()
    assert counted("left") == before[1] + 1
