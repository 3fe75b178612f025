"""Documents as sources send them become quads, or a ParseFailed that says where."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat
from pyoxigraph import parse as oxigraph_parse

from maillon.errors import ParseFailed
from maillon.rdf import canonical, parsing
from maillon.records import Entity

SHARED = Path(__file__).resolve().parents[3] / ".." / "shared"
BASE = "https://portal.example/catalogue/feed"
TITLE = NamedNode("http://purl.org/dc/terms/title")
RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dct="http://purl.org/dc/terms/" '
    'xmlns:dcat="http://www.w3.org/ns/dcat#">{}</rdf:RDF>'
)
XML_DATASET = '<dcat:Dataset rdf:about="https://portal.example/d/1"><dct:title>{}</dct:title></dcat:Dataset>'
TURTLE = "@prefix dct: <http://purl.org/dc/terms/> .\n<d/1> dct:title {} .\n"


def titles(data: bytes, **hints: str) -> list[str]:
    return [
        quad.object.value
        for quad in parsing.parse(data, BASE, **hints).quads
        if quad.predicate == TITLE and isinstance(quad.object, Literal)
    ]


def failure(data: bytes, **hints: str) -> ParseFailed:
    with pytest.raises(ParseFailed) as caught:
        parsing.parse(data, BASE, **hints)
    return caught.value


@pytest.mark.parametrize(
    ("document", "format_"),
    [
        (TURTLE.format('"Trams"'), RdfFormat.TRIG),
        ('<https://x.example/g> { <d> <http://purl.org/dc/terms/title> "Trams" }', RdfFormat.TRIG),
        ('<https://x.example/d> <http://purl.org/dc/terms/title> "Trams" .\n', RdfFormat.TRIG),
        (
            '<https://x.example/d> <http://purl.org/dc/terms/title> "Trams" <https://x.example/g> .\n',
            RdfFormat.N_QUADS,
        ),
        (RDF.format(XML_DATASET.format("Trams")), RdfFormat.RDF_XML),
        ('{"@id": "d", "http://purl.org/dc/terms/title": "Trams"}', RdfFormat.JSON_LD),
        ('[{"@id": "d", "http://purl.org/dc/terms/title": "Trams"}]', RdfFormat.JSON_LD),
        ('# a comment\n\n[] <http://purl.org/dc/terms/title> "Trams" .', RdfFormat.TRIG),
        ('PREFIX dct: <http://purl.org/dc/terms/>\n<d> dct:title "Trams" .', RdfFormat.TRIG),
    ],
)
@pytest.mark.parametrize("lie", ["", "catalog.rdf", "catalog.ttl", "catalog.json", "catalog.xml"])
def test_the_content_decides_and_not_the_name(document: str, format_: RdfFormat, lie: str) -> None:
    assert parsing.sniff(document.encode(), "application/octet-stream", lie) == format_
    assert titles(document.encode(), name=lie, media_type="text/html") == ["Trams"]


@pytest.mark.parametrize("name", ["README.md", "data.csv", "page.html", "record.xml", "dump.json"])
def test_what_is_no_rdf_is_refused_with_what_to_give(name: str) -> None:
    content = {
        "README.md": b"# About\nThis folder holds data.",
        "data.csv": b"id,title\n1,Trams\n",
        "page.html": b"<!DOCTYPE html><html lang='fr'><p>Trams</p></html>",
        "record.xml": b"<?xml version='1.0'?><gmd:MD_Metadata xmlns:gmd='http://www.isotc211.org/2005/gmd'/>",
        "dump.json": b'{"success": true, "result": []}',
    }[name]
    assert parsing.sniff(content, "", name) is None
    assert "no RDF" in str(failure(content, name=name))


@pytest.mark.parametrize("content", [b"", b"  \n", b"\xef\xbb\xbf"])
def test_an_empty_document_is_refused(content: bytes) -> None:
    assert "is empty" in str(failure(content, media_type="text/turtle"))


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (b"\xef\xbb\xbf" + TURTLE.format('"\u00c9t\u00e9"').encode(), ""),
        (TURTLE.format('"\u00c9t\u00e9"').encode("cp1252"), "cp1252"),
        (TURTLE.format('"\u00c9t\u00e9"').encode("utf-16"), "utf-16"),
        (b"\n \n" + RDF.format(XML_DATASET.format("\u00c9t\u00e9")).encode(), ""),
        (
            ('<?xml version="1.0" encoding="ISO-8859-1"?>' + RDF.format(XML_DATASET.format("\u00c9t\u00e9"))).encode(
                "latin-1"
            ),
            "cp1252",
        ),
        (
            ('\n<?xml version="1.0" encoding="UTF-8"?>\n' + RDF.format(XML_DATASET.format("\u00c9t\u00e9"))).encode(
                "cp1252"
            ),
            "cp1252",
        ),
    ],
)
def test_encodings_are_transcoded_and_noted(data: bytes, note: str) -> None:
    assert titles(data) == ["\u00c9t\u00e9"]
    found = parsing.parse(data, BASE).note
    assert note in found if note else not found


def test_an_entity_bomb_is_refused_at_once() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
    bomb = f'<!DOCTYPE rdf:RDF [<!ENTITY e0 "lololololol">{entities}]>' + RDF.format(XML_DATASET.format("&e8;"))
    assert len(bomb) < 1300
    began = time.perf_counter()
    error = failure(bomb.encode())
    assert time.perf_counter() - began < 0.3
    assert "entity" in str(error).lower()


def test_external_entities_are_never_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    document = f'<!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}">]>' + RDF.format(XML_DATASET.format("&x;"))
    assert "secret" not in str(failure(document.encode()))


def test_harmless_entities_are_kept() -> None:
    document = '<!DOCTYPE rdf:RDF [<!ENTITY xsd "http://www.w3.org/2001/XMLSchema#">]>\n' + RDF.format(
        '<dcat:Dataset rdf:about="d"><dct:issued rdf:datatype="&xsd;date">2026-01-02</dct:issued></dcat:Dataset>'
    )
    values = [quad.object for quad in parsing.parse(document.encode(), BASE).quads]
    assert Literal("2026-01-02", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#date")) in values


def test_bare_ampersands_html_entities_and_control_characters_are_repaired() -> None:
    document = RDF.format(XML_DATASET.format("R&D caf&eacute; &amp; <![CDATA[a & b]]>\x01"))
    parsed = parsing.parse(document.encode(), BASE)
    assert parsed.note == "lxml-cleaned"
    assert titles(document.encode()) == ["R&D caf\u00e9 & a & b"]


def test_schema_instance_attributes_become_no_triples() -> None:
    document = RDF.format(
        '<dcat:Dataset rdf:about="d" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:schemaLocation="http://a http://b"><dct:title>Trams</dct:title></dcat:Dataset>'
    )
    assert len(parsing.parse(document.encode(), BASE).quads) == 2


def test_a_catalogue_may_be_the_root_element() -> None:
    document = (
        '<dcat:Catalog xmlns:dcat="http://www.w3.org/ns/dcat#" xmlns:dct="http://purl.org/dc/terms/" '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about="c"><dct:title>Trams</dct:title>'
        "</dcat:Catalog>"
    )
    assert titles(document.encode()) == ["Trams"]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://x.example/a b", "https://x.example/a%20b"),
        ("https://x.example/m?LAYER[zoom]=1", "https://x.example/m?LAYER%5Bzoom%5D=1"),
        ("tel: +32 2 000", "tel:%20+32%202%20000"),
        ("https://x.example/100%", "https://x.example/100%25"),
        ("https://x.example/a#b#c", "https://x.example/a#b%23c"),
        ("https://x.example/{id}|x", "https://x.example/%7Bid%7D%7Cx"),
        ("https://x.example/a https://x.example/b", "https://x.example/a"),
        (" https://x.example/c ", "https://x.example/c"),
    ],
)
@pytest.mark.parametrize("turtle", [True, False])
def test_iris_are_mended_so_that_strict_parsers_read_them(written: str, kept: str, turtle: bool) -> None:
    if turtle:
        document = f"<https://x.example/d> <http://purl.org/dc/terms/relation> <{written}> ."
    else:
        document = RDF.format(
            f'<rdf:Description rdf:about="https://x.example/d"><dct:relation rdf:resource="{written}"/>'
            "</rdf:Description>"
        )
    parsed = parsing.parse(document.encode(), BASE, name="d.ttl" if turtle else "d.rdf")
    assert [quad.object for quad in parsed.quads] == [NamedNode(kept)]
    text = "".join(f"{quad.triple} .\n" for quad in parsed.quads)
    assert len(list(oxigraph_parse(text.encode(), RdfFormat.N_TRIPLES))) == 1


def test_an_iri_beyond_repair_is_kept_as_text_and_a_bad_language_tag_is_corrected() -> None:
    document = (
        '{"@id": "d", "http://x.example/p": [{"@id": "http://x.example:port/"}, {"@value": "t", "@language": "fr_BE"}]}'
    )
    parsed = parsing.parse(document.encode(), BASE)
    assert {quad.object for quad in parsed.quads} == {Literal("http://x.example:port/"), Literal("t", language="fr-be")}
    assert "lenient" in parsed.note


@pytest.mark.parametrize(
    ("document", "line"),
    [
        ("<a> <b> <c> .\n\n<d> dct:title 'x' .", 3),
        (TURTLE.format('"Trams"') + "<d/2> dct:title ", 3),
        ('\n\n{"@id": "d",\n "http://x.example/p": 1,\n}', 5),
        ('{"@id": "d", "http://x.example/p"', 1),
        (RDF.format(XML_DATASET.format("a\n<b>\n</c>")), 3),
        ("\n\n" + RDF.format("<dcat:Dataset>\n<dct:title>Trams"), 4),
        (RDF.format("<dcat:Dataset>\n<dct:temporal><dct:PeriodOfTime/>2026</dct:temporal></dcat:Dataset>"), 2),
    ],
)
def test_a_broken_document_is_refused_with_line_and_column(document: str, line: int) -> None:
    error = failure(document.encode(), name="feed")
    assert error.line == line
    assert error.column is not None
    assert error.column > 0
    assert f"line {line}" in str(error)


@given(st.integers(0, 900))
def test_a_truncated_document_is_read_whole_or_refused(length: int) -> None:
    document = RDF.format(XML_DATASET.format("Trams") * 8).encode()
    if length >= len(document):
        return
    with pytest.raises(ParseFailed):
        parsing.parse(document[:length], BASE, name="feed.rdf")


@given(st.binary(max_size=300))
def test_no_octets_crash_the_parser(data: bytes) -> None:
    for name in ("x.ttl", "x.rdf", "x.jsonld"):
        try:
            parsing.parse(data, BASE, name=name)
        except ParseFailed as error:
            assert str(error)


@given(st.text(max_size=200))
def test_hostile_titles_arrive_as_they_were_sent(title: str) -> None:
    written = str(Literal(title.replace("\x00", "")))
    assert titles(TURTLE.format(written).encode()) == [title.replace("\x00", "")]


@pytest.mark.parametrize(
    "title", ["<script>alert(1)</script>", "\u202egnp.exe", '"""', "{{ 7*7 }}", "\\u0000", "a\tb\r\nc"]
)
def test_hostile_titles_survive_the_canonical_text(title: str) -> None:
    parsed = parsing.parse(TURTLE.format(Literal(title)).encode(), BASE)
    subject = parsed.quads[0].subject
    assert isinstance(subject, NamedNode)
    version = canonical.version(Entity(subject.value, "dataset", (parsed.quads[0].triple,)), "https://c.example/")
    assert [triple.object for triple in canonical.triples(version.text)] == [Literal(title)]


