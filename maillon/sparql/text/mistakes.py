"""Turns a query that was refused, and the place where it stops being SPARQL, into what is likely wrong with it.

Looks at the first token that SPARQL does not allow where it stands, which the parser has named
(``maillon.sparql.workers.stops``), so that no grammar is needed: what stands before it and the open brackets tell the
common mistakes apart. At most one is named, the one that stopped the parser.
"""

import difflib
import re
import unicodedata
from collections.abc import Callable
from typing import Final

from maillon.sparql.jobs import Hint
from maillon.sparql.text import names, places, selections
from maillon.sparql.text.mistake_texts import (
    AGGREGATES,
    FORMS,
    FUNCTIONS,
    KNOWN,
    MISTAKES,
    MODIFIERS,
    OPERATORS,
    PATTERNS,
    WORDS,
)
from maillon.sparql.text.reading import TERMS, Found, Reading, read
from maillon.sparql.text.tokens import tokens

_SAID: Final = re.compile(r"Line (\d+), column (\d+): ")
_EXCERPT: Final = 40
_PROJECTING: Final = ("SELECT", "DISTINCT", "REDUCED")
_PLAIN: Final = " \t\r\n"
_COMMENT: Final = re.compile(r"#[^\n\r]*")
_QUOTES: Final = "“”„‟‘’‚‛«»‹›`´"
_CLOSING: Final = {"(": ")", "[": "]", "{": "}"}
_LONG_IRI: Final = re.compile(r"(?:https?|ftp|urn):[^\s<>\"{}|^`\\]*", re.IGNORECASE)
_TO_END: Final = re.compile(r"[^\n>]*>?")
_EXPECTED: Final = "something else is expected"
_REASONS: Final = {"ungrouped": "The SELECT contains a variable that is unbound"}
_MISSING: Final = ("open", "number", "by")
"""What has to be put at the place where the parser stopped, which is named then; the hint shows what asks for it."""
_SIGNS: Final = re.compile(r"[=<>!&|^]+")


def _invisible(reading: Reading) -> Found | None:
    """A no-break space counts as white space for our tokens, a zero-width one as a token: both came by copying."""
    last = reading.last()
    gap = last.start + len(last.text)
    between = _COMMENT.sub(lambda match: " " * len(match[0]), reading.query[gap : reading.token.start])
    for place, sign in enumerate(between + reading.token.text[:1], gap):
        if sign not in _PLAIN and unicodedata.category(sign) in ("Zs", "Cf", "Cc", "Zl", "Zp"):
            name = unicodedata.name(sign, "control character").lower()
            return Found("invisible", place, place + 1, {"name": f"U+{ord(sign):04X}, {name}"})
    return None


def _texts(reading: Reading) -> Found | None:
    token, last = reading.token, reading.last()
    if token.kind == "other" and token.text in _QUOTES:
        return reading.here("quotes")
    if token.kind == "string":
        quote = token.text[:3] if token.text[:3] in ("'''", '"""') else token.text[0]
        if len(token.text) < 2 * len(quote) or not token.text.endswith(quote):
            return reading.here("open-text", quote=quote)
    behind = last.start + len(last.text) == token.start
    if last.kind == "string" and behind and token.kind in ("word", "string"):
        return reading.here("quote-within")
    return None


def _iris(reading: Reading) -> Found | None:
    token = reading.token
    if spaced := _spaced_iri(reading):
        return spaced
    if token.kind == "name" and (match := _LONG_IRI.match(reading.query, token.start)) and "//" in match[0]:
        iri = match[0].rstrip(".,;)")
        return Found("iri", token.start, token.start + len(iri), {"iri": iri})
    return None


def _spaced_iri(reading: Reading) -> Found | None:
    """The ``<`` of an IRI is a token of its own where the IRI has a character that none may have."""
    for opened in (reading.token, *(reading.last(number) for number in range(1, 9))):
        if opened.text == "<" and opened.kind == "other" and _LONG_IRI.match(reading.query, opened.start + 1):
            end = _TO_END.match(reading.query, opened.start)
            return Found("iri-characters", opened.start, end.end() if end else reading.end)
    return None


