"""Queries that are kept: with parameters, in the files of templates/examples, or under a short name."""
