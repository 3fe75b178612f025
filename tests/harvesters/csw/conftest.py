"""What the tests of ISO records share: a maker of small records, and a reader of what they become."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from harvesters import csw
from harvesters._iso_graph import term
from maillon.records import Described, Record, Rejected
from maillon.sources import Source
from maillon.vocabulary import TYPE

_NAMESPACES = " ".join(
    f'xmlns:{prefix}="{iri}"'
    for prefix, iri in {
        "gmd": "http://www.isotc211.org/2005/gmd",
        "gmi": "http://www.isotc211.org/2005/gmi",
        "gco": "http://www.isotc211.org/2005/gco",
        "gmx": "http://www.isotc211.org/2005/gmx",
        "srv": "http://www.isotc211.org/2005/srv",
        "gml": "http://www.opengis.net/gml/3.2",
        "xlink": "http://www.w3.org/1999/xlink",
    }.items()
)


def text(name: str, content: str) -> str:
    return f"<gmd:{name}><gco:CharacterString>{content}</gco:CharacterString></gmd:{name}>"


def code(name: str, kind: str, value: str) -> str:
    return f'<gmd:{name}><gmd:{kind} codeList="l" codeListValue="{value}"/></gmd:{name}>'


@dataclass(frozen=True, kw_only=True)
class Iso:
    """The variable parts of a record in ISO 19139; each a piece of XML, or a text where it says so."""

    identifier: str = "r1"  # text; empty for none
    language: str = code("language", "LanguageCode", "fre")
    scope: str = "dataset"  # text; empty for none
    head: str = ""
    citation: str = ""
    identification: str = ""
    online: str = ""
    rest: str = ""
    title: str = text("title", "Arbres")
    kind: str = "gmd:MD_DataIdentification"
    root: str = "gmd:MD_Metadata"
    namespaces: str = _NAMESPACES

    def xml(self) -> str:
        """Return the record."""
        online = f"<gmd:onLine><gmd:CI_OnlineResource>{self.online}</gmd:CI_OnlineResource></gmd:onLine>"
        return (
            f"<{self.root} {self.namespaces}>"
            + (text("fileIdentifier", self.identifier) if self.identifier else "")
            + self.language
            + (code("hierarchyLevel", "MD_ScopeCode", self.scope) if self.scope else "")
            + self.head
            + f"<gmd:identificationInfo><{self.kind}><gmd:citation><gmd:CI_Citation>{self.title}{self.citation}"
            + f"</gmd:CI_Citation></gmd:citation>{self.identification}</{self.kind}></gmd:identificationInfo>"
            + "<gmd:distributionInfo><gmd:MD_Distribution><gmd:transferOptions><gmd:MD_DigitalTransferOptions>"
            + (online if self.online else "")
            + "</gmd:MD_DigitalTransferOptions></gmd:transferOptions></gmd:MD_Distribution></gmd:distributionInfo>"
            + f"{self.rest}</{self.root}>"
        )


class Harvested:
    """What records became."""

    def __init__(self, records: list[Record]) -> None:
        self.records = records
        self.triples = [item for record in records if isinstance(record, Described) for item in record.triples]
        self.rejected = [record for record in records if isinstance(record, Rejected)]

    def values(self, predicate: str) -> list[str]:
        """Return the objects of a property, by its prefixed name, as texts (``"a"@fr``), sorted."""
        return sorted(str(item.object) for item in self.triples if item.predicate == term(predicate))

    def subjects(self, class_name: str) -> list[str]:
        """Return the IRIs of a class, sorted."""
        found = (item.subject for item in self.triples if item.predicate == TYPE and item.object == term(class_name))
        return sorted(item.value for item in found if isinstance(item, NamedNode))

    def on(self, subject: str, predicate: str) -> list[str]:
        """Return the objects of a property of one subject, sorted."""
        return sorted(
            str(item.object)
            for item in self.triples
            if isinstance(item.subject, NamedNode)
            and item.subject.value == subject
            and item.predicate == term(predicate)
        )

    @property
    def texts(self) -> list[str]:
        """Return all texts."""
        return [item.object.value for item in self.triples if isinstance(item.object, Literal)]


@pytest.fixture
def iso() -> type[Iso]:
    """Return the maker of records."""
    return Iso


@pytest.fixture
def harvested(tmp_path: Path, fetch_folder: Callable[..., object]) -> Callable[..., Harvested]:
    """Return a harvester of documents: ``harvested(record, record, ...)`` writes each to a file and reads them."""

    def run(*documents: Iso | str | bytes, language: str = "") -> Harvested:
        for number, document in enumerate(documents):
            content = document.xml() if isinstance(document, Iso) else document
            data = content if isinstance(content, bytes) else content.encode()
            (tmp_path / f"{number}.xml").write_bytes(data)
        source = Source(name="test", kind="csw", url=str(tmp_path), language=language)
        return Harvested(list(csw.records(source, fetch_folder(tmp_path))))  # type: ignore[arg-type]

    return run
