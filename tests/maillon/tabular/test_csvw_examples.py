"""The examples and draft tests of the W3C's CSVW group, converted and compared; what differs is listed with reason."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import pytest
from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, NamedNode, Quad, RdfFormat, Triple, parse

from maillon.errors import SourceUnavailable
from maillon.tabular import csv2rdf
from maillon.tabular.templates import PREFIXED
from maillon.vocabulary import PREFIXES

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus" / "csvw" / "w3c-examples"
EXAMPLES, TESTS = CORPUS / "examples", CORPUS / "tests"
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared is absent: corpus tests need it"),
]

SITE: Final = "http://www.w3.org/2013/csvw/tests/"
CSVW: Final = "http://www.w3.org/ns/csvw#"

EQUAL: Final = [
    ("countries", EXAMPLES, "countries.csv", ""),
    ("events-listing", EXAMPLES, "events-listing.csv", ""),
    ("tree-ops-ext", EXAMPLES, "tree-ops-ext.csv", ""),
    # The metadata of this one stands among the tests only.
    ("public-sector-roles-and-salaries", TESTS / "test034", "", "csv-metadata.json"),
]

DIFFERENT: Final = {
    "019": "the header row is denied by the media type's parameter, which no file of the corpus carries",
    "020": "the result was made before `trim` was applied: it keeps blanks that the dialect trims",
    "021": "the result was made before `trim` was applied: it keeps blanks that the dialect trims",
    "022": "the result was made before `trim` was applied: it keeps blanks that the dialect trims",
}
"""Draft tests whose result differs from the Recommendation's."""
WITHOUT_INPUT: Final = {"028", "029", "030", "031"}
"""Draft tests whose CSV is not in the corpus (another countries.csv than the example's)."""


def reader(folder: Path, base: str) -> Callable[[str], bytes]:
    def read(url: str) -> bytes:
        path = folder / url.removeprefix(base)
        if not path.is_file():
            raise SourceUnavailable(url)
        return path.read_bytes()

    return read


def converted(folder: Path, base: str, file: str, described: str, minimal: bool) -> set[Triple]:
    read = reader(folder, base)
    group = csv2rdf.group(read(base + described) if described else None, base + (described or file), read)
    paths = {table.url: folder / table.url.removeprefix(base) for table in group.tables}
    return set(csv2rdf.convert(group, paths, minimal))


