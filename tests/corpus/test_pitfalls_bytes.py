"""Octets, encodings and parsers (corpus README, 2.0): each case through the whole process, under its name."""

from collections.abc import Callable
from typing import Any

import pytest

HEAD = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
"""
XML = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dcat="http://www.w3.org/ns/dcat#"
 xmlns:dct="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">"""
ARBRES = HEAD + '<https://ville.example.org/arbres> a dcat:Dataset ; dct:title "Arbres de la forêt"@fr .'
TITLE = "Arbres de la forêt@fr"

Harvested = Callable[..., Any]


@pytest.mark.parametrize(
    ("data", "title"),
    [(b"id;titre\n1;For\xeat\n", "Forêt@fr"), (b"id;titre\n1;Prix en \x80\n", "Prix en €@fr"),
     ("id;titre\n1;Forêt\n".encode("utf-16"), "Forêt@fr")],
)  # fmt: skip
def test_a_file_that_is_not_utf_8_is_read_as_windows_1252_and_utf_16_only_by_its_mark(
    data: bytes, title: str, harvested: Harvested
) -> None:
    out = harvested(
        "spreadsheet", {"a.csv": data}, language="fr", options='[options.columns]\nidentifier="id"\ntitle="titre"'
    )
    assert out.values("dct:title", "?s a dcat:Dataset . ?s") == [title]


def test_a_byte_order_mark_before_json_is_no_error(harvested: Harvested) -> None:
    out = harvested(
        "ckan", b'\xef\xbb\xbf{"id": "a", "name": "a", "title": "Arbres", "state": "active"}', language="fr"
    )
    assert out.values("dct:title", "?s a dcat:Dataset . ?s") == ["Arbres@fr"]


def test_line_ends_of_carriage_returns_alone_are_lines(harvested: Harvested) -> None:
    options = '[options.columns]\nidentifier="id"\ntitle="titre"'
    out = harvested(
        "spreadsheet", {"a.csv": b"\xef\xbb\xbfid,titre\r1,Arbres\r2,Bancs\r"}, language="fr", options=options
    )
    assert out.values("dct:title", "?s a dcat:Dataset . ?s") == ["Arbres@fr", "Bancs@fr"]


def test_carriage_returns_do_not_get_into_values(harvested: Harvested) -> None:
    turtle = (
        ARBRES.replace("\n", "\r\n")
        + '\r\n<https://ville.example.org/arbres> dct:description "Un\\r\\ndeux\\r\\n"@fr .'
    )
    out = harvested("dcat", turtle)
    assert not [value for value in out.values("dct:title|dct:description") if "\r" in value]
    assert out.values("dct:description") == ["Un\ndeux@fr"]


@pytest.mark.parametrize("before", ["\n\n  ", '\n<?xml version="1.0" encoding="utf-8"?>\n'])
def test_white_space_before_xml_and_a_bare_ampersand_do_no_harm(before: str, harvested: Harvested) -> None:
    body = '<dcat:Dataset rdf:about="https://ville.example.org/a"><dct:title xml:lang="fr">Arbres & bancs</dct:title>'
    out = harvested("dcat", {"a.rdf": f"{before}{XML}{body}</dcat:Dataset></rdf:RDF>"})
    assert out.values("dct:title", "<https://ville.example.org/a>") == ["Arbres & bancs@fr"]


def test_a_less_than_sign_in_a_text_of_xml_is_read_as_the_sign(harvested: Harvested) -> None:
    body = '<dcat:Dataset rdf:about="https://ville.example.org/a"><dct:title xml:lang="fr">Grains <5 & >2</dct:title>'
    out = harvested("dcat", {"a.rdf": f"{XML}{body}</dcat:Dataset></rdf:RDF>"})
    assert out.values("dct:title", "<https://ville.example.org/a>") == ["Grains <5 & >2@fr"]


def test_the_content_decides_and_not_the_ending_of_the_name(harvested: Harvested) -> None:
    out = harvested("dcat", {"a.rdf": ARBRES, "b.xml": '{"error": "not found"}'})
    assert out.values("dct:title") == [TITLE]
    assert [item.identifier for item in out.report.rejections] == ["b.xml"]


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [("b.ttl", ARBRES + "\n<https://ville.example.org/b> ex:p 1 .", "line"),
     ("b.ttl", HEAD + "dct:title 'x' ; .", "line"),
     ("b.rdf", XML + "<dcat:Dataset></dct:title></rdf:RDF>", "line"),
     ("b.jsonld", '{"@id": "https://x.example/",}', "line")],
)  # fmt: skip
def test_rdf_that_no_parser_reads_is_rejected_with_its_line_and_the_others_carry_on(
    name: str, text: str, place: str, harvested: Harvested
) -> None:
    out = harvested("dcat", {"a.ttl": ARBRES, name: text})
    assert out.report.status == "done"
    assert TITLE in out.values("dct:title")
    (rejected,) = [item for item in out.report.rejections if item.identifier == name]
    assert place in rejected.detail


