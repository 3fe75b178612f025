"""Turns DCAT in any serialisation of RDF, in any number of documents, into one record for every subject.

A source is a file, an archive or a folder of files, of which every one is read; or an address, from which Hydra pages
and the fragments of an LDES are followed. Documents of a catalogue are merged before they are split into subjects. The
fragments of a feed (DCAT-AP Feeds, LDES) are read twice, because only the last of a subject's versions counts and all
of them together would not fit in memory: first what each member is about and when, then what the last ones say.

A document that cannot be read is rejected and the others carry on, unless it is the only one or a page of the web:
then the source stops, because the datasets on it would seem to have vanished.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice

from pyoxigraph import Dataset, NamedNode, Quad

from harvesters._event_stream import ACCEPT, Feed, name, read, read_or_reject
from maillon.rdf import feeds, paging, parsing, subjects
from maillon.rdf.order import TextOrder
from maillon.records import Record, Rejected
from maillon.sources import Answer, Fetch, Source


def records(source: Source, fetch: Fetch) -> Iterator[Record]:
    """Yield every subject of a source with all its triples, and what was rejected.

    Args:
        source: What to read.
        fetch: What to read it with.

    Raises:
        SourceUnavailable: A page cannot be had.
        ParseFailed: The only document, or a page, cannot be read.
    """
    feed, catalogue = Feed(source, fetch.base_iri), _Catalogue()
    for answer, parsed in _documents(source, fetch):
        if isinstance(parsed, Rejected):
            yield parsed
        elif feeds.is_feed(parsed.quads):
            yield from feed.note(answer, feeds.members(parsed.quads))
        else:
            catalogue.add(parsed)
    yield from feed.described(catalogue.merged)
    for record in subjects.split(catalogue.merged, source, fetch.base_iri, order=catalogue.order):
        if isinstance(record, Rejected):
            yield record
        elif record.subject not in feed.newest:
            yield replace(record, note=catalogue.note(record.subject))


def _drained(quads: list[Quad]) -> Iterator[Quad]:
    while quads:
        yield quads.pop()


class _Catalogue:
    """All documents that are no feed, merged; and what had to be done to read what each subject's triples came from."""

    def __init__(self) -> None:
        self.merged = Dataset()
        self.order = TextOrder()
        self._notes: dict[object, str] = {}
        self._all: set[str] = set()

    def add(self, parsed: parsing.Parsed) -> None:
        """Merge a document; its list of quads is emptied, because both together would take twice the memory."""
        self._all.add(parsed.note)
        self.order.note(parsed.quads)
        for quad in paging.without_paging(_drained(parsed.quads)):
            self.merged.add(quad)
            if parsed.note:
                self._notes[quad.subject] = parsed.note

    def note(self, subject: NamedNode) -> str:
        """Return the note for a subject; for a minted one, the note that all documents share."""
        return self._notes.get(subject, next(iter(self._all)) if len(self._all) == 1 else "")


def _documents(source: Source, fetch: Fetch) -> Iterator[tuple[Answer, parsing.Parsed | Rejected]]:
    answers = fetch.documents(source.url, ACCEPT)
    first = list(islice(answers, 2))
    if len(first) > 1:
        for answer in chain(first, answers):
            yield answer, read_or_reject(source, answer)
    elif first:
        yield from _pages(source, fetch, first[0])


def _pages(source: Source, fetch: Fetch, answer: Answer) -> Iterator[tuple[Answer, parsing.Parsed | Rejected]]:
    """Yield a document and, of a source on the web, those that it and its like name as further pages."""
    todo, seen = [answer], {source.url, answer.url}
    while todo:
        answer = todo.pop()
        parsed = read(source, answer)
        found = [target for target in paging.next_pages(parsed.quads, answer.url) if target not in seen]
        seen.update(found)
        yield answer, parsed
        for target in found:
            if source.is_http:
                todo.append(fetch(target, ACCEPT))
                seen.add(todo[-1].url)
            else:
                yield (
                    answer,
                    Rejected(target, "page not among the files", f"named by {name(source, answer)}", is_dataset=False),
                )
