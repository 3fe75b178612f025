"""What hints say, in English, as ``%``-formats; pages translate them by these very texts (gettext).

``%(line)s`` and ``%(part)s`` are always there: the line of the query and an excerpt.
"""

from typing import Final


def _(text: str) -> str:
    """Mark a text for translation by the name that extraction looks for; who shows it translates it."""
    return text


PLACE: Final = _("Line %(line)s, “%(part)s”:")
"""What stands before both texts of a hint."""
_SEARCH: Final = 'Use the text search: SERVICE maillon:search { ?dataset maillon:query "..." }.'

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "product": (
        _(
            "shares no variable with “%(other)s” (line %(other_line)s), so every row of one is combined with"
            " every row of the other: about %(rows)s rows."
        ),
        _("Connect the two by a variable, or ask two queries."),
    ),
    "filtered-product": (
        _(
            "shares no variable with “%(other)s” (line %(other_line)s) but only a FILTER, which is tested on"
            " every combination of their rows: about %(rows)s."
        ),
        _("Use the same variable in both patterns instead of %(filter)s, or BIND the compared value before."),
    ),
    "path": (
        _("is a path of any length between two variables, followed from every node of the graph."),
        _("Begin at one known IRI, or bound the length: p/p? instead of p+."),
    ),
    "export": (
        _("asks for the whole graph: %(total)s triples."),
        _("Take it whole from /graphs?default; else name the predicate, or add a LIMIT."),
    ),
    "everything": (
        _("matches every triple of the graph: %(total)s."),
        _("Name the predicate, or the class of the subject (?s a dcat:Dataset)."),
    ),
    "text": (
        _("looks into every value with %(function)s."),
        _("Use the text search: %(snippet)s finds datasets by their words in milliseconds."),
    ),
    "optional": (
        _(
            "stands before a required pattern, “%(required)s”, and is worked out for rows that this one then"
            " throws away."
        ),
        _("Put required patterns first and every OPTIONAL after them."),
    ),
    "sort": (
        _("sorts all rows before the first is given, even with a LIMIT."),
        _(
            "Choose the rows in a sub-select with as few patterns as the order needs, with ORDER BY and "
            "LIMIT inside, and add the other patterns outside."
        ),
    ),
    "group": (
        _("groups all rows before the first is given."),
        _("Count in a sub-select over the one pattern that matters, and add names and labels outside."),
    ),
    "distinct": (
        _("keeps every different row in memory."),
        _("Leave DISTINCT out where rows cannot repeat, or take fewer variables."),
    ),
    "unselective": (
        _("matches %(count)s triples: %(predicate)s is common."),
        _("Add a pattern with a known value: a publisher, a theme, a class."),
    ),
}
"""What is slow and what to try, by id of a hint."""

UNKNOWN: Final[dict[str, tuple[str, str]]] = {
    "bif:contains": ("%(name)s is a full text search of another server, unknown here.", _SEARCH),
    "text:query": ("%(name)s is a full text search of another server, unknown here.", _SEARCH),
    "luc:query": ("%(name)s is a full text search of another server, unknown here.", _SEARCH),
    "bif:": ("%(name)s is a function of Virtuoso, unknown here.", "Use one of SPARQL 1.1: CONTAINS, STRLEN, NOW ..."),
    "sql:": ("%(name)s is a function of Virtuoso, unknown here.", "Use one of SPARQL 1.1: SAMPLE, GROUP_CONCAT ..."),
    "wikibase:": (
        "%(name)s belongs to the query service of Wikidata.",
        'Use the function maillon:label: BIND(maillon:label(?item, "en") AS ?itemLabel).',
    ),
    "DEFINE": ("%(name)s is a setting of Virtuoso, unknown here.", "Remove it with what follows it on its line."),
    "OPTION": ("%(name)s is an option of Virtuoso, unknown here.", "Use a property path: p+ instead of TRANSITIVE."),
    "TRANSITIVE": ("%(name)s is an option of Virtuoso, unknown here.", "Use a property path: p+."),
}
"""The same for what other servers know, by lower-case prefixed name, prefix with its colon, or keyword."""
