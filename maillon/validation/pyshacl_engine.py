"""pySHACL behind the interface of an engine: the reference, and what stands in where ``shacl`` cannot be installed.

Texts are parsed by pyoxigraph, as strictly as ``shacl`` parses them, and handed over term by term: rdflib's own parser
takes what N-Triples forbids, and rewrites literals (``"01"^^xsd:integer`` becomes ``1``). Two wants of pySHACL are met
here: it switches the rewriting back on for the whole process, and it says in a text, not in an error, that it gave up.

Where rdflib's reading of literals is not that of XML Schema, its verdict is put right, for real catalogues have such:
it takes ``2024-03-12T09:30``, ``2024-03-12T00:00:00+0100`` and a date with a time behind it as xsd:date for well-formed
(https://www.w3.org/TR/xmlschema11-2/#dateTime); and it judges xsd:hexBinary, which SHACL leaves open
(https://www.w3.org/TR/shacl/#DatatypeConstraintComponent) and ``shacl`` does not judge: our own rule on checksums finds
wrong ones by a pattern. What stays: ``24:00:00`` and years outside 1-9999, which Python's dates cannot hold, are
violations for pySHACL only.

Importing this module loads rdflib and pySHACL, so only ``engine.reference`` does.

https://github.com/RDFLib/pySHACL
"""

import calendar
import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from threading import Lock
from typing import Final

import pyshacl
import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse
from pyshacl.errors import ReportableRuntimeError
from rdflib.term import Node

from maillon.errors import OperatorError
from maillon.validation import reports
from maillon.validation.engine import SHACL, Result, TextRefused

_WORKING: Final = Lock()
"""One validation at a time: the switch of rdflib is one for the whole process."""

_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_STRING: Final = _XSD + "string"

_DAY: Final = r"(-?(?:[1-9]\d{3,}|0\d{3}))-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_TIME: Final = r"T(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
_ZONE: Final = r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?"
_FORMS: Final = {
    _XSD + "date": re.compile(_DAY + _ZONE, re.ASCII),
    _XSD + "dateTime": re.compile(_DAY + _TIME + _ZONE, re.ASCII),
}
"""The lexical forms of XML Schema 1.1; white space around them counts as none."""

logging.getLogger("rdflib.term").addHandler(logging.NullHandler())  # a traceback for every ill-typed literal


@contextmanager
def _literals_as_written() -> Iterator[None]:
    """Keep rdflib from rewriting literals and from warning of them; what was set before is set again afterwards."""
    with _WORKING, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "Parsing weird boolean": that is what validation is for
        before = rdflib.NORMALIZE_LITERALS
        rdflib.NORMALIZE_LITERALS = False
        try:
            yield
        finally:
            rdflib.NORMALIZE_LITERALS = before


def _is_wrong(text: str, datatype: str) -> bool:
    """Tell whether a text is no date, or no date and time, of XML Schema."""
    match = _FORMS[datatype].fullmatch(text.strip(" \t\r\n"))
    if match is None:
        return True
    year, month, day = (int(part) for part in match.groups())
    return day > calendar.monthrange(2000 + year % 400, month)[1]  # the calendar repeats every 400 years


def _literal(term: Literal) -> rdflib.Literal:
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    datatype = term.datatype.value
    literal = rdflib.Literal(term.value, datatype=None if datatype == _STRING else rdflib.URIRef(datatype))
    if datatype in _FORMS:
        literal._ill_typed = _is_wrong(term.value, datatype)
    elif datatype == _XSD + "hexBinary":
        literal._ill_typed = None
    return literal


def _term(term: NamedNode | BlankNode | Triple | Literal) -> Node:
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, Triple):
        raise TextRefused(f"A triple inside a triple is not RDF 1.1: {term}")
    return _literal(term)


def _graph(text: str) -> rdflib.Graph:
    graph = rdflib.Graph()
    try:
        for quad in parse(text, RdfFormat.N_TRIPLES):
            graph.add((_term(quad.subject), _term(quad.predicate), _term(quad.object)))
    except SyntaxError as error:
        raise TextRefused(str(error)) from error
    return graph


class PyshaclEngine:
    """The engine pySHACL; one instance may be used by several threads, which then wait for one another."""

    def __init__(self, text: str) -> None:
        """Read shapes, once.

        Args:
            text: The shapes as N-Triples.

        Raises:
            OperatorError: There are no shapes or they cannot be read; what else is wrong is seen when validating.
        """
        try:
            with _literals_as_written():
                self._shapes = _graph(text)
        except TextRefused as error:
            raise OperatorError(f"The shapes cannot be read: correct shapes/. {error}") from error
        if f" <{SHACL}" not in text:
            raise OperatorError("The shapes files declare no shape: correct shapes/.")

    @property
    def name(self) -> str:
        """Name and version."""
        return f"pyshacl {version('pyshacl')}"

    def validate(self, text: str) -> list[Result]:
        """Validate a data graph given as N-Triples.

        Raises:
            TextRefused: It cannot be read, or pySHACL gives up on it.
            OperatorError: The shapes are wrong.
        """
        with _literals_as_written():
            data = _graph(text)
            try:
                _, report, said = pyshacl.validate(data, shacl_graph=self._shapes, inplace=True)
            except ReportableRuntimeError as error:
                raise OperatorError(f"pySHACL cannot use the shapes: correct shapes/. {error}") from error
            except Exception as error:
                # Seen: bare Exceptions of rdflib's SPARQL, RecursionError on a list in the data that ends in itself.
                raise TextRefused(f"pySHACL gave up ({type(error).__name__}: {error})") from error
            if not isinstance(report, rdflib.Graph):
                raise TextRefused(str(said))
            return reports.read(report.serialize(format="nt"))
