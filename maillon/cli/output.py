"""What the command line shows: tables, JSON lines, and progress (a bar on a terminal, plain lines elsewhere)."""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

import click

_WIDTH = 24
_TERMINAL_PAUSE = 0.1
_PLAIN_PAUSE = 5.0


class Progress:
    """Shows how far long work is, on standard error, so that standard output stays for results.

    Called with (stage, done, total or None). On a terminal one line per stage is rewritten; elsewhere a plain line is
    printed when a stage begins and every five seconds.
    """

    def __init__(self, label: str = "", stream: TextIO | None = None, quiet: bool = False) -> None:
        self._label = label
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty()
        self._quiet = quiet
        self._stage = ""
        self._shown = 0.0
        self._last = ""

    def __call__(self, stage: str, done: int, total: int | None = None) -> None:
        """Note that ``done`` of ``total`` (None where unknown) steps of a stage are behind us."""
        if self._quiet:
            return
        now = time.monotonic()
        fresh = stage != self._stage
        pause = _TERMINAL_PAUSE if self._terminal else _PLAIN_PAUSE
        self._last = self._text(stage, done, total)
        if not fresh and now - self._shown < pause and done != total:
            return
        if fresh and self._terminal and self._stage:
            self._stream.write("\n")
        self._stage, self._shown = stage, now
        self._write()

    def _write(self) -> None:
        self._stream.write(f"\r\x1b[K{self._last}" if self._terminal else f"{self._last}\n")
        self._stream.flush()

    def _text(self, stage: str, done: int, total: int | None) -> str:
        name = f"{self._label}: {stage}" if self._label else stage
        if not total:
            return f"{name} {done:,}" if done else name
        if not self._terminal:
            return f"{name} {done:,} of {total:,}"
        filled = _WIDTH * min(done, total) // total
        return f"{name} [{'#' * filled}{'.' * (_WIDTH - filled)}] {done:,} of {total:,}"

    def close(self) -> None:
        """End the line of the last stage."""
        if self._terminal and self._stage and not self._quiet:
            self._write()
            self._stream.write("\n")
            self._stream.flush()
        self._stage = ""


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows below their headings; numbers are right-aligned with separators for thousands."""
    texts = [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows]
    widths = [max([len(head), *(len(row[at]) for row in texts)]) for at, head in enumerate(columns)]
    numeric = [bool(rows) and all(isinstance(row[at], int) for row in rows) for at in range(len(columns))]

    def line(cells: Sequence[str]) -> str:
        parts = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(cells, widths, numeric, strict=True)
        )
        return "  ".join(parts).rstrip()

    click.echo(line(columns))
    click.echo(line(["-" * width for width in widths]))
    for row in texts:
        click.echo(line(row))


def json_line(value: Mapping[str, Any]) -> None:
    """Print one JSON object on a line of its own."""
    click.echo(json.dumps(value, ensure_ascii=False, default=str))
