"""Turns one answer of an OAI-PMH repository into headers, payloads and how the list goes on.

After https://www.openarchives.org/OAI/openarchivesprotocol.html (version 2.0), read without a schema.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from harvesters import _xml
from maillon.sources import Answer

OAI: Final = "{http://www.openarchives.org/OAI/2.0/}"


@dataclass(frozen=True, slots=True)
class Item:
    """One record of a list.

    Attributes:
        identifier: That of its header, empty where it has none.
        is_deleted: Whether the repository says that it is deleted.
        payload: Root of the metadata, None where there is none.
    """

    identifier: str
    is_deleted: bool
    payload: etree._Element | None


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer.

    Attributes:
        root: Its root element.
        note: What had to be done to read it.
        date: Its ``responseDate`` as it was sent, empty where there is none.
        errors: Pairs of code and message.
        token: The resumption token; empty where the list ends here.
        size: ``completeListSize``, None where it is not said.
    """

    root: etree._Element
    note: str
    date: str
    errors: tuple[tuple[str, str], ...]
    token: str
    size: int | None

    @property
    def is_oai(self) -> bool:
        """Whether it is an answer of OAI-PMH at all."""
        return self.root.tag == OAI + "OAI-PMH"

    def items(self) -> Iterator[Item]:
        """Yield the records of ListRecords or GetRecord."""
        for record in self.root.iterfind(f"*/{OAI}record"):
            metadata = record.find(f"{OAI}metadata")
            header = record.find(f"{OAI}header")
            deleted = header is not None and header.get("status", "").strip().lower() == "deleted"
            payload = None if metadata is None else next(metadata.iterchildren(etree.Element), None)
            yield Item(text(record, f"{OAI}header/{OAI}identifier"), deleted, payload)

    def headers(self) -> int:
        """Return how many bare headers it holds, as ListIdentifiers gives them."""
        return len(self.root.findall(f"{OAI}ListIdentifiers/{OAI}header"))

    def formats(self) -> dict[str, str]:
        """Return the namespace of each metadata prefix, as ListMetadataFormats gives them."""
        return {
            text(item, f"{OAI}metadataPrefix"): text(item, f"{OAI}metadataNamespace")
            for item in self.root.iterfind(f"{OAI}ListMetadataFormats/{OAI}metadataFormat")
        }

    def identify(self, name: str) -> str:
        """Return a field of Identify, empty where there is none."""
        return text(self.root, f"{OAI}Identify/{OAI}{name}")


def text(parent: etree._Element, path: str) -> str:
    """Return the text of an element without outer blanks, empty where there is none."""
    return content(parent.find(path))


def content(element: etree._Element | None) -> str:
    """Return all text inside an element without outer blanks, empty where there is no element."""
    return "" if element is None else str(element.xpath("string()")).strip()


def reply(answer: Answer) -> Reply:
    """Read an answer. Raises ParseFailed where it is not XML."""
    root, note = _xml.root(answer.read(), answer.url)
    token = root.find(f"*/{OAI}resumptionToken")
    size = "" if token is None else token.get("completeListSize", "").strip()
    return Reply(
        root=root,
        note=note,
        date=text(root, f"{OAI}responseDate"),
        errors=tuple(
            (item.get("code", "without a code"), (item.text or "").strip()) for item in root.iterfind(f"{OAI}error")
        ),
        token="" if token is None else (token.text or "").strip(),
        size=int(size) if size.isdecimal() and len(size) < 12 else None,
    )
