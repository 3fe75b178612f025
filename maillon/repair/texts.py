"""Rules that turn damaged texts into what their author wrote: octets, entities, HTML, placeholders, lists in one text.

Texts of the catalogue are plain, but a description may be HTML (`DCAT 3 <https://www.w3.org/TR/vocab-dcat-3/>`_ says
nothing of it; 152 of 186 descriptions of an Opendatasoft portal are): it is then kept as HTML of few elements.
"""

import html
import re
from collections.abc import Callable, Iterator
from typing import Final

import nh3
from pyoxigraph import Literal, NamedNode, Triple

from maillon.repair.rule import Change, Context, Example, Rule, Text, Triples
from maillon.vocabulary import DESCRIPTION, NAME, TITLE, term

KEYWORD: Final = term("dcat:keyword")
_PLAIN: Final = frozenset(
    {TITLE, KEYWORD, NAME, term("vcard:fn"), term("vcard:organization-name"), term("skos:prefLabel"),
     term("dct:alternative")}
)  # fmt: skip
_DESCRIPTIONS: Final = frozenset({DESCRIPTION, term("dct:abstract"), term("adms:versionNotes"), term("rdfs:comment")})
_RICH: Final = _DESCRIPTIONS | {term("rdfs:label")}  # of a rights statement, where links to licences stand
_TEXTS: Final = _PLAIN | _RICH

_TWICE_ENCODED: Final = re.compile(r"[\u00c2\u00c3][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6"
                                   r"\u02dc\u2013\u2014\u2018-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]"
                                   r"|\u00e2[\u20ac\u0080\u201a\u0082]|\u00ef\u00bb\u00bf")  # fmt: skip
_PLACEHOLDERS: Final = frozenset(
    {"-", "--", "---", ".", "...", "?", "null", "none", "n/a", "n.a.", "nan", "nil", "undefined", "todo", "tbd", "tba",
     "[todo]", "xxx", "à remplir", "a remplir", "à compléter", "a completer", "à définir", "non renseigné",
     "aan te vullen",
     "in te vullen", "nog in te vullen", "auszufüllen", "noch auszufüllen", "(null)", "<null>", "#n/a", "#ref!"}
)  # fmt: skip
_SAYS_NOTHING: Final = frozenset(
    {"test", "unknown", "inconnu", "inconnue", "onbekend", "unbekannt", "na", "description", "beschrijving",
     "beschreibung", "aucune description", "geen beschrijving", "keine beschreibung", "no description"}
)  # fmt: skip
_TEMPLATE: Final = re.compile(r"\s*(?:\{\{[^{}]{0,60}\}\}|\$\{[^{}]{0,60}\}|<%[^%]{0,60}%>)\s*")
_ELEMENTS: Final = "p|br|div|span|ul|ol|li|a|b|i|em|strong|h[1-6]|table|tbody|thead|tr|td|th|font|u|img|script|style"
_MARKUP: Final = re.compile(rf"</?(?:{_ELEMENTS}|iframe|pre|code|sub|sup|hr|section|article)\b[^>]*>", re.IGNORECASE)
_ENTITY: Final = re.compile(r"&(?:[A-Za-z]{2,8}|#\d{1,6}|#x[0-9A-Fa-f]{1,5});")
_ESCAPED_MARKUP: Final = re.compile(rf"&lt;/?(?:{_ELEMENTS})\b", re.IGNORECASE)
_ESCAPED_ENTITY: Final = re.compile(r"&amp;(?=(?:[A-Za-z]{2,8}|#\d{1,6});)")
_BREAK: Final = re.compile(r"</?(?:p|br|div|li|ul|ol|tr|h[1-6])\b[^>]*>", re.IGNORECASE)
_KEPT: Final = {
    "p", "br", "ul", "ol", "li", "a", "strong", "em", "b", "i", "u", "h1", "h2", "h3", "h4", "h5", "h6", "code", "pre",
    "blockquote", "sub", "sup", "table", "thead", "tbody", "tr", "td", "th",
}  # fmt: skip
_TEMPLATE_STARTS: Final = frozenset({"{{", "${", "<%"})
_LONGEST_PLACEHOLDER: Final = 70
_LONGEST: Final = 200_000
"""Characters of the longest text that is treated; what is longer is no description and stays as it is."""

_Mend = Callable[[Text], str | None]


