"""The saved queries as an API and as pages, and their OpenAPI description, which is walked and called."""

import csv
import io
import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from lxml import html
from openapi_spec_validator import validate

from maillon.settings import LANGUAGES
from maillon.sparql.saved.queries import saved

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
HOSTILE = (
    '"} DROP ALL #', '" } UNION { ?s ?p ?o } #', "}" * 400, "{" * 5000, "\x00", "a\nb", "x" * 5000, "\u202e", "'''",
    "<script>alert(1)</script>", "%", "../../etc/passwd", "?s", "http://x/<>", "1e400", "-0", "²", "٣",
)  # fmt: skip
NAMES = list(saved())
ROWS = [name for name, item in saved().items() if item.form == "SELECT"]
GRAPHS = [name for name, item in saved().items() if item.form == "CONSTRUCT"]


def _tree(text: str) -> Any:
    return html.document_fromstring(text)


def _get(client: FlaskClient, name: str, accept: str = "*/*", **values: str) -> Any:
    return client.get(f"/api/queries/{name}", query_string=values, headers={"Accept": accept})


@pytest.mark.parametrize("name", NAMES)
def test_every_query_answers_with_its_defaults_and_examples(client: FlaskClient, name: str) -> None:
    item = saved()[name]
    tries: list[dict[str, str]] = [{}, {known.name: known.example for known in item.parameters}]
    tries += [{known.name: value} for known in item.parameters for value in known.values]
    for values in tries:
        reply = _get(client, name, **values)
        assert reply.status_code == 200, (values, reply.text)
        assert reply.data
        assert reply.headers["X-Maillon-Snapshot"] == "1"
        assert reply.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("name", ROWS)
def test_rows_come_in_every_form_with_the_same_number(client: FlaskClient, name: str) -> None:
    records = _get(client, name)
    assert records.mimetype == "application/json"
    assert isinstance(records.json, list)
    assert records.json
    assert all(isinstance(record, dict) for record in records.json)
    results = _get(client, name, format="json")
    assert results.mimetype == "application/sparql-results+json"
    assert len(results.json["results"]["bindings"]) == len(records.json)
    table = client.get(f"/api/queries/{name}.csv")
    assert table.mimetype == "text/csv"
    assert len(list(csv.reader(io.StringIO(table.text)))) == len(records.json) + 1
    assert client.get(f"/api/queries/{name}.xml").text.count("<result>") == len(records.json)
    assert len(_get(client, name, "text/tab-separated-values").text.rstrip("\n").split("\n")) == len(records.json) + 1


def test_a_graph_comes_in_every_form_of_graphs(client: FlaskClient) -> None:
    (name,) = GRAPHS
    forms = {
        "": "text/turtle", ".nt": "application/n-triples", ".rdf": "application/rdf+xml",
        ".jsonld": "application/ld+json", ".nq": "application/n-quads", ".records": "application/json",
    }  # fmt: skip
    for extension, media_type in forms.items():
        reply = client.get(f"/api/queries/{name}{extension}")
        assert (reply.status_code, reply.mimetype) == (200, media_type)
        assert b"Nature et environnement" in reply.data or b"\\u00" in reply.data
    assert client.get(f"/api/queries/{name}.csv").status_code == 406


def test_accept_chooses_the_form(client: FlaskClient) -> None:
    chosen = {
        "": "application/json", "application/json": "application/json",
        "text/csv;q=0.5, application/json;q=0.4": "text/csv",
        "application/sparql-results+json": "application/sparql-results+json",
        "application/sparql-results+xml, */*;q=0.1": "application/sparql-results+xml",
    }  # fmt: skip
    for accept, media_type in chosen.items():
        assert _get(client, "formats", accept).mimetype == media_type
    refused = _get(client, "formats", "image/png")
    assert refused.status_code == 406
    assert "text/csv" in refused.text


def test_values_change_the_answer_and_stand_in_it(client: FlaskClient) -> None:
    found = _get(client, "datasets-of-an-organisation", word="MOBILIT").json
    assert found
    assert all("obilit" in record["name"] and record["word"] == "MOBILIT" for record in found)
    assert _get(client, "datasets-of-an-organisation", word='"').json == []
    few = _get(client, "datasets-by-publisher", minimum="4").json
    every = _get(client, "datasets-by-publisher").json
    assert [record["datasets"] for record in few] == [n for n in [record["datasets"] for record in every] if n >= 4]
    assert len(few) < len(every)
    labels = {language: _get(client, "datasets-by-theme", language=language).json[0]["label"] for language in LANGUAGES}
    assert len(set(labels.values())) == 4


def test_limit_and_offset_page_through_the_answer(client: FlaskClient) -> None:
    name, whole = "titles-not-translated", []
    values = {"language": "fr", "missing": "de"}
    expected = _get(client, name, **values).json
    for offset in range(0, 30, 4):
        part = _get(client, name, **values, limit="4", offset=str(offset)).json
        assert len(part) <= 4
        whole += part
    assert whole == expected
    assert len(expected) > 8


