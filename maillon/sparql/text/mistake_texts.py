"""What is said about common mistakes in queries, in English, as ``%``-formats that pages translate.

``%(line)s`` and ``%(part)s`` are always there, as in ``maillon.sparql.text.hint_texts``.
"""

from typing import Final


def _(text: str) -> str:
    """Mark a text for translation by the name that extraction looks for; who shows it translates it."""
    return text


_BRACKETED: Final = _("Write (%(example)s).")
_INSTEAD: Final = _("Write %(right)s instead.")
_LEAVE_OUT: Final = _("Leave it out.")

MISTAKES: Final[dict[str, tuple[str, str]]] = {
    "invisible": (
        _("is a character that is not seen or looks like a space (%(name)s)."),
        _("Delete it, and type a plain space where one belongs."),
    ),
    "quotes": (_("is a quotation mark that SPARQL does not know."), _("Write the plain \" or ' instead.")),
    "open-text": (_("is a text whose closing quotation mark is missing."), _("Put %(quote)s where it ends.")),
    "quote-within": (
        _("stands right behind a quotation mark, which has ended the text before it."),
        _("Put the text between other quotation marks, or write \\ before the one inside."),
    ),
    "iri": (_("is an address (IRI) without angle brackets."), _("Write <%(iri)s>.")),
    "iri-characters": (
        _("is an address (IRI) with a space or another character that none may have."),
        _("Write %%20 for a space, and close it with >."),
    ),
    "comma": (_("stands between the items of %(clause)s."), _("Leave it out: a space is enough.")),
    "comma-aggregate": (
        _("stands within %(function)s, which takes one expression."),
        _('For the separator of GROUP_CONCAT write ; SEPARATOR="|", for two values CONCAT(STR(?a), STR(?b)).'),
    ),
    "as-brackets": (_("needs brackets around the expression and the name it gets."), _BRACKETED),
    "as-missing": (_("stands where AS and a name for the result are missing."), _BRACKETED),
    "alone": (_("is a variable alone in brackets."), _("Leave the brackets out.")),
    "nothing": (
        _("follows SELECT, which names nothing to select."),
        _("Write SELECT * or name variables: SELECT ?title."),
    ),
    "form": (_("begins the patterns of a query that does not say what it asks."), _("Write SELECT * before it.")),
    "operator": (_("is no operator of SPARQL."), _INSTEAD),
    "operator-word": (_("is no operator of SPARQL."), _INSTEAD),
    "not": (_("stands only before EXISTS and IN."), _("Write !(...) around what is not to hold.")),
    "like": (_("is no operator of SPARQL."), _('Write CONTAINS(LCASE(?text), "word") or REGEX(?text, "word", "i").')),
    "null": (_("is no value of SPARQL."), _("Write BOUND(?x) or !BOUND(?x) to ask whether a variable has a value.")),
    "filter-brackets": (_("needs brackets around its condition."), _("Write %(keyword)s(...).")),
    "in": (_("takes a list in brackets."), _('Write IN ("one", "other").')),
    "order": (_("takes its variable in brackets."), _("Write %(right)s.")),
    "by": (_("stands without BY."), _("Write %(keyword)s BY.")),
    "number": (_("takes one whole number."), _("Write %(keyword)s 10.")),
    "limit": (_("stands behind LIMIT or OFFSET, which take one number each."), _("Write LIMIT 10 OFFSET 20.")),
    "modifiers": (
        _("stands too late."),
        _("The order is: GROUP BY, HAVING, ORDER BY, then LIMIT and OFFSET."),
    ),
    "outside": (_("stands outside of the braces."), _("Move it before the closing } of the patterns.")),
    "second-where": (_("begins a second WHERE."), _("Put all patterns into one pair of braces.")),
    "end": (_("stands behind the end."), _LEAVE_OUT),
    "prefix-dot": (_("ends a declaration, which needs no sign at its end."), _LEAVE_OUT),
    "prefix-turtle": (_("is written as in Turtle."), _("Write PREFIX name: <...>, without @ and without a dot.")),
    "prefix-colon": (_("is a prefix without its colon."), _("Write %(right)s.")),
    "open": (_("is opened in column %(column)s but not closed."), _("Put %(right)s where what it holds ends.")),
    "closed": (_("closes nothing that is open."), _LEAVE_OUT),
    "braces": (_("needs braces around its patterns."), _("Write %(keyword)s { ... }.")),
    "union": (_("stands between patterns without braces."), _("Write { ... } UNION { ... }.")),
    "dot": (
        _("begins a new pattern, but the one before it is not ended."),
        _("Put . before it for a new subject, or ; for one more property of the same subject."),
    ),
    "half": (
        _("ends a pattern that is not whole."),
        _("A pattern has three parts: a subject, a predicate and an object."),
    ),
    "comment": (_("does not begin a comment."), _("Comments begin with #.")),
    "hyphen": (_("cannot stand in the name of a variable."), _("Use letters, digits and _.")),
    "variable": (_("is no variable: their names begin with ?."), _("Write ?%(name)s.")),
    "sql": (
        _("is written as in SQL, which is another language."),
        _("Write patterns in braces: SELECT ?dataset ?title { ?dataset dct:title ?title } LIMIT 10."),
    ),
    "keyword": (_("is no keyword of SPARQL."), _INSTEAD),
    "function": (_("is no function of SPARQL."), _INSTEAD),
    "unknown-function": (
        _("is no function of SPARQL."),
        _("The functions are listed on the page of this endpoint; one of another kind is written as an IRI."),
    ),
    "bare": (
        _("is a bare word."),
        _('Write a variable with ?, a text in "...", a term of a vocabulary with its prefix: dct:title.'),
    ),
    "ungrouped": (
        _("is selected beside groups or totals, but is neither grouped nor counted."),
        _("Add it to GROUP BY, or take one value of each group: (SAMPLE(%(name)s) AS ?one)."),
    ),
    "star": (_("cannot select everything where rows are grouped."), _("Name the variables of GROUP BY instead.")),
    "rebound": (
        _("names %(name)s, which already has a value there."),
        _("Choose another name after AS."),
    ),
}
"""What is wrong and what to write instead, by id of a hint."""