def test_rdf_that_strict_parsers_refuse_is_read_leniently_and_the_run_says_how(harvested: Harvested) -> None:
    turtle = ARBRES + " <https://ville.example.org/arbres> foaf:page <https://ville.example.org/a[1] b> ."
    out = harvested("dcat", turtle)
    assert out.values("foaf:page") == ["https://ville.example.org/a%5B1%5D%20b"]
    assert any("lenient" in note or "cleaned" in note for note in out.report.notes)


def test_xml_that_declares_latin_1_is_transcoded(harvested: Harvested) -> None:
    title = '<dct:title xml:lang="fr">Forêt</dct:title>'
    body = f'<dcat:Dataset rdf:about="https://ville.example.org/a">{title}</dcat:Dataset>'
    text = f'<?xml version="1.0" encoding="ISO-8859-1"?>{XML}{body}</rdf:RDF>'
    assert harvested("dcat", {"a.rdf": text.encode("latin-1")}).values("dct:title") == ["Forêt@fr"]


def test_two_iris_in_one_attribute_are_no_iri_and_are_named(harvested: Harvested) -> None:
    twice = "https://a.example.org/1 https://a.example.org/2"
    body = f'<dcat:Dataset rdf:about="{twice}"><dct:title>A</dct:title></dcat:Dataset>'
    good = (
        '<dcat:Dataset rdf:about="https://a.example.org/3"><dct:title xml:lang="fr">Arbres</dct:title></dcat:Dataset>'
    )
    out = harvested("dcat", {"a.rdf": f"{XML}{body}{good}</rdf:RDF>"})
    assert "Arbres@fr" in out.values("dct:title")
    assert out.report.found == 2
    assert out.report.rejections or any("lenient" in note or "cleaned" in note for note in out.report.notes)


def test_schema_location_attributes_become_no_triples(harvested: Harvested) -> None:
    start = '<dcat:Dataset rdf:about="https://a.example.org/1" xsi:schemaLocation="a b">'
    body = f"{start}<dct:title>A</dct:title></dcat:Dataset>"
    out = harvested("dcat", {"a.rdf": f"{XML}{body}</rdf:RDF>"})
    assert out.report.published == 1
    assert not out.holds("?s ?p ?o FILTER(CONTAINS(STR(?p), 'schemaLocation'))")


def test_a_second_node_inside_a_property_is_refused_with_a_message_for_the_producer(harvested: Harvested) -> None:
    twice = '<dcat:Dataset rdf:about="https://a.example.org/1"/><dcat:Dataset rdf:about="https://a.example.org/2"/>'
    out = harvested("dcat", f"{XML}<dcat:Catalog><dcat:dataset>{twice}</dcat:dataset></dcat:Catalog></rdf:RDF>")
    assert out.report.status == "failed"
    assert "line" in out.report.notes[0]


def test_a_remote_context_is_inlined_and_never_fetched(harvested: Harvested) -> None:
    document = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": "https://a.example.org/1",
        "name": "Arbres",
    }
    out = harvested("schemaorg", {"a.jsonld": document}, language="fr")
    assert out.values("dct:title", "<https://a.example.org/1>") == ["Arbres@fr"]


def test_of_two_equal_json_keys_the_last_wins(harvested: Harvested) -> None:
    out = harvested(
        "ckan", '{"id": "a", "name": "a", "title": "Un", "title": "Deux", "state": "active"}', language="fr"
    )
    assert out.values("dct:title", "?s a dcat:Dataset . ?s") == ["Deux@fr"]


@pytest.mark.parametrize(
    "text", ['{"dataset": [{"identifier": "a",}]}', '{"dataset": NaN}', '{"dataset": [ {{rows}} ]}']
)
def test_a_trailing_comma_nan_and_a_template_are_not_json_and_said_so(text: str, harvested: Harvested) -> None:
    out = harvested("datajson", text)
    assert out.report.status == "failed"
    assert "not valid JSON" in out.report.notes[0]


@pytest.mark.parametrize("text", ["", "-", "null", "n/a", "unknown", "  "])
def test_empty_texts_and_placeholders_count_as_missing(text: str, harvested: Harvested) -> None:
    out = harvested("dcat", f'{ARBRES} <https://ville.example.org/arbres> dct:description "{text}"@fr .')
    assert out.values("dct:description") == []
    assert out.rules & {"empty-value", "placeholder"}
    assert out.found("dct:description")


def test_the_word_test_is_a_placeholder_of_a_title_but_not_of_a_keyword(harvested: Harvested) -> None:
    out = harvested(
        "dcat", f'{ARBRES} <https://ville.example.org/arbres> dct:description "test"@fr ; dcat:keyword "test"@fr .'
    )
    assert (out.values("dct:description"), out.values("dcat:keyword")) == ([], ["test@fr"])


def test_white_space_around_texts_and_addresses_is_trimmed(harvested: Harvested) -> None:
    out = harvested(
        "dcat",
        f'{ARBRES} <https://ville.example.org/arbres> dct:description "  Tous les arbres. "@fr ; '
        'dcat:landingPage " https://ville.example.org/p" .',
    )
    assert out.values("dct:description") == ["Tous les arbres.@fr"]
    assert out.values("dcat:landingPage") == ["https://ville.example.org/p"]
