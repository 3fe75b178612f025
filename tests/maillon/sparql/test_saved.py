"""Saved queries: every file of ours is right, a wrong one is named with its line, values become terms only."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, QuerySolutions, QueryTriples, RdfFormat, Store, Variable, parse

from maillon.settings import LANGUAGES
from maillon.sparql.saved import queries as saved
from maillon.sparql.saved.parameters import TYPES, Parameter, ValueRefused
from maillon.sparql.saved.queries import MOST_ROWS, Saved, SavedQueryError
from maillon.sparql.text import guard
from maillon.vocabulary import PREFIXES

FILES = sorted(saved.FOLDER.glob("*.rq"))
TITLES = "# Things\n# fr: Choses\n# nl: Dingen\n# de: Dinge\n"
LABELS = "#   en: A\n#   fr: B\n#   nl: C\n#   de: D\n"
WORD = f"# ?word: text\n{LABELS}#   example: eau\n"
QUERY = 'SELECT ?s ?word WHERE {\n  VALUES ?word { "x" }\n  ?s ?p ?word\n}\nLIMIT 7\n'
Write = Callable[[str], Saved]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Give a function that reads a text as the file of a saved query."""

    def made(text: str) -> Saved:
        path = tmp_path / "01-things.rq"
        path.write_text(text, encoding="utf-8")
        return saved.read(path)

    return made


@pytest.fixture(scope="module")
def store(sample_data: Path) -> Store:
    return Store.read_only(str(sample_data / "snapshots" / "current" / "store"))


def _term(text: str) -> object:
    return next(iter(parse(f"<urn:s> <urn:p> {text} .".encode(), RdfFormat.N_TRIPLES))).object


def _asked(store: Store, text: str, bindings: tuple[tuple[str, str], ...] = ()) -> list[str]:
    values = {Variable(name): _term(term) for name, term in bindings}
    result = store.query(text, prefixes=PREFIXES, substitutions=values)  # type: ignore[arg-type]
    if isinstance(result, QueryTriples):
        return [str(triple) for triple in result]
    assert isinstance(result, QuerySolutions)
    names = sorted(variable.value for variable in result.variables)
    return [" ".join(f"{name}={row[name]}" for name in names) for row in result]


def _tries(item: Saved) -> list[list[tuple[str, str]]]:
    """Return the values to try: none, each example, each value of a list."""
    found: list[list[tuple[str, str]]] = [[]]
    for parameter in item.parameters:
        found += [[(parameter.name, value)] for value in (parameter.example, *parameter.values)]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_is_right_and_speaks_four_languages(path: Path) -> None:
    item = saved.read(path)
    assert set(item.titles) == set(LANGUAGES)
    assert all(set(parameter.labels) == set(LANGUAGES) for parameter in item.parameters)
    assert all(len(text) > 1 for parameter in item.parameters for text in parameter.labels.values())
    assert {parameter.type for parameter in item.parameters} <= set(TYPES)
    assert saved.saved()[item.name] == item
    assert not item.name[0].isdigit()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_binding_gives_what_the_text_with_the_values_gives(path: Path, store: Store) -> None:
    item = saved.read(path)
    for given in _tries(item):
        question = item.question(given)
        bound = _asked(store, question.text, question.bindings)
        written = item.standalone(given)
        guard.check(written)
        assert sorted(_asked(store, written)) == sorted(bound), given
    assert sorted(_asked(store, path.read_text("utf-8"))) == sorted(_asked(store, item.standalone([])))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_pages_put_together_are_the_whole(path: Path, store: Store) -> None:
    item = saved.read(path)
    whole = _asked(store, item.question([("limit", "1000")]).text, item.question([]).bindings)
    parts: list[str] = []
    for offset in range(0, len(whole) + 3, 3):
        question = item.question([("limit", "3"), ("offset", str(offset))])
        parts += _asked(store, question.text, question.bindings)
    assert len(set(parts)) == len(set(whole))
    if item.form == "SELECT":  # of a graph, a page is of solutions and each makes several triples
        assert parts == whole


