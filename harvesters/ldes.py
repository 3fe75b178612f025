"""Linked Data Event Streams: turns the members that were not read yet into records, and keeps its place.

A client in the unordered mode of https://w3id.org/ldes/specification, for DCAT-AP Feeds and streams of version objects.
The first run reads every page and yields the last version of each subject. Its bookmark holds which pages are immutable
(``ldes:immutable``, ``Cache-Control: immutable``, or an upper bound on ``ldes:timestampPath`` that time has passed) and
which members the others held; later runs read the other pages only, and yield what is new. A member that deletes
becomes ``Deleted``.

The stream is read as a whole again where going on would not give the same as that: it has another address, root or
paths; a member came with an earlier time than others before it; versions are out of order by design
(``ldes:versionTimestampPath``); its members describe other subjects than their own, which nothing tells to be gone; or
the view keeps deletions for less time than has passed. Where its retention policy lets current members go, what is not
there is not taken for deleted. Transactions and ``ldes:sequencePath`` are not used: a run is applied as a whole.

The source may also be an archive or folder of pages. There are no options.
"""

from collections.abc import Iterator

from pyoxigraph import Dataset

from harvesters import _ldes_place
from harvesters._ldes_reading import ReadAgain, Reading
from maillon.errors import SourceDefinitionError
from maillon.rdf import subjects
from maillon.records import Record, Rejected
from maillon.sources import Fetch, Source


def records(source: Source, fetch: Fetch) -> Iterator[Record]:
    """Yield what is new in the stream since the bookmark, all of it where there is none; then the next bookmark.

    Raises:
        SourceDefinitionError: It has options.
        SourceUnavailable: A page cannot be had, or there is no event stream.
        ParseFailed: A page cannot be read.
    """
    if source.options:
        raise SourceDefinitionError(f"Source {source.name}: the kind ldes has no options; take [options] out.")
    reading = Reading(source, fetch, _ldes_place.parse(fetch.bookmark))
    try:
        notes = list(reading.walk())
    except ReadAgain as reason:
        reading = Reading(source, fetch, None)
        notes = [*reason.notes, *reading.walk()]
    yield from notes
    yield from reading.feed.deleted()
    others = Dataset()
    yield from reading.feed.described(others)
    for record in subjects.split(others, source, fetch.base_iri):
        if isinstance(record, Rejected) or record.subject not in reading.feed.newest:
            yield record
    yield reading.bookmark()
