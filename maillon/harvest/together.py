"""Harvests several sources side by side: jobs in, reports out as they come; no source stops another."""

from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, as_completed
from typing import Final

from maillon.harvest import executor, running
from maillon.harvest.report import Report
from maillon.harvest.watching import Job, watched
from maillon.ledger import Ledger

TRIES: Final = 2
"""How often a job is handed to an executor, where executors break."""


def harvest(jobs: Sequence[Job], side_by_side: int) -> Iterator[Report]:
    """Yield the report of each job, in the order in which they end.

    Args:
        jobs: What to harvest, all under the same settings.
        side_by_side: How many at a time.

    Raises:
        OperatorError: The ledger cannot be opened, or there is no such executor.
    """
    if not jobs:
        return
    Ledger(jobs[0].settings.ledger).close()  # made once, before several processes want to
    left = list(jobs)
    for _ in range(TRIES):
        broken: list[Job] = []
        yield from _round(left, side_by_side, broken)
        left = broken
    for job in left:
        with Ledger(job.settings.ledger) as ledger:
            yield running.failure(
                ledger,
                job.source,
                0,
                "The processes that watch the harvests were ended, not by Maillon. This machine may be short of "
                "memory: look at its log, then harvest again.",
            )


def _round(jobs: Sequence[Job], side_by_side: int, broken: list[Job]) -> Iterator[Report]:
    """Hand jobs to a new executor; those for which it broke are added to ``broken``."""
    if not jobs:
        return
    pool = executor.make(jobs[0].settings, min(side_by_side, len(jobs)))
    futures: dict[Future[Report], Job] = {}
    try:
        for job in jobs:
            try:
                futures[pool.submit(watched, job)] = job
            except BrokenExecutor:
                broken.append(job)
        for future in as_completed(futures):
            try:
                yield future.result()
            except BrokenExecutor:
                broken.append(futures[future])
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