def test_the_examples_of_the_sample_catalogue_find_something(store: Store) -> None:
    empty = []
    for item in saved.saved().values():
        question = item.question([(parameter.name, parameter.example) for parameter in item.parameters])
        if not _asked(store, question.text, question.bindings):
            empty.append(item.name)
    assert empty == []


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("# Things\n# fr: Choses\n# nl: Dingen\n" + QUERY, 1, "the title in de is missing"),
        (TITLES + "# fr: Encore\n" + QUERY, 5, "one title for each"),
        (TITLES + "# ?word: texts\n" + LABELS + "#   example: x\n" + QUERY, 5, "no known type"),
        (TITLES + "# ?word: text, maybe\n" + LABELS + "#   example: x\n" + QUERY, 5, "no known type"),
        (TITLES + "# ?word: text\n#   en: A\n#   example: x\n" + QUERY, 5, "lacks fr, nl, de"),
        (TITLES + WORD + "#   colour: red\n" + QUERY, 11, "write each of"),
        (TITLES + WORD + "#   example: deux\n" + QUERY, 11, "at most once"),
        (TITLES + WORD + WORD + QUERY, 11, "declared twice"),
        (TITLES + WORD.replace("word", "limit") + QUERY, 5, "cannot be the name"),
        (TITLES + WORD.replace("text", "integer") + QUERY, 5, "'eau' is not a whole number"),
        (TITLES + WORD + "#   range: 1..3\n" + QUERY, 5, "range of ?word is wrong"),
        (TITLES + WORD + "#   values: air feu\n" + QUERY, 5, "none of air, feu"),
        (TITLES + WORD + QUERY.replace('VALUES ?word { "x" }', ""), 5, "write its default"),
        (TITLES + WORD.replace("text", "text, optional") + QUERY, 5, "no default"),
        (TITLES + WORD + QUERY.replace('"x"', '"x" "y"'), 12, "is not one term"),
        (TITLES + WORD + QUERY.replace('"x"', "5"), 12, "not of the type text"),
        (TITLES + WORD + QUERY.replace("?s ?p", 'VALUES ?word { "x" } ?s ?p'), 13, "one block"),
        (TITLES + WORD + QUERY.replace("SELECT ?s ?word", "SELECT ?s"), 11, "projection"),
        (TITLES + WORD + QUERY.replace("?s ?p ?word", "?s ! ?word"), 13, "not SPARQL"),
        (TITLES + WORD + QUERY.replace("LIMIT 7", "LIMIT 7 OFFSET 2"), 15, "OFFSET is added"),
        (TITLES + WORD + QUERY.replace("?s ?p ?word", "SERVICE <http://x.example/> {}"), 11, "SERVICE"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_named_with_its_line(write: Write, text: str, line: int, reason: str) -> None:
    with pytest.raises(SavedQueryError, match=f"01-things.rq, line {line}: ") as caught:
        write(text)
    assert reason in str(caught.value)


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"0{number}-things.rq").write_text(TITLES + WORD + QUERY, encoding="utf-8")
    with pytest.raises(SavedQueryError, match=r"02-things\.rq and 01-things\.rq have one name"):
        saved.saved(tmp_path)


