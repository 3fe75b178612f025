"""Turns summaries of datasets into a search index: one segment in one order, so that equal input gives equal answers.

The index is always made from all summaries, which cost about 0.15 ms each, instead of being changed in place: deleted
documents would still count in the scores, and the order by title would have to be given up.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import tantivy

from maillon.search.schema import LANGUAGES, SEPARATOR, folded, in_language, register, schema, words
from maillon.search.summary import Summary, from_json

_HEAP = 512_000_000
"""Octets that the writer may fill before it starts a second segment: enough for about 200,000 datasets."""


def _languages(tag: str) -> Iterable[str]:
    primary = tag.lower().split("-")[0]
    return (primary,) if primary in LANGUAGES else LANGUAGES


def _add_texts(document: tantivy.Document, summary: Summary) -> None:
    plain: list[str] = []
    for tag, title in summary.title.items():
        plain.append(title)
        for language in _languages(tag):
            document.add_text(f"title_{language}", title)
    bodies = [*summary.description.items(), *summary.publisher_name.items()]
    bodies += [(tag, word) for tag, list_ in summary.keywords.items() for word in list_]
    for tag, text in bodies:
        for language in _languages(tag):
            document.add_text(f"body_{language}", text)
    plain += [text for list_ in (*summary.keywords.values(), summary.publisher_name.values()) for text in list_]
    for text in (*plain, *(format_.rsplit("/", maxsplit=1)[-1] for format_ in summary.formats)):
        document.add_text("plain", text)
    for word in sorted({word for text in plain for word in words(text)}):
        document.add_text("suggest", folded(word) + SEPARATOR + word)


def _facets(summary: Summary) -> Iterator[tuple[str, str]]:
    single = {
        "publisher": summary.publisher_iri,
        "source": summary.source,
        "frequency": summary.frequency,
        "access": summary.access_rights,
        "hvd": "true" if summary.hvd else "",
    }
    yield from ((name, value) for name, value in single.items() if value)
    lists = (("theme", summary.themes), ("format", summary.formats), ("licence", summary.licences))
    for name, values in (*lists, ("language", summary.languages)):
        yield from ((name, value) for value in values)


Key = tuple[str, str]


def _sort_keys(summary: Summary) -> dict[str, Key]:
    """Return what a dataset is sorted by, by name of field; its IRI decides where titles or dates are the same."""
    keys = {"by_modified": (summary.modified, summary.iri)}
    shown: dict[str, str] = {}
    for language in LANGUAGES:
        title = in_language(summary.title, language)
        if title not in shown:
            shown[title] = " ".join(words(folded(title))) or "\uffff"
        keys[f"by_title_{language}"] = (shown[title], summary.iri)
    return keys


def _ranks(summaries: Iterable[Summary]) -> dict[str, list[int]]:
    """Return, by name of field and for each summary in turn, its place in an order."""
    keys: dict[str, list[Key]] = {}
    for summary in summaries:
        for name, key in _sort_keys(summary).items():
            keys.setdefault(name, []).append(key)
    ranks = {}
    for name, list_ in keys.items():
        ranks[name] = [0] * len(list_)
        for rank, place in enumerate(sorted(range(len(list_)), key=list_.__getitem__)):
            ranks[name][place] = rank
    return ranks


def build(path: Path, texts: Callable[[], Iterable[str]]) -> None:
    """Make the index.

    Args:
        path: Its folder, not there yet.
        texts: Gives all summaries as JSON, always in the same order; called twice, so that memory holds sort keys only.
    """
    ranks = _ranks(map(from_json, texts()))
    path.mkdir()
    index = tantivy.Index(schema(), path=str(path), reuse=False)
    register(index)
    writer = index.writer(heap_size=_HEAP, num_threads=1)
    for place, text in enumerate(texts()):
        summary = from_json(text)
        document = tantivy.Document()
        document.add_text("iri", summary.iri)
        _add_texts(document, summary)
        for name, value in _facets(summary):
            document.add_text(name, value)
        for name, list_ in ranks.items():
            document.add_unsigned(name, list_[place])
        document.add_bytes("summary", text.encode())
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
