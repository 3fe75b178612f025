"""Texts of the catalogue in several languages: which one a visitor reads, and how HTML in them is made safe.

Turns the literals of a property (BCP 47 tags, RFC 5646; ``-t-`` tags of RFC 6497 say "machine translation from") into
one ``Text`` for a visitor; turns descriptions, which sources send as plain text or as HTML, into harmless HTML.
"""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import nh3
from lxml import html as lxml_html
from markupsafe import Markup, escape

from maillon.settings import LANGUAGES

# ISO 639-2 codes that feeds use though BCP 47 wants the short one (`fre` on 158 literals of the corpus).
_SHORT: Final = {
    "fre": "fr", "fra": "fr", "dut": "nl", "nld": "nl", "ger": "de", "deu": "de", "eng": "en",
}  # fmt: skip
_NAMES: Final = "(?:p|br|div|span|ul|ol|li|a|b|i|em|strong|h[1-6]|table|tr|td|font|u|img|script|style|iframe)"
_ELEMENT: Final = re.compile(rf"</?{_NAMES}\b[^>]*>", re.IGNORECASE)
_ESCAPED: Final = re.compile(rf"&lt;/?{_NAMES}\b", re.IGNORECASE)
_HEADING: Final = re.compile(r"<(/?)h[1-6]\b[^>]*>", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"'“”«»]*[^\s<>\"'“”«».,;:!?()\[\]]")
_TAGS: Final = {
    "p",
    "br",
    "ul",
    "ol",
    "li",
    "strong",
    "em",
    "b",
    "i",
    "u",
    "a",
    "code",
    "pre",
    "blockquote",
    "sub",
    "sup",
}


@dataclass(frozen=True, slots=True)
class Text:
    """A text as shown to one visitor.

    Attributes:
        value: The text.
        lang: Language for the ``lang`` attribute, empty where it is the page's own or unknown.
        machine: Language that it was translated from by machine, empty for a text that a person wrote.
        own: Whether it is in the visitor's language (or of unknown language).
    """

    value: str
    lang: str = ""
    machine: str = ""
    own: bool = True

    def __str__(self) -> str:
        return self.value


def split_tag(tag: str) -> tuple[str, str]:
    """Return the primary language of a tag and the language it was machine-translated from (``fr-t-nl`` -> fr, nl)."""
    parts = tag.lower().split("-")
    primary = _SHORT.get(parts[0], parts[0])
    if "t" in parts[1:]:
        after = parts[parts.index("t", 1) + 1 :]
        return primary, _SHORT.get(after[0], after[0]) if after else "?"
    return primary, ""


def _rank(tag: str, language: str) -> tuple[int, int]:
    primary, machine = split_tag(tag)
    if primary == language:
        return (1 if machine else 0), 0
    if machine:
        return 5, 0
    if primary in LANGUAGES:
        return 2, LANGUAGES.index(primary)
    return (3 if not primary else 4), 0


def choose_all(texts: Iterable[tuple[str, str]], language: str) -> list[Text]:
    """Return all texts of the one tag that suits a visitor best.

    Best is the visitor's language, then a machine translation into it, then a language of the interface as a person
    wrote it, then what has no tag, then any other.

    Args:
        texts: Pairs of language tag (may be empty) and text.
        language: The visitor's.
    """
    known = [(tag, value.strip()) for tag, value in texts if value.strip()]
    if not known:
        return []
    best = min((tag for tag, _ in known), key=lambda tag: _rank(tag, language))
    primary, machine = split_tag(best)
    own = primary in ("", language)
    return [Text(value, "" if own else primary, machine, own) for tag, value in known if tag == best]


def choose(texts: Iterable[tuple[str, str]], language: str) -> Text | None:
    """Return the text that suits a visitor best (see ``choose_all``), None where there is none."""
    found = choose_all(texts, language)
    return found[0] if found else None


def original(texts: Iterable[tuple[str, str]], shown: Text) -> Text | None:
    """Return what a machine-translated text was translated from, None where it is not there or not needed."""
    if not shown.machine:
        return None
    for tag, value in texts:
        if split_tag(tag) == (shown.machine, ""):
            return Text(value.strip(), shown.machine, "", own=False)
    return None


def plain(value: str) -> str:
    """Return a text without mark-up, on one line."""
    if _ESCAPED.search(value):
        value = html.unescape(value)
    if _ELEMENT.search(value) or "&" in value:
        value = html.unescape(nh3.clean(re.sub(r"<(?:/p|br|/li|/div)\b", r" \g<0>", value), tags=set()))
    return " ".join(value.split())


def _link_addresses(value: str) -> Markup:
    parts: list[Markup] = []
    end = 0
    for match in _ADDRESS.finditer(value):
        parts.append(escape(value[end : match.start()]))
        parts.append(Markup('<a href="{0}" rel="nofollow noopener">{0}</a>').format(match.group()))
        end = match.end()
    parts.append(escape(value[end:]))
    return Markup("").join(parts)


def _paragraphs(value: str) -> Markup:
    blocks = (block.strip() for block in re.split(r"\n\s*\n", value.replace("\r\n", "\n").replace("\r", "\n")))
    made = [
        Markup("<p>{}</p>").format(Markup("<br>").join(_link_addresses(line) for line in block.split("\n")))
        for block in blocks
        if block
    ]
    return Markup("\n").join(made)


def _straighten(cleaned: str) -> str:
    """Repair what would confuse a screen reader: list items outside a list, links without text, wild list children."""
    root = lxml_html.fragment_fromstring(cleaned, create_parent="div")
    for link in list(root.iter("a")):
        if not link.get("href") or not (link.text_content() or "").strip():
            link.drop_tag()
    for item in root.iter("li"):
        parent = item.getparent()
        if parent is None or parent.tag not in ("ul", "ol"):
            item.tag = "p"
    for group in list(root.iter("ul", "ol")):
        if any(child.tag != "li" for child in group) or not len(group) or (group.text or "").strip():
            group.drop_tag() if not len(group) else setattr(group, "tag", "div")
            for child in group.findall("li"):
                child.tag = "p"
    return "".join([escape(root.text or "")] + [lxml_html.tostring(child, encoding="unicode") for child in root])


def rich(value: str) -> Markup:
    """Return a description as harmless HTML: its own structure where it is HTML, else paragraphs with live links."""
    if _ESCAPED.search(value):
        value = html.unescape(value)
    if not _ELEMENT.search(value):
        return _paragraphs(html.unescape(value) if re.search(r"&(?:[a-z]+|#\d+);", value) else value)
    cleaned = nh3.clean(
        _HEADING.sub(r"<\1p>", value),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener",
    )
    made = _straighten(cleaned)
    return Markup(made if "<p" in made or "<ul" in made or "<ol" in made else f"<p>{made}</p>")  # noqa: S704
