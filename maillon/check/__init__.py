"""Turns a file, an address or standard input into a report for who publishes it, before anybody harvests it.

Read as a harvest reads it, validated as it was sent, scored as data.europa.eu does, told in one of four languages and
six formats: ``maillon check``. Nothing is kept.
"""

from maillon.check.checking import check
from maillon.check.reading import Input
from maillon.check.values import Report

__all__ = ["Input", "Report", "check"]
