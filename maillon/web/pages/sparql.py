"""The form for SPARQL queries, with examples to begin from; ``/sparql`` itself answers them."""

import re
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Final

from flask import current_app, g, render_template, request

from maillon import paths
from maillon.vocabulary import QUERY_PREFIXES
from maillon.web import negotiation
from maillon.web.pages.blueprint import blueprint

_TITLE: Final = re.compile(r"#\s*(?:([a-z]{2}):)?\s*(.+)")
FORMATS: Final = (
    ("html", "HTML"),
    ("csv", "CSV"),
    ("tsv", "TSV"),
    ("json", "JSON"),
    ("xml", "XML"),
    ("ttl", "Turtle (CONSTRUCT, DESCRIBE)"),
    ("records", "JSON records"),
    ("jsonld", "JSON-LD (CONSTRUCT, DESCRIBE)"),
    ("nt", "N-Triples (CONSTRUCT, DESCRIBE)"),
    ("nq", "N-Quads (CONSTRUCT, DESCRIBE)"),
)
"""Forms of the answer by their names in ``format=``, each as people know it."""


@dataclass(frozen=True, slots=True)
class Example:
    """A query to begin from.

    Attributes:
        name: Name of its file, without extension.
        title: What it answers, in the visitor's language: the first comments of the file.
        query: Its text, with the prefixes that it uses declared.
    """

    name: str
    title: str
    query: str


@dataclass(frozen=True, slots=True)
class SparqlPage:
    """What ``templates/pages/sparql.html`` shows.

    Attributes:
        query: Text to begin with: the one in the address, a chosen example, or the first example.
        examples: The example queries.
        formats: Pairs of parameter and name of the forms offered.
        timeout: Seconds that a query may take.
        prefixes: Prefixes that need no declaration, with their namespaces.
        endpoint: Address of the endpoint, as programs call it.
    """

    query: str
    examples: list[Example]
    formats: tuple[tuple[str, str], ...]
    timeout: int
    prefixes: dict[str, str]
    endpoint: str


def with_prefixes(query: str) -> str:
    """Return a query with a declaration of each known prefix that it uses, so that it runs elsewhere too."""
    used = [name for name in QUERY_PREFIXES if f"{name}:" in query and f"PREFIX {name}:" not in query]
    return "".join(f"PREFIX {name}: <{QUERY_PREFIXES[name]}>\n" for name in used) + query


def _titles(lines: list[str]) -> dict[str, str]:
    """Return the titles of a file's first comment lines by language; the line without a language is English."""
    titles: dict[str, str] = {}
    for line in lines:
        match = _TITLE.fullmatch(line)
        if match:
            titles.setdefault(match[1] or "en", match[2])
    return titles


@cache
def examples(language: str, folder: Path = paths.TEMPLATES / "examples") -> list[Example]:
    """Return the example queries (``*.rq``), by name of file, with their titles in a language."""
    found = []
    for path in sorted(folder.glob("*.rq")):
        lines = path.read_text(encoding="utf-8").strip().splitlines()
        head = list(takewhile(lambda line: line.startswith("#"), lines))
        titles = _titles(head)
        query = "\n".join(lines[len(head) :]).strip() + "\n"
        # Their parameter of this name stands for the language of whoever reads.
        query = query.replace('VALUES ?language { "en" }', f'VALUES ?language {{ "{language}" }}')
        found.append(Example(path.stem, titles.get(language) or titles.get("en", path.stem), with_prefixes(query)))
    return found


@blueprint.get("/sparql")
def sparql() -> str:
    """Show the form, filled with an example or with the query of the address."""
    known = examples(g.language)
    chosen = next((item for item in known if item.name == request.args.get("example")), None)
    start = chosen or (known[0] if known else Example("", "", "SELECT * WHERE { ?s ?p ?o } LIMIT 10\n"))
    settings = current_app.config["MAILLON"]
    page = SparqlPage(
        query=request.args.get("query", start.query),
        examples=known,
        formats=FORMATS,
        timeout=int(settings.query_timeout),
        prefixes=QUERY_PREFIXES,
        endpoint=f"{negotiation.root(settings)}sparql",
    )
    return render_template("pages/sparql.html", page=page)
