"""Texts are mended where they carry the mark of a damage, and nowhere else."""

import re

import ftfy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Triple

from maillon.records import Entity
from maillon.repair import BY_ID, Context, repair
from maillon.repair.detection import detect
from maillon.repair.languages import plain
from maillon.sources import Source
from maillon.vocabulary import DESCRIPTION, TITLE, term

_NODE = NamedNode("urn:example")
_KEYWORD = term("dcat:keyword")
_CONTEXT = Context(source=Source(name="exemple", kind="dcat", url="https://example.org/"), base="b:")

_FR = "abcdefghijklmnopqrstuvwxyzàâçéèêëîïôùûüœæÀÂÇÉÈÊËÎÏÔÙÛÜŒ"
_DE = "abcdefghijklmnopqrstuvwxyzäöüßÄÖÜ"
_EL = "αβγδεζηθικλμνξοπρστυφχψωάέήίόύώΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ"
_NL = "abcdefghijklmnopqrstuvwxyzëïéöü"
# In these languages a plain letter follows Â, and â ends no word: before other signs a wrong encoding left them.
_WORDS = st.one_of(*(st.text(alphabet, min_size=1, max_size=12) for alphabet in (_FR, _DE, _EL, _NL))).filter(
    lambda word: re.search("Â(?![a-zA-Z])|â$", word) is None
)
_SIGNS = st.sampled_from(
    [" ", ", ", ". ", " – ", " « ", " » ", "’", " : ", "; ", " (", ") ", "… ", " & ", " 12 ", " © "]
)


def _after(predicate: NamedNode, value: str, *rules: str, language: str = "fr") -> list[str]:
    literal = Literal(value, language=language) if language else Literal(value)
    entity = Entity("urn:example", "dataset", (Triple(_NODE, predicate, literal),))
    chosen = [BY_ID[name] for name in rules] if rules else None
    return [triple.object.value for triple in repair(entity, _CONTEXT, chosen).entity.triples]  # type: ignore[union-attr]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(_WORDS, _SIGNS), min_size=1, max_size=12))
def test_clean_french_dutch_german_and_greek_is_never_taken_for_mojibake(parts: list[tuple[str, str]]) -> None:
    text = "".join(word + sign for word, sign in parts)
    assert _after(TITLE, text, "mojibake") == [text]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["qualité", "forêts", "où", "Gebäude", "coördinatie", "1 €", "l’air"]), min_size=1))
def test_text_encoded_twice_comes_back_as_it_was(words: list[str]) -> None:
    text = " ".join(words)
    damaged = text.encode().decode("cp1252", errors="ignore")
    if ftfy.fix_encoding(damaged) == text:
        assert _after(TITLE, damaged, "mojibake") == [text]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80), st.sampled_from([TITLE, DESCRIPTION, _KEYWORD]))
def test_any_text_is_settled_after_one_repair(value: str, predicate: NamedNode) -> None:
    once = _after(predicate, value)
    assert sorted(again for text in once for again in _after(predicate, text)) == sorted(once)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(["<p>", "</p>", "<b>", "<script>x", "&lt;b&gt;", "&amp;eacute;", "&", "<", "é, ", " "]))
)
def test_any_html_is_settled_after_one_repair(parts: list[str]) -> None:
    once = _after(DESCRIPTION, "".join(parts))
    assert [again for text in once for again in _after(DESCRIPTION, text)] == once
    assert not any("<script" in text for text in once)


@pytest.mark.parametrize("value", ["-", "null", "N/A", "TODO", "A REMPLIR", "{{description}}", " -- ", ""])
def test_a_placeholder_says_nothing(value: str) -> None:
    assert _after(DESCRIPTION, value) == []
    assert _after(_KEYWORD, value) == []


