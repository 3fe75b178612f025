"""Structure, texts and agents of DCAT graphs (corpus README, 2.1): each case through the whole process, by its name."""

from collections.abc import Callable
from typing import Any

import pytest

HEAD = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix adms: <http://www.w3.org/ns/adms#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
IRI = "<https://ville.example.org/arbres>"
EU = "http://publications.europa.eu/resource/authority"
Harvested = Callable[..., Any]


@pytest.fixture
def dataset(harvested: Harvested) -> Harvested:
    """Harvest one dataset with these further properties in Turtle."""

    def harvest(more: str, after: str = "", **keys: Any) -> Any:
        more = f"; {more}" if more else ""
        return harvested(
            "dcat", f'{HEAD}{IRI} a dcat:Dataset ; dct:identifier "a" ; dct:title "Arbres"@fr {more} . {after}', **keys
        )

    return harvest


def test_a_dataset_that_is_a_blank_node_has_the_same_iri_in_every_harvest(harvested: Harvested) -> None:
    file = "dcat:distribution [ dcat:accessURL <https://x.example.org/a> ]"
    text = f'[] a dcat:Dataset ; dct:identifier "a 1" ; dct:title "Arbres"@fr ; {file} .'
    first = harvested("dcat", HEAD + text)
    again = harvested(
        "dcat", HEAD + "[] a foaf:Agent . " + text.replace("[] a dcat", "_:z a dcat").replace("Arbres", "Bancs")
    )
    iris = [item.values("dcat:distribution/^dcat:distribution") for item in (first, again)]
    assert iris[0] == iris[1]
    assert iris[0][0].startswith("http://localhost:8000/id/dataset/exemple/")
    assert first.values("dcat:distribution") == again.values("dcat:distribution")
    assert (again.report.new, again.report.gone, again.report.missing) == (0, 0, 0)


def test_a_dataset_without_identifier_is_known_by_its_iri(harvested: Harvested) -> None:
    out = harvested("dcat", f'{HEAD}{IRI} a dcat:Dataset ; dct:title "Arbres"@fr .')
    assert out.report.published == 1
    assert out.values("dct:title", IRI) == ["Arbres@fr"]
    assert out.holds(f"{IRI} a dcat:Dataset")


def test_of_several_identifiers_one_is_published_and_all_are_kept(dataset: Harvested) -> None:
    out = dataset('dct:identifier "b", "c"')
    assert len(out.values("dct:identifier")) == 1
    kept = {*out.values("dct:identifier"), *out.values("adms:identifier/skos:notation")}
    assert kept == {"a", "b", "c"}
    assert "one-identifier" in out.rules


def test_one_identifier_on_two_datasets_is_two_datasets_and_the_clash_is_told(dataset: Harvested) -> None:
    out = dataset("", '<https://ville.example.org/b> a dcat:Dataset ; dct:identifier "a" ; dct:title "Bancs"@fr .')
    assert out.report.published == 2
    assert out.values("dct:identifier", "<https://ville.example.org/b>") == ["a"]


def test_a_dataset_in_no_catalogue_is_published_and_a_link_to_what_is_not_described_goes_nowhere_else(
    dataset: Harvested,
) -> None:
    out = dataset("dcat:distribution <https://ville.example.org/rien>")
    assert out.report.published == 1
    assert not out.holds("<https://ville.example.org/rien> ?p ?o")


def test_an_orphan_distribution_is_kept_and_listed_and_gets_no_parent(dataset: Harvested) -> None:
    out = dataset("", "<https://ville.example.org/d> a dcat:Distribution ; dcat:accessURL <https://x.example.org/a> .")
    assert out.report.orphans == ("https://ville.example.org/d",)
    assert not out.holds("?s dcat:distribution <https://ville.example.org/d>")


def test_a_distribution_that_two_datasets_share_is_kept_for_both(dataset: Harvested) -> None:
    shared = "<https://ville.example.org/d>"
    out = dataset(
        f"dcat:distribution {shared}",
        f'<https://ville.example.org/b> a dcat:Dataset ; dct:title "Bancs"@fr ; dcat:distribution {shared} . '
        f"{shared} a dcat:Distribution ; dcat:accessURL <https://x.example.org/a> .",
    )
    assert len(out.values("^dcat:distribution", shared)) == 2
    assert out.report.orphans == ()


def test_a_dataset_without_any_distribution_is_published(dataset: Harvested) -> None:
    assert dataset("").report.published == 1