OPERATORS: Final = {
    "==": "=", "===": "=", "!==": "!=", "=!": "!=", "=!=": "!=", "<>": "!=", "=>": ">=", "=<": "<=", "&": "&&",
    "|": "||", "&&&": "&&", "|||": "||",
}  # fmt: skip
"""What other languages write, by what SPARQL has for it."""
WORDS: Final = {"AND": "&&", "OR": "||", "XOR": "!=", "IS": "=", "EQ": "=", "NE": "!=", "GT": ">", "LT": "<"}

FORMS: Final = ("SELECT", "CONSTRUCT", "DESCRIBE", "ASK", "PREFIX", "BASE")
PATTERNS: Final = ("FILTER", "OPTIONAL", "BIND", "VALUES", "GRAPH", "MINUS", "UNION", "SERVICE", "SELECT")
MODIFIERS: Final = ("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES", "WHERE", "FROM")
AGGREGATES: Final = ("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT")
FUNCTIONS: Final = (
    "STR", "LANG", "LANGMATCHES", "DATATYPE", "BOUND", "IRI", "URI", "BNODE", "RAND", "ABS", "CEIL", "FLOOR", "ROUND",
    "CONCAT", "STRLEN", "UCASE", "LCASE", "ENCODE_FOR_URI", "CONTAINS", "STRSTARTS", "STRENDS", "STRBEFORE", "STRAFTER",
    "YEAR", "MONTH", "DAY", "HOURS", "MINUTES", "SECONDS", "TIMEZONE", "TZ", "NOW", "UUID", "STRUUID", "MD5", "SHA1",
    "SHA256", "SHA384", "SHA512", "COALESCE", "IF", "STRLANG", "STRDT", "SAMETERM", "ISIRI", "ISURI", "ISBLANK",
    "ISLITERAL", "ISNUMERIC", "REGEX", "SUBSTR", "REPLACE", "EXISTS", *AGGREGATES,
)  # fmt: skip
"""Of SPARQL 1.1 Query, section 17.4."""
KNOWN: Final = frozenset([
    *FORMS, *PATTERNS, *MODIFIERS, *FUNCTIONS, "BY", "ASC", "DESC", "DISTINCT", "REDUCED", "AS", "NAMED", "NOT", "IN",
    "UNDEF", "SILENT", "SEPARATOR", "A", "TRUE", "FALSE", "LATERAL", "ADJUST", "TRIPLE", "SUBJECT", "PREDICATE",
    "OBJECT", "ISTRIPLE", "LANGDIR", "HASLANG", "HASLANGDIR", "STRLANGDIR", "VERSION",
])  # fmt: skip
"""All bare words of SPARQL 1.1 and 1.2, in upper case; none of them is called unknown."""