def _comma(reading: Reading) -> Found | None:
    if reading.token.text != ",":
        return None
    level, clause = reading.open[-1], reading.clause
    if reading.bracket == "(" and level.before in AGGREGATES:
        return reading.here("comma-aggregate", function=level.before)
    if reading.bracket == "{" and level.before == "VALUES":
        return reading.here("comma", clause="VALUES")
    if reading.bracket != "(" and clause in ("LIMIT", "OFFSET"):
        return reading.here("limit")
    clause = {"BY": "ORDER BY or GROUP BY", "ASC": "ORDER BY", "DESC": "ORDER BY", "AS": "SELECT"}.get(clause, clause)
    if reading.bracket != "(" and clause in ("SELECT", "DISTINCT", "REDUCED", "DESCRIBE", "ORDER BY or GROUP BY"):
        return reading.here("comma", clause=clause)
    return None


def _names(reading: Reading) -> Found | None:
    """What is worked out in a SELECT or BIND needs brackets and a name."""
    level = reading.open[-1]
    if reading.bracket == "(":
        named = level.word == "AS" or level.before not in (*_PROJECTING, "BIND")
        return None if named else _unnamed(reading)
    if reading.token.text == "-" and reading.last().kind == "variable":
        return reading.here("hyphen")
    return _projected(reading) if level.word in _PROJECTING else None


def _projected(reading: Reading) -> Found | None:
    token = reading.token
    if reading.word in FUNCTIONS and reading.after and reading.after[0].text == "(":
        return reading.here("as-brackets", example=f"{token.text}(...) AS ?name")
    if reading.word == "AS":
        return reading.here("as-brackets", example=f"{reading.last().text} AS ?name")
    nothing = token.text == "{" and reading.last_word() in _PROJECTING
    return reading.here("nothing") if nothing else None


def _unnamed(reading: Reading) -> Found | None:
    """An expression in the brackets of a SELECT ends, or a name follows, without AS."""
    token, inner = reading.token, reading.open[-1].token
    within = len(reading.open) > 2 and reading.open[-2].token is not None and reading.open[-2].token.text == "("
    ended = reading.last().text == ")" or reading.last().kind in TERMS
    if inner is None or within or not ended or not (token.kind == "variable" or token.text == ")"):
        return None
    if reading.last().kind == "variable" and reading.last(2) is inner and reading.open[-1].before != "BIND":
        return reading.at(reading.last(), "alone")
    name = token.text if token.kind == "variable" else "?name"
    example = " ".join(reading.query[inner.start + 1 : token.start].split())[:_EXCERPT]
    return reading.here("as-missing", example=f"{example} AS {name}")


def _operator(reading: Reading) -> Found | None:
    """Operators of other languages, where an operand stands before them."""
    if reading.bracket != "(" or not (reading.last().kind in TERMS or reading.last().text == ")"):
        return None
    match = _SIGNS.match(reading.query, reading.token.start)
    if match and match[0] in OPERATORS:
        return Found("operator", match.start(), match.end(), {"right": OPERATORS[match[0]]})
    if reading.word == "IS" and (null := [one for one in reading.after if one.text.upper() == "NULL"]):
        return reading.at(null[0], "null")
    if reading.word in WORDS:
        return reading.here("operator-word", right=WORDS[reading.word])
    return reading.here("like") if reading.word in ("LIKE", "ILIKE", "RLIKE") else None


def _negation(reading: Reading) -> Found | None:
    if reading.word == "NULL":
        return reading.here("null")
    if reading.last_word() == "NOT" and reading.word not in ("EXISTS", "IN"):
        return reading.at(reading.last(), "like" if reading.word == "LIKE" else "not")
    keyword = reading.last_word()
    if keyword in ("FILTER", "HAVING", "BIND") and reading.token.kind in TERMS:
        return reading.at(reading.last(), "filter-brackets", keyword=keyword)
    return reading.at(reading.last(), "in") if keyword == "IN" and reading.token.text != "(" else None


