"""``maillon publish``, ``snapshots`` and ``dump``: from the ledger to immutable snapshots, and what to do with them."""

import sys
from pathlib import Path
from typing import Any

import click

from maillon import publish
from maillon.cli.options import as_json, with_settings
from maillon.cli.output import Progress, json_line, table
from maillon.errors import OperatorError, SnapshotError
from maillon.harvest import link
from maillon.ledger import Ledger
from maillon.publish import Mode, remote
from maillon.rdf.serialization import MEDIA_TYPES
from maillon.settings import Settings
from maillon.store import snapshots
from maillon.store.snapshots import Manifest

_COUNTS = ("datasets", "distributions", "services", "organisations", "triples")


def _summary(manifest: Manifest, current: bool) -> dict[str, Any]:
    return {
        "snapshot": manifest.number,
        "current": current,
        "made": manifest.made,
        "mode": manifest.mode,
        **{name: manifest.counts[name] for name in _COUNTS},
        "content": manifest.content,
    }


@click.command("publish")
@with_settings
@click.option("--rebuild", "mode", flag_value="rebuild", help="Make the snapshot from the ledger alone.")
@click.option("--incremental", "mode", flag_value="incremental", help="Apply only what changed to the last snapshot.")
@as_json
def publish_command(settings: Settings, mode: Mode | None, as_json: bool) -> None:
    """Publish the ledger: make the next snapshot, verify it, switch to it.

    Datasets that several sources publish are linked first, so that each is shown once.
    Without an option the way is chosen by the share of changes. Where nothing changed, no snapshot is made.
    """
    progress = Progress("publish", quiet=as_json)
    with Ledger(settings.ledger) as ledger:
        if not ledger.runs(limit=1):
            raise OperatorError(
                f"Nothing was harvested into {settings.data} yet: run `maillon harvest`, or name the right folder with "
                "--data (MAILLON_DATA)."
            )
        try:
            linked = link(ledger, settings.data)
            snapshot = publish.publish(ledger, settings, mode or "auto", progress)
        finally:
            progress.close()
    if linked.changed and not as_json:
        click.echo(f"{linked.copies:,} datasets are copies of others and are not shown twice.")
    with snapshot:
        summary = _summary(snapshot.manifest, current=True)
        if as_json:
            json_line({**summary, "fresh": snapshot.fresh})
            return
        counts = ", ".join(f"{summary[name]:,} {name}" for name in _COUNTS)
        made = f"Snapshot {snapshot.number} ({summary['mode']}) is published"
        click.echo(f"{made if snapshot.fresh else f'Nothing changed since snapshot {snapshot.number}'}: {counts}.")


@click.group("snapshots")
def snapshots_group() -> None:
    """Look at the published snapshots, check them, go back, remove old ones."""


@snapshots_group.command("list")
@with_settings
@as_json
def list_command(settings: Settings, as_json: bool) -> None:
    """List the snapshots and which one is served."""
    rows = [_summary(manifest, current) for manifest, current in snapshots.listing(settings.snapshots)]
    if as_json:
        for row in rows:
            json_line(row)
        return
    cells = [
        ("yes" if row["current"] else "no", row["snapshot"], row["made"], row["mode"], *(row[name] for name in _COUNTS))
        for row in rows
    ]
    table(("served", "snapshot", "made", "mode", *_COUNTS), cells)
    for number in sorted(set(snapshots.numbers(settings.snapshots)) - {row["snapshot"] for row in rows}):
        click.echo(f"Snapshot {number} cannot be read: `maillon snapshots verify {number}` says why.", err=True)


@snapshots_group.command("verify")
@click.argument("number", type=int, required=False)
@with_settings
def verify_command(settings: Settings, number: int | None) -> None:
    """Read a snapshot back (the served one, or NUMBER): checksums, counts, a sample of documents."""
    root = settings.snapshots
    with snapshots.open_current(root) if number is None else snapshots.open_number(root, number) as snapshot:
        faults = publish.verify(snapshot)
        if settings.store_kind == "sparql":
            faults += remote.faults(settings, snapshot.number)
        if faults:
            for fault in faults:
                click.echo(fault, err=True)
            raise SnapshotError(
                f"Snapshot {snapshot.number} has {len(faults)} faults: go back with `maillon snapshots rollback` or "
                "make a new one with `maillon publish --rebuild`."
            )
        click.echo(f"Snapshot {snapshot.number} is sound: {len(snapshot.manifest.files)} files, all counts agree.")


@snapshots_group.command("rollback")
@click.argument("number", type=int, required=False)
@with_settings
def rollback_command(settings: Settings, number: int | None) -> None:
    """Serve an earlier snapshot again: the one before the current, or NUMBER. Nothing is lost."""
    click.echo(f"Snapshot {publish.rollback(settings.snapshots, number, publish.preparation(settings))} is served now.")


@snapshots_group.command("prune")
@click.option("--keep", type=click.IntRange(min=1), help="How many to keep (default: the setting keep_snapshots).")
@with_settings
def prune_command(settings: Settings, keep: int | None) -> None:
    """Remove old snapshots; the served one and those that someone reads are never removed."""
    removed, leased = publish.prune(settings.snapshots, keep or settings.keep_snapshots)
    click.echo(f"Removed: {', '.join(map(str, removed)) or 'none'}.")
    if leased:
        click.echo(f"Kept because they are being read: {', '.join(map(str, leased))}.")


_DUMPS = {ending: media_type for ending, media_type in MEDIA_TYPES.items() if media_type in publish.MEDIA_TYPES}


@click.command("dump")
@with_settings
@click.option("--format", "ending", type=click.Choice(sorted(_DUMPS)), default="nq", show_default=True)
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write; default standard output."
)
def dump_command(settings: Settings, ending: str, output: Path | None) -> None:
    """Write everything that is published, with literals exactly as the sources gave them."""
    with snapshots.open_current(settings.snapshots) as snapshot:
        if output is None:
            publish.dump(snapshot, sys.stdout.buffer, _DUMPS[ending])
            return
        try:
            with output.open("wb") as file:
                publish.dump(snapshot, file, _DUMPS[ending])
        except OSError as error:
            raise OperatorError(f"{output} cannot be written: {error}. Choose another file with --output.") from error


COMMANDS = (publish_command, snapshots_group, dump_command)
