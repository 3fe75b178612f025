"""Quads become documents that every reader gets the same triples from."""

import subprocess
import sys

import pytest
import rdflib
from lxml import etree
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse

from maillon.rdf import serialization

S = NamedNode("https://x.example/s")
TITLE = NamedNode("http://purl.org/dc/terms/title")
TRIPLES = [
    Triple(S, TITLE, Literal("Trams & <b>", language="fr")),
    Triple(S, NamedNode("http://www.w3.org/ns/dcat#byteSize"),
           Literal("120", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#nonNegativeInteger"))),
    Triple(S, NamedNode("https://x.example/123"), NamedNode("https://x.example/o")),
]  # fmt: skip


@pytest.mark.parametrize("media_type", serialization.MEDIA_TYPES.values())
def test_every_serialisation_gives_the_triples_back(media_type: str) -> None:
    format_ = RdfFormat.from_media_type(media_type)
    triples = TRIPLES[:2] if media_type == "application/rdf+xml" else TRIPLES
    graph = NamedNode("https://x.example/g")
    written = serialization.write([Quad(t.subject, t.predicate, t.object, graph) for t in triples], media_type)
    assert {quad.triple for quad in parse(written, format_)} == set(triples)
    assert serialization.write([], media_type) is not None


@pytest.mark.parametrize("media_type", ["application/n-triples", "application/n-quads"])
def test_rdflib_reads_iris_and_texts_with_white_space_of_unicode(media_type: str) -> None:
    odd = Triple(NamedNode("https://x.example/a\u00a0b"), TITLE, Literal("1\u202f000 \u2028 \\ \u00e9"))
    written = serialization.write([odd], media_type)
    assert {quad.triple for quad in parse(written, RdfFormat.from_media_type(media_type))} == {odd}
    if media_type == "application/n-triples":
        (subject, _predicate, value), *_rest = rdflib.Graph().parse(data=written, format="nt")
        assert (str(subject), str(value)) == ("https://x.example/a\u00a0b", "1\u202f000 \u2028 \\ \u00e9")


@pytest.mark.parametrize(
    "local", ["123", "", "a?b=1", ".", "x(y)", "a%20b", "a'b", "caf\u00e9", "\u00e9", "a-1", "1a", "_"]
)
def test_no_property_breaks_xml(local: str) -> None:
    odd = Triple(S, NamedNode(f"https://x.example/{local}"), Literal("x"))
    written = serialization.write([TRIPLES[0], odd], "application/rdf+xml")
    etree.fromstring(written)
    assert {quad.triple for quad in parse(written, RdfFormat.RDF_XML)} in ({TRIPLES[0]}, {TRIPLES[0], odd})


def test_control_characters_do_not_break_xml() -> None:
    literals = [Literal("a\x00b\x0c\x1fc"), Literal("\x01x", language="nl"), Literal("\x02", datatype=TITLE)]
    written = serialization.write([Triple(S, TITLE, literal) for literal in literals], "application/rdf+xml")
    etree.fromstring(written)
    assert {quad.object for quad in parse(written, RdfFormat.RDF_XML)} == {
        Literal("abc"), Literal("x", language="nl"), Literal("", datatype=TITLE)
    }  # fmt: skip


def test_the_same_quads_give_the_same_bytes_in_every_process() -> None:
    code = (
        "from pyoxigraph import *; from maillon.rdf import serialization as s\n"
        "t=[Triple(NamedNode('https://x.example/s'), NamedNode('http://purl.org/dc/terms/title'), Literal('x'))]\n"
        "print(s.write(t,'text/turtle'), s.write(t,'application/rdf+xml'), s.write(t,'application/trig'))"
    )
    outputs = {subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout for _ in range(3)}
    assert len(outputs) == 1


def test_an_unknown_media_type_is_refused() -> None:
    with pytest.raises(KeyError):
        serialization.write(TRIPLES, "text/html")
