"""A kind from outside: a package of its own, installed beside Maillon, passes the suite; a broken one fails."""

import gc
import importlib
import re
import shutil
import subprocess
import sys
import weakref
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

from maillon.cli import main
from maillon.errors import SourceDefinitionError
from maillon.harvest import kinds, suite

HERE = Path(__file__).resolve().parent
RECORDINGS = HERE / "recordings"
HOW_TO = HERE.parents[2] / "docs" / "how-to" / "write-a-harvester.md"

Kind = Callable[[str], str]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the third party's package into a folder, by pip without network where there is one, else by copying."""
    source = tmp_path_factory.mktemp("source") / "package"
    shutil.copytree(HERE / "package", source, ignore=shutil.ignore_patterns("__pycache__"))
    target = tmp_path_factory.mktemp("site")
    if find_spec("pip") is None or find_spec("hatchling") is None:
        shutil.copytree(source / "example_cadastre", target / "example_cadastre")
        return target
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check")
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(target), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture
def kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kind:
    """Write a module with ``records`` of a given text and return its dotted path."""
    folder = tmp_path / "site" / "example_broken"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(folder.parent))

    def write(code: str) -> str:
        (folder / "kind.py").write_text(code)
        for name in ("example_broken.kind", "example_broken"):
            monkeypatch.delitem(sys.modules, name, raising=False)
        importlib.invalidate_caches()
        return "example_broken.kind"

    return write


def test_an_installed_package_of_a_third_party_passes_the_standard_suite(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(installed))
    results = suite.run("example_cadastre.parcels", RECORDINGS)
    assert len(results) == len(suite.CHECKS)
    assert [result for result in results if result.failure] == []


def test_the_command_line_checks_a_kind_of_a_third_party(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(installed))
    done = CliRunner().invoke(main, ["kinds", "check", "example_cadastre.parcels", str(RECORDINGS)])
    assert done.exit_code == 0, done.output
    assert f"{len(suite.CHECKS)} of {len(suite.CHECKS)} checks passed" in done.output


def test_the_command_line_lists_every_kind_with_what_it_reads() -> None:
    done = CliRunner().invoke(main, ["kinds"])
    assert done.exit_code == 0, done.output
    assert [line.split()[0] for line in done.output.splitlines()[2:]] == kinds()


