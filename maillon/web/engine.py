"""The query engine of a web process."""

import os

from flask import current_app

from maillon.settings import Settings
from maillon.sparql.engine import Engine


def engine() -> Engine:
    """Return the query engine of this process, made at the first query so that a fork never carries it over."""
    settings: Settings = current_app.config["MAILLON"]
    name = f"maillon.engine.{os.getpid()}"
    found: Engine = current_app.extensions.setdefault(name, Engine(settings))
    return found
