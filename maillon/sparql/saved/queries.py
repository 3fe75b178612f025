"""Turn the files of saved queries into queries with declared parameters, and a caller's values into one question.

A file is a SPARQL 1.1 query that runs as it stands. Its first comments say, line by line, what it answers and which
parameters it has::

    # Datasets of the organisations whose name holds a word
    # fr: Jeux de données des organisations dont le nom contient un mot      (nl and de too)
    # ?word: text                                                            (or `text, optional`)
    #   en: A word of the name                                               (fr, nl and de too)
    #   example: mobilit
    #   values: ...                                                          (the only ones, with blanks between them)
    #   range: 1..100                                                        (of integers and dates; either end or both)

The default stands in the query itself, as ``VALUES ?word { "environnement" }``. Where a value is bound this block is
taken out and the variable gets the term (``Job.bindings``), so it has to be in the projection of the SELECT; in a
sub-select too where it is used there. An optional parameter has no such block: left out, its variable stays free. A
last ``LIMIT 200`` is the default of ``limit``.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

from pyoxigraph import RdfFormat, Store, Variable, parse

from maillon import paths
from maillon.errors import MaillonError
from maillon.settings import LANGUAGES
from maillon.sparql.jobs import QueryFailed
from maillon.sparql.saved.parameters import TYPES, Parameter, Term, ValueRefused
from maillon.sparql.text import guard
from maillon.sparql.text.tokens import Token, tokens
from maillon.vocabulary import PREFIXES

FOLDER: Final = paths.TEMPLATES / "examples"
MOST_ROWS: Final = 10_000
"""Rows that one page of an answer may have, where the caller says how many."""
_FURTHEST: Final = 10_000_000
RESERVED: Final = ("limit", "offset", "format", "snapshot", "lang", "labels", "timeout", "query")
"""Names in addresses that have a meaning of their own."""
_FIELDS: Final = (*LANGUAGES, "example", "values", "range")
_PARAMETER: Final = re.compile(r"#\s*\?(\w+)\s*:\s*(\w+)\s*(?:,\s*(\w+))?\s*")
_FIELD: Final = re.compile(r"#\s+(\w+):\s*(.*?)\s*")
_TITLE: Final = re.compile(r"#\s*(?:(\w\w):)?\s*(.*?)\s*")
_NAME: Final = re.compile(r"[a-z][a-z_]{0,30}")


class SavedQueryError(MaillonError):
    """The file of a saved query is wrong. The message names file and line."""


@dataclass(frozen=True, slots=True)
class Question:
    """A saved query with a caller's values.

    Attributes:
        text: The query, in which the parameters are variables.
        bindings: Pairs of variable and N-Triples term, as ``Job.bindings`` has them.
    """

    text: str
    bindings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """One saved query.

    Attributes:
        name: Name in addresses: that of the file without its number.
        file: Name of the file without extension.
        titles: What it answers, by language.
        parameters: Those that the file declares.
        paging: ``limit`` and ``offset``.
        form: Its query form: SELECT, ASK, CONSTRUCT or DESCRIBE.
        body: The query without its first comments and its last LIMIT.
        slots: Start and end in the body of the block that holds the default of a parameter, by name.
    """

    name: str
    file: str
    titles: Mapping[str, str]
    parameters: tuple[Parameter, ...]
    paging: tuple[Parameter, ...]
    form: str
    body: str
    slots: Mapping[str, tuple[int, int]]

    def values(self, given: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Return the value of each parameter, defaults for those left out or empty; optional ones may be missing.

        Args:
            given: Pairs of name and value as they stand in an address, RESERVED ones among them.

        Raises:
            ValueRefused: A name is unknown or stands twice.
        """
        known = {item.name: item.default for item in (*self.parameters, *self.paging)}
        found: dict[str, str] = {}
        for name, value in given:
            if name in RESERVED and name not in known:
                continue
            if name not in known:
                raise ValueRefused(f"There is no parameter {name[:60]!r}. This query has: {', '.join(known)}.")
            if name in found:
                raise ValueRefused(f"Parameter {name} stands twice in the address: send it once.")
            found[name] = value
        filled = {name: found.get(name) or default for name, default in known.items()}
        return {name: value for name, value in filled.items() if value is not None}

    def terms(self, values: Mapping[str, str]) -> dict[str, Term]:
        """Return the term of each parameter, paging included. Raises ValueRefused for the first wrong value."""
        both = (*self.parameters, *self.paging)
        return {item.name: item.term(values[item.name]) for item in both if item.name in values}

    def question(self, given: Iterable[tuple[str, str]]) -> Question:
        """Return the query to ask for a caller's values. Raises ValueRefused."""
        terms = self.terms(self.values(given))
        text = _replaced(self.body, dict.fromkeys(self.slots.values(), ""))
        own = [item.name for item in self.parameters]
        bindings = tuple((name, str(terms[name])) for name in own if name in terms)
        return Question(text + _page(terms), bindings)

    def standalone(self, given: Iterable[tuple[str, str]]) -> str:
        """Return the same as a text that runs anywhere the prefixes are known, for people. Raises ValueRefused."""
        terms = self.terms(self.values(given))
        blocks = {name: f"VALUES ?{name} {{ {value} }}" for name, value in terms.items()}
        text = _replaced(self.body, {place: blocks[name] for name, place in self.slots.items()})
        free = [item.name for item in self.parameters if item.name in terms and item.name not in self.slots]
        return text + _page(terms) + "".join(f"\n{blocks[name]}" for name in free) + "\n"


