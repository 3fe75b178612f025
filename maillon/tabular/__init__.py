"""Turns open datasets into RDF: the rows of a declared table into entities, and a cube's into observations.

A source's TOML declares tables (``declaration``), by `CSVW metadata <https://www.w3.org/TR/tabular-metadata/>`_
(``metadata``) or by a small mapping that means the same (``plan``). ``Finder`` tells which distribution of the
harvested catalogue a table is made of; ``rows`` reads the file (``reading``, ``geojson``) and yields entities of the
kind ``data`` (``converting``), after those that describe the table itself (``description``). ``csv2rdf`` is the
conversion of the W3C without any of this.
"""

from maillon.tabular.declaration import Declaration
from maillon.tabular.opening import beside
from maillon.tabular.plan import Names
from maillon.tabular.resources import Finder, Resource
from maillon.tabular.tables import declared, graph, rows

__all__ = ["Declaration", "Finder", "Names", "Resource", "beside", "declared", "graph", "rows"]
