"""The query engine of a web process, and each client's share of it."""

import os
from collections.abc import Callable

from flask import current_app, request

from maillon.settings import Settings
from maillon.sparql.engine import Engine
from maillon.sparql.jobs import ASKER, Answer, Job, QueryFailed
from maillon.store.snapshots import Snapshot
from maillon.web import limits


class _Shared(Answer):
    """An answer that counts as its client's until it has ended."""

    def __init__(self, answer: Answer, give_back: Callable[[], None]) -> None:
        self._answer = answer
        self._give_back = give_back
        self.media_type, self.length = answer.media_type, answer.length

    def __next__(self) -> bytes:
        try:
            return next(self._answer)
        except BaseException:  # the end, or a failure: nothing more is sent
            self._give_back()
            raise

    def close(self) -> None:
        self._answer.close()
        self._give_back()


def engine() -> Engine:
    """Return the query engine of this process, made at the first query so that a fork never carries it over."""
    settings: Settings = current_app.config["MAILLON"]
    name = f"maillon.engine.{os.getpid()}"
    found: Engine | None = current_app.extensions.get(name)
    # Two first queries at once may make two; the one that lost has started nothing yet.
    return found or current_app.extensions.setdefault(name, Engine(settings))


def ask(snapshot: Snapshot, job: Job) -> Answer:
    """Return the answer to a query of this request's client, once its first octets are there.

    Raises:
        QueryFailed: As ``Engine.ask``, or of kind ``share`` where the client has too many open answers.
    """
    give_back = limits.turns().take(limits.client())
    if give_back is None:
        most = current_app.config["MAILLON"].queries_per_client
        text = f"You have {most} queries open, as many as one client may. Wait until one has ended."
        raise QueryFailed("share", text)
    connection = request.environ.get("gunicorn.socket")
    token = ASKER.set(connection.fileno() if connection is not None else None)
    try:
        return _Shared(engine().ask(snapshot, job), give_back)
    except BaseException:
        give_back()
        raise
    finally:
        ASKER.reset(token)
