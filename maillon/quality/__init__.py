"""Turns what is published of a dataset into how good its description is, and what mending it would gain.

Two scales stand side by side: the points of data.europa.eu's Metadata Quality Assessment
(https://data.europa.eu/mqa/methodology), exactly as it counts them, and stricter indicators of our own. ``values``
holds what the modules hand to each other and to pages, feeds and the command line.
"""
