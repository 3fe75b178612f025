"""Harvesting: one source after the other, from what it sends to versions and changes in the ledger.

``run`` is the process, ``Report`` what it says; ``kinds`` lists the kinds of sources that come with Maillon. The parts:
``lock`` (one run per source), ``loading`` (finding harvesters), ``staging`` and ``merging`` (what a run reads),
``decisions`` (the rules), ``apply`` (into the ledger), ``running`` (the whole way), ``report``.
"""

from maillon.harvest.loading import kinds
from maillon.harvest.options import Options, Progress
from maillon.harvest.report import Report
from maillon.harvest.running import run, silent

__all__ = ["Options", "Progress", "Report", "kinds", "run", "silent"]
