"""A client of the application over a data folder, whose query workers end with the test."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from maillon.settings import Settings
from maillon.web import create_app
from maillon.web.engine import engine


@pytest.fixture
def visit() -> Iterator[Callable[[Settings], FlaskClient]]:
    """Return a maker of clients."""
    apps: list[Flask] = []

    def make(settings: Settings) -> FlaskClient:
        apps.append(create_app(replace(settings, queries_per_client=1000, query_rate="")))
        return apps[-1].test_client()

    yield make
    for app in apps:
        with app.app_context():
            engine().close()
