"""Datasets that look alike and are not the same: editions of other years, layers of one service, pages of a portal."""

from typing import Any

import pytest

from maillon.harvest.identity import Features, matches
from maillon.harvest.twin_store import Profile
from maillon.harvest.twins import ENOUGH, points, telling

BOILERPLATE = "Donnée publiée par le Service exemple dans le cadre de la directive INSPIRE, sans garantie."
PORTAL = "https://portail.example/donnees"


def feature(iri: str, title: str, *addresses: str, **more: Any) -> Features:
    values = {"publisher": frozenset({"urn:p"}), "description": BOILERPLATE, "issued": frozenset(), "parts": {}}
    return Features(iri, frozenset({title}), frozenset(addresses), **{**values, **more})


def profile(iri: str, source: str, title: str, **values: Any) -> Profile:
    empty: frozenset[str] = frozenset()
    base: dict[str, Any] = {"addresses": empty, "declared": empty, "publishers": frozenset({"service exemple"})}
    return Profile(iri=iri, source=source, issued="2026", titles=frozenset({title}), description="", parts=empty,
                   **{**base, **values})  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("budget communal 2023", "budget communal 2024"),
        ("zones inondables feuille 12", "zones inondables feuille 13"),
        ("ecoles primaires", "marches publics"),
    ],
)
def test_another_dataset_with_the_page_and_the_words_of_the_portal_is_new(old: str, new: str) -> None:
    others = [feature(f"urn:o{number}", f"autre {number}", PORTAL) for number in range(3)]
    assert matches([feature("urn:a", old, PORTAL), *others], [feature("urn:b", new, PORTAL)]) == []


def test_another_year_is_another_dataset_even_at_the_same_address() -> None:
    old = feature("urn:a", "budget communal 2023", "https://x.example/latest.csv")
    assert matches([old], [feature("urn:b", "budget communal 2024", "https://x.example/latest.csv")]) == []


def test_layers_of_one_service_keep_apart() -> None:
    wms = "https://geo.example/wms"
    old = [feature(f"urn:a{name}", f"couche {name}", wms) for name in ("arbres", "bancs", "voies")]
    new = [feature(f"urn:b{name}", f"couche {name}", wms) for name in ("arbres", "egouts", "voies")]
    assert {(item.given, item.kept) for item in matches(old, new)} == {
        ("urn:barbres", "urn:aarbres"),
        ("urn:bvoies", "urn:avoies"),
    }


def test_distributions_with_one_address_are_not_mixed_up() -> None:
    page = frozenset({"https://x.example/page"})
    own = frozenset({"https://x.example/f.csv"})
    old = feature("urn:a", "arbres", *page, parts={"urn:a1": page, "urn:a2": page, "urn:a3": own})
    new = feature("urn:b", "arbres", *page, parts={"urn:b1": page, "urn:b2": page, "urn:b3": own})
    found = {item.given: item.kept for item in matches([old], [new])}
    assert found == {"urn:b": "urn:a", "urn:b3": "urn:a3"}


def test_a_version_of_another_datasets_publisher_is_no_copy() -> None:
    one = profile("urn:a", "a", "budget")
    other = profile("urn:b", "b", "comptes annuels", declared=frozenset({"urn:a"}))
    assert points(one, other)[0] < ENOUGH


def test_editions_of_two_years_are_no_copies() -> None:
    one = profile("urn:a", "a", "budget de la commune exemple 2023", addresses=frozenset({"https://x.example/1"}))
    other = profile("urn:b", "b", "budget de la commune exemple 2024", addresses=frozenset({"https://x.example/1"}))
    assert points(one, other)[0] < ENOUGH


def test_the_page_of_a_portal_makes_no_copies() -> None:
    page = frozenset({PORTAL})
    several = [profile(f"urn:a{number}", "a", f"titre {number}", addresses=page, declared=page) for number in range(2)]
    other = profile("urn:b", "b", "titre 1", addresses=page, declared=page)
    assert points(several[1], other)[0] >= ENOUGH
    told = telling([*several, other])
    assert points(told["urn:a1"], told["urn:b"])[0] < ENOUGH
