"""Every finding as a row for a steward: in which record, which field and value, what is wrong, what to do, and why.

Turns documents with findings (``sh:ValidationResult``, https://www.w3.org/TR/shacl/#results-validation-result) into
rows in the visitor's language, a few documents at a time.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Final

from flask import current_app, request

from maillon.records import Finding
from maillon.store import findings_by_record
from maillon.store.documents import Document, Documents
from maillon.store.findings_by_record import Found
from maillon.validation import shown
from maillon.vocabulary import term
from maillon.web import display, findings, links, negotiation, quality_data, quality_rules, texts
from maillon.web.current import Published
from maillon.web.described import read
from maillon.web.texts import Text

_BATCH: Final = 200
_NAMES: Final = frozenset(str(name) for name in links.NAMES)
PARTS: Final = frozenset(str(term(name)) for name in ("dcat:distribution", "dct:publisher", "dcat:contactPoint"))
"""What the score of a dataset depends on beside itself: ``maillon.quality.closures``."""


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding.

    Attributes:
        severity: ``Violation``, ``Warning`` or ``Info``.
        severity_label: The same in the visitor's language.
        dataset: Title of the dataset that it is about or that the file belongs to; name of the record for others.
        kind: Kind of the record, in the visitor's language.
        page: Address of the record's page, absolute.
        iri: The record.
        field: What the field is called, with its property.
        value: The value concerned, empty where there is none.
        wrong: What is wrong.
        to_do: What to do; empty where the rule says it all in one sentence.
        specification: Address of the passage that the rule comes from, empty where none is named.
        rule: IRI of the rule.
    """

    severity: str
    severity_label: str
    dataset: Text
    kind: str
    page: str
    iri: str
    field: str
    value: str
    wrong: str
    to_do: str
    specification: str
    rule: str


def absolute(path: str) -> str:
    """Return a path of this site as an absolute address."""
    root = negotiation.root(current_app.config["MAILLON"])
    return root + path.removeprefix(request.script_root).lstrip("/")


def of_scope(published: Published, kind: str, key: str, shape: str = "") -> Iterator[Found]:
    """Yield the records with findings of the catalogue, of a source or of an organisation, in a fixed order.

    Those of an organisation are its datasets, their files, publishers and contact points, each once.

    Args:
        published: The snapshot.
        kind: ``catalogue``, ``source`` or ``organisation``.
        key: Name of the source, IRI of the organisation.
        shape: Only those with a finding of this shape; empty for all.
    """
    if kind != "organisation":
        yield from findings_by_record.findings(published.documents, key, shape)
        return
    for record in _of_organisation(published, key):
        if any(shape in ("", finding.shape) for finding in record.findings):
            yield record


def _of_organisation(published: Published, iri: str) -> Iterator[Found]:
    documents = published.documents
    seen: set[str] = set()  # of what datasets share: 765 findings of one body are in files of several datasets
    members = quality_data.of(published).members("organisation", iri)
    faulty = (item.iri for item in members if any(item.severities.values()))
    while wanted := list(islice(faulty, _BATCH)):
        for dataset in documents.many(wanted).values():
            own = Found(dataset.iri, dataset.kind, dataset.key, tuple(dataset.findings))
            for record in (own, *_parts(dataset, documents)):
                if record.findings and record.iri not in seen:
                    yield record
                seen.update(() if record.kind == "dataset" else {record.iri})


def _parts(dataset: Document, documents: Documents) -> Iterator[Found]:
    """Yield those of a dataset's files, publishers and contact points that have findings."""
    lines = (line.split(" ", 2) for line in dataset.text.split("\n") if line)
    iris = [value[1:-3] for _subject, name, value in lines if name in PARTS and value.startswith("<")]
    for item in documents.many(findings_by_record.of_iris(documents, iris)).values():
        yield Found(item.iri, item.kind, item.key, tuple(item.findings))


def rows(items: Iterable[Found], documents: Documents, language: str, shape: str = "") -> Iterator[FindingRow]:
    """Yield the findings of records as rows, in bounded memory.

    Args:
        items: Records with findings.
        documents: The documents file, where the datasets of distributions are looked up.
        language: Of the texts.
        shape: Only findings of this shape; empty for all.
    """
    waiting, words = iter(items), _Words(language)
    while batch := list(islice(waiting, _BATCH)):
        names = dataset_names(batch, documents, language)
        needed = [record.iri for record in batch if any(map(shown.needs_text, record.findings))]
        texts = findings_by_record.texts(documents, needed)
        for record in batch:
            page = absolute(links.page(record.kind, record.key))
            for finding in record.findings:
                if shape in ("", finding.shape):
                    yield words.row(record, finding, names[record.iri], page, texts.get(record.iri, ""))


class _Words:
    """Makes rows in one language; each text is looked up once, because a table repeats them by the thousand."""

    def __init__(self, language: str) -> None:
        self._texts = cache(lambda shape: quality_rules.wrong_and_to_do(shape, language))
        self._severity = cache(findings.severity_label)
        self._kind = cache(display.kind_name)
        self._field = cache(lambda shape, path: _field_name(shape, path, language))

    def row(self, record: Found, finding: Finding, dataset: Text, page: str, text: str) -> FindingRow:
        """Return the row of one finding; its value may stand in the text of the record only."""
        wrong, to_do = self._texts(finding.shape)
        return FindingRow(
            severity=finding.severity,
            severity_label=self._severity(finding.severity),
            dataset=dataset,
            kind=self._kind(record.kind),
            page=page,
            iri=record.iri,
            field=self._field(finding.shape, finding.path),
            value=shown.line(finding, text),
            wrong=wrong,
            to_do=to_do,
            specification=quality_rules.specification(finding.shape),
            rule=finding.shape,
        )


def dataset_names(items: Iterable[Found], documents: Documents, language: str) -> Mapping[str, Text]:
    """Return what the dataset of each record is called, by IRI of the record: a file bears its dataset's name."""
    kinds = {item.iri: item.kind for item in items}
    owners = findings_by_record.datasets_of(documents, [iri for iri, kind in kinds.items() if kind == "distribution"])
    parents = {iri: owners.get(iri, iri) for iri in kinds}
    names = {
        iri: own_name(iri, text, language)
        for iri, text in findings_by_record.texts(documents, dict.fromkeys(parents.values())).items()
    }
    return {iri: names.get(parent, Text(iri)) for iri, parent in parents.items()}


def own_name(iri: str, text: str, language: str) -> Text:
    """Return what an entity is called, reading only the lines that say so: descriptions are long."""
    start = f"<{iri}> <"
    lines = [line for line in text.split("\n") if line.startswith(start) and line.split(" ", 2)[1] in _NAMES]
    said = read(iri, "".join(f"{line}\n" for line in lines))
    return texts.choose(said.texts(*links.NAMES), language) or Text(display.tail(iri))


def field_name(finding: Finding, language: str) -> str:
    """Return what the field of a finding is called, with its property: ``Licence (dct:license)``."""
    return _field_name(finding.shape, finding.path, language)


def _field_name(shape: str, path: str, language: str) -> str:
    name, prefixed = quality_rules.name(shape, language), findings.path_name(path)
    return f"{name} ({prefixed})" if name and prefixed else name or prefixed
