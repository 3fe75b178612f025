"""The same dataset from several portals: recognised, the owner's record shown, the others kept and linked."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from maillon.harvest.twin_store import Edge, Profile
from maillon.harvest.twins import Linked, link, points, shown
from maillon.ledger import twins
from maillon.sources import Source

from .conftest import Town

Make = Callable[..., dict[str, Any]]


def described(number: int, title: str, **more: Any) -> dict[str, Any]:
    return {"id": f"d{number}", "title": title, "files": {"csv": f"{number}.csv"}, "publisher": "Ville", **more}


def linked(town: Town) -> Linked:
    return link(town.ledger, town.settings.data)


def copies(town: Town) -> dict[str, str]:
    with town.ledger.reading() as connection:
        return {iri.split("id/dataset/")[-1]: twin.shown.split("id/dataset/")[-1]
                for iri, twin in twins.all_twins(connection).items()}  # fmt: skip


TITLES = ("Arbres remarquables", "Budget communal", "Fontaines publiques", "Stations de vélos", "Marchés")


def two_portals(town: Town) -> Town:
    other = town.neighbour("portal")
    town.lists(*(described(number, title) for number, title in enumerate(TITLES)))
    other.lists(
        *({**described(number, title.upper()), "id": f"x{number}"} for number, title in enumerate(TITLES[:3])),
        {"id": "own", "title": "Arbres remarquables", "files": {"csv": "quite-other.csv"}, "publisher": "Commune"},
    )
    return other


def test_the_same_dataset_from_two_portals_is_linked_and_the_aggregator_gives_way(town: Town) -> None:
    other = two_portals(town)
    other.policy(aggregator=True)
    other.run()
    town.run()
    assert linked(town).copies == 3
    assert copies(town) == {f"portal/x{number}": f"town/d{number}" for number in range(3)}
    assert linked(town) == Linked(0, 3, 0), "nothing is compared twice"


def test_the_one_known_first_is_shown_where_none_is_an_aggregator(town: Town) -> None:
    other = two_portals(town)
    other.run()
    town.sleeps(days=1)
    town.run()
    linked(town)
    assert copies(town) == {f"town/d{number}": f"portal/x{number}" for number in range(3)}


def test_links_follow_what_the_portals_say_later(town: Town) -> None:
    other = two_portals(town)
    town.run()
    other.run()
    linked(town)
    other.lists({"id": "x0", "title": "Tout autre chose", "files": {"csv": "elsewhere.csv"}, "publisher": "Commune"},
                *({**described(number, TITLES[number]), "id": f"x{number}"} for number in (1, 2)))  # fmt: skip
    other.run()
    before = town.ledger.sequence()
    assert linked(town).copies == 2
    changed = {change.iri.rsplit("/", 1)[-1] for change in town.ledger.changes(before)}
    expected = {"x0", "d0"}
    assert expected <= changed <= expected | town.states("distribution").keys(), "copy and original are published anew"


def test_comparing_all_at_once_gives_what_comparing_step_by_step_gave(town: Town) -> None:
    other = two_portals(town)
    town.run()
    linked(town)
    other.run()
    linked(town)
    stepwise = copies(town)
    (town.settings.data / "twins.sqlite").unlink()
    assert linked(town).copies == 3
    assert copies(town) == stepwise
    (town.settings.data / "twins.sqlite").write_bytes(b"damaged")
    assert linked(town).copies == 3


def test_one_source_alone_has_no_twins(town: Town) -> None:
    town.lists(described(1, "Arbres"), described(2, "Arbres"))
    town.run()
    assert linked(town).copies == 0


def test_what_an_aggregator_published_first_is_taken_over_by_its_owner(town: Town) -> None:
    iri = "https://owner.example/id/dataset/1"
    portal = town.neighbour("portal")
    portal.policy(aggregator=True)
    portal.lists({**described(1, "Arbres"), "iri": iri})
    town.lists({**described(1, "Arbres remarquables"), "iri": iri})
    portal.run()
    assert town.run().new + town.run().unchanged >= 1
    assert town.state()[iri].source == "town"
    assert [item.reason for item in portal.run().rejections] == ["described by source town, which owns it"]


def profile(iri: str, source: str, **values: Any) -> Profile:
    empty: frozenset[str] = frozenset()
    base: dict[str, Any] = {"issued": "2026", "titles": empty, "addresses": empty, "declared": empty,
                            "publishers": empty, "description": "", "parts": empty}  # fmt: skip
    return Profile(iri=iri, source=source, **{**base, **values})


def test_a_title_and_a_publisher_are_not_enough() -> None:
    one = profile("urn:a", "a", titles=frozenset({"budget"}), publishers=frozenset({"ville"}))
    other = replace(one, iri="urn:b", source="b")
    assert points(one, other)[0] < 70
    declared = replace(other, declared=frozenset({"urn:a"}))
    assert points(one, declared)[0] >= 70
    assert points(declared, one) == points(one, declared)


def test_a_copy_of_a_copy_is_shown_as_itself_unless_it_is_linked_to_what_is_shown() -> None:
    profiles = {iri: profile(iri, iri[-1]) for iri in ("urn:a", "urn:b", "urn:c")}
    definitions = {name: Source(name=name, kind="x", url="https://x.example/") for name in "abc"}
    chain = [Edge("urn:a", "urn:b", 80, ""), Edge("urn:b", "urn:c", 80, "")]
    assert {iri: values[0] for iri, values in shown(chain, profiles, definitions).items()} == {"urn:b": "urn:a"}
    ring = [*chain, Edge("urn:a", "urn:c", 75, "")]
    assert {iri: values[0] for iri, values in shown(ring, profiles, definitions).items()} == {
        "urn:b": "urn:a",
        "urn:c": "urn:a",
    }
