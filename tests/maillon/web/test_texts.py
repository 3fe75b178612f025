"""Choosing texts by language, and making descriptions harmless."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from maillon.web import texts

TITLES = [("nl", "Fietsen"), ("fr-t-nl", "Vélos"), ("en", "Bikes"), ("", "Velo")]


@pytest.mark.parametrize(
    ("language", "value", "lang", "machine"),
    [("nl", "Fietsen", "", ""), ("fr", "Vélos", "", "nl"), ("en", "Bikes", "", ""), ("de", "Fietsen", "nl", "")],
)
def test_a_visitor_gets_the_best_text(language: str, value: str, lang: str, machine: str) -> None:
    found = texts.choose(TITLES, language)
    assert found is not None
    assert (found.value, found.lang, found.machine) == (value, lang, machine)


def test_an_untagged_text_comes_before_a_foreign_language() -> None:
    assert str(texts.choose([("es", "a"), ("", "b"), ("de-t-es", "c")], "fr")) == "b"


def test_regional_and_three_letter_tags_count_as_the_language() -> None:
    assert str(texts.choose([("en-US", "a"), ("fre", "b"), ("de", "c")], "fr")) == "b"
    assert texts.split_tag("fr-BE-t-nl-BE") == ("fr", "nl")
    assert texts.split_tag("dut") == ("nl", "")


def test_blank_texts_are_no_texts() -> None:
    assert texts.choose([("fr", "  "), ("nl", "x")], "fr") == texts.Text("x", "nl", "", own=False)
    assert texts.choose([("fr", "")], "fr") is None
    assert texts.choose_all([], "fr") == []


def test_the_original_of_a_machine_translation_is_found() -> None:
    shown = texts.choose(TITLES, "fr")
    assert shown is not None
    assert str(texts.original(TITLES, shown)) == "Fietsen"
    assert texts.original([("fr-t-nl", "Vélos")], shown) is None


def test_plain_text_becomes_paragraphs_with_links() -> None:
    made = texts.rich("Un & deux\nligne\n\nVoir https://example.org/a?b=1&c=2. <pas> une balise")
    assert made == (
        "<p>Un &amp; deux<br>ligne</p>\n"
        '<p>Voir <a href="https://example.org/a?b=1&amp;c=2" rel="nofollow noopener">'
        "https://example.org/a?b=1&amp;c=2</a>. &lt;pas&gt; une balise</p>"
    )


@pytest.mark.parametrize(
    ("sent", "made"),
    [
        ("<p>Gras : <b>oui</b></p>", "<p>Gras : <b>oui</b></p>"),
        ("&lt;p&gt;Deux fois&lt;/p&gt;", "<p>Deux fois</p>"),
        ("<h1>Titre</h1>suite", "<p>Titre</p>suite"),
        ("<p>a<script>alert(1)</script>b</p>", "<p>ab</p>"),
        ("<p onclick='x()' style='a'>c</p>", "<p>c</p>"),
        ("<a href='javascript:x'>d</a>", "<p>d</p>"),
        ("<p><a href='https://example.org/'> </a>e</p>", "<p> e</p>"),
        ("<p>f</p><li>g</li>", "<p>f</p><p>g</p>"),
        ("<ul><li>h</li></ul>", "<ul><li>h</li></ul>"),
        ("<ul>i<li>j</li></ul><p>k</p>", "<div>i<p>j</p></div><p>k</p>"),
        ("<b>sans &lt;fin", "<p><b>sans &lt;fin</b></p>"),
    ],
)
def test_html_keeps_its_structure_and_loses_its_dangers(sent: str, made: str) -> None:
    assert texts.rich(sent) == made


@given(st.text(alphabet=st.sampled_from("<>&;/\"' =abijpltu:scr\n"), max_size=80))
def test_whatever_is_sent_no_script_or_handler_comes_through(sent: str) -> None:
    tree = html.fragment_fromstring(str(texts.rich(f"{sent}<script>x()</script>")), create_parent="div")
    assert not tree.xpath("//script | //@onclick | //@style | //@src")
    assert all(address.startswith(("http", "mailto:")) for address in tree.xpath("//@href"))


@pytest.mark.parametrize(
    ("sent", "made"),
    [
        ("<p>Un</p><p>deux</p>", "Un deux"),
        ("a &amp; b", "a & b"),
        ("&lt;em&gt;c&lt;/em&gt;", "c"),
        ("d < e\n f", "d < e f"),
        ("<script>g</script>h", "h"),
    ],
)
def test_plain_text_has_no_mark_up(sent: str, made: str) -> None:
    assert texts.plain(sent) == made
