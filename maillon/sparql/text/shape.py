"""Turns the text of a query, which need not be valid, into its groups with their triple patterns and expressions.

Works on the tokens of ``maillon.sparql.text.tokens`` and follows the grammar of SPARQL 1.1 Query, section 19.8, only as
far as ``maillon.sparql.text.hints`` needs it: what it cannot read it leaves out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from maillon.sparql.text.tokens import Token

MAX_DEPTH: Final = 20
"""Nested groups that are looked into."""
MAX_ITEMS: Final = 64
"""Patterns, expressions and groups of one group that are looked at; the guard lets 60 patterns through."""
_STOPS: Final = frozenset(["SELECT", "CONSTRUCT", "ASK", "DESCRIBE"])
_MODIFIERS: Final = frozenset(["DISTINCT", "REDUCED", "ORDER", "GROUP", "LIMIT", "OFFSET", "HAVING"])
_KEYWORDS: Final = _STOPS | _MODIFIERS | frozenset(
    ["FILTER", "BIND", "OPTIONAL", "UNION", "MINUS", "GRAPH", "SERVICE", "VALUES", "WHERE", "EXISTS", "NOT", "LATERAL",
     "SILENT", "FROM", "NAMED", "BY", "AS", "BASE", "PREFIX"]
)  # fmt: skip
_PATH: Final = frozenset("/|^!")


def is_variable(term: str) -> bool:
    """Tell whether the text of a term is a variable or a blank node."""
    return term[:1] in ("?", "$") or term[:2] == "_:"


@dataclass(slots=True)
class Pattern:
    """One triple pattern; a term is its token's text, a variable without its sign after ``?``.

    Attributes:
        subject: Its subject.
        predicate: The tokens of its predicate or path.
        object: Its object.
        start: Where it starts, in characters of the query; its predicate where its subject stands before another.
        end: Where it ends.
        variables: Its variables; blank nodes count, as they join as variables do.
    """

    subject: str
    predicate: tuple[Token, ...]
    object: str
    start: int
    end: int
    variables: set[str] = field(init=False)

    def __post_init__(self) -> None:
        """Collect the variables once; they are asked for often."""
        terms = {self.subject, self.object, *(token.text for token in self.predicate)}
        self.variables = {f"?{term[1:]}" if term[0] in "?$" else term for term in terms if is_variable(term)}

    @property
    def unbounded(self) -> bool:
        """Whether it is a path of any length."""
        return any(token.kind == "other" and token.text in "*+" for token in self.predicate)


@dataclass(slots=True)
class Expression:
    """What a FILTER or BIND works out, with all that it names, one EXISTS group aside."""

    kind: str
    start: int
    end: int = 0
    tokens: list[Token] = field(default_factory=list)

    @property
    def variables(self) -> set[str]:
        """Its variables."""
        return {f"?{token.text[1:]}" for token in self.tokens if token.kind == "variable"}


@dataclass(slots=True)
class Group:
    """One group.

    Attributes:
        kind: The keyword before it, in upper case; ``QUERY`` for the whole, empty for a plain group.
        start: Where its bracket opens, in characters of the query.
        end: Where it has ended.
        form: SELECT, ASK ... of a query or sub-select, empty for a plain group; then its pattern is in ``groups``.
        head: Tokens of a query outside its groups: projection and modifiers.
        items: Patterns, expressions and groups in their order.
    """

    kind: str
    start: int
    end: int = 0
    form: str = ""
    head: list[Token] = field(default_factory=list)
    items: "list[Pattern | Expression | Group]" = field(default_factory=list)

    @property
    def patterns(self) -> list[Pattern]:
        """Its own triple patterns."""
        return [item for item in self.items if isinstance(item, Pattern)]

    @property
    def expressions(self) -> list[Expression]:
        """Its own FILTERs and BINDs."""
        return [item for item in self.items if isinstance(item, Expression)]

    @property
    def groups(self) -> "list[Group]":
        """The groups directly inside."""
        return [item for item in self.items if isinstance(item, Group)]

    def add(self, item: "Pattern | Expression | Group") -> None:
        """Add an item, as long as there are not too many."""
        if len(self.items) < MAX_ITEMS:
            self.items.append(item)

    def words(self) -> set[str]:
        """Return the keywords of the head."""
        return {token.text.upper() for token in self.head if token.kind == "word"}

    def all(self) -> "Iterator[Group]":
        """Yield this group and all inside, the outer first; templates of CONSTRUCT left out."""
        waiting = [self]
        while waiting:
            group = waiting.pop()
            if group.kind != "CONSTRUCT":
                yield group
                waiting += reversed(group.groups)

    def variables(self) -> set[str]:
        """Return the variables that it gives to the group around it."""
        found: set[str] = set()
        if self.form and "*" not in {token.text for token in self.head}:
            return {f"?{token.text[1:]}" for token in self.head if token.kind == "variable"}
        if self.kind == "VALUES":
            return {f"?{token.text[1:]}" for token in self.head}
        for item in self.items:
            if isinstance(item, Pattern) or (isinstance(item, Expression) and item.kind == "BIND"):
                found |= item.variables
            elif isinstance(item, Group) and item.kind not in ("EXISTS", "MINUS", "CONSTRUCT"):
                found |= item.variables()
        return found


class _Triples:
    """Collects the triple patterns of one group while its tokens pass."""

    def __init__(self, group: Group) -> None:
        self._group = group
        self._outer: list[tuple[str, list[Token], int, bool]] = []
        self._blanks = 0
        self.reset()

    def reset(self) -> None:
        self.subject, self._start, self._said = "", 0, False
        self.predicate: list[Token] = []
        self._goes_on = False
        self._typed = 0

    def term(self, token: Token, name: str = "") -> None:
        """Take a term: subject, part of the predicate, or object."""
        if self._typed == 2:  # the datatype of a literal
            self._typed = 0
        elif not self.subject:
            self.subject, self._start = name or token.text, token.start
        elif not self.predicate or self._goes_on:
            self.predicate.append(token)
            self._goes_on = False
        else:
            start = self.predicate[0].start if self._said else self._start
            end = token.start + len(token.text)
            self._said = True
            self._group.add(Pattern(self.subject, tuple(self.predicate), name or token.text, start, end))

    def sign(self, token: Token) -> None:
        """Take a separator or an operator of a path."""
        if token.text == ".":
            self.reset()
        elif token.text == ";":
            self.predicate = []
        elif token.text == "^" and self.predicate and not self._goes_on and self._after_literal:
            self._typed += 1
        elif self.subject and token.text in _PATH:
            self.predicate.append(token)
            self._goes_on = True
        elif self.predicate and token.text in "*+?":
            self.predicate.append(token)

    @property
    def _after_literal(self) -> bool:
        last = self._group.items[-1] if self._group.items else None
        return isinstance(last, Pattern) and last.object[:1] in "'\"" and last.predicate == tuple(self.predicate)

    @property
    def wants_predicate(self) -> bool:
        """Whether a bracket here belongs to a path."""
        return bool(self.subject) and (not self.predicate or self._goes_on)

    def path(self, found: list[Token]) -> None:
        """Take a part of a path in brackets."""
        self.predicate += found
        self._goes_on = False

    def enter(self, token: Token) -> None:
        """Begin the properties of a blank node."""
        self._blanks += 1
        name = f"_:{token.start}"
        self.term(token, name)
        self._outer.append((self.subject, self.predicate, self._start, self._said))
        self.reset()
        self.subject, self._start = name, token.start

    def leave(self) -> None:
        """End the properties of a blank node."""
        if self._outer:
            self.subject, self.predicate, self._start, self._said = self._outer.pop()


class _Parser:
    """Reads the tokens once, group by group."""

    def __init__(self, found: Iterable[Token]) -> None:
        self._tokens = [token for token in found if token.kind != "comment"]
        self._next = 0

    def query(self) -> Group:
        root = Group("QUERY", 0, form="QUERY")
        self._content(root, 0)
        return root

    def _take(self) -> Token | None:
        token = self._tokens[self._next] if self._next < len(self._tokens) else None
        self._next += 1
        return token

    def _content(self, group: Group, depth: int) -> None:
        """Read up to the bracket that closes a group."""
        triples, keyword, before = _Triples(group), "", ""
        while (token := self._take()) is not None and token.text != "}":
            if token.kind == "word" and token.text.upper() in _KEYWORDS:
                keyword = self._keyword(group, token, keyword)
                triples.reset()
            elif token.text == "{" and token.kind == "open":
                kind = keyword if keyword in ("GRAPH", "SERVICE", "VALUES") else before
                self._inside(group, kind, token, depth)
                triples.reset()
                keyword = ""
            elif group.form:
                group.head.append(token)
            elif keyword in ("FILTER", "BIND"):
                keyword = self._expression(group, keyword, token, depth)
            elif keyword == "VALUES":
                group.add(self._table(token))
                keyword = ""
            elif keyword not in ("GRAPH", "SERVICE"):
                self._triple(triples, token)
            before = token.text.upper()
        last = self._tokens[min(self._next, len(self._tokens)) - 1] if self._tokens else None
        group.end = last.start + len(last.text) if last is not None else group.start

    def _keyword(self, group: Group, token: Token, before: str) -> str:
        word = token.text.upper()
        if word in _STOPS:
            group.form = word
        if group.form:
            group.head.append(token)
        if word in ("PREFIX", "BASE"):
            self._next += 2 if word == "PREFIX" else 1
        return before if word in ("SILENT", "NOT") and before in ("SERVICE", "FILTER") else word

    def _inside(self, group: Group, before: str, token: Token, depth: int) -> None:
        kind = before if before in _KEYWORDS and before != "WHERE" else ""
        inner = Group(kind, token.start)
        group.add(inner)
        if depth < MAX_DEPTH:
            self._content(inner, depth + 1)
        else:
            self._skip()

    def _skip(self) -> None:
        depth = 1
        while depth and (token := self._take()) is not None:
            depth += (token.text == "{") - (token.text == "}")

    def _expression(self, group: Group, kind: str, token: Token, depth: int) -> str:
        """Read the rest of a FILTER or BIND from its first token, up to the bracket that ends it."""
        expression = Expression(kind, token.start)
        group.add(expression)
        open_ = 0
        current: Token | None = token
        while current is not None:
            expression.tokens.append(current)
            expression.end = current.start + len(current.text)
            if current.text == "{":
                self._inside(group, "EXISTS", current, depth)
            open_ += (current.text == "(") - (current.text == ")")
            if not open_ and current.text in (")", "{"):
                break
            if self._next < len(self._tokens) and self._tokens[self._next].text == "}":
                break
            current = self._take()
        return ""

    def _table(self, token: Token) -> Group:
        """Read the variables and rows of VALUES."""
        table = Group("VALUES", token.start)
        current: Token | None = token
        while current is not None and current.text != "}":
            if current.kind == "variable":
                table.head.append(current)
            current = self._take()
        return table

    def _triple(self, triples: _Triples, token: Token) -> None:
        if token.text == "[":
            triples.enter(token)
        elif token.text == "]":
            triples.leave()
        elif token.text == "(" and triples.wants_predicate:
            triples.path(self._brackets(token))
        elif token.text == "(":
            triples.term(token, f"_:{token.start}")
            self._brackets(token)
        elif token.kind == "other":
            triples.sign(token)
        elif token.kind not in ("tag", "open", "close"):
            triples.term(token)

    def _brackets(self, token: Token) -> list[Token]:
        found, depth = [token], 1
        while depth and (current := self._take()) is not None:
            found.append(current)
            depth += (current.text == "(") - (current.text == ")")
        return found


def shape(found: Iterable[Token]) -> Group:
    """Return the groups of a query from its tokens, the outermost first."""
    return _Parser(found).query()
