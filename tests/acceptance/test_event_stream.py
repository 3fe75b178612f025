"""The scale of a whole country: data.gov.be's event stream as it is, harvested twice, published, asked every way."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from maillon.cli import main
from maillon.settings import Settings
from maillon.store import snapshots
from maillon.store.documents import Documents

ARCHIVE = Path(__file__).resolve().parents[3] / "shared/corpus/dcat/be-data-gov-ldes/datagovbe-ldes-2025-04-14.tar.xz"
DATASETS, DISTRIBUTIONS = 17_828, 75_942
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not ARCHIVE.is_file(), reason="../shared is absent: corpus tests need it"),
]


def command(*arguments: str) -> dict[str, object]:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def ask(client: FlaskClient, query: str) -> list[dict[str, str]]:
    answer = client.get("/sparql", query_string={"query": query, "format": "json"})
    assert answer.status_code == 200, answer.text
    rows = json.loads(answer.data)["results"]["bindings"]
    return [{name: cell["value"] for name, cell in row.items()} for row in rows]


def walk(client: FlaskClient) -> list[str]:
    """Return the datasets of all pages of the feed."""
    found, address = [], "/catalog.nt?limit=1000"
    while address:
        page = client.get(address).text
        found += re.findall(r"^<([^>]+)> <\S+#type> <http://www.w3.org/ns/dcat#Dataset> \.$", page, re.MULTILINE)
        following = re.search(r"<http://www.w3.org/ns/hydra/core#next> <https?://[^/]+(/[^>]+)>", page)
        assert f'"{DATASETS}"' in page
        address = following[1] if following else ""
    return found


def test_list_page_feed_and_sparql_agree_on_the_whole_stream(
    tmp_path: Path, visit: Callable[[Settings], FlaskClient]
) -> None:
    source, data = tmp_path / "be.toml", str(tmp_path / "data")
    source.write_text(f'kind = "dcat"\nurl = "{ARCHIVE}"\n', encoding="utf-8")
    first = command("harvest", "--json", "--data", data, str(source))
    assert (first["found"], first["published"], first["new"], first["rejected"]) == (DATASETS, DATASETS, DATASETS, {})
    second = command("harvest", "--json", "--data", data, str(source))
    assert [second[name] for name in ("new", "changed", "gone", "missing")] == [0, 0, 0, 0]
    assert second["unchanged"] == DATASETS
    manifest = command("publish", "--json", "--data", data)
    assert (manifest["datasets"], manifest["distributions"]) == (DATASETS, DISTRIBUTIONS)

    settings = Settings(data=Path(data), query_timeout=60)
    client = visit(settings)
    shown = re.search(r"<strong>([\d\s.,]+)", client.get("/fr/datasets").text)
    assert shown is not None
    assert re.sub(r"\D", "", shown[1]) == str(DATASETS)
    assert ask(client, "SELECT (COUNT(?d) AS ?n) { ?d a dcat:Dataset }") == [{"n": str(DATASETS)}]
    assert ask(client, "SELECT (COUNT(?d) AS ?n) { ?d a dcat:Distribution }") == [{"n": str(DISTRIBUTIONS)}]
    listed = walk(client)
    assert len(listed) == len(set(listed)) == DATASETS
    check_dataset_pages(client, settings, listed[::3000])


def check_dataset_pages(client: FlaskClient, settings: Settings, iris: list[str]) -> None:
    """Each page shows as many distributions as SPARQL counts."""
    with snapshots.open_current(settings.snapshots) as snapshot:
        documents = Documents(snapshot.documents)
        for iri in iris:
            document = documents.get(iri)
            assert document is not None
            page = client.get(f"/fr/dataset/{document.key}")
            assert page.status_code == 200
            shown = re.search(r'href="#files">(\d+)', page.text)
            [row] = ask(client, f"SELECT (COUNT(?d) AS ?n) {{ <{iri}> dcat:distribution ?d . ?d a dcat:Distribution }}")
            assert (shown[1] if shown else "0") == row["n"], iri
        documents.close()