def test_the_word_test_is_a_keyword_and_a_title_but_no_description() -> None:
    assert _after(_KEYWORD, "test") == ["test"]
    assert _after(TITLE, "Test") == ["Test"]
    assert _after(DESCRIPTION, "test") == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Eau &amp; air", "Eau & air"),
        ("for&ecirc;t", "forêt"),
        ("AT&T et R&D;", "AT&T et R&D;"),
        ("<p>Un <i>titre</i></p>", "Un titre"),
        ("a < b > c", "a < b > c"),
        ("x<script>alert(1)</script>y", "xy"),
    ],
)
def test_a_title_is_plain_text(value: str, expected: str) -> None:
    assert _after(TITLE, value) == [expected]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('<p class="x">Un<br>deux</p>', "<p>Un<br>deux</p>"),
        ("<ul><li>un<li>deux</ul>", "<ul><li>un</li><li>deux</li></ul>"),
        ('<a href="https://example.org/" onclick="x()">ici</a>', '<a href="https://example.org/">ici</a>'),
        ('<a href="javascript:x()">ici</a>', "<a>ici</a>"),
        ('<span style="color: rgb(90, 90, 90);">Liste de l&rsquo;air</span>', "Liste de l’air"),
        ("&lt;em&gt;Aves&lt;/em&gt; du pays", "<em>Aves</em> du pays"),
        ("<p>l&amp;eacute;gal &amp; vrai</p>", "<p>légal &amp; vrai</p>"),
        ("si a < b alors c > d", "si a < b alors c > d"),
        ("ligne un\r\nligne deux ", "ligne un\nligne deux"),
    ],
)
def test_a_description_keeps_its_structure_and_nothing_else(value: str, expected: str) -> None:
    assert _after(DESCRIPTION, value) == [expected]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("bus, tram, métro", ["bus", "tram", "métro"]),
        ("eau; air ;sol", ["eau", "air", "sol"]),
        ("Census 2021, niveau d'instruction", ["Census 2021, niveau d'instruction"]),
        ("Agriculture, pêche, sylviculture et alimentation", ["Agriculture, pêche, sylviculture et alimentation"]),
        ("Transports, Déplacements", ["Transports, Déplacements"]),
        ("hauteur 1,5 m, largeur, longueur", ["hauteur 1,5 m, largeur, longueur"]),
        ("écoles (maternelles, primaires, secondaires)", ["écoles (maternelles, primaires, secondaires)"]),
    ],
)
def test_a_list_of_keywords_is_split_and_a_phrase_is_not(value: str, expected: list[str]) -> None:
    assert _after(_KEYWORD, value) == expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("fre", "fr"), ("dut", "nl"), ("en-us", "en"), ("fr_BE", "fr"), ("FR", "fr"), ("fr-t-nl", "fr-t-nl"),
        ("fre-t-dut", "fr-t-nl"), ("zh-hans", "zh-hans"), ("und", ""), ("swe", "sv"), ("de-1996", "de-1996"),
    ],
)  # fmt: skip
def test_a_language_tag_becomes_plain(tag: str, expected: str) -> None:
    assert plain(tag) == expected


def test_two_regional_texts_of_one_language_keep_their_regions() -> None:
    triples = tuple(Triple(_NODE, TITLE, Literal(text, language=tag)) for text, tag in (("a", "fr-be"), ("b", "fr-fr")))
    assert repair(Entity("urn:example", "dataset", triples), _CONTEXT).applications == ()


def test_a_declared_language_goes_before_detection_and_leaves_tagged_texts() -> None:
    context = Context(source=Source(name="s", kind="dcat", url="https://example.org/", language="nl"), base="b:")
    triples = (
        Triple(_NODE, TITLE, Literal("Bus", language="fr")),
        Triple(_NODE, DESCRIPTION, Literal("Ce jeu de données contient les arrêts de bus de toute la ville")),
    )
    repaired = repair(Entity("urn:example", "dataset", triples), context)
    assert [str(triple.object)[-3:] for triple in repaired.entity.triples] == ["@fr", "@nl"]
    assert [item.rule for item in repaired.applications] == ["language-declared"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ce jeu de données contient les arrêts de bus et de tram de toute la ville", "fr"),
        ("Deze dataset bevat de haltes van bussen en trams in de hele stad", "nl"),
        ("Dieser Datensatz enthält die Haltestellen von Bussen und Straßenbahnen der Stadt", "de"),
        ("This dataset holds the stops of buses and trams in the whole city", "en"),
        ("Questo insieme di dati contiene le fermate degli autobus di tutta la città", ""),
        ("Bus", ""),
        ("haltes_bussen_trams_metro_2023_versie_definitief.geojson", ""),
        ("1234 5678 9012 3456 7890 1234 5678 9012 3456", ""),
    ],
)
def test_a_language_is_detected_only_where_it_is_sure(text: str, expected: str) -> None:
    assert detect(text) == expected