def test_lone_surrogates_are_refused_and_not_a_crash() -> None:
    assert failure(b'{"@id": "d", "http://purl.org/dc/terms/title": "\\ud800 x"}').line == 1
    assert titles(TURTLE.format('"\ud800"').encode("utf-8", "surrogatepass"))


def test_a_literal_of_ten_megabytes_is_read_from_turtle_and_refused_in_xml() -> None:
    text = "x" * 10_500_000
    assert titles(TURTLE.format(f'"{text}"').encode()) == [text]
    assert "too long" in str(failure(RDF.format(XML_DATASET.format(text)).encode()))


def test_deep_json_and_deep_xml_are_refused() -> None:
    assert "nested" in str(failure(b'{"@id":' * 5000 + b"1" + b"}" * 5000))
    assert "depth" in str(failure(RDF.format("<dct:p>" * 400 + "</dct:p>" * 400).encode()))


def test_blank_nodes_of_two_documents_never_collide() -> None:
    data = b"_:b0 <http://purl.org/dc/terms/title> 'x' ."
    first, second = parsing.parse(data, BASE).quads, parsing.parse(data, BASE).quads
    assert first[0].subject != second[0].subject


def test_a_base_with_a_blank_is_no_fault_of_the_document() -> None:
    quads = parsing.parse(b'<d> <http://purl.org/dc/terms/title> "x" .', "https://x.example/catalog (2).rdf").quads
    assert quads == [Quad(NamedNode("https://x.example/d"), TITLE, Literal("x"))]


