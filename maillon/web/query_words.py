"""What is said around queries, in the visitor's language: why there is no answer, headings of columns, the rate.

Turns the English sentences of ``maillon.sparql.jobs.QueryFailed``, which programs get as they are, into sentences of
the interface for pages; a sentence that is not known here stays English and is marked so (WCAG 2.2, criterion 3.1.2).
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from flask import g

from maillon.sparql.jobs import QueryFailed
from maillon.web import display
from maillon.web.texts import Text
from maillon.web.wording import _, ngettext

_Say = Callable[[Mapping[str, str]], str]
_NUMBERS: Final = frozenset(["length", "most", "depth", "patterns"])
_RATE: Final = re.compile(r"(\d+)\s*(?:/|per)\s*(\d+)?\s*(second|minute|hour|day|month|year)", re.IGNORECASE)

# The sentences as maillon.sparql writes them; the tests ask for each of them, so that neither changes alone.
_AT: Final = r"Line (?P<line>\d+), column (?P<column>\d+): "
_AFTER: Final = r"(?: after “(?P<near>.*)”)?\."
_KNOWN: Final[tuple[tuple[str, _Say], ...]] = (
    (r"The query is empty\.", lambda said: _("The query is empty.")),
    (
        _AT + r"something else is expected" + _AFTER,
        lambda said: _after(said, _("something else is expected here")),
    ),
    (
        _AT + r"The SELECT contains a variable that is unbound" + _AFTER,
        lambda said: _after(said, _("the SELECT has a variable that is neither grouped nor counted")),
    ),
    (
        _AT + r"IRI parsing failed" + _AFTER,
        lambda said: _after(said, _("this address (IRI) is not written correctly")),
    ),
    (
        _AT + r"the prefix (?P<prefix>[^ ]*): is not declared\. Declare it, or .*: (?P<names>[^:]*)\.",
        lambda said: (
            _place(said)
            + _(
                "the prefix %(prefix)s: is not declared. Declare it, or use one of these, which are known: %(names)s.",
                **said,
            )
        ),
    ),
    (
        r"The prefix (?P<prefix>[^ ]*): is not declared\. Write .*",
        lambda said: _("The prefix %(prefix)s: is not declared. Write PREFIX %(prefix)s: <...>.", **said),
    ),
    (
        _AT + r".* Text search is written so: (?P<example>.*)",
        lambda said: _place(said) + _("the text search is not written correctly. Write it so: %(example)s", **said),
    ),
    (
        r"SERVICE is not offered: .* Text search is the exception: (?P<example>.*)",
        lambda said: _(
            "SERVICE is not offered: this endpoint never asks other servers. Remove it. Text search is the exception: "
            "%(example)s",
            **said,
        ),
    ),
    (
        r"This endpoint never asks other servers\.",
        lambda said: _("This endpoint never asks other servers."),
    ),
    (
        r"The query has (?P<length>\d+) characters; at most (?P<most>\d+) are accepted\.",
        lambda said: _("The query has %(length)s characters; at most %(most)s are accepted.", **said),
    ),
    (
        r"This is an update\. .*",
        lambda said: _("This is an update. Data can only be read here: send a query."),
    ),
    (
        r"Brackets are nested (?P<depth>\d+) deep; at most (?P<most>\d+) are accepted\.",
        lambda said: _("Brackets are nested %(depth)s deep; at most %(most)s are accepted.", **said),
    ),
    (
        r"One group holds (?P<patterns>\d+) triple patterns or path steps; at most (?P<most>\d+) are accepted\. .*",
        lambda said: _(
            "One group holds %(patterns)s triple patterns or path steps; at most %(most)s are accepted. Split it into "
            "sub-selects or unions.",
            **said,
        ),
    ),
    (
        r"The custom function <(?P<iri>.*)> is not supported\.?",
        lambda said: _("There is no function %(iri)s here. Remove it, or use a function of SPARQL 1.1.", **said),
    ),
    (
        r"You have (?P<most>\d+) queries open, .*",
        lambda said: _("You have %(most)s queries open, as many as one reader may. Wait until one has ended.", **said),
    ),
    (
        r"The operator of this endpoint has stopped the query\.",
        lambda said: _("The operator of this catalogue has stopped the query."),
    ),
    (
        r"The engine has given up on this query, by a fault of its own\..*",
        lambda said: _(
            "The engine has given up on this query, by a fault of its own. It does so where ORDER BY compares texts "
            "with and without a language: write ORDER BY STR(?x) there."
        ),
    ),
)
_PATTERNS: Final = tuple((re.compile(pattern, re.DOTALL), say) for pattern, say in _KNOWN)


def _place(said: Mapping[str, str]) -> str:
    return _("Line %(line)s, column %(column)s:", **said) + " "


def _after(said: Mapping[str, str], what: str) -> str:
    """Return a sentence that says where the reader stopped, what is wrong, and what stands before the place."""
    if said.get("near"):
        return _place(said) + _("%(what)s, after “%(near)s”.", what=what, near=said["near"])
    return f"{_place(said)}{what}."


def _by_kind(failed: QueryFailed, seconds: float) -> str:
    """Return what its kind alone says of a failure, empty where the sentence has to be read."""
    known = {
        "time": _(
            "The query was stopped after %(seconds)s seconds. Ask for less, or add a LIMIT.",
            seconds=display.number(seconds, g.language),
        ),
        "memory": _("The query used up its memory. Ask for less, or for smaller parts."),
        "size": _("The answer is too large for a page. Ask for less, or add a LIMIT."),
        "busy": _("Too many queries are running now. Try again in some seconds."),
        "failed": _("The query could not be answered; the administrators find the reason in the log."),
    }
    return known.get(failed.kind, "")


def explained(failed: QueryFailed, seconds: float) -> Text:
    """Return why there is no answer, in the visitor's language; in English where its sentence is not known here.

    Args:
        failed: Why there is no answer.
        seconds: Time that the query had.
    """
    if text := _by_kind(failed, seconds):
        return Text(text)
    sentence = str(failed).partition("\n\n")[0].strip() if failed.hints else str(failed).strip()
    for pattern, say in _PATTERNS:
        if match := pattern.fullmatch(sentence):
            found = {name: value for name, value in match.groupdict().items() if value is not None}
            return Text(say({name: _shown(name, value) for name, value in found.items()}))
    if failed.kind == "died":
        return Text(_("The query was broken off before its end. Try again in some seconds."))
    return Text(sentence, "en")


def _shown(name: str, value: str) -> str:
    """Return a value as the visitor's language writes it."""
    return display.number(int(value), g.language) if name in _NUMBERS else value


