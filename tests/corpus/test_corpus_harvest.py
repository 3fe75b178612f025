"""The real process over real files: every CKAN and DCAT folder of the corpus is harvested, and nothing is lost."""

from pathlib import Path

import pytest

from maillon.harvest import Options, run, silent
from maillon.ledger import Ledger
from maillon.settings import Settings
from maillon.sources import parse

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared is absent: corpus tests need it"),
]
# Folders of which not one file is a catalogue: names only.
NAMES_ONLY = {"open-alberta"}


def folders(kind: str) -> list[Path]:
    root = CORPUS / kind
    return sorted(item for item in root.iterdir() if item.name != "be-data-gov-ldes") if root.is_dir() else []


@pytest.mark.parametrize(
    "folder", [*folders("dcat"), *folders("ckan")], ids=lambda path: f"{path.parent.name}-{path.name}"
)
def test_a_folder_of_the_corpus_is_harvested_and_every_rejection_named(folder: Path, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    source = parse(f'kind = "{folder.parent.name}"\nurl = "{folder}"', folder.name, tmp_path)
    with Ledger(settings.ledger) as ledger:
        report = run(source, settings, ledger, Options(), silent)
        if folder.name in NAMES_ONLY:
            assert report.status == "failed"
            assert any("names" in note for note in report.notes)
            return
        assert report.status == "done", report.notes
        assert report.published + len(report.rejections) > 0
        rejected = sum(item.is_dataset for item in report.rejections)
        assert report.found == report.new + report.withheld + rejected
        rejections = ledger.rejections(report.run)
        assert sum(report.rejected.values()) == len(rejections)
        assert all(item.identifier and item.reason for item in rejections)
        again = run(source, settings, ledger, Options(), silent)
        assert (again.new, again.changed, again.gone, again.missing) == (0, 0, 0, 0)
        assert again.published == report.published