@pytest.mark.parametrize("name", NAMES)
def test_hostile_values_are_told_or_are_mere_values(client: FlaskClient, name: str) -> None:
    item = saved()[name]
    for known in (*item.parameters, *item.paging):
        for value in HOSTILE:
            reply = _get(client, name, **{known.name: value})
            assert reply.status_code in (200, 400), (known.name, value)
            if reply.status_code == 400:
                assert reply.mimetype == "text/plain"
                assert reply.text.startswith(f"Parameter {known.name}: ")
                assert f"{known.name}=" in reply.text
            else:
                assert known.type in ("text", "integer", "language")


def test_wrong_addresses_say_what_there_is(client: FlaskClient) -> None:
    unknown = client.get("/api/queries/newest")
    assert unknown.status_code == 404
    assert "newest-datasets" in unknown.text
    wrong = _get(client, "datasets-of-an-organisation", wrod="x")
    assert wrong.status_code == 400
    assert "This query has: word, language, limit, offset" in wrong.text
    twice = client.get("/api/queries/datasets-of-an-organisation?word=a&word=b")
    assert (twice.status_code, "twice" in twice.text) == (400, True)
    graph = _get(client, "formats", **{"default-graph-uri": "http://x.example/"})
    assert graph.status_code == 400
    assert client.get("/api/queries/datasets-of-an-organisation?word=%FF").status_code == 400
    assert client.post("/api/queries/formats").status_code == 405
    assert client.get("/api/queries/x%00y").status_code == 404


