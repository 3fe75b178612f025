"""The texts of the interface: all there, in all languages, with their placeholders."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from maillon import paths
from maillon.settings import LANGUAGES

TRANSLATIONS = paths.TEMPLATES / "translations"
PLACEHOLDER = re.compile(r"%\(\w+\)s")


def _catalog(language: str) -> Catalog:
    path = TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as stream:
        return read_po(stream, locale=language)


def _forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def _sources(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def _extracted() -> set[str]:
    with (TRANSLATIONS / "babel.cfg").open(encoding="utf-8") as stream:
        methods, options = parse_mapping_cfg(stream)  # type: ignore[no-untyped-call]
    found: set[str] = set()
    for folder in (Path(paths.__file__).parent, paths.TEMPLATES):
        for _file, _line, source, _comments, _context in extract_from_dir(folder, methods, options):
            found.add(source if isinstance(source, str) else source[0])
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_untranslated(language: str) -> None:
    for message in _catalog(language):
        assert not message.fuzzy
        if message.id:
            assert all(form.strip() for form in _forms(message)), message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_match(language: str) -> None:
    for message in _catalog(language):
        if message.id:
            wanted = set(PLACEHOLDER.findall(_sources(message)[-1]))
            for form in _forms(message):
                assert set(PLACEHOLDER.findall(form)) == wanted, message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_has_exactly_the_texts_in_use(language: str) -> None:
    known = {_sources(message)[0] for message in _catalog(language) if message.id}
    assert known == _extracted()


@pytest.mark.parametrize("language", ["fr", "nl", "de"])
def test_sentences_are_really_translated(language: str) -> None:
    same = [
        message.id
        for message in _catalog(language)
        if isinstance(message.id, str) and message.id.count(" ") > 3 and message.id == message.string
    ]
    assert same == []
