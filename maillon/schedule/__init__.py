"""Harvesting and publishing by itself: schedules in the sources' TOMLs in, fresh snapshots out.

``due`` decides from the ledger alone what has to run, so nothing that a killed scheduler knew is missed; ``work`` does
it, in processes of their own; ``clock`` is the huey consumer that asks once a minute. Stands above harvesting and
publishing, which do not know each other.
"""

from maillon.schedule.clock import Scheduler
from maillon.schedule.due import Plan, plans

__all__ = ["Plan", "Scheduler", "plans"]
