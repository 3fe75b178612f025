"""Sources: what a TOML may say, where a relative path starts, what is refused."""

from pathlib import Path

import pytest

from maillon import paths
from maillon.errors import SourceDefinitionError
from maillon.sources import parse


def test_only_kind_and_url_are_required(tmp_path: Path) -> None:
    (tmp_path / "feed.ttl").write_text("", encoding="utf-8")
    source = parse('kind = "dcat"\nurl = "feed.ttl"\n', "my-source", tmp_path)
    assert source.name == "my-source"
    assert source.url == str(tmp_path / "feed.ttl")
    assert not source.is_http


def test_a_path_is_looked_for_beside_the_toml_then_here_then_among_the_samples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    beside = tmp_path / "beside"
    here.mkdir()
    beside.mkdir()
    monkeypatch.chdir(here)
    (here / "a.ttl").write_text("", encoding="utf-8")
    assert parse('kind="dcat"\nurl="a.ttl"', "s", beside).url == str(here / "a.ttl")
    (beside / "a.ttl").write_text("", encoding="utf-8")
    assert parse('kind="dcat"\nurl="a.ttl"', "s", beside).url == str(beside / "a.ttl")
    assert parse('kind="dcat"\nurl="data/samples"', "s", beside).url == str(paths.SAMPLES)
    assert parse('kind="dcat"\nurl="absent.ttl"', "s", beside).url == str(beside / "absent.ttl")


def test_a_plain_title_is_in_the_language_of_the_source(tmp_path: Path) -> None:
    text = 'kind="ckan"\nurl="https://data.example/"\nlanguage="nl"\ntitle="Mobiliteit"'
    source = parse(text, "s", tmp_path)
    assert source.title == {"nl": "Mobiliteit"}
    assert source.is_http


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind = ", "not valid TOML"),
        ('kind="dcat"', "'url'"),
        ('kind="dcat"\nurl=""', "'url'"),
        ('kind="dcat"\nurl="x"\nlicence="cc0"', "unknown key licence"),
        ('kind="dcat"\nurl="x"\ngrace_runs="3"', "grace_runs"),
        ('kind="dcat"\nurl="x"\nenabled=1', "enabled"),
        ('kind="dcat"\nurl="ftp://x.example/"', "http, https or a path"),
        ('kind="dcat"\nurl="x"\nname="A b"', "lower-case"),
        ('kind="dcat"\nurl="x"\nname="all"', "taken"),
        ('kind="dcat"\nurl="x"\ntitle={fr=5}', "title.fr = 5"),
        ('kind="dcat"\nurl="x"\nmass_change=5', "from 0 to 1"),
        ('kind="ckan"\nurl="x"\npage_size=0', "page_size"),
        ('kind="ckan"\nurl="x"\nlanguage="not a tag"', "BCP 47"),
        ('kind="ckan"\nurl="x"\nallow_hosts=[1]', "list of texts"),
        ('kind="ckan"\nurl="x"\nhomepage="www.x"', "absolute IRI"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_reason(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(SourceDefinitionError, match=said):
        parse(text, "s", tmp_path)
