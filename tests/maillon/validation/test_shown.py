"""Which values of a finding people see."""

from dataclasses import replace

from maillon.records import Finding
from maillon.validation import shown

BASE = "https://data.example.org/"
DCT = "http://purl.org/dc/terms/"
SH = "http://www.w3.org/ns/shacl#"
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
NODE = f"<{BASE}.well-known/genid/1-c14n0>"
INNER = f"<{BASE}.well-known/genid/1-c14n1>"


def finding(path: str, value: str = "", component: str = "NodeKind") -> Finding:
    """Return a finding about the dataset a."""
    return Finding(
        focus=f"{BASE}a",
        path=path,
        value=value,
        severity="Violation",
        component=f"{SH}{component}ConstraintComponent",
        shape="urn:maillon:shape:example",
    )


def test_a_literal_is_shown_without_its_quotes_and_an_address_without_its_brackets() -> None:
    assert shown.values(finding(f"<{DCT}title>", '"a \\"b\\""@fr'), "") == ['a "b"']
    assert shown.values(finding(f"<{DCT}title>", f"<{BASE}x>"), "") == [f"{BASE}x"]


def test_an_embedded_node_is_shown_by_what_it_says() -> None:
    text = f'<{BASE}a> <{DCT}format> {NODE} .\n{NODE} {LABEL} "fichier texte"@fr .\n{NODE} {TYPE} <{DCT}MediaType> .\n'
    assert shown.values(finding(f"<{DCT}format>", NODE), text) == ["fichier texte"]


def test_an_embedded_node_that_says_nothing_itself_is_shown_by_what_is_in_it() -> None:
    text = f'{NODE} <{DCT}format> {INNER} .\n{INNER} {LABEL} "CSV" .\n'
    assert shown.values(finding(f"<{DCT}format>", NODE), text) == ["CSV"]
    assert shown.values(finding(f"<{DCT}format>", NODE), f"{NODE} <{DCT}format> {NODE} .\n") == [""]


def test_where_there_are_too_many_values_all_of_them_are_shown() -> None:
    text = (
        f'<{BASE}a> <{DCT}issued> "2020" .\n<{BASE}a> <{DCT}issued> "2021" .\n'
        f'<{BASE}a> <{DCT}title> "Arbres" .\n<{BASE}b> <{DCT}issued> "2022" .\n'
    )
    assert shown.values(finding(f"<{DCT}issued>", component="MaxCount"), text) == ["2020", "2021"]
    assert shown.values(finding(f"<{DCT}issued>", component="UniqueLang"), text) == ["2020", "2021"]


def test_a_missing_value_and_the_description_as_a_whole_show_nothing() -> None:
    text = f'<{BASE}a> <{DCT}title> "Arbres" .\n'
    assert shown.values(finding(f"<{DCT}issued>", component="MinCount"), text) == []
    assert shown.values(finding("", f"<{BASE}a>", "Or"), text) == []
    assert shown.values(finding(f"<{DCT}issued>|<{DCT}title>", component="MaxCount"), text) == []


def test_an_embedded_node_that_is_at_fault_as_a_whole_is_shown_by_what_it_says() -> None:
    whole = replace(finding("", NODE, "Or"), focus=NODE.strip("<>"))
    assert shown.values(whole, f'{NODE} {LABEL} "Quartier exemple"@fr .\n') == ["Quartier exemple"]
    assert shown.values(whole, f"{NODE} {TYPE} <{DCT}Location> .\n") == []


def test_a_value_that_cannot_be_read_is_shown_as_it_is() -> None:
    assert shown.values(finding(f"<{DCT}title>", "_:b0"), "") == ["_:b0"]
    assert shown.values(finding(f"<{DCT}title>", '"without an end'), "") == ['"without an end']


def test_only_embedded_nodes_and_too_many_values_have_to_be_looked_up_in_the_text() -> None:
    assert shown.needs_text(finding(f"<{DCT}format>", NODE))
    assert shown.needs_text(finding(f"<{DCT}issued>", component="MaxCount"))
    assert not shown.needs_text(finding(f"<{DCT}title>", '"a"'))
    assert not shown.needs_text(finding(f"<{DCT}title>", component="MinCount"))


def test_in_one_line_a_single_value_is_whole_and_of_several_a_few_are_told_in_short() -> None:
    long = "x" * 200
    assert shown.line(finding(f"<{DCT}title>", f'"{long}"'), "") == long
    assert shown.line(finding(f"<{DCT}title>", component="MinCount"), "") == ""
    text = "".join(f'<{BASE}a> <{DCT}title> "{number}{long}" .\n' for number in range(7))
    told = shown.line(finding(f"<{DCT}title>", component="MaxCount"), text)
    assert told.split("; ") == [*(f"{number}{'x' * 78}…" for number in range(5)), "…"]