def _each(predicates: frozenset[NamedNode], mend: _Mend) -> Callable[[Triples, Context], Iterator[Change]]:
    """Return a rule's function that replaces each text of some properties by what ``mend`` makes of it.

    An empty answer removes the text, None or the same text leaves it.
    """

    def repair(triples: Triples, _context: Context) -> Iterator[Change]:
        for text in triples.texts():
            if text.language is None or text.predicate not in predicates or len(text.value) > _LONGEST:
                continue
            value = mend(text)
            if value is not None and value != text.value:
                yield text.becoming(value) if value else Change((text.triple,), ())

    return repair


def _mojibake(text: Text) -> str | None:
    if not _TWICE_ENCODED.search(text.value):
        return None
    import ftfy  # noqa: PLC0415 - 0.1 s to load, for texts that few sources have

    fixed = ftfy.fix_encoding(text.value)
    return fixed if fixed.strip() else None


def _blanks(text: Text) -> str | None:
    value = text.value.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text.value else text.value
    return value.strip().strip("\ufeff\u200b").strip() or None


def _nothing(triples: Triples, _context: Context) -> Iterator[Change]:
    for text in triples.texts():
        value = text.value
        if len(value) > _LONGEST_PLACEHOLDER:
            continue
        word = value.strip().lower()
        is_template = word[:2] in _TEMPLATE_STARTS and _TEMPLATE.fullmatch(word)
        if not (is_template or word in _PLACEHOLDERS or word.strip(".:!") in _SAYS_NOTHING) or not word:
            continue
        if (
            text.predicate in (_TEXTS if is_template or word in _PLACEHOLDERS else _DESCRIPTIONS)
            and text.language is not None
        ):
            yield Change((text.triple,), ())


def _templates(text: Text) -> str | None:
    return _TEMPLATE.sub(" ", text.value).strip() if "{{" in text.value else None


def _entities(text: Text) -> str | None:
    """Unescape what a text, read as what it is, still has escaped; HTML keeps the entities that it needs."""
    value = text.value
    if "&" not in value:
        return None
    if text.predicate in _RICH and _MARKUP.search(value):
        value = _ESCAPED_ENTITY.sub("&", value)
        return html.unescape(value) if _ESCAPED_MARKUP.search(value) else value
    for _ in range(3):
        if _ENTITY.search(value):
            value = html.unescape(value)
    return value.replace("\xa0", " ").strip()


def _unmarked(text: Text) -> str | None:
    """Strip the elements of a text that has to be plain."""
    if "<" not in text.value or not _MARKUP.search(text.value):
        return None
    spaced = _BREAK.sub(" ", text.value)
    value = html.unescape(nh3.clean(spaced, tags=set(), clean_content_tags={"script", "style"}))
    return " ".join(value.split())


def _sanitised(text: Text) -> str | None:
    """Keep the structure of HTML and nothing else: no style, script, image or class."""
    value = text.value
    if "<" not in value or not _MARKUP.search(value):
        return None
    cleaned = nh3.clean(
        value,
        tags=_KEPT,
        attributes={"a": {"href"}},
        clean_content_tags={"script", "style", "iframe"},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=None,
    ).strip()
    if not _MARKUP.search(cleaned):  # nothing but style: a plain text is left
        cleaned = html.unescape(cleaned).replace("\xa0", " ").strip()
        return cleaned if not _MARKUP.search(cleaned) else None
    return cleaned


def _keywords(triples: Triples, _context: Context) -> Iterator[Change]:
    for text in triples.texts():
        if text.predicate != KEYWORD or text.language is None:
            continue
        parts = _parts(text.value)
        if parts:
            tag = text.language
            literals = [Literal(part, language=tag) if tag else Literal(part) for part in parts]
            added = tuple(Triple(text.triple.subject, KEYWORD, literal) for literal in literals)
            yield Change((text.triple,), added)


_CONJUNCTION: Final = re.compile(r"\b(?:et|ou|en|of|and|or|und|oder)\b", re.IGNORECASE)


