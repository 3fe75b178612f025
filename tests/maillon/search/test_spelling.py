"""Which words are near to a misspelt one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillon.search.spelling import Vocabulary, distance, one_wrong

WORDS = Vocabulary(
    {
        "parkings": 9, "parking": 40, "écoles": 5, "École": 1, "école": 30, "fiets": 2, "first": 90, "avec": 900,
        "luchtkwaliteit": 50, "toplagen": 1, "2024": 80, "co2": 3, "parkeerplaats": 4,
    }.items()
)  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("parkigns", ["parkings"]),  # two letters swapped
        ("PARKINGSS", ["parkings"]),
        ("ecol", ["école"]),
        ("ecolee", ["école", "écoles"]),  # as written most often, the most frequent first
        ("fiest", ["fiets", "first"]),  # a swap before the more frequent word
        ("luchtkwa", ["luchtkwaliteit"]),  # unfinished
        ("luchtkwqal", ["luchtkwaliteit"]),  # unfinished, one letter too many
        ("lugtkwalitiet", []),  # four letters wrong
        ("luchtkwaalitet", ["luchtkwaliteit"]),  # two letters wrong
        ("parkeerplatz", ["parkeerplaats"]),
        ("aveck", []),  # no stop word
        ("2025", []),  # a year is no slip for another
        ("fie", []),  # too short
        ("", []),
        ("zzzzzzzz", []),
    ],
)
def test_the_nearest_words(typed: str, expected: list[str]) -> None:
    assert WORDS.near(typed) == expected


def test_a_nearer_stage_hides_those_behind_it() -> None:
    words = Vocabulary([("toelage", 1), ("toelagenbeleid", 99)])
    assert words.near("toelagem") == ["toelage"]
    assert words.near("toelagen") == ["toelage"]


def test_words_that_begin_as_one_does() -> None:
    assert WORDS.beginning("parkxyz") == ["parking", "parkings", "parkeerplaats"]
    assert WORDS.beginning("parkxyz", limit=1) == ["parking"]
    assert WORDS.beginning("pa") == WORDS.beginning("zzz") == []


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_a_distance_of_one_is_one_letter_wrong(one: str, other: str) -> None:
    assert (distance(one, other) == 1) == (other in one_wrong(one))
    assert distance(one, other) == distance(other, one)
    assert (distance(one, other) == 0) == (one == other)


@pytest.mark.parametrize(
    ("one", "other", "expected"), [("ca", "abc", 3), ("kitten", "sitting", 3), ("abcd", "badc", 2)]
)
def test_distances_known_from_elsewhere(one: str, other: str, expected: int) -> None:
    assert distance(one, other) == expected