def test_a_missing_title_or_description_is_a_finding_and_the_dataset_stays(harvested: Harvested) -> None:
    out = harvested("dcat", f"{HEAD}{IRI} a dcat:Dataset .")
    assert (out.report.found, out.report.published) == (1, 1)
    assert out.values("dct:title", IRI) == []
    assert out.found("dct:title")
    assert out.found("dct:description")


def test_a_text_without_language_gets_the_declared_one_and_the_rule_is_named(harvested: Harvested) -> None:
    out = harvested("dcat", f'{HEAD}{IRI} a dcat:Dataset ; dct:title "Arbres" .', language="fr")
    assert out.values("dct:title", IRI) == ["Arbres@fr"]
    assert "language-declared" in out.rules


@pytest.mark.parametrize(("tag", "plain"), [("fre", "fr"), ("en-US", "en"), ("dut", "nl"), ("fr-t-nl", "fr-t-nl")])
def test_language_tags_become_plain_and_machine_translations_keep_their_mark(
    tag: str, plain: str, harvested: Harvested
) -> None:
    out = harvested("dcat", f'{HEAD}{IRI} a dcat:Dataset ; dct:title "Arbres"@{tag} .')
    assert out.values("dct:title", IRI) == [f"Arbres@{plain}"]


def test_one_title_on_two_datasets_does_not_merge_them(dataset: Harvested) -> None:
    out = dataset("", '<https://ville.example.org/b> a dcat:Dataset ; dct:title "Arbres"@fr .')
    assert out.report.published == 2


def test_of_several_titles_in_one_language_one_stays_and_the_rest_are_kept(dataset: Harvested) -> None:
    out = dataset('dct:title "Arbres remarquables de la ville"@fr')
    assert len(out.values("dct:title", IRI)) == 1
    assert "one-title" in out.rules
    assert out.holds(f'{IRI} ?p "Arbres"@fr')


@pytest.mark.parametrize(
    "text", ["<p>Tous <em>les</em> arbres</p>", "&lt;p&gt;Tous &lt;em&gt;les&lt;/em&gt; arbres&lt;/p&gt;"]
)
def test_html_in_a_description_is_sanitised_and_unescaped_once(text: str, dataset: Harvested) -> None:
    out = dataset(f'dct:description "{text}<script>alert(1)</script>"@fr')
    (value,) = out.values("dct:description")
    assert "script" not in value
    assert "arbres" in value


def test_a_description_that_was_split_at_commas_is_joined_and_explained(dataset: Harvested) -> None:
    out = dataset('dct:description "Les arbres"@fr, "les bancs"@fr, "et les fontaines de la ville."@fr')
    assert out.values("dct:description") == ["Les arbres, les bancs, et les fontaines de la ville.@fr"]
    assert out.rules & {"description-joined", "description-joined-order-unsure"}


def test_a_description_of_6000_characters_is_kept_whole(dataset: Harvested) -> None:
    out = dataset(f'dct:description "{"arbre " * 1000}fin."@fr')
    (value,) = out.values("dct:description")
    assert len(value) > 6000


def test_a_missing_keyword_or_theme_is_a_warning_and_the_dataset_stays(dataset: Harvested) -> None:
    out = dataset("")
    assert out.report.published == 1
    assert out.values("dcat:keyword|dcat:theme") == []
    assert out.severities("dataset-keyword") == out.severities("dataset-theme") == ["Warning"]
    out = dataset(f'dcat:keyword "arbres"@fr ; dcat:theme <{EU}/data-theme/ENVI>')
    assert out.severities("dataset-keyword", "dataset-theme") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [("arbres; bancs; fontaines", ["arbres@fr", "bancs@fr", "fontaines@fr"]),
     ("Census 2021, niveau d-instruction", ["Census 2021, niveau d-instruction@fr"])],
)  # fmt: skip
def test_a_list_of_keywords_in_one_text_is_split_but_a_phrase_is_not(
    text: str, words: list[str], dataset: Harvested
) -> None:
    assert dataset(f'dcat:keyword "{text}"@fr').values("dcat:keyword") == words


@pytest.mark.parametrize(("length", "severities"), [(100, []), (101, ["Info"])])
def test_a_keyword_of_more_than_100_characters_is_kept_and_named(
    length: int, severities: list[str], dataset: Harvested
) -> None:
    out = dataset(f'dcat:keyword "{"a" * length}"@fr')
    assert out.values("dcat:keyword") == [f"{'a' * length}@fr"]
    assert out.severities("dataset-keyword-long") == severities


