"""What a list of datasets shows of one dataset, as a value and as the JSON that index and documents file keep."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One dataset in a list.

    Attributes:
        iri: The dataset.
        key: Its key in our addresses.
        title: Title by BCP 47 tag, the empty tag where the source states none.
        description: Description by BCP 47 tag, plain text without mark-up, cut.
        keywords: Keywords by BCP 47 tag, sorted.
        publisher_iri: IRI of its publisher, empty where there is none.
        publisher_name: Name of its publisher by BCP 47 tag.
        themes: IRIs of its themes, sorted.
        formats: Formats of its distributions, sorted: IRIs of the EU file-type table, else as the source wrote them.
        licences: IRIs of the licences of dataset and distributions, sorted.
        languages: IRIs of its languages, sorted.
        source: Name of the source.
        access_rights: IRI of its access right, empty where there is none.
        hvd: Whether it is declared a high-value dataset.
        frequency: IRI of its update frequency, empty where there is none.
        issued: Date of issue as the source states it, ISO 8601, empty where there is none.
        modified: Date of modification as the source states it (else of issue), ISO 8601, empty where there is none.
        distributions: Number of its distributions.
        conformant: Whether it is offered in the feed of conformant datasets.
    """

    iri: str
    key: str
    title: Texts = field(default_factory=dict)
    description: Texts = field(default_factory=dict)
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    publisher_iri: str = ""
    publisher_name: Texts = field(default_factory=dict)
    themes: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    source: str = ""
    access_rights: str = ""
    hvd: bool = False
    frequency: str = ""
    issued: str = ""
    modified: str = ""
    distributions: int = 0
    conformant: bool = True

    def as_json(self) -> str:
        """Return the summary as JSON text."""
        values = {item.name: getattr(self, item.name) for item in dataclasses.fields(self)}
        return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_json(text: str) -> Summary:
    """Read what ``as_json`` wrote."""
    values = json.loads(text)
    for name in ("themes", "formats", "licences", "languages"):
        values[name] = tuple(values[name])
    values["keywords"] = {language: tuple(words) for language, words in values["keywords"].items()}
    return Summary(**values)