def test_a_known_context_is_inlined_and_an_unknown_one_refused_by_name() -> None:
    document = b"""{"@context": "https://schema.org/", "@type": "Dataset", "@id": "d", "name": "Trams",
                    "license": "https://l.example/"}"""
    quads = {quad.triple.predicate.value: quad.object for quad in parsing.parse(document, BASE).quads}
    assert quads["http://schema.org/name"] == Literal("Trams")
    assert quads["http://schema.org/license"] == NamedNode("https://l.example/")
    for context in (b'"https://evil.example/c"', b'["file:///etc/passwd"]', b'{"@import": "http://127.0.0.1/c"}'):
        error = failure(b'{"@context": ' + context + b', "@id": "d"}')
        assert "never fetched" in str(error)


def test_a_context_inside_a_scoped_context_is_not_fetched_either() -> None:
    document = (
        b'{"@context": {"p": {"@id": "http://x.example/p", "@context": "http://127.0.0.1/c"}}, "p": {"@id": "d"}}'
    )
    assert "never fetched" in str(failure(document))


def test_the_dcat_ap_context_means_what_dcat_ap_says() -> None:
    document = b"""{"@context": "https://semiceu.github.io/DCAT-AP/releases/3.0.1/context/dcat-ap.jsonld",
        "@id": "d", "@type": "Dataset", "title": {"@value": "Trams", "@language": "fr"},
        "datasetDistribution": {"@id": "x", "@type": "Distribution", "byteSize": "120", "accessUrl": "https://a.example/"}}"""
    objects = {quad.predicate.value.rsplit("#")[-1]: quad.object for quad in parsing.parse(document, BASE).quads}
    size = objects["byteSize"]
    assert isinstance(size, Literal)
    assert (size.value, size.datatype.value) == ("120", "http://www.w3.org/2001/XMLSchema#nonNegativeInteger")
    assert objects["accessURL"] == NamedNode("https://a.example/")


@pytest.mark.corpus
@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is absent: corpus tests need it")
def test_every_rdf_file_of_the_corpus_is_read_or_refused_with_a_reason() -> None:
    root = SHARED / "corpus" / "dcat"
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and path.suffix not in (".xz", ".gz")]
    other: list[str] = []
    broken: dict[str, ParseFailed] = {}
    for path in files:
        data = path.read_bytes()
        try:
            assert parsing.parse(data, f"https://files.example/{path.name}", "", path.name).quads
        except ParseFailed as error:
            if parsing.sniff(data, "", path.name) is None:
                other.append(path.name)
            else:
                broken[f"{path.parent.name}/{path.name}"] = error
    assert len(files) == 138
    assert len(other) == 15
    assert all(name.endswith(".json") for name in other)
    assert all(error.line for error in broken.values())
    assert sorted(broken) == [
        "croissant/full_croissant_dataset.jsonld", "dcat-other/fpsbosabudget.xml", "dcat/dataset.ttl", "favv/dcat.rdf",
        "it-unibo/dataset_it_esempio_6.rdf", "norway-fdk/all_datasets.ttl", "norway-fdk/harvest_response_error.ttl",
        "udata-harvest/geonetwork.xml",
    ]  # fmt: skip
