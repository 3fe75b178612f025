"""Writes SPARQL queries as people send them: sloppy, mistyped, cut off, sometimes hopeless, the same ones for a seed.

Shares follow 353 queries from the log of a public endpoint: a quarter uses prefixes that it does not declare, four in
ten have no LIMIT, two in ten use SERVICE, one in twenty functions of Virtuoso. On top of them come mistakes of typing
and copying, and, rarely, queries that cannot end. SPARQL 1.1 Query, https://www.w3.org/TR/sparql11-query/.
"""

from collections.abc import Callable
from random import Random
from typing import Final

_PREFIXES: Final = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_TERMS: Final = (
    "dct:title", "dct:description", "dcat:keyword", "dcat:theme", "dct:publisher", "dcat:distribution", "dct:format",
    "dct:license", "dct:modified", "dct:issued", "dcat:byteSize", "foaf:name", "skos:prefLabel", "rdfs:label", "a",
)  # fmt: skip
_CLASSES: Final = ("dcat:Dataset", "dcat:Distribution", "dcat:Catalog", "foaf:Agent", "skos:Concept")
_WORDS: Final = (
    "vélo",
    "Fahrrad",
    "fiets",
    "bus",
    "données",
    "budget",
    "eau",
    "l'air",
    "\\\\d+",
    "😀",
    "بيانات",
    "É",
    "%",
)
_FUNCTIONS: Final = ("STR", "LCASE", "UCASE", "STRLEN", "LANG", "DATATYPE", "YEAR", "ABS", "xsd:integer", "xsd:date")
_VIRTUOSO: Final = (
    '?t bif:contains "\'vélo\'"', "FILTER(bif:length(?t) > 3)", "FILTER(bif:rnd(10) = 1)",
    "BIND(bif:substring(?t, 1, 5) AS ?u)", "?s <http://www.openlinksw.com/schemas/virtrdf#label> ?l OPTION (score ?sc)",
)  # fmt: skip
_UNDECLARED: Final = ("dcterms:title", "dbo:abstract", "wdt:P31", "schema:name", "void:triples", "dc:subject", "ex:a")
_SWAPS: Final = (
    ('"', "”"), ('"', "“"), ("'", "’"), (" ", "\u00a0"), ("SELECT", "SELCET"), ("WHERE", "WEHRE"), ("FILTER", "FLITER"),
    ("?", "¿"), ("LIMIT", "LMIT"), ("{", ""), ("}", ""), ("(", ""), (")", ""), (".", ";"), (";", ","), ("<", ""),
    (">", ""), ("dct:", "dct."), (":", " : "), ("ORDER BY", "ORDERBY"), ("GROUP BY", "GROUP"), ("AS", ""), ("a", "а"),
    (" ", "\u200b"), (" ", "\ufeff"), ("?s", "?sé"), ("?s", "$s"), ("?s", "? s"), ("OPTIONAL", "OPTIONNEL"),
)  # fmt: skip


