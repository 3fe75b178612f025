#!/usr/bin/env python3
"""Turns a fresh checkout into a running Maillon, with nothing but the standard library.

    python3 bootstrap.py serve [ARGUMENTS of maillon serve]   set up, harvest the samples once, publish, serve
    python3 bootstrap.py test [ARGUMENTS of pytest]           set up, install a browser where possible, run the tests
    python3 bootstrap.py setup                                set up only

It makes ``.venv``, installs the locked set of ``requirements.lock`` (every file checked by hash), builds the style
sheet and the translations, and may be run again at any time: what is done already is not done again. It must run on
Python 3.7 and later, so that an old ``python3`` can look for a newer one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "maillon-setup"
OLDEST = (3, 11)
CANDIDATES = ("python3.14", "python3.13", "python3.12", "python3.11")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
INPUTS = ("requirements.lock", "pyproject.toml", "hatch_build.py", "frontend", "templates/translations")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
STARTED = time.monotonic()


def say(text: str) -> None:
    """Print a line of progress with the seconds since the start."""
    print(f"[{time.monotonic() - STARTED:5.1f} s] {text}", flush=True)


def stop(text: str) -> NoReturn:
    """End with a message that says what to do."""
    sys.exit("\n" + text)


def environment() -> dict[str, str]:
    """Return the variables for child processes: the machine's own certificates are used by every installer."""
    variables = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1")
    if CERTIFICATES.is_file():
        for name in ("PIP_CERT", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"):
            variables.setdefault(name, str(CERTIFICATES))
    return variables


def run(*command: str | Path) -> None:
    """Run a command and end with a clear message where it fails."""
    code = subprocess.call([str(part) for part in command], cwd=str(ROOT), env=environment())
    if code:
        stop(f"This command ended with status {code}: {' '.join(str(part) for part in command)}")


def find_python() -> None:
    """Go on in a Python that is new enough, or say what to install."""
    if sys.version_info >= OLDEST:
        return
    for name in CANDIDATES:
        path = shutil.which(name)
        if path:
            os.execv(path, [path, str(Path(__file__).resolve()), *sys.argv[1:]])
    stop(
        f"Python 3.11 or later is needed and this is {sys.version.split()[0]}. Install it, then run this again:\n"
        "    sudo apt-get install python3.11"
    )


def may_install() -> bool:
    """Tell whether system packages can be installed from here."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(*packages: str) -> None:
    """Install Debian packages; only called where may_install() holds."""
    quiet = dict(environment(), DEBIAN_FRONTEND="noninteractive")
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    for command in (["apt-get", "update", "-q"], install):
        if subprocess.call(command, env=quiet):
            stop(f"Installing failed. Run this, then run bootstrap.py again:\n    apt-get install {' '.join(packages)}")


def has_ensurepip() -> bool:
    """Tell whether this Python can put pip into a virtual environment (Debian ships that apart)."""
    return subprocess.call([sys.executable, "-c", "import ensurepip"], stderr=subprocess.DEVNULL) == 0


def make_environment() -> None:
    """Make .venv, with pip or, where uv is at hand, without."""
    if PYTHON.exists() and subprocess.call([str(PYTHON), "-c", ""]) == 0:
        return
    say("Making the virtual environment .venv")
    shutil.rmtree(str(VENV), ignore_errors=True)
    if shutil.which("uv"):
        run(sys.executable, "-m", "venv", "--without-pip", VENV)
        return
    if not has_ensurepip():
        package = f"python3.{sys.version_info[1]}-venv"
        if not may_install():
            stop(
                "This Python cannot make virtual environments with pip. Run this, then run bootstrap.py again:\n"
                "    sudo apt-get install " + package
            )
        say("Installing " + package)
        apt_install(package)
    run(sys.executable, "-m", "venv", VENV)


def installer() -> list[str]:
    """Return the command that installs into .venv: uv where it is at hand (10 times faster), else pip."""
    uv = shutil.which("uv")
    return [uv, "pip", "install", "--python", str(PYTHON)] if uv else [str(PYTHON), "-m", "pip", "install"]


def fingerprint() -> str:
    """Return a hash of everything that the set-up depends on."""
    total = hashlib.sha256()
    for name in INPUTS:
        path = ROOT / name
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and "node_modules" not in file.parts and file.suffix != ".mo":
                total.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return total.hexdigest()


def setup() -> None:
    """Make the environment, install the locked set, build what pages need; nothing where all is in place."""
    make_environment()
    mark = fingerprint()
    if STAMP.is_file() and STAMP.read_text() == mark and (ROOT / "static" / "dist").is_dir():
        say("Set up already")
        return
    say("Installing the locked packages (checked by hash; a minute or two the first time)")
    run(*installer(), "--require-hashes", "-r", "requirements.lock")
    say("Building the style sheet and the translations")
    run(PYTHON, "hatch_build.py")
    say("Installing Maillon itself")
    run(*installer(), "--no-deps", "--no-build-isolation", "-e", ".")
    STAMP.write_text(mark)
    say("Set up")


def option(arguments: list[str], name: str, default: str) -> str:
    """Return the value of ``--name VALUE`` or ``--name=VALUE`` in arguments."""
    for position, argument in enumerate(arguments):
        if argument == name and position + 1 < len(arguments):
            return arguments[position + 1]
        if argument.startswith(name + "="):
            return argument.split("=", 1)[1]
    return default


def serve(arguments: list[str]) -> NoReturn:
    """Harvest and publish the sample sources where nothing is published yet, then serve until stopped."""
    setup()
    data = option(arguments, "--data", os.environ.get("MAILLON_DATA", "data/run"))
    maillon = VENV / "bin" / "maillon"
    if not (ROOT / data / "snapshots" / "current").exists():
        say("Harvesting the sample sources")
        run(maillon, "harvest", "--data", data)
        say("Publishing them")
        run(maillon, "publish", "--data", data)
    say("Starting the site")
    os.chdir(str(ROOT))
    os.execve(str(maillon), [str(maillon), "serve", *arguments], environment())


def browser_packages() -> list[str]:
    """Return the Debian packages that the browser tests still need: a Chromium, and what their driver links to."""
    drivers = list((VENV / "lib").glob("python*/site-packages/playwright/driver/node"))
    starts = [
        subprocess.call([str(driver), "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
        for driver in drivers
    ]
    lacking = [] if any(shutil.which(name) for name in BROWSERS) else ["chromium"]
    return lacking if all(starts) else [*lacking, "libatomic1"]


def find_browser() -> None:
    """Make sure of what the browser tests need, or say exactly what to install."""
    packages = browser_packages()
    if packages and may_install():
        say(f"Installing {' and '.join(packages)} for the browser tests")
        apt_install(*packages)
    elif packages:
        say("The browser tests will be skipped. To run them too:\n    sudo apt-get install " + " ".join(packages))


def install_clients() -> None:
    """Install the JavaScript client that docs/how-to/query.md shows; its test is skipped where that fails."""
    folder = ROOT / "tests" / "clients"
    lock, done = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    if done.is_file() and done.stat().st_mtime >= lock.stat().st_mtime:
        return
    say("Installing the JavaScript client of the query examples")
    command = [str(VENV / "bin" / "npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if subprocess.call(command, cwd=str(folder), env=environment()):
        say("That failed: the example of Comunica will be skipped")


def test(arguments: list[str]) -> NoReturn:
    """Run the tests."""
    setup()
    find_browser()
    install_clients()
    say("Running the tests")
    sys.exit(subprocess.call([str(PYTHON), "-m", "pytest", *arguments], cwd=str(ROOT), env=environment()))


def main() -> None:
    """Do what the first argument says."""
    find_python()
    command, arguments = (sys.argv[1] if len(sys.argv) > 1 else ""), sys.argv[2:]
    if command == "setup" and not arguments:
        setup()
    elif command == "serve":
        serve(arguments)
    elif command == "test":
        test(arguments)
    else:
        print(__doc__.strip())
        sys.exit(0 if command in ("-h", "--help", "help") else 2)


if __name__ == "__main__":
    main()
