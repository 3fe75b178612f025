"""What a row, several rows or a form say of a dataset: turns values by field into ``records.Dataset``."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from harvesters._sheet_fields import kind_of
from maillon.records import Agent, Contact, Dataset, Distribution, Rejected

Values = Mapping[str, Sequence[str]]
"""Values by field of ``_sheet_fields.KINDS``, with language tags where the TOML or the template gives them."""


PLACE: Final = "place"
"""Among the values of a file: the cell or row where it begins."""


@dataclass(slots=True)
class Found:
    """What was found of one dataset.

    Attributes:
        place: The cell or row where it begins, as ``Sheet!A4``.
        values: Values by field.
        files: Values by field of each distribution, fields without ``distribution.``.
        wrong: Cells that cannot be used.
    """

    place: str
    values: dict[str, list[str]] = field(default_factory=dict)
    files: list[dict[str, list[str]]] = field(default_factory=list)
    wrong: list[Rejected] = field(default_factory=list)

    def join(self, other: "Found") -> None:
        """Take in what another row says of the same dataset; what was said first comes first."""
        for name, values in other.values.items():
            self.values[name] = list(dict.fromkeys((*self.values.get(name, ()), *values)))
        self.files += other.files
        self.wrong += other.wrong


def _one(values: Values, name: str) -> str | None:
    return next(iter(values.get(name, ())), None)


def _texts(values: Values, name: str, language: str) -> dict[str, str]:
    """Return the texts of a field by language: the first, of a description all, as paragraphs."""
    found = {}
    for key, items in values.items():
        if (key == name or key.startswith(f"{name}.")) and kind_of(f"title{key[len(name) :]}") and items:
            tag = key[len(name) + 1 :] or language
            found[tag] = "\n\n".join(items) if name == "description" else items[0]
    return found


def _agent(values: Values, role: str, language: str) -> Agent | None:
    names = {tag: name for tag, name in _texts(values, role, language).items() if tag not in _AGENT_FIELDS}
    iri, identifier = _one(values, f"{role}.iri"), _one(values, f"{role}.identifier")
    if not names and not iri and not identifier:
        return None
    return Agent(
        name=names,
        iri=iri,
        identifier=identifier,
        homepage=_one(values, f"{role}.homepage"),
        email=_one(values, f"{role}.email"),
    )


_AGENT_FIELDS = frozenset({"iri", "identifier", "homepage", "email"})


def _contacts(values: Values) -> tuple[Contact, ...]:
    """Return the contact point; further mailboxes are contact points of their own."""
    mailboxes = values.get("contact.email", ())
    first, others = next(iter(mailboxes), None), mailboxes[1:]
    name, url, phone = (_one(values, f"contact.{part}") for part in ("name", "url", "telephone"))
    main = (Contact(name=name, email=first, url=url, telephone=phone),) if first or name or url or phone else ()
    return (*main, *(Contact(email=mailbox) for mailbox in others))


def _periods(values: Values) -> tuple[tuple[str | None, str | None], ...]:
    start, end = _one(values, "temporal.start"), _one(values, "temporal.end")
    return ((start, end),) if start or end else ()


def _keywords(values: Values, language: str) -> tuple[tuple[str, str], ...]:
    pairs = [
        (key.partition(".")[2] or language, word)
        for key, words in values.items()
        if key == "keyword" or key.startswith("keyword.")
        for word in words
    ]
    return tuple(dict.fromkeys(pairs))


def dataset(identifier: str, found: Found, language: str) -> tuple[Dataset, list[Rejected]]:
    """Return the dataset, and those of its files that cannot be told apart from another.

    Args:
        identifier: Its identity in the source.
        found: What was found of it.
        language: BCP 47 tag of texts that carry none.
    """
    values, rejected = found.values, list[Rejected]()
    many = {name: tuple(dict.fromkeys(values.get(name, ()))) for name in _MANY}
    record = Dataset(
        identifier=identifier,
        iri=_one(values, "iri"),
        title=_texts(values, "title", language),
        description=_texts(values, "description", language),
        keyword=_keywords(values, language),
        publisher=_agent(values, "publisher", language),
        creator=_agent(values, "creator", language),
        contact=_contacts(values),
        landing_page=_one(values, "landing_page"),
        issued=_one(values, "issued"),
        modified=_one(values, "modified"),
        frequency=_one(values, "frequency"),
        license=_one(values, "license"),
        access_rights=_one(values, "access_rights"),
        temporal=_periods(values),
        version=_one(values, "version"),
        distributions=tuple(_distributions(found, language, rejected)),
        **many,
    )
    return record, rejected


_MANY = ("theme", "language", "spatial", "conforms_to", "documentation", "legislation", "hvd_category")


def _joined(files: Sequence[dict[str, list[str]]]) -> list[dict[str, list[str]]]:
    """Return the files; of those that differ by nothing but language, such as one address in two columns, one."""
    joined: dict[tuple[object, ...], dict[str, list[str]]] = {}
    for values in files:
        key = tuple(
            sorted((name, *items) for name, items in values.items() if items and name not in ("language", PLACE))
        )
        first = joined.setdefault(key, values)
        if first is not values:
            first["language"] = list(dict.fromkeys((*first.get("language", ()), *values.get("language", ()))))
    return list(joined.values())


def _distributions(found: Found, language: str, rejected: list[Rejected]) -> Iterator[Distribution]:
    """Yield the files; one without identifier is known by its address, and where two have the same, by more."""
    seen: set[str] = set()
    for values in _joined(found.files):
        address = _one(values, "access_url") or _one(values, "download_url") or ""
        label = next(iter(_texts(values, "title", language).values()), "")
        extra = (_one(values, "format") or "", label)
        stated = _one(values, "identifier")
        names = [stated] if stated else [address, *(f"{address} {part}".strip() for part in extra if part)]
        identifier = next((name for name in names if name and name not in seen), None)
        if identifier is None:
            place = _one(values, PLACE) or found.place
            rejected.append(Rejected(place, "file stands twice", address or stated or "", is_dataset=False))
            continue
        seen.add(identifier)
        yield Distribution(
            identifier=identifier,
            access_url=_one(values, "access_url"),
            download_url=_one(values, "download_url"),
            title=_texts(values, "title", language),
            description=_texts(values, "description", language),
            format=_one(values, "format"),
            media_type=_one(values, "media_type"),
            license=_one(values, "license"),
            rights=_texts(values, "rights", language),
            byte_size=_one(values, "byte_size"),
            issued=_one(values, "issued"),
            modified=_one(values, "modified"),
            language=tuple(values.get("language", ())),
            checksum=_one(values, "checksum"),
        )