def test_the_example_of_the_how_to_passes_the_standard_suite(kind: Kind, tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(\"\"\"Turns.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "source.toml").write_text('kind = "dcat"\nurl = "https://example.org/list"\n')
    (tmp_path / "suite.toml").write_text('[answers]\n"https://example.org/list" = "list.json"\n[expect]\nrecords = 2\n')
    (tmp_path / "list.json").write_text('[{"id": "a", "titre": "A"}, {"id": "b"}]')
    assert [result for result in suite.run(kind(code), tmp_path) if result.failure] == []


_START = """
import json
from maillon.errors import ParseFailed, SourceUnavailable
from maillon.records import Bookmark, Dataset, Rejected

def pages(source, fetch):
    address, given = source.url, 0
    while address:
        try:
            page = json.loads(fetch(address).read())
        except (ValueError, RecursionError) as error:
            raise ParseFailed("no JSON") from error
        if not isinstance(page, dict) or not isinstance(page.get("sheets"), list):
            raise SourceUnavailable("no sheets")
        yield page
        given += len(page["sheets"])
        address = page.get("next") if isinstance(page.get("next"), str) else ""
    if given != page.get("count"):
        raise SourceUnavailable("too few")

def numbers(source, fetch):
    seen = {""}
    for page in pages(source, fetch):
        for sheet in page["sheets"]:
            number = sheet.get("number") if isinstance(sheet, dict) else None
            number = number.strip("\\x00") if isinstance(number, str) else ""
            if number in seen:
                yield Rejected(number or "sheet", "no number of its own"), {}
            else:
                seen.add(number)
                yield Dataset(identifier=number), sheet
"""

_GOOD = "def records(source, fetch):\n    for record, sheet in numbers(source, fetch):\n        yield record\n"

BROKEN = {
    "yields_records": (
        "def records(source, fetch):\n    for page in pages(source, fetch):\n        pass\n    yield from ()",
        "no record came out",
    ),
    "reads_every_recording": (
        "def records(source, fetch):\n    for sheet in next(pages(source, fetch))['sheets']:\n"
        "        yield Dataset(identifier=sheet['number'])",
        "never fetched: https://cadastre.example.org/sheets?after=2",
    ),
    "keeps_to_the_types": (
        _GOOD.replace("yield record", "yield Dataset(identifier=record.identifier, title=sheet.get('title'))"),
        "Dataset.title is str where Mapping is due",
    ),
    "identifiers_are_unique": (
        _GOOD.replace("yield record", "yield Dataset(identifier='sheet')"),
        "identifier twice: sheet",
    ),
    "repeats_itself": (
        "import itertools\nCOUNT = itertools.count()\n"
        + _GOOD.replace("yield record", "yield Dataset(identifier=str(next(COUNT)))"),
        "a second harvest of the same recordings differs",
    ),
    "maps_every_record": (_GOOD.replace("yield record", "yield Dataset(identifier=' \\x00 ')"), "has no identity"),
    "dates_are_dates": (
        "from datetime import datetime, UTC\n"
        + _GOOD.replace("yield record", "yield Dataset(identifier='a', modified=datetime.now(UTC).date().isoformat())"),
        "its date is that of the harvest",
    ),
    "deletes_nothing_that_lives": (
        "from maillon.records import Deleted\n" + _GOOD + "    yield Deleted('A-1')\n",
        "Deleted and yet a record: A-1",
    ),
    "goes_on_from_its_bookmark": (
        _GOOD + "    day = int(fetch.bookmark or '1')\n    yield Bookmark(str(day + 1), False)\n",
        "bookmark 'TODO': it crashed",
    ),
    "stays_inside_fetch": (
        "import socket\n" + _GOOD.replace("yield record", "socket.getaddrinfo('localhost', 80); yield record"),
        "it went past fetch: socket.getaddrinfo",
    ),
    "notices_missing_answers": (
        "def records(source, fetch):\n    try:\n        for record, sheet in numbers(source, fetch):\n"
        "            yield record\n    except SourceUnavailable:\n        pass",
        "answers 404: 0 records came out instead of 3",
    ),
    "notices_truncated_answers": (
        "import re\ndef records(source, fetch):\n"
        "    for address in (source.url, source.url + '?after=2'):\n"
        "        for number in re.findall(r'[AB]-\\d', fetch(address).path.read_text('utf-8', 'replace')):\n"
        "            yield Dataset(identifier=number)",
        "and nothing says why",
    ),
    "survives_hostile_documents": (
        _START.replace("(ValueError, RecursionError)", "ValueError") + _GOOD,
        "page-1.json with lists nested 10,000 deep: it crashed",
    ),
    "survives_hostile_values": (
        _GOOD.replace("yield record", "yield Dataset(identifier=record.identifier, title={'fr': sheet['title'].strip() "
                      "or '-'}) if sheet else record"),
        "sheets[].title = None: it crashed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("check", suite.CHECKS, ids=lambda check: check.__name__)
def test_a_broken_kind_fails_the_check_that_is_about_its_fault(
    check: Callable[[suite.Recordings], None], kind: Kind
) -> None:
    code, text = BROKEN[check.__name__]
    recordings = suite.Recordings.open(kind(_START + code), RECORDINGS)
    with pytest.raises(suite.SuiteFailed) as failed:
        check(recordings)
    assert text in str(failed.value)


def test_the_good_form_of_the_broken_kinds_passes(kind: Kind) -> None:
    assert [result for result in suite.run(kind(_START + _GOOD), RECORDINGS) if result.failure] == []


def test_a_record_without_title_that_vanishes_is_noticed(kind: Kind) -> None:
    code = _GOOD.replace("yield record", "if sheet.get('title') != '': yield record")
    with pytest.raises(suite.SuiteFailed, match=r"sheets\[\]\.title = '': \d records vanished without a line"):
        suite.survives_hostile_values(suite.Recordings.open(kind(_START + code), RECORDINGS))


def test_a_kind_that_reads_files_of_the_machine_is_refused(kind: Kind) -> None:
    code = _GOOD.replace("yield record", "open('/etc/hostname').read(); yield record")
    with pytest.raises(suite.SuiteFailed, match=r"it went past fetch: open /etc/hostname"):
        suite.stays_inside_fetch(suite.Recordings.open(kind(_START + code), RECORDINGS))


def test_paging_that_never_ends_is_noticed(kind: Kind) -> None:
    code = "def records(source, fetch):\n    while True:\n        yield Rejected('x', 'again')"
    with pytest.raises(suite.SuiteFailed, match="paging does not end"):
        suite.yields_records(suite.Recordings.open(kind(_START + code), RECORDINGS))


def test_what_others_left_behind_is_not_collected_meanwhile(kind: Kind, tmp_path: Path) -> None:
    class Left:
        def __init__(self) -> None:
            self.cycle = self
            weakref.finalize(self, shutil.rmtree, tmp_path / "left")

    code = "def records(source, fetch):\n    for _ in range(9000): yield [[]] and Rejected('x', 'again')"
    (tmp_path / "left").mkdir()
    recordings = suite.Recordings.open(kind(_START + code), RECORDINGS)
    Left()
    with pytest.raises(suite.SuiteFailed, match="no record came out"):
        suite.yields_records(recordings)
    suite.stays_inside_fetch(recordings)
    assert gc.isenabled()
    gc.collect()
    assert not (tmp_path / "left").exists()


def test_a_command_that_finds_faults_says_them_and_ends_with_1(kind: Kind) -> None:
    name = kind(_START + BROKEN["dates_are_dates"][0])
    done = CliRunner().invoke(main, ["kinds", "check", name, str(RECORDINGS)])
    assert done.exit_code == 1
    assert "FAILED  dates_are_dates" in done.output


@pytest.mark.parametrize(
    ("setup", "text"),
    [
        ("[answers]\n'https://cadastre.example.org/sheets' = 'gone.json'", "lacks recordings: gone.json"),
        ("[answers]\n'https://cadastre.example.org/sheets' = {file = 'page-1.json'}", "cannot be used: 'type'"),
        ("[expected]\nrecords = 3", "unknown key expected"),
        ("[expect]\nrecord = 3", "unknown key record"),
        ("", "it has none"),
        ("[", "cannot be used"),
    ],
)
def test_a_folder_that_cannot_be_used_is_refused_with_the_reason(tmp_path: Path, setup: str, text: str) -> None:
    shutil.copytree(RECORDINGS, tmp_path / "suite")
    (tmp_path / "suite" / "suite.toml").write_text(setup)
    with pytest.raises(SourceDefinitionError, match=re.escape(text)):
        suite.Recordings.open("ckan", tmp_path / "suite")
