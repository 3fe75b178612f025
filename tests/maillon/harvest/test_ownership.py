"""Two sources that describe the same things: the first owns them, until they are gone there."""

from collections.abc import Callable
from typing import Any

Make = Callable[..., dict[str, Any]]
Town = Any

SHARED = "https://data.example.org/shared"
BODY = "https://org.example.org/ville"


def agent(name: str) -> dict[str, str]:
    return {
        "id": BODY,
        "turtle": f'<{BODY}> a <http://xmlns.com/foaf/0.1/Agent> ; <http://xmlns.com/foaf/0.1/name> "{name}" .',
    }


def test_a_dataset_that_another_source_owns_is_rejected_with_its_name(town: Town, make: Make) -> None:
    village = town.neighbour("village")
    town.lists(make(1, iri=SHARED))
    village.lists(make(1, iri=SHARED, title="Le nôtre"), make(2))
    town.run()
    report = village.run()
    assert (report.found, report.new, report.published) == (2, 1, 1)
    assert report.rejected == {"described by source town, which owns it": 1}
    assert "Arbres 1" in town.state()[SHARED].text
    assert town.state()[SHARED].source == "town"
    assert village.run().rejected == report.rejected
    assert village.run(dry_run=True).rejected == report.rejected


def test_other_things_keep_the_words_of_their_owner_and_are_counted(town: Town) -> None:
    village = town.neighbour("village")
    town.lists(agent("Ville"))
    village.lists(agent("Commune"))
    town.run()
    report = village.run()
    assert report.rejected == {}
    assert any("organisation: 1" in note for note in report.notes)
    assert "Ville" in town.state()[BODY].text
    assert len(list(town.ledger.changes())) == 1


def test_what_is_gone_at_its_owner_is_free_for_another_source(town: Town, make: Make) -> None:
    town.policy(grace_days=0, grace_runs=0)
    village = town.neighbour("village")
    town.lists(make(1, iri=SHARED))
    village.lists(make(1, iri=SHARED, title="Le nôtre"))
    town.run()
    town.lists()
    assert town.run().gone == 1
    report = village.run()
    assert (report.new, report.rejected) == (1, {})
    stored = town.state()[SHARED]
    assert (stored.source, stored.state) == ("village", "live")
    assert "Le nôtre 1" in stored.text
    town.lists(make(1, iri=SHARED))
    assert town.run().rejected == {"described by source village, which owns it": 1}


def test_an_address_made_to_collide_with_another_entity_is_refused(town: Town, make: Make) -> None:
    village = town.neighbour("village")
    town.lists(make(1, iri=SHARED))
    town.run()
    key = town.state()[SHARED].key
    trap = f"{town.settings.base_iri}id/dataset/{key}"
    village.lists(make(1, iri=trap), make(2))
    report = village.run()
    assert (report.new, report.rejected) == (1, {"its address in this catalogue belongs to another entity": 1})
    town.lists(make(1, iri=SHARED), make(1, iri=trap))
    assert town.run().rejected == {"its address in this catalogue belongs to another entity": 1}
