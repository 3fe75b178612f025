"""``maillon template``."""

from pathlib import Path

from click.testing import CliRunner

from maillon.cli.inventory import template_command
from maillon.errors import OperatorError


def test_the_command_writes_and_never_replaces_unasked(tmp_path: Path) -> None:
    path, run = tmp_path / "inventaire.xlsx", CliRunner().invoke
    assert run(template_command, ["fr", str(path)]).exit_code == 0
    assert path.stat().st_size > 5000
    assert isinstance(run(template_command, ["fr", str(path)]).exception, OperatorError)
    assert run(template_command, ["fr", str(path), "--force"]).exit_code == 0
    assert isinstance(run(template_command, ["nl", str(tmp_path / "x.ods")]).exception, OperatorError)
    assert isinstance(run(template_command, ["nl", str(tmp_path / "none" / "x.xlsx")]).exception, OperatorError)
    assert run(template_command, ["it", str(path)]).exit_code == 2
