"""``maillon runs``: what became of each harvest."""

import click

from maillon.cli.options import as_json, with_settings
from maillon.cli.output import json_line, table
from maillon.errors import OperatorError
from maillon.ledger import Ledger, RunRow
from maillon.settings import Settings

_REPORTED = ("found", "new", "changed", "missing", "gone")


def _rejections(settings: Settings, source: str | None, as_json: bool) -> None:
    if source is None:
        raise OperatorError("--rejected needs the name of a source: `maillon runs --rejected SOURCE`.")
    with Ledger(settings.ledger) as ledger:
        rows = ledger.runs(source, 1)
        records = ledger.rejections(rows[0].id) if rows else []
    if not as_json:
        table(("record", "reason", "detail"), [(item.identifier, item.reason, item.detail) for item in records])
        return
    for record in records:
        json_line({"identifier": record.identifier, "reason": record.reason, "detail": record.detail})


def _orphans(settings: Settings, source: str | None, as_json: bool) -> None:
    if source is None:
        raise OperatorError("--orphans needs the name of a source: `maillon runs --orphans SOURCE`.")
    with Ledger(settings.ledger) as ledger:
        rows = ledger.runs(source, 1)
    for iri in rows[0].report.get("orphan_iris", []) if rows else []:
        if as_json:
            json_line({"distribution": iri})
        else:
            click.echo(iri)


def _cells(row: RunRow) -> tuple[object, ...]:
    counts = tuple(int(row.report.get(name, 0)) for name in _REPORTED)
    return (row.id, row.source, row.status, row.started, *counts, sum(row.report.get("rejected", {}).values()))


@click.command("runs")
@click.argument("source", required=False)
@with_settings
@click.option("--limit", default=20, show_default=True, help="How many runs to list, the latest first.")
@click.option("--rejected", is_flag=True, help="List each record that the latest run of SOURCE rejected, and why.")
@click.option("--orphans", is_flag=True, help="List the distributions of SOURCE that belong to none of its datasets.")
@as_json
def runs_command(
    settings: Settings, source: str | None, limit: int, rejected: bool, orphans: bool, as_json: bool
) -> None:
    """List the runs, of one source or of all; the number of a run is what `harvest --replay` takes."""
    if rejected:
        _rejections(settings, source, as_json)
        return
    if orphans:
        _orphans(settings, source, as_json)
        return
    with Ledger(settings.ledger) as ledger:
        rows = ledger.runs(source, limit)
        harvested = {row.name for row in ledger.sources()}
    if source and not rows and source not in harvested:
        raise OperatorError(f"No run of {source!r}: harvested so far: {', '.join(sorted(harvested)) or 'nothing'}.")
    if not as_json:
        table(("run", "source", "status", "started", *_REPORTED, "rejected"), [_cells(row) for row in rows])
        for row in rows:
            if row.message:
                click.echo(f"Run {row.id}: {row.message}")
        return
    for row in rows:
        json_line(
            {"run": row.id, "source": row.source, "status": row.status, "started": row.started}
            | {"finished": row.finished, "replay_of": row.replay_of, "message": row.message, **row.report}
        )


COMMANDS = (runs_command,)
