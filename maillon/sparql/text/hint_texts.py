"""What hints say, in English, as ``%``-formats; pages translate them by these very texts (gettext).

``%(line)s`` and ``%(part)s`` are always there: the line of the query and an excerpt.
"""

from typing import Final

_SEARCH: Final = 'Use the text search: SERVICE maillon:search { ?dataset maillon:query "..." }.'

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "product": (
        "shares no variable with “%(other)s” (line %(other_line)s), so every row of one is combined with every row of "
        "the other: about %(rows)s rows.",
        "Connect the two by a variable, or ask two queries.",
    ),
    "filtered-product": (
        "shares no variable with “%(other)s” (line %(other_line)s) but only a FILTER, which is tested on every "
        "combination of their rows: about %(rows)s.",
        "Use the same variable in both patterns instead of %(filter)s, or BIND the compared value before.",
    ),
    "path": (
        "is a path of any length between two variables, followed from every node of the graph.",
        "Begin at one known IRI, or bound the length: p/p? instead of p+.",
    ),
    "export": (
        "asks for the whole graph: %(total)s triples.",
        "Take it whole from /graphs?default; else name the predicate, or add a LIMIT.",
    ),
    "everything": (
        "matches every triple of the graph: %(total)s.",
        "Name the predicate, or the class of the subject (?s a dcat:Dataset).",
    ),
    "text": (
        "looks into every value with %(function)s.",
        "Use the text search: %(snippet)s finds datasets by their words in milliseconds.",
    ),
    "optional": (
        "stands before a required pattern, “%(required)s”, and is worked out for rows that this one then throws away.",
        "Put required patterns first and every OPTIONAL after them.",
    ),
    "sort": (
        "sorts all rows before the first is given, even with a LIMIT.",
        "Choose the rows in a sub-select with as few patterns as the order needs, with ORDER BY and LIMIT inside, and "
        "add the other patterns outside.",
    ),
    "group": (
        "groups all rows before the first is given.",
        "Count in a sub-select over the one pattern that matters, and add names and labels outside.",
    ),
    "distinct": (
        "keeps every different row in memory.",
        "Leave DISTINCT out where rows cannot repeat, or take fewer variables.",
    ),
    "unselective": (
        "matches %(count)s triples: %(predicate)s is common.",
        "Add a pattern with a known value: a publisher, a theme, a class.",
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