class Grammar:
    """Queries by number.

    Args:
        seed: Another one gives other queries.
        place: Address of a listener, which no server may ever ask.
        heavy: Share of queries that cannot end.
    """

    def __init__(self, seed: int, place: str, heavy: float = 0.02) -> None:
        self._seed, self._place, self._heavy = seed, place, heavy
        self._random = Random()
        self._kinds: dict[str, tuple[Callable[[], str], float]] = {
            "sloppy": (self._sloppy, 40),
            "mistyped": (self._mistyped, 25),
            "path": (self._path, 6),
            "aggregate": (self._aggregate, 8),
            "datatype": (self._datatype, 6),
            "list": (self._list, 2),
            "nested": (self._nested, 3),
            "graph": (self._graph, 4),
            "construct": (self._construct, 4),
            "update": (self._update, 2),
            "noise": (self._noise, 4),
        }

    def query(self, number: int) -> tuple[str, str]:
        """Return the kind and the text of a query."""
        self._random.seed(f"{self._seed}-{number}")
        if self._random.random() < self._heavy:
            return "heavy", self._hopeless()
        names = list(self._kinds)
        kind = self._random.choices(names, [self._kinds[name][1] for name in names])[0]
        return kind, self._kinds[kind][0]()

    def _pick(self, *items: str) -> str:
        return self._random.choice(items)

    def _may(self, share: float, text: str) -> str:
        return text if self._random.random() < share else ""

    def _prologue(self, body: str) -> str:
        """Return declarations of what a body uses; a quarter forgets some."""
        used = [name for name in _PREFIXES if f"{name}:" in body]
        if self._random.random() < 0.24:
            used = [name for name in used if self._random.random() < 0.5]
        return "".join(f"PREFIX {name}: <{_PREFIXES[name]}>\n" for name in used)

    def _text(self) -> str:
        word = self._pick(*_WORDS)
        return self._pick(f'"{word}"', f"'{word}'", f'"{word}"@fr', f'"""{word}"""', f'"{word}"^^xsd:string')

    def _filter(self) -> str:
        return self._pick(
            f"FILTER(CONTAINS(LCASE(STR(?t)), {self._text()}))", f"FILTER regex(?t, {self._text()}, 'i')",
            'FILTER(LANG(?t) = "fr")', "FILTER langMatches(lang(?t), 'NL')", "FILTER(!isLiteral(?o))",
            "FILTER(?m > 2020)",
            "FILTER NOT EXISTS { ?s dct:license ?x }", "FILTER(?t IN (1, 'a', ?o))",
            f"FILTER(STRLEN(?t) > {self._text()})",
            'FILTER(?m >= "2024-01-01"^^xsd:date)', "FILTER(BOUND(?never))",
            "FILTER(?t = ?o || ?t != ?m && !BOUND(?s))",
        )  # fmt: skip

    def _service(self) -> str:
        where = self._pick(f"<{self._place}>", "<https://query.example.org/sparql>", "?e", f"<{self._place}sparql?x=1>")
        return f"SERVICE {self._may(0.3, 'SILENT ')}{where} {{ ?s ?p ?o }}"

    def _pattern(self) -> str:
        parts = [f"?s a {self._pick(*_CLASSES)} .", "?s dct:title ?t ."]
        parts += [
            f"?s {self._pick(*_TERMS)} ?{self._pick('o', 'm', 'x', 't')} ." for _ in range(self._random.randint(0, 4))
        ]
        parts += [self._may(0.5, f"OPTIONAL {{ ?s {self._pick(*_TERMS)} ?m {self._may(0.3, self._filter())} }}")]
        parts += [self._may(0.4, self._filter()), self._may(0.18, self._service())]
        parts += [self._may(0.06, self._pick(*_VIRTUOSO)), self._may(0.1, f"?s {self._pick(*_UNDECLARED)} ?u .")]
        parts += [
            self._may(0.1, "{ ?s dct:issued ?i } UNION { ?s dct:modified ?i }"),
            self._may(0.05, "MINUS { ?s ?p 1 }"),
        ]
        return " ".join(part for part in parts if part)

    def _end(self) -> str:
        order = self._pick("", "", "ORDER BY ?t ", "ORDER BY DESC(?m) ?s ", "order by desc ( ?m ) ")
        limit = self._pick(
            *["LIMIT 10", "limit 100", "LIMIT 1000 OFFSET 20", "LIMIT 50", "LIMIT 1000"] * 4, "LIMIT 0", "LIMIT -1"
        )
        return order + self._may(0.6, limit)

    def _sloppy(self) -> str:
        head = self._pick(
            *["SELECT *", "SELECT ?s ?t", "select distinct ?s", "DESCRIBE ?s"] * 4, "ASK", "SELECT ?s, ?t", "SELECT"
        )
        body = f"{head} {self._may(0.9, 'WHERE ')}{{ {self._pattern()} }} {self._end()}"
        return self._may(0.03, 'define sql:describe-mode "CBD" ') + self._prologue(body) + body

    def _mistyped(self) -> str:
        text = self._pick(self._sloppy(), self._aggregate(), self._path(), self._construct())
        for _ in range(self._random.choice((1, 1, 1, 2, 3))):
            old, new = self._random.choice(_SWAPS)
            places = [place for place in range(len(text)) if text.startswith(old, place)]
            if places:
                place = self._random.choice(places)
                text = text[:place] + new + text[place + len(old) :]
            elif text:
                place = self._random.randrange(len(text))
                text = self._pick(
                    text[:place], text[place:], text[:place] + self._pick(*"{}()<>?\"'\\\t#;") + text[place:]
                )
        return text

    def _step(self, depth: int = 0) -> str:
        if depth > 3 or self._random.random() < 0.4:
            return self._pick(
                "dct:title", "dcat:distribution", "dct:publisher", "!a", "^dcat:distribution", "!(a|^a)", "a"
            )
        one, two = self._step(depth + 1), self._step(depth + 1)
        return self._pick(
            f"({one}/{two})", f"({one}|{two})", f"({one})?", f"({one})", f"^({two})", f"({one})*", f"({two})+"
        )

    def _path(self) -> str:
        start = self._pick("?s", "<http://localhost:8000/id/dataset/brussels/1>", "?s")
        return (
            self._prologue("dct: dcat:")
            + f"SELECT ?o {{ {start} {self._step()} ?o }} LIMIT {self._random.randint(1, 200)}"
        )

    def _aggregate(self) -> str:
        value = self._pick(
            "COUNT(*)",
            "COUNT(DISTINCT ?s)",
            "SUM(?m)",
            "AVG(?t)",
            "MAX(?o)",
            "GROUP_CONCAT(?t; separator='|')",
            "SAMPLE(?x)",
        )
        key = self._pick("?x", "?t", "?s", "(YEAR(?m) AS ?y)", "?never")
        tail = (
            self._may(0.3, "HAVING (COUNT(*) > 1) ") + self._may(0.5, "ORDER BY DESC(?n) ") + self._may(0.6, "LIMIT 20")
        )
        inner = self._may(0.2, f"{{ SELECT ?s (MAX(?i) AS ?m) {{ ?s dct:issued ?i }} GROUP BY ?s {self._end()} }} ")
        head = self._pick(f"SELECT {key} ({value} AS ?n)", f"SELECT {value}", *[f"SELECT {key} ({value} AS ?n)"] * 4)
        body = f"{head} WHERE {{ {inner}{self._pattern()} ?s {self._pick(*_TERMS)} ?x }} GROUP BY {key} {tail}"
        return self._prologue(body) + body

    def _datatype(self) -> str:
        wrong = self._pick(
            '"abc"^^xsd:integer', '"2025-02-30"^^xsd:date', "1/0", "9" * self._random.randint(5, 400), "1e999", "-0.0",
            '"x"@' + "a" * 9, '"P99Y"^^xsd:duration', '"12:60"^^xsd:time', "<not an iri>", "<relative>", '"a"^^"b"',
            "NaN",
            '"2024-13-01T25:00:00Z"^^xsd:dateTime',
        )  # fmt: skip
        call = f"{self._pick(*_FUNCTIONS)}({self._pick(wrong, '?t', '?m')})"
        made = self._pick(
            f"FILTER({call} = {wrong})", f"BIND({call} AS ?v)", f"FILTER({wrong} < ?m)", f"BIND({wrong} + ?m AS ?v)"
        )
        body = f"SELECT * {{ ?s dct:title ?t ; dct:modified ?m . {made} }} LIMIT 50"
        return self._prologue(body) + body

    def _list(self) -> str:
        length = self._random.choice((10, 300, 3_000, 30_000))
        if self._random.random() < 0.5:
            return f"SELECT ?s {{ ?s ?p ?o FILTER(?o IN ({', '.join(map(str, range(length)))})) }} LIMIT 10"
        return f"SELECT ?s {{ VALUES ?o {{ {' '.join(f'<urn:x:{n}>' for n in range(length))} }} ?s ?p ?o }}"

    def _nested(self) -> str:
        depth = self._random.choice((3, 30, 190, 210, 1_000, 3_000, 5_000))
        return self._pick(
            "SELECT * " + "{" * depth + " ?s ?p ?o " + "}" * (depth - self._random.choice((0, 0, 1))),
            "SELECT (" + "(" * depth + "1" + ")" * depth + " AS ?x) {}",
            "SELECT * { " + "OPTIONAL { ?s ?p ?o " * depth + "}" * depth + " }",
            "SELECT * { ?s ?p ?o FILTER(" + "!" * depth + "?o) }",
            "SELECT * { " + "{ SELECT * { " * depth + "?s ?p ?o " + "} } " * depth + "} LIMIT 5",
            "SELECT * { ?s " + "(" * depth + "<urn:p>" + ")*" * depth + " ?o }",
            "SELECT * { ?s ?p " + "[ ?q " * depth + "1" + " ]" * depth + " }",
            "ASK { FILTER(" + " || ".join(["?a"] * depth) + ") }",
            "SELECT * { " + " UNION ".join(["{ ?s a ?o }"] * depth) + " } LIMIT 3",
        )  # fmt: skip

    def _graph(self) -> str:
        clause = self._pick(f"FROM <{self._place}>", f"FROM NAMED <{self._place}>", "FROM <urn:nothing>", "")
        group = self._pick(
            "GRAPH ?g { ?s ?p ?o }", f"GRAPH <{self._place}> {{ ?s ?p ?o }}", "?s ?p ?o", self._service()
        )
        return f"SELECT * {clause} WHERE {{ {group} }} LIMIT {self._random.randint(0, 300)}"

    def _construct(self) -> str:
        body = f"{self._pick('CONSTRUCT WHERE', 'CONSTRUCT { ?s ?p ?t } WHERE', 'construct { ?s dct:title ?t . }')} "
        body += f"{{ {self._pattern()} }} {self._end()}"
        return self._prologue(body) + body

    def _update(self) -> str:
        return self._pick(
            f"LOAD <{self._place}>", f"LOAD SILENT <{self._place}> INTO GRAPH <urn:g>", "CLEAR ALL", "DROP DEFAULT",
            "INSERT DATA { <urn:a> <urn:b> 1 }", "DELETE WHERE { ?s ?p ?o }",
            "DELETE { ?s ?p ?o } INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }",
            "COPY DEFAULT TO <urn:x>", "ASK {} ; CLEAR ALL", "SELECT * { ?s ?p ?o } ; DROP ALL",
        )  # fmt: skip

    def _noise(self) -> str:
        letters = "".join(chr(self._random.randint(1, 0x2FFF)) for _ in range(self._random.randint(1, 300)))
        return self._pick(
            letters, "", " ", "SELECT", "SELECT * FROM datasets WHERE id = 1;", "Quels sont les jeux de données vélo ?",
            "{}", "null", "SELECT%20*%20%7B%7D", "PREFIX", "# only a comment", "\x00", "SELECT * { ?s ?p ?o } LIMIT",
            "BASE <x> SELECT * { <a> <b> <c> }", "\\u0053ERVICE", "SELECT * { ?s ?p ?o } #" + "x" * 30_000,
            "a" * 40_000,
        )  # fmt: skip

    def _hopeless(self) -> str:
        cross = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
        doubling = "".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1}) " for n in range(45))
        return self._pick(
            f"SELECT (COUNT(*) AS ?n) {{ {cross} }}", f"SELECT * {{ {cross} }}", f"SELECT DISTINCT * {{ {cross} }}",
            f"CONSTRUCT {{ ?a ?e ?i }} WHERE {{ {cross} }}", "SELECT (COUNT(*) AS ?n) { ?s (!<urn:x>)* ?o }",
            "SELECT * { ?s (<urn:p>|!<urn:p>)+ ?o }", f'SELECT * {{ BIND("a" AS ?x0) {doubling} }}',
            f"SELECT * {{ {cross} }} ORDER BY ?c ?f", f"SELECT ?a (GROUP_CONCAT(?f) AS ?n) {{ {cross} }} GROUP BY ?a",
            "SELECT * { ?s ?p ?o . ?t ?q ?r FILTER(REGEX(STR(?o), '^(a+)+$') && REGEX(STR(?r), '(.*)*(.*)*x')) }",
            "SELECT * { ?a ?b ?c OPTIONAL { ?d ?e ?f FILTER(?c != ?f) } OPTIONAL { ?g ?h ?i FILTER(?i != ?f) } }",
            "SELECT (MAX(STRLEN(CONCAT(STR(?c), STR(?f)))) AS ?n) { ?a ?b ?c . ?d ?e ?f . FILTER(?a < ?d) }",
            "CONSTRUCT WHERE { ?s ?p ?o }", "SELECT * { ?s ?p ?o } ORDER BY ?o ?p ?s", "DESCRIBE ?s { ?s ?p ?o }",
            f"SELECT * {{ {{ SELECT DISTINCT ?a ?f {{ {cross} }} }} MINUS {{ ?a ?p ?f }} }}",
        )  # fmt: skip
