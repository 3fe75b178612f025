"""What a repair rule is: a declared change to the triples of one entity, with an example that is also its test.

Rules work on triples, so that they are the same for sources that send RDF and for those that mapping turned into RDF.
A rule never invents what the source does not say; what it cannot read with certainty it leaves alone, and validation
reports it. Every application is kept with what stood there before.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from maillon.records import Entity, Node
from maillon.sources import Source
from maillon.vocabulary import DESCRIPTION, IDENTIFIER, ISSUED, MODIFIED, TITLE, term

_STRING: Final = term("xsd:string")
_SINGLE: Final = (TITLE, DESCRIPTION, IDENTIFIER, ISSUED, MODIFIED)
_PLAIN_TAGS: Final = frozenset(
    {"fr", "nl", "de", "en", "fr-t-nl", "nl-t-fr", "en-t-fr", "en-t-nl", "de-t-fr", "de-t-nl", "de-t-en", "", None}
)
SIGNS: Final = ("Â", "Ã", "â", "ï»¿", "{{", "&", "<", "\r", "\ufeff", "\u200b")
"""Signs in texts without which many rules have nothing to do."""
MARKS: Final = frozenset({"embedded", "several", "untagged", "tag", "blanks", *SIGNS})
"""What is found out of an entity once, so that most rules need not be tried on it: it has embedded nodes; several
titles, descriptions, identifiers or dates in one language; texts without language tag; other tags than the usual;
texts with outer blanks or nothing else; or one of the signs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a rule may know beside the entity.

    Attributes:
        source: The source of the entity, with its language, time zone and policy.
        base: The setting ``base_iri``.
        sniff: Returns the media type of the document behind an address by its first octets, None where it cannot be
            told; None where the source does not allow it.
        dataset_licence: The licence that the dataset of a distribution states; empty where it is not known.
    """

    source: Source
    base: str
    sniff: Callable[[str], str | None] | None = None
    dataset_licence: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One application of a rule: triples that go and triples that come in their place, all of one entity.

    Attributes:
        removed: Triples that the entity has.
        added: Triples that it gets; embedded nodes among them are new blank nodes or some that it has.
    """

    removed: tuple[Triple, ...]
    added: tuple[Triple, ...]


class Text(NamedTuple):
    """A triple whose object is a literal, taken apart once for all rules.

    Attributes:
        triple: The triple.
        predicate: Its predicate.
        value: The lexical form.
        language: The language tag, empty where it has none; None for a literal of another datatype than a string.
    """

    triple: Triple
    predicate: NamedNode
    value: str
    language: str | None

    def becoming(self, value: str, language: str | None = None) -> Change:
        """Return the change of this text into another value, in the same language unless one is given."""
        tag = self.language if language is None else language
        literal = Literal(value, language=tag) if tag else Literal(value)
        triple = self.triple
        return Change((triple,), (Triple(triple.subject, triple.predicate, literal),))