def heading(column: str) -> str:
    """Return the heading of a column of the saved queries, in words; the variable's name where it is another."""
    words = {
        "dataset": _("Dataset"), "datasets": _("Datasets"), "title": _("Title"), "modified": _("Changed on"),
        "theme": _("Theme"), "label": _("Name"), "name": _("Name"), "publisher": _("Published by"),
        "organisation": _("Organisation"), "category": _("Category"), "law": _("Applicable legislation"),
        "format": _("Format"), "file": _("File"), "licence": _("Licence"), "shape": _("Rule"), "rule": _("Rule"),
        "severity": _("Severity"), "findings": _("Findings"), "does": _("What it does"), "repairs": _("Repairs"),
        "records": _("Records"), "shown": _("Shown dataset"), "copy": _("Copy"), "copyTitle": _("Title of the copy"),
        "row": _("Row"), "value": _("Value"), "points": _("Points"), "scope": _("Catalogue or organisation"),
        "date": _("Date"),
    }  # fmt: skip
    return words.get(column, column)


def rate(setting: str) -> str:
    """Return the setting ``query_rate`` ("600 per minute; 5/2 hours") in words, empty for no limit."""
    found = []
    for amount, several, unit in _RATE.findall(setting):
        count = int(amount)
        shown = display.number(count, g.language)
        time = _span(int(several or 1), unit.lower())
        found.append(
            ngettext("%(count)s query in %(time)s", "%(count)s queries in %(time)s", count, count=shown, time=time)
        )
    return ", ".join(found)


def _span(number: int, unit: str) -> str:
    spans = {
        "second": ngettext("%(num)s second", "%(num)s seconds", number),
        "minute": ngettext("%(num)s minute", "%(num)s minutes", number),
        "hour": ngettext("%(num)s hour", "%(num)s hours", number),
        "day": ngettext("%(num)s day", "%(num)s days", number),
        "month": ngettext("%(num)s month", "%(num)s months", number),
        "year": ngettext("%(num)s year", "%(num)s years", number),
    }
    return spans[unit]