def _order(reading: Reading) -> Found | None:
    last = reading.last_word()
    if last in ("ASC", "DESC") and reading.token.text != "(":
        earlier = reading.last(2)
        named = earlier if earlier.kind == "variable" else reading.token
        if named.kind == "variable":
            return reading.at(reading.last(), "order", right=f"{last}({named.text})")
    if last in ("ORDER", "GROUP") and reading.word != "BY":
        return reading.at(reading.last(), "by", keyword=last)
    if last in ("LIMIT", "OFFSET"):
        return reading.at(reading.last(), "number", keyword=last)
    return None


def _behind(reading: Reading) -> Found | None:
    """What stands behind the patterns of a query: at no bracket, after a group."""
    level, word = reading.open[-1], reading.word
    if level.token is not None or not level.grouped:
        return None
    if word in ("FILTER", "OPTIONAL", "BIND", "MINUS", "UNION", "GRAPH", "SERVICE"):
        return reading.here("outside")
    if word == "WHERE":
        return reading.here("second-where")
    if word in ("GROUP", "HAVING", "ORDER") and level.word in ("LIMIT", "OFFSET", "BY", "HAVING", "ASC", "DESC"):
        return reading.here("modifiers")
    return reading.here("end") if reading.token.text in (";", ".") else None


def _prologue(reading: Reading) -> Found | None:
    token = reading.token
    if token.kind == "tag" and token.text.lower() in ("@prefix", "@base"):
        return reading.here("prefix-turtle")
    if token.text in (".", ";") and reading.last().kind == "iri" and reading.last_word(3) == "PREFIX":
        return reading.here("prefix-dot")
    if reading.last_word() == "PREFIX" and token.kind == "word":
        return reading.here("prefix-colon", right=f"{token.text}:")
    unformed = not any(one.kind == "word" and one.text.upper() in FORMS[:4] for one in reading.before)
    return reading.here("form") if token.text == "{" and unformed else None


def _brackets(reading: Reading) -> Found | None:
    token, level = reading.token, reading.open[-1]
    if token.kind == "end" and level.token is not None:
        return reading.at(level.token, "open", right=_CLOSING[level.token.text])
    if token.kind != "close":
        return None
    if level.token is None:
        return reading.here("closed")
    if _CLOSING[level.token.text] == token.text:
        return None
    if any(one.token and _CLOSING[one.token.text] == token.text for one in reading.open):
        return reading.at(level.token, "open", right=_CLOSING[level.token.text])
    return reading.here("closed")


def _braces(reading: Reading) -> Found | None:
    if reading.token.text == "{" or reading.token.kind == "end":
        return None
    last, earlier = reading.last_word(), reading.last_word(2)
    if last in ("OPTIONAL", "MINUS", "EXISTS"):
        return reading.at(reading.last(), "braces", keyword=last)
    if earlier == "GRAPH" and reading.bracket == "{":
        return reading.at(reading.last(2), "braces", keyword=f"GRAPH {reading.last().text}"[:_EXCERPT])
    if reading.bracket == "{" and last == "UNION":
        return reading.at(reading.last(), "union")
    if reading.bracket == "{" and reading.word == "UNION" and reading.last().kind in TERMS:
        return reading.here("union")
    return None


def _dot(reading: Reading) -> Found | None:
    """A whole pattern stands before a term that can begin another, or half a pattern before the end of one."""
    token, last = reading.token, reading.last()
    begins = token.kind in ("variable", "iri") or (token.kind == "name" and not token.text.startswith("_"))
    ended = last.kind in TERMS or last.text in ("]", ")")
    whole = reading.open[-1].terms >= 3
    if token.text in ("}", ".", ";") and reading.bracket == "{" and reading.open[-1].terms in (1, 2):
        return reading.here("half") if reading.open[-1].before != "VALUES" else None
    return reading.here("dot") if begins and ended and whole and reading.bracket == "{" else None


def _comment(reading: Reading) -> Found | None:
    start = reading.token.start
    sign = reading.query[start : start + 2]
    apart = reading.query[start - 1 : start].isspace()  # dct:title//rdfs:label is a slip of another kind
    if apart and sign in ("//", "/*", "--") and reading.bracket != "(" and reading.token.kind == "other":
        return Found("comment", start, start + 2)
    return None


