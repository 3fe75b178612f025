"""What may be concluded from the retention policy of a view."""

import math

import pytest
from pyoxigraph import RdfFormat, parse

from harvesters._ldes_retention import Retention, retention, seconds

HEAD = "@prefix ldes: <https://w3id.org/ldes#> . @prefix tree: <https://w3id.org/tree#> .\n"
DAY = 86400


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("a ldes:LatestVersionSubset ; ldes:amount 1", Retention(True, math.inf)),
        ('a ldes:DurationAgoPolicy ; tree:value "P2D"', Retention(False, 2 * DAY)),
        ('a ldes:PointInTimePolicy ; ldes:pointInTime "2026-01-01T00:00:00Z"', Retention(False, math.inf)),
        ("ldes:versionAmount 1", Retention(True, math.inf)),
        ('ldes:versionAmount 1 ; ldes:versionDeleteDuration "P1Y"', Retention(True, 365 * DAY)),
        ('ldes:versionAmount 1 ; ldes:versionDuration "P1W"', Retention(False, 7 * DAY)),
        ('ldes:fullLogDuration "P1M"', Retention(False, 28 * DAY)),
        ('ldes:fullLogDuration "P9D" ; ldes:versionDeleteDuration "P3D"', Retention(False, 9 * DAY)),
        ('ldes:startingFrom "2026-01-01T00:00:00Z"', Retention(False, math.inf)),
        ("a ldes:RetentionPolicy", Retention(False, 0)),
    ],
)
def test_a_policy_says_whether_all_is_there_and_how_long_deletions_are(policy: str, expected: Retention) -> None:
    assert retention(parse(f"{HEAD}<urn:x:v> ldes:retentionPolicy [ {policy} ] .", RdfFormat.TURTLE)) == expected


def test_without_a_policy_nothing_is_said_and_of_two_the_least_counts() -> None:
    assert retention([]) is None
    both = 'ldes:retentionPolicy [ ldes:versionAmount 1 ] , [ ldes:fullLogDuration "P1D" ]'
    assert retention(parse(f"{HEAD}<urn:x:v> {both} .", RdfFormat.TURTLE)) == Retention(False, DAY)


@pytest.mark.parametrize(
    ("duration", "expected"), [("PT1H", 3600), ("P1DT2H3M4.5S", 93784.5), ("-P1D", 0), ("soon", 0), ("P", 0)]
)
def test_durations_are_counted_at_their_shortest(duration: str, expected: float) -> None:
    assert seconds(duration) == expected
