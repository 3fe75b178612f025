"""Maillon turns what administrations say of their data into one checked RDF graph, and serves it."""

__version__ = "0.1.0"