def _words(reading: Reading) -> Found | None:
    """A bare word that SPARQL does not know, with the keyword that it resembles."""
    word, token = reading.word, reading.token
    if not word or word in KNOWN:
        return None
    if _is_sql(reading):
        return reading.here("sql")
    called = bool(reading.after) and reading.after[0].text == "("
    if called and (reading.bracket == "(" or reading.last_word() in ("FILTER", "HAVING", "BY")):
        return _alike(reading, FUNCTIONS, "function") or reading.here("unknown-function")
    if reading.last_word() == "AS":
        return reading.here("variable", name=token.text)
    return _alike(reading, _expected(reading), "keyword") or _bare(reading)


def _bare(reading: Reading) -> Found | None:
    if reading.open[-1].word in (*_PROJECTING, "BY"):
        return reading.here("variable", name=reading.token.text)
    return reading.here("bare") if reading.bracket == "{" else None


def _is_sql(reading: Reading) -> bool:
    """Tell whether a query has SELECT and FROM, and no braces at all."""
    found = tokens(reading.query)
    words = {token.text.upper() for token in found if token.kind == "word"}
    return {"SELECT", "FROM"} <= words and not any(token.text == "{" for token in found)


def _expected(reading: Reading) -> tuple[str, ...]:
    if reading.bracket == "{":
        return PATTERNS
    if reading.bracket:
        return FUNCTIONS
    return MODIFIERS if any(one.word in FORMS[:4] for one in reading.open) or reading.open[0].grouped else FORMS


def _alike(reading: Reading, known: tuple[str, ...], id_: str) -> Found | None:
    """Return a mistake of spelling, where one known word is near; longer words are none."""
    word = reading.word
    near = difflib.get_close_matches(word, known, 1, 0.8) if len(word) <= _EXCERPT else []
    return reading.here(id_, right=near[0]) if near else None


def _grouped(reading: Reading) -> Found | None:
    """What only the whole of a SELECT shows: the parser stops behind its end."""
    if (reading.token.kind != "end" and reading.token.text != "}") or reading.last().kind == "word":
        return None  # after GROUP BY, for instance, what follows is missing
    found = selections.wrong([*reading.before, reading.token])
    return reading.at(found.token, found.id, name=found.token.text) if found else None


_READERS: Final[tuple[Callable[[Reading], Found | None], ...]] = (
    _invisible, _texts, _iris, _comma, _names, _operator, _negation, _order, _behind, _prologue, _brackets, _braces,
    _comment, _words, _dot, _grouped,
)  # fmt: skip


def _shown(query: str, found: Found) -> str:
    if found.id == "invisible":
        return found.values["name"].partition(",")[0]
    end = found.end + _EXCERPT if found.id == "open" else found.end  # a bracket alone says little
    text = " ".join(query[found.start : end].split())
    return text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…"


def explained(query: str, said: str) -> tuple[str, list[Hint]]:
    """Return what is said of a query that was refused, at the place of the mistake, and a hint on what it is.

    Args:
        query: Its text as the user sent it.
        said: What ``maillon.sparql.workers`` says of it; the same comes back where no mistake is known.
    """
    query = query.removeprefix("\ufeff")
    place = _SAID.match(said)
    if place is None:
        return said, []
    reading = read(query, places.offset(query, int(place[1]), int(place[2])))
    found = next((one for one in (reader(reading) for reader in _READERS) if one), None)
    if found is None:
        return said, []
    if " is not declared. " in said and found.id not in ("iri", "iri-characters"):
        return said, []  # that sentence says all
    what, advice = MISTAKES[found.id]
    line, column = names.place(query, found.start)
    hint = Hint(found.id, line, _shown(query, found), what, advice, {**found.values, "column": str(column)})
    start = reading.token.start if found.id in _MISSING else found.start
    return places.sentence(query, start, _REASONS.get(found.id, _EXPECTED)), [hint]
