"""Paths, names of fields, and the places of values in documents."""

import pytest
from pyoxigraph import Dataset, NamedNode, Quad

from maillon.check import fields, routes
from maillon.check.places import Places, Wanted
from maillon.check.values import NOWHERE, Place
from maillon.settings import LANGUAGES
from maillon.validation import reports
from maillon.validation.shapes import messages
from maillon.vocabulary import PREFIXES

A, B, C = (f"<https://e.example/{name}>" for name in "abc")
DCT = PREFIXES["dct"]


@pytest.mark.parametrize(
    "path",
    [A, f"^{A}", f"({A}/{B})", f"({A}|{B})", f"({A})*", f"({A})+", f"({A})?", f"(^{A}|({B}/({C})*))", f"^({A}/{B})"],
)
def test_a_path_in_rdf_is_the_path_that_the_engine_wrote(path: str) -> None:
    node, described = routes.triples(path, "p")
    graph = reports.index(described)
    assert reports.path_text(str(node), graph) == path


@pytest.mark.parametrize("path", ["", "(", f"{A}{B}", f"({A}", f"{A})", "<a", f"{A}/", "(" * 100 + A + ")" * 100])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        routes.triples(path, "p")


@pytest.mark.parametrize(
    ("path", "last"),
    [
        (f"<{DCT}title>", f"{DCT}title"), (f"({A}/<{DCT}title>)", f"{DCT}title"), (f"(<{DCT}title>)?", f"{DCT}title"),
        (f"^{A}", ""), (f"({A}|{B})", ""), ("", ""),
    ],
)  # fmt: skip
def test_the_property_at_the_end_of_a_path_is_the_field(path: str, last: str) -> None:
    assert routes.last(path) == last


def test_every_field_has_a_name_in_every_language() -> None:
    assert all(set(names) == set(LANGUAGES) and all(names.values()) for names in fields.NAMES.values())
    assert all(name.partition(":")[0] in PREFIXES for name in fields.NAMES)
    assert fields.field(f"<{DCT}title>", "de") == "Titel"
    assert fields.field(f"<{DCT}unheardOf>", "de") == "dct:unheardOf"
    assert fields.field("", "de") == ""
    assert fields.field(f"^<{DCT}title>", "de") == "^dct:title"


def test_every_rule_of_ours_that_can_speak_has_a_message_in_every_language() -> None:
    assert all(set(texts) == set(LANGUAGES) for texts in messages().values())


def _looked(content: str, name: str, *wanted: Wanted) -> list[int]:
    places = Places(frozenset(wanted))
    places.look(content.encode(), "https://e.example/", "", name)
    return [places.of(item).line for item in wanted]


TITLE = f"{DCT}title"


@pytest.mark.parametrize("break_", ["\n", "\r\n"])
def test_lines_of_turtle_are_those_of_an_editor(break_: str) -> None:
    lines = [
        "# café", "@prefix dct: <http://purl.org/dc/terms/> .", "<https://e.example/a>", '  dct:title "One" ,',
        '    """Two', "and more\"\"\"", "  ;", "  dct:creator <https://e.example/x> .", "<b> dct:title 'One' .",
    ]  # fmt: skip
    found = _looked(
        break_.join(lines),
        "x.ttl",
        Wanted("https://e.example/a"),
        Wanted("https://e.example/a", TITLE, '"One"'),
        Wanted("https://e.example/a", TITLE, '"Two\\nand more"' if break_ == "\n" else '"Two\\r\\nand more"'),
        Wanted("https://e.example/a", f"{DCT}creator"),
        Wanted("https://e.example/b", TITLE, '"One"'),
        Wanted("https://e.example/c"),
    )
    assert found == [3, 4, 5, 8, 9, 0]


def test_lines_of_json_ld_are_found_where_each_value_has_one() -> None:
    text = """{"@context": {"dct": "http://purl.org/dc/terms/", "ex": "https://e.example/"},
 "@graph": [
  {"@id": "ex:a",
   "dct:title": "Un \\u00e9t\\u00e9"},
  {"@id": "https://e.example/b",
   "dct:title": "Deux"}]}"""
    wanted = [Wanted("https://e.example/a"), Wanted("https://e.example/a", TITLE, '"Un été"')]
    wanted += [Wanted("https://e.example/b", TITLE, '"Deux"'), Wanted("https://e.example/b", TITLE)]
    assert _looked(text, "x.jsonld", *wanted) == [3, 4, 6, 6]


def test_a_value_of_a_nameless_node_is_not_guessed_where_it_stands_twice() -> None:
    turtle = "\n".join(f'<https://e.example/{n}> <urn:p> [ <urn:q> "x" ] .' for n in "ab")
    places = Places(frozenset({Wanted("", "urn:q", '"x"'), Wanted("https://e.example/b")}))
    places.look(turtle.encode(), "https://e.example/", "", "x.ttl")
    assert places.of(Wanted("", "urn:q", '"x"')) == NOWHERE
    assert places.of(Wanted("", "urn:q", '"x"'), Wanted("https://e.example/b")) == Place("x.ttl", 2)
    labelled = '_:n <urn:q> "x" .\n_:m <urn:q> "x" .\n<https://e.example/b> <urn:p> _:n .\n'
    again = Places(places.wanted)
    again.look(labelled.encode(), "https://e.example/", "", "y.nt")
    assert again.of(Wanted("", "urn:q", '"x"'), Wanted("https://e.example/b")) == Place("y.nt", 3)


def test_entities_and_large_documents_are_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><rdf:RDF/>'
    assert _looked(bomb, "x.rdf", Wanted("https://e.example/a")) == [0]
    monkeypatch.setattr("maillon.check.places.LARGEST", 10)
    assert _looked("<https://e.example/a> <urn:p> 1 .", "x.ttl", Wanted("https://e.example/a")) == [0]


def test_the_graph_of_a_path_holds_nothing_else() -> None:
    node, described = routes.triples(f"({A}/{B})", "p")
    graph = Dataset(Quad(item.subject, item.predicate, item.object) for item in described)
    assert len(graph) == 4
    assert not isinstance(node, NamedNode)


def test_a_base_that_is_no_iri_costs_the_lines_only() -> None:
    places = Places(frozenset({Wanted("https://e.example/d")}))
    places.look(b"<https://e.example/d> <https://e.example/p> 1 .\n", "foo", "text/turtle", "a.ttl")
    assert places.of(Wanted("https://e.example/d")).line == 0
