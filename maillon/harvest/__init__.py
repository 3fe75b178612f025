"""Harvesting: one source after the other, from what it sends to versions and changes in the ledger.

``run`` is the process, ``Report`` what it says; ``kinds`` lists the kinds of sources that come with Maillon. The parts:
``leases`` (one run per source), ``loading`` (finding harvesters), ``staging`` and ``merging`` (what a run reads),
``decisions`` (the rules), ``apply`` (into the ledger), ``running`` (the whole way), ``report``; ``watching`` (a run in
a process of its own), ``executor`` and ``together`` (several side by side); ``identity`` (datasets that got another
identifier), ``tables`` (rows of open datasets) and ``twins`` (the same dataset from several portals).
"""

from maillon.harvest.loading import kinds
from maillon.harvest.options import Options, Progress
from maillon.harvest.previewing import Preview, preview
from maillon.harvest.report import Report
from maillon.harvest.running import run, silent
from maillon.harvest.twins import link
from maillon.harvest.watching import Job, watched

__all__ = ["Job", "Options", "Preview", "Progress", "Report", "kinds", "link", "preview", "run", "silent", "watched"]
