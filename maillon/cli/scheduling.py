"""``maillon schedule``: harvesting and publishing by itself, and when it will be."""

import logging
from datetime import UTC, datetime
from pathlib import Path

import click

from maillon import cron, definitions
from maillon import settings as all_settings
from maillon.cli.options import as_json, with_settings
from maillon.cli.output import json_line, table
from maillon.errors import SettingsError
from maillon.ledger import Ledger
from maillon.schedule import Plan, Scheduler, plans
from maillon.settings import Settings
from maillon.sources import Source


def _say(text: str) -> None:
    click.echo(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {text}")


def _usable(data: Path) -> list[Source]:
    usable, wrong = definitions.known(data)
    for error in wrong:
        _say(str(error))
    return usable


@click.group("schedule")
def schedule_group() -> None:
    """Harvest and publish by itself, as the sources' TOMLs say (`schedule = "30 2 * * *"`, in UTC)."""


@schedule_group.command("run")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of everything Maillon keeps (default: the setting data, data/run).",
)
def run_command(data: Path | None) -> None:
    """Run until SIGTERM or Ctrl-C; what is under way then is ended in order and made up at the next start.

    Changes of settings and TOMLs are taken up within a minute, without a restart; only another number of
    harvest_jobs, or another data folder, needs one.
    """
    nightly = all_settings.load(data=data).nightly
    if fault := cron.fault(nightly) if nightly else "":  # later, while it runs, a wrong one is told and left aside
        raise SettingsError(f"nightly is {nightly!r}: {fault}. Correct the setting, or leave it empty for never.")
    logging.getLogger("huey").addHandler(logging.NullHandler())
    Scheduler(lambda: all_settings.load(data=data), lambda: _usable(all_settings.load(data=data).data), _say).run()


def _row(plan: Plan) -> dict[str, str | bool | None]:
    following = plan.following
    return {
        "source": plan.source.name,
        "schedule": plan.source.schedule or None,
        "enabled": plan.source.enabled,
        "last_run": plan.last.started if plan.last is not None else None,
        "status": plan.last.status if plan.last is not None else None,
        "next_run": f"{following:%Y-%m-%dT%H:%MZ}" if following is not None else None,
    }


@schedule_group.command("list")
@with_settings
@as_json
def list_command(settings: Settings, as_json: bool) -> None:
    """List each source with its schedule, its last run and its next one, in UTC."""
    now = datetime.now(UTC)
    with Ledger(settings.ledger) as ledger:
        rows = [_row(plan) for plan in plans(_usable(settings.data), ledger, settings, now, now)]
    if as_json:
        for row in rows:
            json_line(row)
        return
    cells = [
        (
            row["source"],
            row["schedule"] or "none",
            row["last_run"] or "never",
            row["status"] or "",
            row["next_run"] or ("no schedule" if row["enabled"] else "not enabled"),
        )
        for row in rows
    ]
    table(("source", "schedule", "last run", "status", "next run"), cells)


COMMANDS = (schedule_group,)
