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
from typing import Final
from urllib.parse import unquote, urlsplit

from pyoxigraph import Dataset, NamedNode, Quad

from maillon.errors import ParseFailed
from maillon.rdf import feeds, paging, parsing, subjects
from maillon.records import Described, Record, Rejected
from maillon.sources import Answer, Fetch, Source

ACCEPT: Final = (
    "application/trig, text/turtle;q=0.9, application/n-quads;q=0.8, application/n-triples;q=0.8, "
    "application/rdf+xml;q=0.7, application/ld+json;q=0.6, */*;q=0.1"
)


def records(source: Source, fetch: Fetch) -> Iterator[Record]:
    """Yield every subject of a source with all its triples, and what was rejected.

    Args:
        source: What to read.
        fetch: What to read it with.

    Raises:
        SourceUnavailable: A page cannot be had.
        ParseFailed: The only document, or a page, cannot be read.
    """
    feed, catalogue = _Feed(source, fetch.base_iri), _Catalogue()
    for answer, parsed in _documents(source, fetch):
        if isinstance(parsed, Rejected):
            yield parsed
        elif feeds.is_feed(parsed.quads):
            yield from feed.note(answer, parsed.quads)
        else:
            catalogue.add(parsed)
    yield from feed.described(catalogue.merged)
    for record in subjects.split(catalogue.merged, source, fetch.base_iri):
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
        self._notes: dict[object, str] = {}
        self._all: set[str] = set()

    def add(self, parsed: parsing.Parsed) -> None:
        """Merge a document; its list of quads is emptied, because both together would take twice the memory."""
        self._all.add(parsed.note)
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
            yield answer, _read_or_reject(source, answer)
    elif first:
        yield from _pages(source, fetch, first[0])


def _pages(source: Source, fetch: Fetch, answer: Answer) -> Iterator[tuple[Answer, parsing.Parsed | Rejected]]:
    """Yield a document and, of a source on the web, those that it and its like name as further pages."""
    todo, seen = [answer], {source.url, answer.url}
    while todo:
        answer = todo.pop()
        parsed = _read(source, answer)
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
                    Rejected(target, "page not among the files", f"named by {_name(source, answer)}", is_dataset=False),
                )


def _read(source: Source, answer: Answer) -> parsing.Parsed:
    # The address of a file stands under the source's base already.
    base = source.base if source.base and source.is_http else answer.url
    return parsing.parse(answer.read(), base, answer.media_type, _name(source, answer))


def _read_or_reject(source: Source, answer: Answer) -> parsing.Parsed | Rejected:
    try:
        return _read(source, answer)
    except ParseFailed as error:
        name = _name(source, answer)
        if parsing.sniff(answer.read(), answer.media_type, name) is None:
            return Rejected(name, "not RDF", "remove it, or name another folder", is_dataset=False)
        return Rejected(name, "cannot be parsed", str(error), is_dataset=False)


def _name(source: Source, answer: Answer) -> str:
    return unquote(urlsplit(answer.url).path).partition(f"/source/{source.name}/")[2] or answer.url


class _Feed:
    """The fragments of an event stream; ``newest`` holds the last version of each subject, and its fragment."""

    def __init__(self, source: Source, base: str) -> None:
        self._source = source
        self._base = base
        self._answers: list[Answer] = []
        self.newest: dict[NamedNode, tuple[int, feeds.Member]] = {}

    def note(self, answer: Answer, quads: list[Quad]) -> Iterator[Rejected]:
        """Note what each member of a fragment is about; of two at the same time the one read later counts."""
        for member in feeds.members(quads):
            if member.subject is None:
                yield Rejected(member.iri.value, "no identity", "as:object must be an IRI", is_dataset=False)
                continue
            known = self.newest.get(member.subject)
            if known is None or known[1].published <= member.published:
                self.newest[member.subject] = len(self._answers), member
        self._answers.append(answer)

    def described(self, others: Dataset) -> Iterator[Record]:
        """Yield the last version of each subject that is not deleted.

        What a member says of further subjects, which have no member of their own, is added to ``others``.
        """
        wanted: dict[int, dict[NamedNode, feeds.Member]] = {}
        for number, member in self.newest.values():
            if not member.deleted:
                wanted.setdefault(number, {})[member.iri] = member
        for number, members in sorted(wanted.items()):
            parsed = _read(self._source, self._answers[number])
            for iri, quads in feeds.payloads(parsed.quads, members).items():
                yield from self._member(members[iri], quads, parsed.note, others)

    def _member(self, member: feeds.Member, quads: list[Quad], note: str, others: Dataset) -> Iterator[Record]:
        found = False
        for record in subjects.split(paging.without_paging(quads), self._source, self._base, note):
            if isinstance(record, Described) and record.subject != member.subject:
                for triple in record.triples if record.subject not in self.newest else ():
                    others.add(Quad(triple.subject, triple.predicate, triple.object))
                continue
            found = found or isinstance(record, Described)
            yield record
        if not found and member.subject is not None:
            yield Rejected(
                member.subject.value, "member without content", f"{member.iri.value} says nothing of it", False
            )
