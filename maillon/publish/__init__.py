"""Publishing: from the ledger to immutable snapshots, and what is done with them (verify, roll back, prune, dump)."""

from maillon.publish.building import Progress
from maillon.publish.dumping import MEDIA_TYPES, dump
from maillon.publish.publishing import Mode, preparation, publish
from maillon.publish.retention import prune, rollback
from maillon.publish.verification import verify

__all__ = ["MEDIA_TYPES", "Mode", "Progress", "dump", "preparation", "prune", "publish", "rollback", "verify"]
