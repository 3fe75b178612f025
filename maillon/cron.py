"""Turns the five fields of cron into the moments that they mean, in UTC.

Minute, hour, day of month, month, day of week (0 and 7 are Sunday), each ``*``, a number, ``1-5``, ``1,3`` or ``*/15``,
as crontab(5) writes them. All five must fit; a day of month and a day of week together mean a Friday the 13th.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

_FIELDS: Final = ("minute", "hour", "day", "month", "day_of_week")
_DAYS: Final = 8 * 366 + 1  # 29 February can be eight years away

_Fits = Callable[[datetime], Any]


def _parsed(text: str) -> tuple[_Fits, _Fits, _Fits]:
    """Return whether a moment fits the minute, the hour, the day of a schedule. Raises ValueError."""
    from huey import crontab  # type: ignore[import-untyped]  # noqa: PLC0415 - takes a fifth of a second, and few sources have a schedule

    fields = text.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"five fields are needed, not {len(fields)}")
    values = dict(zip(_FIELDS, fields, strict=True))
    days = {name: values[name] for name in _FIELDS[2:]}
    return (
        crontab(values["minute"], strict=True),
        crontab(hour=values["hour"], strict=True),
        crontab(**days, strict=True),
    )


def fault(text: str) -> str:
    """Return what is wrong with a schedule, empty where nothing is."""
    try:
        next_after(text, datetime(2000, 1, 1))  # noqa: DTZ001 - any moment will do
    except ValueError as error:
        return str(error)
    return ""


def next_after(text: str, moment: datetime) -> datetime:
    """Return the first moment of a schedule after another one. Raises ValueError where there is none."""
    return _found(text, moment.replace(second=0, microsecond=0) + timedelta(minutes=1), 1)


def last_before(text: str, moment: datetime) -> datetime:
    """Return the last moment of a schedule up to another one. Raises ValueError where there is none."""
    return _found(text, moment.replace(second=0, microsecond=0), -1)


def _found(text: str, start: datetime, way: int) -> datetime:
    fits_minute, fits_hour, fits_day = _parsed(text)
    midnight = start.replace(hour=0, minute=0)
    minutes = [each for each in range(60) if fits_minute(midnight + timedelta(minutes=each))][::way]
    hours = [each for each in range(24) if fits_hour(midnight + timedelta(hours=each))][::way]
    for distance in range(_DAYS):
        day = midnight + timedelta(days=way * distance)
        if not fits_day(day):
            continue
        for hour in hours:
            for minute in minutes:
                found = day.replace(hour=hour, minute=minute)
                if (found >= start) if way > 0 else (found <= start):
                    return found
    raise ValueError("it names a day that never comes")