@pytest.mark.parametrize(
    ("theme", "expected", "subject"),
    [(f"<{EU}/data-theme/EDUC#>", [f"{EU}/data-theme/EDUC"], []), ('"Transport"@en', [f"{EU}/data-theme/TRAN"], []),
     (f"<{EU}/data-theme/EDUC#abc>", [f"{EU}/data-theme/EDUC"], []),
     ("<https://ville.example.org/themes/x>", [], ["https://ville.example.org/themes/x"])],
)  # fmt: skip
def test_a_theme_is_that_of_the_eu_list_or_a_subject(
    theme: str, expected: list[str], subject: list[str], dataset: Harvested
) -> None:
    out = dataset(f"dcat:theme {theme}")
    assert (out.values("dcat:theme"), out.values("dct:subject")) == (expected, subject)


def test_a_theme_that_is_a_blank_node_is_read_by_its_label(dataset: Harvested) -> None:
    out = dataset('dcat:theme [ a skos:Concept ; skos:prefLabel "Transport"@en ]')
    assert f"{EU}/data-theme/TRAN" in out.values("dcat:theme")


def test_a_missing_publisher_is_a_warning_and_not_invented_and_the_dataset_stays(dataset: Harvested) -> None:
    out = dataset("")
    assert (out.report.published, out.values("dct:publisher", IRI)) == (1, [])
    assert out.severities("dataset-publisher") == ["Warning"]


def test_a_publisher_that_is_a_blank_node_is_one_agent_in_all_datasets(dataset: Harvested) -> None:
    agent = 'dct:publisher [ a foaf:Agent ; foaf:name "Ville exemple"@fr ]'
    out = dataset(agent, f'<https://ville.example.org/b> a dcat:Dataset ; dct:title "Bancs"@fr ; {agent} .')
    assert len(out.values("dct:publisher")) == 1


def test_a_public_body_is_known_by_its_enterprise_number_whatever_its_name(dataset: Harvested) -> None:
    out = dataset(
        "dct:publisher <https://ville.example.org/org>",
        '<https://ville.example.org/org> a foaf:Agent ; foaf:name "Un nom"@fr ; dct:identifier "0207.373.429" .',
    )
    assert out.rules & {"organisation-by-number", "organisation-number-spelling"}
    assert out.holds("<https://ville.example.org/org> ?p ?o FILTER(CONTAINS(STR(?o), '0207373429'))")


def test_a_missing_contact_point_is_a_warning_and_not_invented_and_the_dataset_stays(dataset: Harvested) -> None:
    out = dataset("")
    assert (out.report.published, out.values("dcat:contactPoint")) == (1, [])
    assert out.severities("dataset-contact-point") == ["Warning"]


@pytest.mark.parametrize(
    ("mail", "expected"),
    [('"info@ville.example.org"', ["mailto:info@ville.example.org"]),
     ("<info@ville.example.org>", ["mailto:info@ville.example.org"]),
     ("<mailto:%20info@ville.example.org%20>", ["mailto:info@ville.example.org"]),
     ('"mailto: info@ville.example.org"', ["mailto:info@ville.example.org"]),
     ('"info(at)ville.example.org"', ["mailto:info@ville.example.org"])],
)  # fmt: skip
def test_a_mail_address_without_mailto_relative_or_malformed_is_mended(
    mail: str, expected: list[str], dataset: Harvested
) -> None:
    out = dataset(f'dcat:contactPoint [ a vcard:Organization ; vcard:fn "Guichet"@fr ; vcard:hasEmail {mail} ]')
    assert out.values("dcat:contactPoint/vcard:hasEmail") == expected


def test_a_page_given_as_mail_address_is_a_page(dataset: Harvested) -> None:
    out = dataset(
        'dcat:contactPoint [ a vcard:Kind ; vcard:fn "G"@fr ; vcard:hasEmail <https://ville.example.org/contact> ]'
    )
    assert out.values("dcat:contactPoint/vcard:hasURL") == ["https://ville.example.org/contact"]
    assert out.values("dcat:contactPoint/vcard:hasEmail") == []


def test_a_telephone_iri_with_blanks_does_not_cost_the_file_and_is_normalised(dataset: Harvested) -> None:
    phone = "<tel:+32 2 555 12 34>"
    out = dataset(f'dcat:contactPoint [ a vcard:Organization ; vcard:fn "G"@fr ; vcard:hasTelephone {phone} ]')
    assert out.report.published == 1
    assert out.values("dcat:contactPoint/vcard:hasTelephone") == ["tel:+3225551234"]