def _parts(value: str) -> list[str]:
    """Return the keywords of a list in one text, empty where it may be one phrase.

    Semicolons and bars always separate; commas where there are three or more short parts without "and", because EU
    themes ("Agriculture, pêche, sylviculture et alimentation") and phrases ("Census 2021, niveau d'instruction") have
    commas too.
    """
    separator = next((sign for sign in (";", "|") if sign in value), ",")
    parts = list(dict.fromkeys(part.strip() for part in value.split(separator) if part.strip()))
    if separator == ",":
        phrase = len(parts) < 3 or _CONJUNCTION.search(value) or re.search(r"\d,\d", value)
        if phrase or any(len(part) > 30 or len(part.split()) > 3 for part in parts):
            return []
    whole = all(part.count("(") == part.count(")") and len(part) <= 60 for part in parts)
    return parts if parts and whole and parts != [value] else []


def _empty(triples: Triples, _context: Context) -> Iterator[Change]:
    for text in triples.texts():
        if not text.value or text.value.isspace():
            yield Change((text.triple,), ())


def _titles(fr: str, nl: str, de: str, en: str) -> dict[str, str]:
    return {"fr": fr, "nl": nl, "de": de, "en": en}


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        id="mojibake",
        title=_titles(
            "Les lettres accentuées abîmées par un mauvais encodage sont rétablies.",
            "Letters met accenten die door een foute codering beschadigd zijn, zijn hersteld.",
            "Durch falsche Zeichenkodierung beschädigte Buchstaben sind wiederhergestellt.",
            "Letters damaged by a wrong character encoding are restored.",
        ),
        matches="UTF-8 that was read as Latin-1 or Windows-1252, such as `Ã©` for `é` or `Â©` for `©` (data.gov.uk).",
        changes="The text as it was before, by ftfy.fix_encoding; texts without that signature are never touched.",
        predicates=_TEXTS,
        marks=frozenset({"Â", "Ã", "â", "ï»¿"}),
        example=Example(
            before='<urn:example> dct:title "QualitÃ© de l’air"@fr .',
            after='<urn:example> dct:title "Qualité de l’air"@fr .',
        ),
        repair=_each(_TEXTS, _mojibake),
    ),
    Rule(
        id="empty-value",
        title=_titles(
            "Les valeurs vides sont retirées.",
            "Lege waarden zijn verwijderd.",
            "Leere Werte sind entfernt.",
            "Empty values are removed.",
        ),
        matches="A literal of any property that is empty or blank (71 on data.gov.be).",
        changes="Nothing in its place.",
        marks=frozenset({"blanks"}),
        example=Example(
            before='<urn:example> dct:title "Bus"@fr ; dct:license "" .', after='<urn:example> dct:title "Bus"@fr .'
        ),
        repair=_empty,
    ),
    Rule(
        id="placeholder",
        title=_titles(
            "Les textes qui ne disent rien, tels que « n/a » ou « à compléter », sont retirés.",
            "Teksten die niets zeggen, zoals „n/a” of „in te vullen”, zijn verwijderd.",
            "Texte ohne Aussage wie „n/a“ oder „auszufüllen“ sind entfernt.",
            "Texts that say nothing, such as “n/a” or “to do”, are removed.",
        ),
        matches="A title, keyword, name or description that is nothing but `-`, `null`, `n/a`, `TODO`, `A REMPLIR` or "
        "`{{description}}` (397 of 3,204 ArcGIS Hub datasets); `test` and `unknown` only where they are a description.",
        changes="Nothing in its place.",
        predicates=_TEXTS,
        example=Example(
            before='<urn:example> dct:title "Bus"@fr ; dct:description "{{description}}"@fr .',
            after='<urn:example> dct:title "Bus"@fr .',
        ),
        repair=_nothing,
    ),
    Rule(
        id="template-leftover",
        title=_titles(
            "Les restes de modèle tels que {{name}} sont retirés des textes.",
            "Resten van een sjabloon zoals {{name}} zijn uit teksten verwijderd.",
            "Reste einer Vorlage wie {{name}} sind aus Texten entfernt.",
            "Leftovers of a template such as {{name}} are removed from texts.",
        ),
        matches="`{{...}}` inside a text.",
        changes="The text without it.",
        predicates=_TEXTS,
        marks=frozenset({"{{"}),
        example=Example(
            before='<urn:example> dct:description "Routes. {{extent}}"@fr .',
            after='<urn:example> dct:description "Routes."@fr .',
        ),
        repair=_each(_TEXTS, _templates),
    ),
    Rule(
        id="escaped-twice",
        title=_titles(
            "Les textes dont les signes étaient codés deux fois (&amp;lt;, &amp;eacute;) sont rétablis.",
            "Teksten waarvan tekens dubbel gecodeerd waren (&amp;lt;, &amp;eacute;), zijn hersteld.",
            "Texte mit doppelt kodierten Zeichen (&amp;lt;, &amp;eacute;) sind wiederhergestellt.",
            "Texts whose signs were escaped twice (&amp;lt;, &amp;eacute;) are restored.",
        ),
        matches="HTML entities in plain texts; escaped elements or entities in HTML (105 descriptions on data.gov.be).",
        changes="The signs that they stand for.",
        predicates=_TEXTS,
        marks=frozenset({"&"}),
        example=Example(
            before='<urn:example> dct:title "Eau &amp; for&ecirc;ts"@fr ; '
            'dct:description "a &lt;em&gt;b&lt;/em&gt;"@fr .',
            after='<urn:example> dct:title "Eau & forêts"@fr ; dct:description "a <em>b</em>"@fr .',
        ),
        repair=_each(_TEXTS, _entities),
    ),
    Rule(
        id="html-in-plain-text",
        title=_titles(
            "Le code HTML est retiré des titres, mots-clés et noms.",
            "HTML-code is uit titels, trefwoorden en namen verwijderd.",
            "HTML-Code ist aus Titeln, Schlagwörtern und Namen entfernt.",
            "HTML code is removed from titles, keywords and names.",
        ),
        matches="HTML elements in a title, keyword, name or label.",
        changes="The text alone.",
        predicates=_PLAIN,
        marks=frozenset({"<"}),
        example=Example(
            before='<urn:example> dct:title "<b>Bus</b><br/>et tram"@fr .',
            after='<urn:example> dct:title "Bus et tram"@fr .',
        ),
        repair=_each(_PLAIN, _unmarked),
    ),
    Rule(
        id="html-description",
        title=_titles(
            "Le HTML des descriptions est réduit à sa structure (paragraphes, listes, liens).",
            "HTML in beschrijvingen is teruggebracht tot de structuur (alinea's, lijsten, links).",
            "HTML in Beschreibungen ist auf seine Struktur beschränkt (Absätze, Listen, Links).",
            "HTML in descriptions is reduced to its structure (paragraphs, lists, links).",
        ),
        matches="HTML elements in a description: styles, classes, scripts, images, elements not closed.",
        changes="Well-formed HTML of paragraphs, lists, links, emphasis, headings and tables; plain text where none "
        "of them is left.",
        predicates=_RICH,
        marks=frozenset({"<"}),
        example=Example(
            before='<urn:example> dct:description "<p style=\\"color:red\\">Un <b>plan</b><script>x()</script>"@fr .',
            after='<urn:example> dct:description "<p>Un <b>plan</b></p>"@fr .',
        ),
        repair=_each(_RICH, _sanitised),
    ),
    Rule(
        id="outer-blanks",
        title=_titles(
            "Les blancs au début et à la fin des textes sont retirés.",
            "Witruimte aan het begin en het einde van teksten is verwijderd.",
            "Leerraum am Anfang und Ende von Texten ist entfernt.",
            "White space at the start and end of texts is removed.",
        ),
        matches="Leading or trailing white space, carriage returns (1,640 on data.gov.be).",
        changes="The text without it; lines end with a line feed.",
        predicates=_TEXTS,
        marks=frozenset({"blanks", "\r", "\ufeff", "\u200b"}),
        example=Example(before='<urn:example> dct:title " Bus "@fr .', after='<urn:example> dct:title "Bus"@fr .'),
        repair=_each(_TEXTS, _blanks),
    ),
    Rule(
        id="keyword-list",
        title=_titles(
            "Une liste de mots-clés dans un seul texte est séparée en mots-clés.",
            "Een lijst van trefwoorden in één tekst is in trefwoorden gesplitst.",
            "Eine Liste von Schlagwörtern in einem Text ist in Schlagwörter getrennt.",
            "A list of keywords in one text is split into keywords.",
        ),
        matches="A keyword with semicolons, bars, or commas between three or more short parts (1,065 on data.gov.be); "
        "phrases such as `Census 2021, niveau d'instruction` stay.",
        changes="One keyword for each part.",
        predicates=frozenset({KEYWORD}),
        example=Example(
            before='<urn:example> dcat:keyword "bus, tram, métro"@fr .',
            after='<urn:example> dcat:keyword "bus"@fr, "tram"@fr, "métro"@fr .',
        ),
        repair=_keywords,
    ),
)
