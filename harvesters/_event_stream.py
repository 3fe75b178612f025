"""Turns documents of RDF into quads, and the fragments of an event stream into the last version of each subject.

Not a kind of source: what the kinds ``dcat`` and ``ldes`` share. The fragments of a feed (DCAT-AP Feeds, LDES) are read
twice, because only the last of a subject's versions counts and all of them together would not fit in memory: first
what each member is about and when, then what the last ones say.
https://w3id.org/ldes/specification
"""

from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import unquote, urlsplit

from pyoxigraph import Dataset, NamedNode, Quad

from maillon.errors import ParseFailed
from maillon.rdf import feeds, paging, parsing, subjects
from maillon.records import Deleted, Described, Record, Rejected
from maillon.sources import Answer, Source

ACCEPT: Final = (
    "application/trig, text/turtle;q=0.9, application/n-quads;q=0.8, application/n-triples;q=0.8, "
    "application/rdf+xml;q=0.7, application/ld+json;q=0.6, */*;q=0.1"
)


def read(source: Source, answer: Answer) -> parsing.Parsed:
    """Read one document of a source. Raises ParseFailed."""
    # The address of a file stands under the source's base already.
    base = source.base if source.base and source.is_http else answer.url
    return parsing.parse(answer.read(), base, answer.media_type, name(source, answer))


def read_or_reject(source: Source, answer: Answer) -> parsing.Parsed | Rejected:
    """Read one document among several, or say why it cannot be used."""
    try:
        return read(source, answer)
    except ParseFailed as error:
        called = name(source, answer)
        if parsing.sniff(answer.read(), answer.media_type, called) is None:
            return Rejected(called, "not RDF", "remove it, or name another folder", is_dataset=False)
        return Rejected(called, "cannot be parsed", str(error), is_dataset=False)


def name(source: Source, answer: Answer) -> str:
    """Return what to call a document: its name among the files of a source, else its address."""
    return unquote(urlsplit(answer.url).path).partition(f"/source/{source.name}/")[2] or answer.url


class Feed:
    """The fragments of an event stream; ``newest`` holds the last version of each subject, and its fragment."""

    def __init__(self, source: Source, base: str) -> None:
        self._source = source
        self._base = base
        self._answers: list[Answer] = []
        self.newest: dict[NamedNode, tuple[int, feeds.Member]] = {}

    def note(self, answer: Answer, members: Iterable[feeds.Member]) -> Iterator[Rejected]:
        """Note what each member of a fragment is about; of two at the same time the one read later counts."""
        for member in members:
            if member.subject is None:
                yield Rejected(member.iri.value, "no identity", "as:object must be an IRI", is_dataset=False)
                continue
            known = self.newest.get(member.subject)
            if known is None or known[1].published <= member.published:
                self.newest[member.subject] = len(self._answers), member
        self._answers.append(answer)

    def deleted(self) -> Iterator[Deleted]:
        """Yield the subjects whose last member says that they are gone."""
        for subject, (_, member) in self.newest.items():
            if member.deleted:
                yield Deleted(subject.value)

    def described(self, others: Dataset) -> Iterator[Record]:
        """Yield the last version of each subject that is not deleted.

        What a member says of further subjects, which have no member of their own, is added to ``others``.
        """
        wanted: dict[int, dict[NamedNode, feeds.Member]] = {}
        for number, member in self.newest.values():
            if not member.deleted:
                wanted.setdefault(number, {})[member.iri] = member
        for number, members in sorted(wanted.items()):
            parsed = read(self._source, self._answers[number])
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
