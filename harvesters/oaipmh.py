"""OAI-PMH 2.0 repositories: turns the records of ListRecords, or of recorded answers, into records of the catalogue.

https://www.openarchives.org/OAI/openarchivesprotocol.html. Payloads are read by the namespace of their root: RDF
(DCAT-AP), ISO 19139 and 19115-3, DataCite, Dublin Core (``oai_dc``, ``csw:Record``). Others are rejected.

A repository that keeps deletions (``deletedRecord`` is transient or persistent) is asked for what changed since the
``responseDate`` of the first answer of the last run, where its payload is Dublin Core or DataCite: in the others the
header of a deleted record does not tell which IRIs went, so they are read as a whole. The list must be as long as
``completeListSize`` says and no record may stand on two pages, else it is read again.

Options (``[options]`` in the source's TOML):

- ``metadata_prefix``: the format to ask for; default the richest of those offered that can be read.
- ``set``: ``setSpec`` of the set to read; default all.
- ``types``: list of ``dc:type`` (last part of an IRI) or DataCite's general types that are taken; default all.
- ``estimated_size``: true where ``completeListSize`` is only an estimate, which the protocol allows.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from harvesters import _oai_answer, _oai_payload
from harvesters._oai_answer import Reply
from harvesters._oai_repository import XML, Repository, check
from maillon import identifiers
from maillon.errors import ParseFailed, SourceDefinitionError
from maillon.records import Bookmark, Deleted, Record, Rejected
from maillon.sources import Answer, Fetch, Source

_OPTIONS: Final[dict[str, type]] = {"metadata_prefix": str, "set": str, "types": list, "estimated_size": bool}


def records(source: Source, fetch: Fetch) -> Iterator[Record]:
    """Yield what each record describes, what was deleted, and why what is not used is not.

    Raises:
        SourceDefinitionError: An option cannot be used.
        SourceUnavailable: The repository answers with an error.
        PagesShifted: The list changed while it was read.
        ParseFailed: An answer is not XML.
    """
    _check(source)
    if not source.is_http:
        yield from _recorded(source, fetch)
        return
    repository = Repository(source, fetch)
    plan = repository.plan()
    reader = _oai_payload.Reader(source, fetch.base_iri)
    for answer in list(repository.pages(plan, reader)):  # the whole list first: it may turn out not to be one
        yield from _items(_oai_answer.reply(answer), answer.url, source, fetch, reader)
    yield from reader.merged()
    goes_on = plan.tells_deletions and repository.date
    yield Bookmark(plan.bookmark(repository.date) if goes_on else "", bool(plan.since))


def _check(source: Source) -> None:
    for name, value in source.options.items():
        expected = _OPTIONS.get(name)
        if expected is None:
            raise SourceDefinitionError(
                f"Source {source.name}: unknown option {name!r}. The kind oaipmh knows {', '.join(_OPTIONS)}."
            )
        if not isinstance(value, expected) or (
            isinstance(value, list) and not all(isinstance(item, str) for item in value)
        ):
            raise SourceDefinitionError(f"Source {source.name}: options: {name} = {value!r} is not of the right type.")


def _items(reply: Reply, place: str, source: Source, fetch: Fetch, reader: _oai_payload.Reader) -> Iterator[Record]:
    """Yield the records of one answer."""
    for number, item in enumerate(reply.items(), start=1):
        if not item.identifier:
            yield Rejected(f"{place}, record {number}", "no identifier", "its header must have one")
        elif item.is_deleted:
            # Datasets get IRIs of ours, also where their identifier could itself stand as an IRI.
            yield Deleted(identifiers.mint(fetch.base_iri, "dataset", source.name, item.identifier))
        elif item.payload is None:
            yield Rejected(item.identifier, "no metadata", "the record is empty")
        else:
            yield from reader.records(item.identifier, item.payload, reply.note, place)


def _recorded(source: Source, fetch: Fetch) -> Iterator[Record]:
    """Yield the records of answers at hand; one among several that holds none is rejected, and the others carry on."""
    first = list(islice(fetch.documents(source.url, XML), 2))
    alone = len(first) == 1
    reader = _oai_payload.Reader(source, fetch.base_iri)
    for answer in fetch.documents(source.url, XML):
        reply = _reply(answer, alone)
        if isinstance(reply, Reply):
            reader.learn(reply)
    for answer in fetch.documents(source.url, XML):
        name = answer.url.rsplit("/", 1)[-1]
        reply = _reply(answer, alone)
        if isinstance(reply, Rejected):
            yield reply
        elif not reply.is_oai:  # a payload without its envelope
            yield from reader.records(name, reply.root, reply.note, name)
        elif reply.errors and alone:
            check(reply, source.url)
        elif next(reply.items(), None) is None:
            code = ", ".join(code for code, _ in reply.errors)
            detail = f"error {code}" if code else f"{reply.headers()} headers only" if reply.headers() else ""
            yield Rejected(name, "answer without records", detail, is_dataset=False)
        else:
            yield from _items(reply, name, source, fetch, reader)
    yield from reader.merged()


def _reply(answer: Answer, alone: bool) -> Reply | Rejected:
    try:
        return _oai_answer.reply(answer)
    except ParseFailed as error:
        if alone:
            raise
        return Rejected(answer.url.rsplit("/", 1)[-1], "cannot be parsed", str(error), is_dataset=False)
