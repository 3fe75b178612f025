"""Ledgers to test on: a SQLite file, and PostgreSQL where the operator of the tests gives a server."""

import hashlib
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from maillon.ledger import Ledger, NewState, NewVersion, writing
from maillon.sources import Source

AT = "2026-11-21T19:00:00Z"

Write = Callable[..., int]


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ledger.sqlite'}"


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """An empty schema of its own on the server that POSTGRESQL_TEST_URL names."""
    server = os.environ.get("POSTGRESQL_TEST_URL")
    if not server:
        pytest.skip("POSTGRESQL_TEST_URL gives no URL of a PostgreSQL server (postgresql+psycopg://...)")
    name = f"test_{uuid.uuid4().hex}"
    engine = create_engine(server)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    url = make_url(server).update_query_dict({"options": f"-csearch_path={name}"})
    yield url.render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()


@pytest.fixture(params=["sqlite_url", "postgresql_url"])
def url(request: pytest.FixtureRequest) -> str:
    value: str = request.getfixturevalue(request.param)
    return value


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    with Ledger(url) as opened:
        yield opened


@pytest.fixture
def source() -> Source:
    return Source(name="city", kind="ckan", url="https://data.example.org/", title={"fr": "Ville", "nl": "Stad"})


@pytest.fixture
def write(source: Source) -> Write:
    """Write entities in a run of their own: ``write(ledger, {iri: text}, state=, operation=)`` gives its number."""

    def write(
        ledger: Ledger, texts: dict[str, str], state: str = "live", operation: str | None = "create", end: bool = True
    ) -> int:
        with ledger.writing() as connection:
            writing.put_source(connection, source, AT)
            run = writing.start_run(connection, source.name, AT, None)
            hashes = {iri: hashlib.sha256(body.encode()).hexdigest() for iri, body in texts.items()}
            versions = [NewVersion(iri, hashes[iri], body) for iri, body in texts.items()]
            states = [
                NewState(iri, "dataset", f"x-{iri[-1]}", hashes[iri], state, AT, AT, None, 0, operation)
                for iri in texts
            ]
            known = set(_known(ledger, list(texts)))
            writing.put_versions(connection, run, AT, versions)
            writing.put_entities(connection, run, source.name, states, set(texts) - known)
            writing.put_changes(connection, run, AT, states)
            if end:
                writing.finish_run(connection, run, {"status": "done", "finished": AT, "message": ""}, {"new": 1})
        return run

    return write


def _known(ledger: Ledger, iris: list[str]) -> list[str]:
    return list(ledger.known(iris))
