"""The way of every query of one process: text search put in, cache looked at, workers asked.

``web`` and ``cli`` know this module, ``guard`` and ``jobs``; how a query gets its answer is decided here.
"""

from maillon.settings import Settings
from maillon.sparql.jobs import Answer, Job
from maillon.sparql.pool import QueryPool
from maillon.store.snapshots import Snapshot


class Engine:
    """Answers the queries of one process; its workers start with the first query, so after any fork."""

    def __init__(self, settings: Settings) -> None:
        self._pool = QueryPool(settings)

    def ask(self, snapshot: Snapshot, job: Job) -> Answer:
        """Return the answer to a query that the guard has let through, once its first octets are there.

        Args:
            snapshot: What is asked; the caller holds a lease on it until this returns.
            job: The query.

        Raises:
            QueryFailed: No worker was free in time, the query is wrong, or used up a budget.
        """
        return self._pool.query(snapshot.path, job)

    def close(self) -> None:
        """End all workers; later queries are refused."""
        self._pool.close()
