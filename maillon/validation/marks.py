"""Turns the text of a version into marks: extra triples that give some of its subjects a class of ours.

Some rules hold only of resources that say something of themselves: DCAT-AP for High-Value Datasets of those that name
Implementing Regulation (EU) 2023/138 (https://semiceu.github.io/DCAT-AP/releases/3.0.0-hvd/, whose own shapes target
every resource), GeoDCAT-AP of geographic ones (https://semiceu.github.io/GeoDCAT-AP/releases/3.0.0/). SHACL Core has no
such targets: ``sh:targetClass`` asks for a class, so a resource in question gets one before the engine sees it. The
marks are never stored or published, and no rule reports a value of ``rdf:type``, so they show in no finding.

The classes are ``urn:maillon:class:`` with a sign and a kind (``dataset``, ``series``, ``service``, ``distribution``):

- ``high-value-<kind>``: ``dcatap:applicableLegislation`` is exactly the ELI of the regulation. Nothing else is a flag:
  whether a dataset is one is for the Member State to say, and this is how it says so.
- ``high-value-unclear-<kind>``: not that, but the property (of this or another namespace) names the regulation in
  another way, or ``dcatap:hvdCategory`` is used, or ``dct:conformsTo`` is the regulation. data.europa.eu counts none of
  these.
- ``high-value-contact``: a contact point described within a flagged resource.
- ``spatial-<kind>`` (no distribution): uses a term of GeoDCAT-AP about geography, or a code of INSPIRE's themes, topic
  categories, resource or service types, or a reference system or service standard of the OGC, or falls under the
  INSPIRE directive. A place alone (``dct:spatial``) does not make geographic data: nearly every dataset has one.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from maillon.vocabulary import PREFIXES

CLASS: Final = "urn:maillon:class:"
"""How the IRIs of the classes start."""

REGULATION: Final = "http://data.europa.eu/eli/reg_impl/2023/138/oj"
"""Implementing Regulation (EU) 2023/138 laying down a list of specific high-value datasets."""

_TYPE: Final = f"<{PREFIXES['rdf']}type>"
_CONTACT: Final = f"<{PREFIXES['dcat']}contactPoint>"
_CONFORMS: Final = f"<{PREFIXES['dct']}conformsTo>"
_LEGISLATION: Final = f"<{PREFIXES['dcatap']}applicableLegislation>"
_KINDS: Final = {
    f"<{PREFIXES['dcat']}DatasetSeries>": "series",
    f"<{PREFIXES['dcat']}Dataset>": "dataset",
    f"<{PREFIXES['dcat']}Distribution>": "distribution",
    f"<{PREFIXES['dcat']}DataService>": "service",
}

# What stands in the lines that give a mark. Most texts hold none of it and are done after looking.
_HIGH_VALUE_TRACES: Final = ("2023/138", "32023R0138", "hvdCategory>")
_SPATIAL_TRACES: Final = (
    "inspire.ec.europa.eu/", "opengis.net/", "data.europa.eu/930/", "opengeospatial.org/", "/eli/dir/2007/2",
)  # fmt: skip
_DATA: Final = f"<{PREFIXES['dcat']}Data"
"""How the classes start of which a resource can be spatial; files (a million in a large catalogue) are of none."""

# Seen: .../2023/138/oj_alt, https://, eur-lex.europa.eu/eli/..., .../oj/eng, no /oj, the CELEX number.
_REGULATION_NAMED: Final = re.compile(r"(?<!\d)2023/138(?!\d)|32023R0138")
_SPATIAL_TERM: Final = re.compile(
    r"<http://data\.europa\.eu/930/"
    r"(?:referenceSystem|topicCategory|serviceType|serviceCategory|serviceProtocol|spatialResolutionAsText)>"
)
# Not all of the INSPIRE registry: its codes of access and frequency serve records of any kind in GeoNetwork.
_SPATIAL_VALUE: Final = re.compile(
    r"<https?://(?:"
    r"inspire\.ec\.europa\.eu/(?:theme|featureconcept|id/citation/ir|id/document/tg)/"
    r"|inspire\.ec\.europa\.eu/metadata-codelist/"
    r"(?:TopicCategory|ResourceType(?!/nonGeo)|SpatialDataServiceType|SpatialDataServiceCategory"
    r"|SpatialRepresentationType|SpatialScope|PriorityDataset|ProtocolValue)/"
    r"|www\.opengis\.net/def/(?:crs|serviceType/ogc)/"
    r"|www\.opengis\.net/spec/ogcapi-"
    r"|www\.opengeospatial\.org/standards/"
    r")"
)
_INSPIRE_DIRECTIVE: Final = re.compile(r"<https?://data\.europa\.eu/eli/dir/2007/2(?:/|>)")

_FLAG: Final = "high-value"
_UNCLEAR: Final = "high-value-unclear"
_SPATIAL: Final = "spatial"
_OF_DISTRIBUTIONS: Final = {_FLAG, _UNCLEAR}


def _statements(text: str, trace: str) -> Iterator[tuple[str, str, str]]:
    """Yield subject, predicate and object of each line with a trace; what is no statement is passed over."""
    at = text.find(trace)
    while at >= 0:
        # Only a newline ends a line: literals may hold U+2028 and other characters that splitlines() takes for one.
        end = text.find("\n", at)
        end = end if end >= 0 else len(text)
        parts = text[text.rfind("\n", 0, at) + 1 : end].split(" ", 2)
        if len(parts) == 3:
            yield parts[0], parts[1], parts[2].removesuffix(" .")
        at = text.find(trace, end)


def _high_value(predicate: str, value: str) -> str:
    """Return the sign that a statement gives its subject as regards the regulation, empty if none."""
    if predicate == _LEGISLATION and value == f"<{REGULATION}>":
        return _FLAG
    if predicate.endswith("hvdCategory>"):
        return _UNCLEAR
    # A text has a finding of its own: that it is no address.
    names = value.startswith("<") and (predicate.endswith("applicableLegislation>") or predicate == _CONFORMS)
    return _UNCLEAR if names and _REGULATION_NAMED.search(value) else ""


def _is_spatial(predicate: str, value: str) -> bool:
    if predicate == _LEGISLATION and _INSPIRE_DIRECTIVE.match(value):
        return True
    return bool(_SPATIAL_VALUE.match(value) or _SPATIAL_TERM.match(predicate))


def _signs(text: str) -> dict[str, set[str]]:
    """Return what the statements of a text say of their subjects, by subject."""
    signs: defaultdict[str, set[str]] = defaultdict(set)
    for trace in _HIGH_VALUE_TRACES:
        for subject, predicate, value in _statements(text, trace):
            if sign := _high_value(predicate, value):
                signs[subject].add(sign)
    for trace in _SPATIAL_TRACES if _DATA in text else ():
        for subject, predicate, value in _statements(text, trace):
            if _is_spatial(predicate, value):
                signs[subject].add(_SPATIAL)
    return signs


def _kinds(text: str) -> dict[str, set[str]]:
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    for subject, predicate, value in _statements(text, _TYPE):
        if predicate == _TYPE and value in _KINDS:
            kinds[subject].add(_KINDS[value])
    return kinds


def _names(kinds: set[str], signs: set[str]) -> Iterator[str]:
    """Yield the names of the classes of a subject."""
    # A series is a dataset in DCAT 3, and some say so; it has no files of its own, so the rules on series count.
    kinds = kinds - {"dataset"} if "series" in kinds else kinds
    signs = signs - {_UNCLEAR} if _FLAG in signs else signs
    for sign in signs:
        for kind in kinds:
            if kind != "distribution" or sign in _OF_DISTRIBUTIONS:
                yield f"{sign}-{kind}"


def _contacts(text: str, flagged: set[str]) -> set[str]:
    """Return the contact points of flagged resources that are described in the same text."""
    if not flagged:
        return set()
    named = {value for subject, predicate, value in _statements(text, _CONTACT) if subject in flagged}
    return named & {line.split(" ", 1)[0] for line in text.split("\n")} if named else set()


def marked(text: str) -> str:
    """Return the marks of a version.

    Args:
        text: Its canonical N-Triples, one triple a line.

    Returns:
        Lines of N-Triples to add to it, in a fixed order; mostly none. Takes a few microseconds for a text without
        marks, and never fails: lines that are no triples are passed over.
    """
    signs = _signs(text)
    if not signs:
        return ""
    kinds = _kinds(text)
    classes = {(subject, name) for subject, own in signs.items() for name in _names(kinds.get(subject, set()), own)}
    flagged = {subject for subject, name in classes if name.rpartition("-")[0] == _FLAG}
    classes.update((contact, f"{_FLAG}-contact") for contact in _contacts(text, flagged))
    return "".join(f"{subject} {_TYPE} <{CLASS}{name}> .\n" for subject, name in sorted(classes))


@cache
def digest() -> str:
    """Return the SHA-256 of this module: the findings of a version depend on it as on the shapes."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
