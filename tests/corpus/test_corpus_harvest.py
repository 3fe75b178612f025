"""The real process over real files: every folder of the corpus that holds records is harvested, and nothing is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from maillon.harvest import Options, run, silent
from maillon.ledger import Ledger
from maillon.settings import Settings
from maillon.sources import Source, parse

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
SPREADSHEETS = Path(__file__).resolve().parents[1] / "harvesters" / "spreadsheet" / "sources"
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared is absent: corpus tests need it"),
]
KINDS = {
    "ckan": ("ckan",),
    "csw": ("iso",),
    "datajson": ("arcgis-hub", "dcat-us"),
    "dcat": ("dcat",),
    "oaipmh": ("oai-pmh",),
    "opendatasoft": ("opendatasoft",),
    "stac": ("stac",),
    "udata": ("udata",),
}
# The event stream of a whole country has tests of its own; a CSV export is read by its mapping of columns, below.
ELSEWHERE = {"be-data-gov-ldes", "public-csv-export"}
# Folders of which not one file is a catalogue: names only.
NAMES_ONLY = {"open-alberta"}


def sources() -> Iterator[tuple[str, str, str]]:
    """Yield name, kind and path of every folder, or the TOML of a spreadsheet."""
    for kind, roots in KINDS.items():
        for root in roots:
            for folder in sorted((CORPUS / root).iterdir()) if (CORPUS / root).is_dir() else []:
                if folder.name not in ELSEWHERE:
                    yield f"{kind}-{folder.name}", kind, f'kind = "{kind}"\nurl = "{folder}"'
    for toml in sorted(SPREADSHEETS.glob("*.toml")):
        yield f"spreadsheet-{toml.stem}", "spreadsheet", toml.read_text(encoding="utf-8")


def defined(name: str, kind: str, text: str, folder: Path) -> Source:
    if kind == "stac":
        text += "\n[options]\nitems = true"
    return parse(text, name, CORPUS if kind == "spreadsheet" else folder)


@pytest.mark.parametrize(("name", "kind", "text"), [*sources()], ids=[name for name, _, _ in sources()])
def test_a_folder_of_the_corpus_is_harvested_and_every_rejection_named(
    name: str, kind: str, text: str, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path)
    source = defined(name, kind, text, tmp_path)
    with Ledger(settings.ledger) as ledger:
        report = run(source, settings, ledger, Options(), silent)
        if name.removeprefix("ckan-") in NAMES_ONLY:
            assert report.status == "failed"
            assert any("names" in note for note in report.notes)
            return
        assert report.status == "done", report.notes
        assert report.published + len(report.rejections) > 0
        rejected = sum(item.is_dataset for item in report.rejections)
        assert report.found == report.published + report.withheld + rejected
        assert report.published == report.new
        rejections = ledger.rejections(report.run)
        assert sum(report.rejected.values()) == len(rejections)
        assert all(item.identifier and item.reason for item in rejections)
        again = run(source, settings, ledger, Options(), silent)
        assert (again.new, again.changed, again.gone, again.missing) == (0, 0, 0, 0)
        assert again.published == report.published
