"""A licence that an RDF source states on a dataset only is copied down to its distributions, and said to be."""

from typing import Any

import pytest

from maillon import repair
from maillon.ledger import repairs

from .conftest import Town

DCAT, DCT = "http://www.w3.org/ns/dcat#", "http://purl.org/dc/terms/"
CC0 = "http://publications.europa.eu/resource/authority/licence/CC0"
D, P = "https://town.example/d", "https://town.example/p"


def dataset(licences: str, name: str = "1") -> dict[str, Any]:
    iri = D + name
    return {
        "id": iri,
        "turtle": f'<{iri}> a <{DCAT}Dataset> ; <{DCT}title> "T" ; <{DCAT}distribution> <{P}> {licences} .',
    }


def distribution(more: str = "") -> dict[str, Any]:
    return {"id": P, "turtle": f"<{P}> a <{DCAT}Distribution> ; <{DCAT}accessURL> <https://x.example/f> {more} ."}


def stated(*licences: str) -> str:
    return "".join(f"; <{DCT}license> <{licence}> " for licence in licences)


@pytest.mark.parametrize("distribution_first", [True, False])
def test_a_licence_on_the_dataset_only_is_copied_down_and_marked(town: Town, distribution_first: bool) -> None:
    lines = [dataset(stated(CC0)), distribution()]
    town.lists(*(reversed(lines) if distribution_first else lines))
    report = town.run()
    assert report.repairs["licence-from-dataset"] == 1
    assert f"<{P}> <{DCT}license> <{CC0}> ." in town.state()[P].text
    with town.ledger.reading() as connection:
        [done] = repair.unpack(repairs.current(connection, [P])[P].applied)
    assert (done.rule, done.removed, done.added) == ("licence-from-dataset", "", f"<{P}> <{DCT}license> <{CC0}> .\n")
    sequence = town.ledger.sequence()
    town.run()
    assert town.ledger.sequence() == sequence


@pytest.mark.parametrize(
    "lines",
    [
        [dataset(stated(CC0)), distribution(stated("https://licence.example/own"))],
        [dataset(stated(CC0)), distribution(f"; <{DCT}rights> <https://rights.example/some>")],
        [dataset(stated(CC0, "https://licence.example/other")), distribution()],
        [dataset(stated(CC0)), dataset(stated("https://licence.example/other"), "2"), distribution()],
        [dataset(""), distribution()],
    ],
    ids=["own licence", "own rights", "two licences", "two datasets that differ", "no licence"],
)
def test_a_licence_is_never_invented(town: Town, lines: list[dict[str, Any]]) -> None:
    town.lists(*lines)
    report = town.run()
    assert "licence-from-dataset" not in report.repairs
    assert CC0 not in town.state()[P].text


def test_the_rule_can_be_switched_off(town: Town) -> None:
    town.policy(repairs_off=("licence-from-dataset",))
    town.lists(dataset(stated(CC0)), distribution())
    assert "licence-from-dataset" not in town.run().repairs