@pytest.mark.parametrize(
    "value",
    [
        'x" } DROP ALL #', "\\", '"', "'''", "?s", "}", "{" * 500, "<http://x>", "\\u0022 }", "$word", "%00",
        "é" * 1000, '" } UNION { ?s ?p ?o } #', "\u202e", "😀", "eau\u00a0vive",
    ],
)  # fmt: skip
def test_a_text_never_becomes_a_part_of_the_query(write: Write, value: str) -> None:
    item = write(TITLES + WORD + QUERY)
    question = item.question([("word", value)])
    assert question.text == item.question([]).text
    assert "VALUES" not in question.text
    held = Store()
    for text in ("x", value):
        held.add(Quad(NamedNode("urn:s"), NamedNode("urn:p"), Parameter(name="a", type="text").term(text)))
    assert len(_asked(held, question.text, question.bindings)) == 1
    assert _asked(held, item.standalone([("word", value)])) == _asked(held, question.text, question.bindings)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (
            "iri",
            ["x", "/relative", "http://a b/", "javascript:alert(1)", "http://x/<y>", 'http://x/"', "http://x/\x00"],
        ),
        ("text", ["\x00", "a\x07b", "x" * 1001, "\x7f", "\u0085", "a\nb"]),
        ("integer", ["1.5", "1e3", "0x10", "", "١", "1 ", "9" * 19, "--1", "1;DROP"]),
        ("date", ["2026-02-30", "26-01-01", "2026-1-1", "20260101", "2026-01-01T00:00:00", "2026-W01-1", "0000-01-01"]),
        ("language", ["français", "f", "fr_BE", "fr-", '"fr"', "abcd", "fr-" + "x" * 9]),
    ],
)
def test_a_value_of_another_type_is_refused_with_name_and_example(kind: str, values: list[str]) -> None:
    item = Parameter(name="p", type=kind, example="this")
    for value in values:
        with pytest.raises(ValueRefused, match=r"^Parameter p: .* Send, for example, p=this\.$") as caught:
            item.term(value)
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) < 250


def test_ranges_count_numbers_as_numbers_and_days_as_days() -> None:
    number = Parameter(name="n", type="integer", least="2", most="100")
    assert [number.term(value).value for value in ("2", "10", "+9", "100", "007")] == ["2", "10", "9", "100", "7"]
    for value in ("1", "101", "-50"):
        with pytest.raises(ValueRefused, match="between 2 and 100"):
            number.term(value)
    day = Parameter(name="d", type="date", least="2020-01-01")
    assert day.term("2020-01-01").value == "2020-01-01"
    with pytest.raises(ValueRefused, match="at least 2020-01-01"):
        day.term("2019-12-31")


def test_limit_and_offset_are_checked_numbers_in_the_text(write: Write) -> None:
    item = write(TITLES + WORD + QUERY)
    assert item.question([]).text.endswith("}\nLIMIT 7")
    assert item.question([("limit", "10000"), ("offset", "30")]).text.endswith("}\nLIMIT 10000\nOFFSET 30")
    assert write(TITLES + WORD + QUERY.replace("LIMIT 7\n", "")).question([]).text.endswith("}")
    for value in ("0", str(MOST_ROWS + 1), "5 OFFSET 3", "-1", "1e2", "ten"):
        with pytest.raises(ValueRefused, match="Parameter limit"):
            item.question([("limit", value)])
    for value in ("-1", "99999999", "1}"):
        with pytest.raises(ValueRefused, match="Parameter offset"):
            item.question([("offset", value)])


def test_a_limit_inside_the_query_is_its_own(write: Write) -> None:
    inner = "SELECT ?s ?word WHERE { VALUES ?word { 'x' } { SELECT ?s WHERE { ?s ?p ?o } LIMIT 3 } }\n"
    assert write(TITLES + WORD + inner).question([("limit", "2")]).text.endswith("LIMIT 3 } }\nLIMIT 2")


def test_unknown_and_repeated_names_are_refused_and_empty_ones_left_out(write: Write) -> None:
    item = write(TITLES + WORD + QUERY)
    with pytest.raises(ValueRefused, match=r"no parameter 'wrod'\. This query has: word, limit, offset"):
        item.question([("wrod", "x")])
    with pytest.raises(ValueRefused, match="word stands twice"):
        item.question([("word", "a"), ("word", "b")])
    plain = item.question([])
    assert item.question([("word", ""), ("limit", ""), ("format", "csv"), ("snapshot", "3")]) == plain
    assert plain.bindings == (("word", '"x"'),)


def test_language_tags_are_compared_in_lower_case_as_the_store_keeps_them() -> None:
    assert Parameter(name="l", type="language").term("fr-BE").value == "fr-be"