class Triples:
    """The triples of an entity while rules change them."""

    def __init__(self, entity: Entity) -> None:
        self.iri = entity.iri
        self.node = NamedNode(entity.iri)
        self.kind = entity.kind
        self._read(entity.triples)

    def _read(self, triples: Sequence[Triple]) -> None:
        """Take the triples apart, once for all rules: every look into a triple costs as much as a rule."""
        index: dict[NamedNode, list[Triple]] = {}
        texts: list[Text] = []
        leads: list[Triple] = []
        for triple in triples:
            predicate, target = triple.predicate, triple.object
            if predicate in index:
                index[predicate].append(triple)
            else:
                index[predicate] = [triple]
            if isinstance(target, Literal):
                language = target.language or ("" if target.datatype == _STRING else None)
                texts.append(Text(triple, predicate, target.value, language))
            elif isinstance(target, BlankNode):
                leads.append(triple)
        self._all, self._index, self._texts, self._leads = triples, index, tuple(texts), tuple(leads)

    def __iter__(self) -> Iterator[Triple]:
        return iter(self._all)

    def __contains__(self, triple: Triple) -> bool:
        return triple in self._index.get(triple.predicate, ())

    def predicates(self) -> Iterable[NamedNode]:
        """Return the predicates in use."""
        return self._index.keys()

    def marks(self) -> Iterator[str]:
        """Yield what ``Rule.marks`` may ask for and the entity has."""
        if self._leads:
            yield "embedded"
        if any(self._is_crowded(predicate) for predicate in _SINGLE):
            yield "several"
        languages, values, has_blanks = set(), [], False
        for _triple, _predicate, value, language in self._texts:
            languages.add(language)
            values.append(value)
            if value.strip() != value or not value:
                has_blanks = True
        if has_blanks:
            yield "blanks"
        if "" in languages:
            yield "untagged"
        if not languages <= _PLAIN_TAGS:
            yield "tag"
        signs = "\n".join(values)
        yield from (sign for sign in SIGNS if sign in signs)

    def _is_crowded(self, predicate: NamedNode) -> bool:
        found = self._index.get(predicate, ())
        if len(found) < 2:
            return False
        return len({getattr(triple.object, "language", None) for triple in found}) < len(found)

    def having(self, *predicates: NamedNode) -> tuple[Triple, ...]:
        """Return the triples with these predicates, of the subject and of embedded nodes."""
        index = self._index
        if len(predicates) > len(index):
            return self.among(frozenset(predicates))
        return tuple([triple for predicate in predicates if predicate in index for triple in index[predicate]])

    def among(self, predicates: frozenset[NamedNode]) -> tuple[Triple, ...]:
        """Return the triples with a predicate of a set; cheaper than ``having`` for many predicates."""
        index = self._index
        return tuple([triple for predicate in index if predicate in predicates for triple in index[predicate]])

    def texts(self) -> tuple[Text, ...]:
        """Return all literals, also of embedded nodes, in the order of the document where it is known."""
        return self._texts

    def leads(self) -> tuple[Triple, ...]:
        """Return the triples whose object is an embedded node."""
        return self._leads

    def several(self, predicate: NamedNode) -> list[list[Text]]:
        """Return the literals of one property and one node where there are several, by language."""
        if len(self._index.get(predicate, ())) < 2:
            return []
        groups: dict[tuple[Node | Triple, str | None], list[Text]] = {}
        for text in self._texts:
            if text.predicate == predicate:
                groups.setdefault((text.triple.subject, text.language), []).append(text)
        return [group for group in groups.values() if len(group) > 1]

    def about(self, node: Node) -> tuple[Triple, ...]:
        """Return the triples of one node."""
        return tuple(triple for triple in self._all if triple.subject == node)

    def apply(self, change: Change) -> None:
        """Take triples out and put others in, the first of them in the place of the first that goes."""
        gone, new = set(change.removed), [triple for triple in change.added if triple not in self]
        triples: list[Triple] = []
        for triple in self._all:
            if triple not in gone:
                triples.append(triple)
            elif new:
                triples.append(new.pop(0))
        self._read((*triples, *new))


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What a rule does to one entity, in Turtle with the prefixes of ``vocabulary.PREFIXES``; also its test.

    Attributes:
        before: The entity, whose subject is ``<urn:example>``.
        after: The same after the rule.
        kind: Its kind, one of ``identifiers.KINDS``.
        source: Keys of the source's TOML that matter, such as ``language``.
        dataset_licence: What ``Context.dataset_licence`` says.
        sniffed: Media type that ``Context.sniff`` answers for every address; empty where it is not asked.
    """

    before: str
    after: str
    kind: str = "dataset"
    source: Mapping[str, Any] = field(default_factory=dict)
    dataset_licence: str = ""
    sniffed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)  # a rule is itself only; its texts have no hash
class Rule:
    """One repair rule.

    Attributes:
        id: Short name of lower-case words with hyphens; kept in the ledger, so never changed.
        title: What it does, for a steward, in French, Dutch, German and English; a plain sentence.
        matches: What it looks for, with the cases seen and where.
        changes: What it puts in the place of it.
        kinds: Kinds of entities it is for; empty for all.
        predicates: It is tried only on entities that have a triple with one of these; empty for all entities.
        marks: It is tried only on entities that have one of these ``MARKS``; empty for all entities.
        example: What it does, shown on one entity.
        repair: Gives its changes for an entity. Each must be right on its own; all are applied together.
    """

    id: str
    title: Mapping[str, str]
    matches: str
    changes: str
    kinds: frozenset[str] = frozenset()
    predicates: frozenset[NamedNode] = frozenset()
    marks: frozenset[str] = frozenset()
    example: Example
    repair: Callable[[Triples, Context], Iterable[Change]]
