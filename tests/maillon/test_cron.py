"""Schedules: the moments they mean, and what is refused."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from maillon import cron, sources
from maillon.errors import SourceDefinitionError

NOW = datetime(2026, 11, 21, 23, 1, 30, tzinfo=UTC)  # a Saturday


@pytest.mark.parametrize(
    ("schedule", "before", "after"),
    [
        ("30 2 * * *", "2026-11-21T02:30", "2026-11-22T02:30"),
        ("*/15 * * * *", "2026-11-21T23:00", "2026-11-21T23:15"),
        ("1 23 * * *", "2026-11-21T23:01", "2026-11-22T23:01"),
        ("0 6 * * 1-5", "2026-11-20T06:00", "2026-11-23T06:00"),
        ("0 6 * * 0", "2026-11-15T06:00", "2026-11-22T06:00"),
        ("0 6 * * 7", "2026-11-15T06:00", "2026-11-22T06:00"),
        ("0 0 1 1,7 *", "2026-07-01T00:00", "2027-01-01T00:00"),
        ("0 0 29 2 *", "2024-02-29T00:00", "2028-02-29T00:00"),
        ("0 0 13 * 5", "2026-11-13T00:00", "2027-08-13T00:00"),
    ],
)
def test_a_schedule_means_the_moments_before_and_after(schedule: str, before: str, after: str) -> None:
    assert f"{cron.last_before(schedule, NOW):%Y-%m-%dT%H:%M}" == before
    assert f"{cron.next_after(schedule, NOW):%Y-%m-%dT%H:%M}" == after
    assert cron.fault(schedule) == ""


@pytest.mark.parametrize(
    ("schedule", "says"),
    [
        ("30 2 * *", "five fields are needed, not 4"),
        ("@daily", "five fields"),
        ("61 2 * * *", "61 is not a valid input"),
        ("0 3 * * MON", "MON is not a valid input"),
        ("0 0 30 2 *", "a day that never comes"),
    ],
)
def test_a_schedule_that_means_nothing_is_refused_with_the_source(schedule: str, says: str) -> None:
    toml = f'kind = "ckan"\nurl = "https://data.example/"\nschedule = "{schedule}"\n'
    with pytest.raises(SourceDefinitionError, match=f"Source town: schedule = .*{says}.*`30 2"):
        sources.parse(toml, "town", Path())
