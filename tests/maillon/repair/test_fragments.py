"""Texts that were split at commas come back as one, in an order that is right or said to be unsure."""

import random
from collections.abc import Callable

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from maillon.records import Entity
from maillon.repair import BY_ID, Context, repair
from maillon.repair._order import are_fragments, order
from maillon.repair.fragments import RULES, join
from maillon.vocabulary import DESCRIPTION

_TEXT = "Cette carte montre les rues, les chemins et les sentiers (goudronnés, pavés), mis à jour chaque mois."


def test_fragments_in_the_order_of_the_document_are_joined() -> None:
    parts = tuple(_TEXT.split(", "))
    assert are_fragments(parts)
    assert order(parts).is_sure
    assert join(order(parts).fragments) == _TEXT


@pytest.mark.parametrize("seed", range(5))
def test_two_fragments_are_put_in_order_by_what_they_say(seed: int) -> None:
    parts = ["Carte des arrêts de bus", "mise à jour chaque mois."]
    shuffled = random.Random(seed).sample(parts, 2)
    found = order(tuple(shuffled))
    assert found.fragments == tuple(parts) and found.is_sure


def test_brackets_tell_the_order_of_colours() -> None:
    found = order(("Bleu) de 2018.", "Orthophotos (Rouge", "Vert"))
    assert found.fragments[0] == "Orthophotos (Rouge"
    assert found.fragments[-1] == "Bleu) de 2018."


def test_a_fragment_met_before_stands_first_and_its_place_is_unsure() -> None:
    found = order(("commerces", "bureaux", "communes", "Permis par logements", "quartiers", "secteurs."))
    assert not found.is_sure
    assert found.fragments[0] == "Permis par logements"
    assert found.fragments[-1] == "secteurs."


@pytest.mark.parametrize(
    "texts",
    [
        ("INSPIRE - Hydrographie - Bassins", "INSPIRE - Hydrographie - Réseau"),
        ("Un premier texte entier.", "Un second texte entier."),
        ("Service de visualisation", "Grandes installations"),
    ],
)
def test_several_whole_texts_are_not_fragments(texts: tuple[str, ...]) -> None:
    assert not are_fragments(texts)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("fichier de 1", "5 Mo"), "fichier de 1,5 Mo"),
        (("almost 20", "000 sectors"), "almost 20,000 sectors"),
        (("of January 14", "2021 circular"), "of January 14, 2021 circular"),
        (("versions 2001", "2011"), "versions 2001, 2011"),
    ],
)
def test_a_comma_inside_a_number_has_no_blank(parts: tuple[str, ...], expected: str) -> None:
    assert join(parts) == expected


def test_html_that_was_cut_is_joined_before_it_is_cleaned(context_of: Callable[..., Context]) -> None:
    parts = ('<p style="color: rgb(90', "91", '92);">Les rues', "les chemins.</p>")
    triples = tuple(Triple(NamedNode("urn:example"), DESCRIPTION, Literal(part, language="fr")) for part in parts)
    repaired = repair(Entity("urn:example", "dataset", triples), context_of())
    assert [str(t.object) for t in repaired.entity.triples] == ['"<p>Les rues, les chemins.</p>"@fr']


def test_each_language_is_joined_by_itself_and_machine_translation_stays(context_of: Callable[..., Context]) -> None:
    texts = [("Les rues", "fr"), ("les chemins.", "fr"), ("De straten", "nl"), ("de wegen.", "nl"), ("Wege", "de-t-en")]
    triples = tuple(Triple(NamedNode("urn:example"), DESCRIPTION, Literal(text, language=tag)) for text, tag in texts)
    repaired = repair(Entity("urn:example", "dataset", triples), context_of(), RULES)
    assert {str(triple.object) for triple in repaired.entity.triples} == {
        '"Les rues, les chemins."@fr', '"De straten, de wegen."@nl', '"Wege"@de-t-en',
    }  # fmt: skip


def test_a_rule_off_leaves_the_fragments(context_of: Callable[..., Context]) -> None:
    context = context_of(repairs_off=("description-joined",))
    triples = tuple(
        Triple(NamedNode("urn:example"), DESCRIPTION, Literal(part, language="fr"))
        for part in ("Les rues", "les chemins.")
    )
    assert repair(Entity("urn:example", "dataset", triples), context, [BY_ID["description-joined"]]).applications == ()