def test_an_answer_can_be_pinned_kept_and_asked_for_again(client: FlaskClient) -> None:
    reply = _get(client, "formats")
    again = client.get("/api/queries/formats", headers={"If-None-Match": reply.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = _get(client, "datasets-of-an-organisation", word="mobilit").headers["ETag"]
    assert other != _get(client, "datasets-of-an-organisation", word="nature").headers["ETag"]
    pinned = _get(client, "formats", snapshot="1")
    assert pinned.json == reply.json
    assert "immutable" in pinned.headers["Cache-Control"]
    gone = _get(client, "formats", snapshot="99")
    assert gone.status_code == 404
    assert "Kept are: 1" in gone.text
    assert client.get("/api/queries/formats/timemap").mimetype == "application/link-format"
    assert client.head("/api/queries/formats").status_code == 200


def test_the_list_names_every_query_and_its_addresses_answer(client: FlaskClient) -> None:
    listed = client.get("/api/queries").json
    assert listed is not None
    assert [entry["name"] for entry in listed] == NAMES
    for entry in listed:
        path = entry["address"].removeprefix("http://localhost")
        values = {item["name"]: item["example"] for item in entry["parameters"] if item["name"] != "offset"}
        assert client.get(f"{path}?{urlencode(values)}").status_code == 200
        assert set(entry["title"]) == set(LANGUAGES) == set(entry["pages"])
        for item in entry["parameters"]:
            assert set(item["label"]) == set(LANGUAGES)
    tag = client.get("/api/queries").headers["ETag"]
    assert client.get("/api/queries", headers={"If-None-Match": tag}).status_code == 304


def test_browsers_are_sent_to_the_pages(client: FlaskClient) -> None:
    ways = {
        "/api": "/nl/api", "/api/queries": "/nl/queries",
        "/api/queries/formats?limit=3": "/nl/queries/formats?limit=3",
        "/api/queries/formats.html": "/nl/queries/formats",
    }  # fmt: skip
    for address, page in ways.items():
        reply = client.get(address, headers={"Accept": BROWSER, "Accept-Language": "nl"})
        assert (reply.status_code, reply.headers["Location"]) == (303, page)
        assert client.get(page).status_code == 200


def _description(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(client.get("/api/openapi.json").text)
    return found


def test_the_description_is_valid_and_whole(client: FlaskClient) -> None:
    document = _description(client)
    validate(document)
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    identifiers = [operation["operationId"] for operation in operations]
    assert len(set(identifiers)) == len(identifiers)
    assert {f"/api/queries/{name}" for name in NAMES} < set(document["paths"])
    for operation in operations:
        assert set(operation["responses"]) & {"200", "201"}
        for code, response in operation["responses"].items():
            if code in ("429", "503"):
                known = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
                assert "Retry-After" in known["headers"]


def test_every_described_address_answers_as_described(client: FlaskClient) -> None:
    document = _description(client)
    name = client.post("/q", data={"query": "SELECT * WHERE { ?s ?p ?o } LIMIT 2"}).json["name"]  # type: ignore[index]
    for path, operations in document["paths"].items():
        address = path.replace("{name}", name).replace("{snapshot}", "1")
        get = operations.get("get")
        if get is None:
            continue
        place = {item["name"]: item["example"] for item in get.get("parameters", []) if "example" in item}
        place.pop("offset", None)
        content = get["responses"]["200"]["content"]
        for media_type in content:
            # Where application/json means the standard's results or JSON-LD, records have to be named.
            named = media_type == "application/json" and path.rpartition("/")[2] not in (*ROWS, "queries")
            values = place | ({"format": "records"} if named else {})
            reply = client.get(address, query_string=values, headers={"Accept": media_type})
            if reply.status_code == 406:  # rows of a graph, or a graph of rows: the form of the query decides
                assert path in ("/sparql", "/q/{name}", "/q/{name}/{snapshot}")
                continue
            assert (reply.status_code, reply.mimetype) == (200, media_type), (address, media_type, reply.text[:200])
        forms = [item["schema"]["enum"] for item in get.get("parameters", []) if item["name"] == "format"]
        for form in forms[0] if path.startswith("/api/queries/") else []:
            assert client.get(f"{address}.{form}").mimetype in content, (path, form)
        if "404" in get["responses"] and path.startswith("/api"):
            assert client.get(address, query_string={"snapshot": "99"}).status_code == 404


def test_described_types_are_what_is_accepted(client: FlaskClient) -> None:
    for path, operations in _description(client)["paths"].items():
        for item in operations.get("get", {}).get("parameters", []):
            schema = item["schema"]
            if not path.startswith("/api/queries/") or item["in"] != "query":
                continue
            wrong = {"integer": "x", "string": "\x00"}[schema["type"]]
            reply = client.get(path, query_string={item["name"]: wrong})
            # A form that nobody knows is left aside: see negotiation.negotiate.
            assert reply.status_code == (200 if item["name"] == "format" else 400), (path, item["name"])
            if schema["type"] == "integer":
                for value in (schema.get("minimum", 1) - 1, schema.get("maximum", 10**9) + 1):
                    refused = client.get(path, query_string={item["name"]: value}).status_code
                    assert refused == 400 or (item["name"] == "snapshot" and refused == 404)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_has_labelled_fields_and_links_that_answer(client: FlaskClient, language: str) -> None:
    listed = _tree(client.get(f"/{language}/queries").text)
    titles = [item.titles[language] for item in saved().values()]
    assert [link.text for link in listed.xpath("//main//ul[@class='ds-list']//a")] == titles
    for name, item in saved().items():
        reply = client.get(f"/{language}/queries/{name}")
        assert reply.status_code == 200, reply.text
        page = _tree(reply.text)
        assert page.xpath("string(//h1)") == item.titles[language]
        fields = page.xpath("//form[@method='get']//input | //form[@method='get']//select")
        assert [field.get("name") for field in fields] == [known.name for known in (*item.parameters, *item.paging)]
        for field in fields:
            assert page.xpath(f"string(//label[@for='{field.get('id')}'])")
            for described in (field.get("aria-describedby") or "").split():
                assert page.xpath(f"//*[@id='{described}']")
        assert page.xpath("//table//td")
        for link in page.xpath("//ul[@class='tags']//a/@href"):
            assert client.get(link.removeprefix("http://localhost")).status_code == 200, link


def test_the_editor_gets_a_query_that_answers_the_same(client: FlaskClient) -> None:
    page = _tree(client.get("/fr/queries/datasets-of-an-organisation?word=mobilit&limit=3").text)
    (address,) = [link for link in page.xpath("//a/@href") if link.startswith("/fr/sparql?query=")]
    text = _tree(client.get(address).text).xpath("string(//textarea)")
    reply = client.get("/sparql", query_string={"query": text, "format": "records"})
    assert reply.json == _get(client, "datasets-of-an-organisation", word="mobilit", language="fr", limit="3").json
    assert len(reply.json) == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_value_is_told_beside_its_field_and_nothing_is_asked(client: FlaskClient, language: str) -> None:
    for value in ("0", "<script>alert(1)</script>", '"><b>', "x" * 2000):
        reply = client.get(f"/{language}/queries/datasets-by-publisher", query_string={"minimum": value})
        assert reply.status_code == 400
        page = _tree(reply.text)
        (field,) = page.xpath("//input[@aria-invalid='true']")
        assert field.get("value") == value
        described = field.get("aria-describedby").split()
        assert [bool(page.xpath(f"string(//*[@id='{known}'])")) for known in described] == [True, True]
        assert page.xpath(f"//div[@role='alert']//a[@href='#{field.get('id')}']")
        assert not page.xpath("//table")
        assert "<script" not in reply.text
        assert "<b>" not in reply.text


def test_a_value_outside_a_list_is_told_on_the_page(client: FlaskClient) -> None:
    reply = client.get("/fr/queries/findings", query_string={"severity": "http://x.example/"})
    assert reply.status_code == 400
    assert _tree(reply.text).xpath("//*[@id='value-severity']/@value") == ["http://x.example/"]


def test_the_page_of_no_query_is_404(client: FlaskClient) -> None:
    assert client.get("/fr/queries/rien").status_code == 404


def test_the_examples_of_the_api_page_run(client: FlaskClient) -> None:
    page = _tree(client.get("/en/api").text)
    commands = [line for code in page.xpath("//pre//code") for line in code.text_content().split("\n")]
    addresses = [re.findall(r"curl 'http://localhost(/[^']*)'(.*)", line)[0] for line in commands]
    assert len(addresses) >= 5
    for address, rest in addresses:
        if rest:
            reply = client.post(address, data={"query": "SELECT * WHERE { ?s ?p ?o } LIMIT 5", "snapshot": "current"})
            assert reply.status_code == 201
        else:
            assert client.get(address).status_code == 200, address
