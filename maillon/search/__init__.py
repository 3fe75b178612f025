"""Search over the published datasets: full text in four languages, facets, suggestions (tantivy).

Derived from the graph and made anew for every snapshot. Another engine can stand behind ``SearchIndex`` and ``build``.
"""

from maillon.search.indexing import build
from maillon.search.schema import FACETS, SORTS
from maillon.search.searching import Hit, Query, Results, SearchIndex
from maillon.search.summary import Summary, from_json

__all__ = ["FACETS", "SORTS", "Hit", "Query", "Results", "SearchIndex", "Summary", "build", "from_json"]
