"""``maillon usage``: what the catalogue is used for, as a list."""

from datetime import datetime
from itertools import islice

import click

from maillon.cli.options import as_json, with_settings
from maillon.cli.output import json_line, table
from maillon.settings import Settings
from maillon.sparql import usage


@click.command("usage")
@with_settings
@click.option("--kind", type=click.Choice((usage.PATTERN, usage.VIEW, usage.QUERY)), help="Only this kind of use.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only from this day on (2026-01-31).")
@click.option("--by-day", is_flag=True, help="Tell each day apart.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many lines.")
@as_json
def usage_command(
    settings: Settings, kind: str | None, since: datetime | None, by_day: bool, limit: int, as_json: bool
) -> None:
    """Show how often which queries were asked and which datasets were looked at.

    A pattern is a query without its literals; nothing is kept about those who asked. Running servers add their counts
    about twice a minute.
    """
    first = since.date().isoformat() if since else ""
    found = islice(usage.read(settings.data / "usage.sqlite", kind or "", first, by_day), limit)
    if not as_json:
        table(("day", "kind", "count", "what"), [(item.day, item.kind, item.count, item.what) for item in found])
        return
    for item in found:
        json_line({"day": item.day or None, "kind": item.kind, "what": item.what, "count": item.count})


COMMANDS = (usage_command,)
