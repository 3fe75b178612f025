"""The pages for people, each made of a template, a frozen dataclass that documents its values, and a short view.

Turns documents and search results of the published snapshot into HTML in four languages that needs no script.
"""

from maillon.web.pages import (
    about,
    dataset,
    datasets,
    entity,
    home,
    organisations,
    quality,
    quality_files,
    quality_measures,
    quality_reports,
    queries,
    repairs,
    runs,
    sources,
    sparql,
)
from maillon.web.pages.blueprint import blueprint

__all__ = [
    "about", "blueprint", "dataset", "datasets", "entity", "home", "organisations", "quality", "quality_files",
    "quality_measures", "quality_reports", "queries", "repairs", "runs", "sources", "sparql",
]  # fmt: skip