def _replaced(text: str, changes: Mapping[tuple[int, int], str]) -> str:
    for (start, end), new in sorted(changes.items(), reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _page(terms: Mapping[str, Term]) -> str:
    """Return LIMIT and OFFSET, which must be numbers in the text: nothing can be bound there."""
    limit, offset = (int(terms[name].value) if name in terms else None for name in ("limit", "offset"))
    return (f"\nLIMIT {limit}" if limit is not None else "") + (f"\nOFFSET {offset}" if offset else "")


class _File:
    """One file while it is read; every fault is told with its line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = path.read_text(encoding="utf-8")
        self.head = list(takewhile(lambda line: line.startswith("#"), self.text.split("\n")))
        self.start = sum(len(line) + 1 for line in self.head)
        self.body = self.text[self.start :]
        self.tokens = [item for item in tokens(self.body) if item.kind != "comment"]

    def wrong(self, line: int, reason: str) -> SavedQueryError:
        return SavedQueryError(f"{self.path.name}, line {line}: {reason}")

    def line(self, place: int) -> int:
        """Return the line of the file that a place in the body is on."""
        return len(self.head) + 1 + self.body.count("\n", 0, place)

    def titles(self) -> dict[str, str]:
        """Return the first comment lines, up to the first parameter, by language."""
        found: dict[str, str] = {}
        for number, line in enumerate(takewhile(lambda line: not _PARAMETER.fullmatch(line), self.head), 1):
            match = _TITLE.fullmatch(line)
            language = (match[1] or "en") if match else ""
            if not match or not match[2] or language not in LANGUAGES or language in found:
                raise self.wrong(number, f"write one title for each of {', '.join(LANGUAGES)}, as `# fr: ...`.")
            found[language] = match[2]
        if missing := [language for language in LANGUAGES if language not in found]:
            raise self.wrong(1, f"the title in {', '.join(missing)} is missing.")
        return found

    def declared(self) -> Iterator[tuple[int, re.Match[str], dict[str, str]]]:
        """Yield line, first line and further fields of each parameter."""
        number = len(self.titles())
        while number < len(self.head):
            start, fields = number, dict[str, str]()
            match = _PARAMETER.fullmatch(self.head[number])
            if match is None:
                raise self.wrong(number + 1, "a parameter begins as `# ?name: type`.")
            number += 1
            while number < len(self.head) and not _PARAMETER.fullmatch(self.head[number]):
                line = _FIELD.fullmatch(self.head[number])
                if line is None or line[1] not in _FIELDS or line[1] in fields or not line[2]:
                    raise self.wrong(number + 1, f"write each of {', '.join(_FIELDS)} at most once, as `#   en: ...`.")
                fields[line[1]] = line[2]
                number += 1
            yield start + 1, match, fields


def _parameter(file: _File, line: int, match: re.Match[str], fields: dict[str, str]) -> Parameter:
    name, kind, optional = match[1], match[2], match[3]
    if not _NAME.fullmatch(name) or name in RESERVED:
        raise file.wrong(line, f"{name} cannot be the name of a parameter: use small letters, none of {RESERVED}.")
    if kind not in TYPES or optional not in (None, "optional"):
        raise file.wrong(line, f"?{name} has no known type: use one of {', '.join(TYPES)}, with `, optional` or not.")
    if missing := [key for key in (*LANGUAGES, "example") if key not in fields]:
        raise file.wrong(line, f"?{name} lacks {', '.join(missing)}.")
    least, dots, most = fields.get("range", "..").partition("..")
    if not dots or (kind not in ("integer", "date") and least + most):
        raise file.wrong(line, f"the range of ?{name} is wrong: write 1..100, for an integer or a date.")
    return Parameter(
        name=name,
        type=kind,
        labels={language: fields[language] for language in LANGUAGES},
        default=None if optional else "",
        example=fields["example"],
        values=tuple(fields.get("values", "").split()),
        least=least,
        most=most,
    )


def _slot(file: _File, name: str) -> tuple[int, int, str] | None:
    """Return start, end and term of the block ``VALUES ?name { term }`` in the body, None where there is none."""
    found: tuple[int, int, str] | None = None
    for place, token in enumerate(file.tokens):
        if token.text.upper() == "VALUES" and [item.text for item in file.tokens[place + 1 : place + 3]] == [
            f"?{name}",
            "{",
        ]:
            end = next((item for item in file.tokens[place + 3 :] if item.text == "}"), None)
            if end is None or found is not None:
                raise file.wrong(file.line(token.start), f"one block VALUES ?{name} {{ ... }} is expected.")
            inner = file.body[file.tokens[place + 2].start + 1 : end.start]
            found = token.start, end.start + 1, inner.strip()
    return found


def _written(file: _File, line: int, text: str) -> Term:
    """Return the term of a block, read as Turtle."""
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    try:
        (quad,) = parse(f"{prefixes}<urn:s> <urn:p> {text} .", RdfFormat.TURTLE)
    except (SyntaxError, ValueError) as error:
        raise file.wrong(line, f"{text} is not one term: a parameter has one default.") from error
    value: Term = quad.object
    return value


def _with_default(file: _File, line: int, item: Parameter, slot: tuple[int, int, str] | None) -> Parameter:
    if (slot is None) == (item.default is not None):
        wanted = f"write its default in the query: VALUES ?{item.name} {{ ... }}"
        raise file.wrong(line, f"?{item.name}: {wanted if slot is None else 'an optional parameter has no default'}.")
    try:
        for value in (item.example, *item.values, *filter(None, (item.least, item.most))):
            item.term(value)
        if slot is None:
            return item
        default = _written(file, file.line(slot[0]), slot[2])
        same = item.term(default.value) == default
    except ValueRefused as error:
        raise file.wrong(line, f"?{item.name}: {error}") from error
    if not same:
        raise file.wrong(file.line(slot[0]), f"the default {slot[2]} of ?{item.name} is not of the type {item.type}.")
    return replace(item, default=default.value)


def _tail(file: _File) -> tuple[int, str | None]:
    """Return where the body ends without its last LIMIT, and the number of that."""
    depth, last = 0, list[Token]()
    for token in file.tokens:
        depth += {"open": 1, "close": -1}.get(token.kind, 0)
        if depth == 0 and token.kind == "word" and token.text.upper() in ("LIMIT", "OFFSET"):
            last.append(token)
    if not last:
        return len(file.body.rstrip()), None
    after = [item for item in file.tokens if item.start > last[0].start]
    if len(after) != 1 or last[0].text.upper() != "LIMIT" or not after[0].text.isdigit():
        raise file.wrong(file.line(last[0].start), "a query ends with LIMIT and a number, or without; OFFSET is added.")
    return last[0].start, after[0].text


def _paging(limit: str | None) -> tuple[Parameter, ...]:
    return (
        Parameter(name="limit", type="integer", default=limit, example="100", least="1", most=str(MOST_ROWS)),
        Parameter(name="offset", type="integer", default="0", example="100", least="0", most=str(_FURTHEST)),
    )


def _tried(file: _File, saved: Saved) -> Saved:
    """Ask a query of an empty store, so that its syntax and the projection of its parameters are known to be right."""
    terms = saved.terms({item.name: item.example for item in saved.parameters})
    bare = _replaced(file.body, dict.fromkeys(saved.slots.values(), ""))
    try:
        guard.check(file.body)
        substitutions: dict[Variable, Any] = {Variable(name): value for name, value in terms.items()}
        Store().query("\n" * len(file.head) + bare, prefixes=PREFIXES, substitutions=substitutions)
    except SyntaxError as error:
        place = re.match(r"error at (\d+)", str(error))
        raise file.wrong(int(place[1]) if place else 1, f"this is not SPARQL: {error}") from error
    except (RuntimeError, ValueError, QueryFailed) as error:  # a variable that is not in the projection
        raise file.wrong(len(file.head) + 1, str(error)) from error
    return saved


def read(path: Path) -> Saved:
    """Read and check the file of one saved query. Raises SavedQueryError."""
    file = _File(path)
    parameters: list[Parameter] = []
    slots: dict[str, tuple[int, int]] = {}
    for line, match, fields in file.declared():
        item = _parameter(file, line, match, fields)
        slot = _slot(file, item.name)
        if item.name in {known.name for known in parameters}:
            raise file.wrong(line, f"?{item.name} is declared twice.")
        parameters.append(_with_default(file, line, item, slot))
        if slot is not None:
            slots[item.name] = slot[:2]
    end, limit = _tail(file)
    saved = Saved(
        name=re.sub(r"^\d+-", "", path.stem),
        file=path.stem,
        titles=file.titles(),
        parameters=tuple(parameters),
        paging=_paging(limit),
        form=guard.inspect(file.body).form,
        body=file.body[:end].rstrip(),
        slots=slots,
    )
    return _tried(file, saved)


@cache
def saved(folder: Path = FOLDER) -> Mapping[str, Saved]:
    """Return all saved queries of a folder by name, in the order of their files.

    Raises:
        SavedQueryError: A file is wrong, or two have one name.
    """
    found: dict[str, Saved] = {}
    for path in sorted(folder.glob("*.rq")):
        item = read(path)
        if item.name in found:
            raise SavedQueryError(f"{path.name} and {found[item.name].file}.rq have one name: rename one of them.")
        found[item.name] = item
    return found
