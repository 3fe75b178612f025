"""Distributions that belong to no dataset are listed, not lost: by the command, on the source's page, in SPARQL."""

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner
from flask.testing import FlaskClient

from maillon.cli import main
from maillon.settings import Settings

FEED = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
<https://town.example/d> a dcat:Dataset ; dct:title "Arbres"@fr ; dcat:distribution <https://town.example/d/csv> .
<https://town.example/d/csv> a dcat:Distribution ; dcat:accessURL <https://town.example/a.csv> .
<https://town.example/stray> a dcat:Distribution ; dcat:accessURL <https://town.example/b.csv> .
"""


def test_a_stray_distribution_is_listed_everywhere(tmp_path: Path, visit: Callable[[Settings], FlaskClient]) -> None:
    (tmp_path / "feed.ttl").write_text(FEED, encoding="utf-8")
    (tmp_path / "town.toml").write_text('kind = "dcat"\nurl = "feed.ttl"', encoding="utf-8")
    data = str(tmp_path / "data")
    said = CliRunner().invoke(main, ["harvest", "--data", data, str(tmp_path / "town.toml")])
    assert "1 distributions belong to no dataset" in said.stdout
    assert CliRunner().invoke(main, ["publish", "--data", data]).exit_code == 0
    listed = CliRunner().invoke(main, ["runs", "--orphans", "town", "--data", data])
    assert listed.stdout.split() == ["https://town.example/stray"]
    client = visit(Settings(data=Path(data)))
    page = client.get("/nl/source/town").text
    assert "https://town.example/stray</a>" in page
    assert client.get("/doc?iri=https%3A%2F%2Ftown.example%2Fstray", follow_redirects=True).status_code == 200
    query = "SELECT (COUNT(?d) AS ?n) { ?d a dcat:Distribution }"
    answer = client.get("/sparql", query_string={"query": query, "format": "json"})
    assert json.loads(answer.data)["results"]["bindings"][0]["n"]["value"] == "2"