def canonical(triples: set[Triple]) -> set[str]:
    dataset = Dataset(Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return set(map(str, dataset))


def expected(name: str) -> set[Triple]:
    content = (EXAMPLES / f"{name}.ttl").read_bytes()
    return {quad.triple for quad in parse(content, RdfFormat.TURTLE, base_iri="http://example.org/")}


@pytest.mark.parametrize("mode", ["standard", "minimal"])
@pytest.mark.parametrize(("name", "folder", "file", "described"), EQUAL, ids=[item[0] for item in EQUAL])
def test_an_example_of_csv2rdf_gives_the_same_graph(
    name: str, folder: Path, file: str, described: str, mode: str
) -> None:
    ours = converted(folder, "http://example.org/", file, described, mode == "minimal")
    assert canonical(ours) == canonical(expected(f"{name}-{mode}"))


def compared(triples: set[Triple]) -> set[tuple[str, str, str]]:
    """Leave out what the weather example says differently, and write numbers by their value."""

    def plain(term: object) -> str:
        text = "_" if isinstance(term, BlankNode) else str(term)
        number = re.fullmatch(r'"([\d.]+)"\^\^<.*#(?:integer|decimal|double)>', text)
        # The Turtle was written by a tool that turns 117 (xsd:decimal) into xsd:integer and \n into \r in one note.
        return format(float(number[1]), "g") if number else text.replace("\\r", "\\n")

    found = set()
    for triple in triples:
        # The Turtle says by which program and when it was made, which the standard leaves to implementations.
        is_prov = PREFIXES["prov"] in triple.predicate.value or (
            isinstance(triple.object, NamedNode) and triple.object.value.startswith(PREFIXES["prov"])
        )
        # `default` of the flag column is "Approved": the Turtle was made before defaults were applied.
        if str(triple.object).endswith("obsStatus-A>") or (is_prov and isinstance(triple.subject, BlankNode)):
            continue
        found.add((plain(triple.subject), plain(triple.predicate), plain(triple.object)))
    return {item for item in found if PREFIXES["prov"] + "wasGeneratedBy" not in item[1]}


@pytest.mark.parametrize("name", ["cambornedata-snippet", "cambornedata"])
def test_the_weather_example_gives_the_same_but_for_what_is_listed(name: str) -> None:
    ours = compared(converted(EXAMPLES, "http://example.org/", f"{name}.csv", "", minimal=False))
    theirs = compared(expected(f"{name}-standard"))
    assert len(theirs) > 100
    assert ours - theirs == theirs - ours == set()


Said = tuple[str, int, str | None, str, str]
"""Row's address and number, subject, name of the column or property, value."""


def short(iri: str, table: str) -> str:
    if iri == PREFIXES["rdf"] + "type":
        return "@type"
    if iri.startswith(table + "#") and "=" not in iri:
        return unquote(iri.removeprefix(table + "#"))
    for prefix, start in PREFIXED.items():
        if iri.startswith(start):
            return f"{prefix}:{iri.removeprefix(start)}"
    return iri


def number_or_text(value: str) -> str:
    try:
        return format(float(value), "g")
    except ValueError:
        return value


def flattened(item: dict[str, Any]) -> Iterator[tuple[str | None, str, str]]:
    for key, value in item.items():
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                yield item.get("@id"), key, part["@id"]
                yield from flattened(part)
            elif key != "@id":
                text = str(part).lower() if isinstance(part, bool) else str(part)
                yield item.get("@id"), key.replace("dc:", "dct:"), number_or_text(text)


def of_json(result: Any) -> set[Said]:
    if isinstance(result, list):
        return {("", 0, *part) for item in result for part in flattened(item)}
    return {
        (row["url"], row["rownum"], *part)
        for table in result["tables"]
        for row in table["row"]
        for item in row["describes"]
        for part in flattened(item)
    }


def of_rdf(triples: set[Triple], in_rows: bool) -> set[Said]:
    by_subject: dict[Any, list[Triple]] = {}
    for triple in triples:
        by_subject.setdefault(triple.subject, []).append(triple)
    found: set[Said] = set()
    for table in [triple for triple in triples if triple.predicate.value == CSVW + "row"]:
        own = {item.predicate.value: item.object.value for item in by_subject[table.object]}  # type: ignore[union-attr]
        place = (own[CSVW + "url"], int(own[CSVW + "rownum"])) if in_rows else ("", 0)
        address = own[CSVW + "url"].partition("#")[0]
        for described in [item for item in by_subject[table.object] if item.predicate.value == CSVW + "describes"]:
            for said in by_subject.get(described.object, []):
                subject = said.subject.value if isinstance(said.subject, NamedNode) else None
                key, text = short(said.predicate.value, address), said.object.value  # type: ignore[union-attr]
                text = short(text, address) if key == "@type" else number_or_text(text)
                found.add((*place, subject, key, text))
    return found


def draft_tests() -> Iterator[tuple[str, Path, Path]]:
    """Yield (number, folder, result)."""
    if TESTS.is_dir():
        for path in sorted(TESTS.glob("test[0-9][0-9][0-9].json")):
            yield path.stem[4:], TESTS, path
        for folder in sorted(item for item in TESTS.iterdir() if item.is_dir()):
            yield folder.name[4:], folder, folder / "result.json"


def metadata_of(number: str, folder: Path) -> str:
    """Return the metadata that counts: of the user, linked, of the file, of the folder."""
    names = (
        [f"test{number}-user-metadata.json", f"test{number}-metadata.json"]
        if folder == TESTS
        else ["user-metadata.json", "linked-metadata.json", *(path.name for path in folder.glob("*.csv-metadata.json"))]
    )
    for name in [*names, *([] if folder == TESTS else ["csv-metadata.json"])]:
        if (folder / name).is_file():
            return name
    return ""


def difference(number: str, folder: Path, path: Path) -> tuple[set[Said], set[Said]]:
    result = json.loads(path.read_text(encoding="utf-8"))
    base = SITE if folder == TESTS else f"{SITE}{folder.name}/"
    first = result["tables"][0]["url"] if isinstance(result, dict) else base + "tree-ops.csv"
    triples = converted(folder, base, first.removeprefix(base), metadata_of(number, folder), minimal=False)
    ours, theirs = of_rdf(triples, isinstance(result, dict)), of_json(result)
    assert theirs
    return ours - theirs, theirs - ours


def test_the_draft_tests_say_the_same_of_every_cell_but_for_the_listed_ones(capsys: pytest.CaptureFixture[str]) -> None:
    equal, different = [], {}
    for number, folder, path in draft_tests():
        if number not in WITHOUT_INPUT:
            more, less = difference(number, folder, path)
            if more or less:
                different[number] = (sorted(map(str, more))[:3], sorted(map(str, less))[:3])
            else:
                equal.append(number)
    with capsys.disabled():
        counts = f"{len(equal)} equal, {len(different)} different as listed, {len(WITHOUT_INPUT)} without input"
        print(f"\nCSVW draft tests: {counts}")  # noqa: T201 (the count is asked for)
    assert different.keys() == DIFFERENT.keys(), different
    assert len(equal) >= 39
