"""The local contexts agree with the official ones, where those can be read."""

import json
from pathlib import Path
from typing import Any

import pytest

from maillon.rdf import jsonld

SHARED = Path(__file__).resolve().parents[3] / ".." / "shared"


def _meaning(definition: Any) -> tuple[str, str | None]:
    return (definition, None) if isinstance(definition, str) else (definition["@id"], definition.get("@type"))


@pytest.mark.corpus
@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is absent: corpus tests need it")
def test_every_property_and_class_of_the_dcat_ap_context_is_in_the_local_table() -> None:
    official = json.loads((SHARED / "standards/dcat-ap/3.0.1/context/dcat-ap.jsonld").read_text())["@context"]
    ours = jsonld.CONTEXTS["semiceu.github.io/DCAT-AP/releases/3.0.1/context/dcat-ap.jsonld"]
    terms = {name: definition for name, definition in official.items() if isinstance(definition, dict)}
    for name, definition in terms.items():
        assert _meaning(definition)[0] == _meaning(ours[name])[0]
        for term, meaning in definition.get("@context", {}).items():
            assert _meaning(meaning) == _meaning(ours[term])


@pytest.mark.parametrize(
    "address", ["http://schema.org", "https://schema.org/", "https://schema.org/docs/jsonldcontext.jsonld",
                "https://www.schema.org/#"],
)  # fmt: skip
def test_every_spelling_of_schema_org_is_known(address: str) -> None:
    inlined = json.loads(jsonld.inline(json.dumps({"@context": [address, {"x": "http://x.example/"}]}).encode()))
    assert inlined["@context"][0]["@vocab"] == "http://schema.org/"


def test_a_document_without_remote_context_is_handed_on_as_it_is() -> None:
    content = b'{"@context": {"n": "http://x.example/n"}, "n": 1.50}'
    assert jsonld.inline(content) is content
