"""Expands URI templates of `RFC 6570 <https://www.rfc-editor.org/rfc/rfc6570>`_: levels 1 to 3, ``{name:3}`` and lists.

A template is compiled once and expanded a row at a time. ``resolver`` then makes an IRI of the result as CSVW asks:
a prefixed name of the `initial context <https://www.w3.org/2011/rdfa-context/rdfa-1.1>`_, or relative to the table.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple
from urllib.parse import quote, urljoin

from pyoxigraph import NamedNode

from maillon import identifiers
from maillon.vocabulary import PREFIXES

Values = Mapping[str, str | list[str] | None]

_EXPRESSION = re.compile(r"\{([+#./;?&]?)([^{}]*)\}")
_VARIABLE = re.compile(r"((?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})(?:[A-Za-z0-9_.]|%[0-9A-Fa-f]{2})*)(?::([0-9]{1,4})|\*)?")
_RESERVED: Final = ":/?#[]@!$&'()*+,;="
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_WITH_HOST = re.compile(r"https?://[^/?#{}]+/", re.IGNORECASE)
_UNSAFE = re.compile(r"[\x00-\x20<>\"{}|\\^`]")


class _Operator(NamedTuple):
    first: str
    between: str
    named: bool
    safe: str


class _Variable(NamedTuple):
    name: str
    length: int | None


_OPERATORS: Final = {
    "": _Operator("", ",", False, ""),
    "+": _Operator("", ",", False, _RESERVED),
    "#": _Operator("#", ",", False, _RESERVED),
    ".": _Operator(".", ".", False, ""),
    "/": _Operator("/", "/", False, ""),
    ";": _Operator(";", ";", True, ""),
    "?": _Operator("?", "&", True, ""),
    "&": _Operator("&", "&", True, ""),
}

PREFIXED: Final = {
    **PREFIXES,
    "cc": "http://creativecommons.org/ns#",
    "csvw": "http://www.w3.org/ns/csvw#",
    "ctag": "http://commontag.org/ns#",
    "dc": "http://purl.org/dc/terms/",
    "dc11": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "dqv": "http://www.w3.org/ns/dqv#",
    "duv": "https://www.w3.org/ns/duv#",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "gr": "http://purl.org/goodrelations/v1#",
    "ma": "http://www.w3.org/ns/ma-ont#",
    "oa": "http://www.w3.org/ns/oa#",
    "og": "http://ogp.me/ns#",
    "qb": "http://purl.org/linked-data/cube#",
    "rev": "http://purl.org/stuff/rev#",
    "sdmx-attribute": "http://purl.org/linked-data/sdmx/2009/attribute#",
    "sdmx-dimension": "http://purl.org/linked-data/sdmx/2009/dimension#",
    "sdmx-measure": "http://purl.org/linked-data/sdmx/2009/measure#",
    "sioc": "http://rdfs.org/sioc/ns#",
    "skosxl": "http://www.w3.org/2008/05/skos-xl#",
    "v": "http://rdf.data-vocabulary.org/#",
    "wdrs": "http://www.w3.org/2007/05/powder-s#",
    "xhv": "http://www.w3.org/1999/xhtml/vocab#",
    "xml": "http://www.w3.org/XML/1998/namespace",
}
"""Prefixes of CSVW's initial context and those of Maillon."""


class Template:
    """A compiled template.

    Attributes:
        variables: Names of the variables that it asks for.
    """

    def __init__(self, text: str, encode: Callable[[str], str] | None = None) -> None:
        """Compile a template. ``encode`` replaces percent-encoding; raises ValueError for a wrong expression."""
        self.text = text
        self._parts: list[str | tuple[_Operator, tuple[_Variable, ...]]] = []
        self._encode = encode
        end = 0
        for match in _EXPRESSION.finditer(text):
            self._parts.append(text[end : match.start()])
            self._parts.append((_OPERATORS[match[1]], tuple(_variable(item) for item in match[2].split(","))))
            end = match.end()
        self._parts.append(text[end:])
        if any("{" in part or "}" in part for part in self._parts if isinstance(part, str)):
            raise ValueError(f"{text!r}: a brace of a URI template is not closed")
        self.variables = frozenset(item.name for part in self._parts if not isinstance(part, str) for item in part[1])

    def expand(self, values: Values) -> str:
        """Return the template with its variables filled in; a variable without value leaves nothing."""
        return "".join([part if isinstance(part, str) else self._filled(*part, values) for part in self._parts])

    def literals(self) -> list[str]:
        """Return the parts between the variables, empty ones too."""
        return [part for part in self._parts if isinstance(part, str)]

    def _filled(self, operator: _Operator, variables: tuple[_Variable, ...], values: Values) -> str:
        if len(variables) == 1 and not operator.named and not operator.first:
            name, length = variables[0]
            value = values.get(name)
            if isinstance(value, str):  # nearly always: one text, no operator
                return self._encoded(operator, value[:length])
        texts = []
        for name, length in variables:
            value = values.get(name)
            if value is not None and value != []:
                parts = [value] if isinstance(value, str) else value
                texts.append(self._named(operator, name, [part[:length] for part in parts]))
        return operator.first + operator.between.join(texts) if texts else ""

    def _named(self, operator: _Operator, name: str, parts: list[str]) -> str:
        text = ",".join([self._encoded(operator, part) for part in parts])
        if not operator.named:
            return text
        return f"{name}={text}" if text or operator.first != ";" else name

    def _encoded(self, operator: _Operator, text: str) -> str:
        return self._encode(text) if self._encode else quote(text, safe=operator.safe + "-._~")


class IriTemplate(Template):
    """A template whose expansions are IRIs, absolute or relative to the table; see ``resolver``."""

    def __init__(self, text: str, base: str, mints: bool = False) -> None:
        """Compile a template.

        Args:
            text: The template.
            base: Address of the table.
            mints: Whether a relative one makes IRIs of ours, whose parts need no escaping (``identifiers.segment``).
        """
        self._resolve = resolver(base)
        text = expanded_name(text)
        is_minted = mints and not _SCHEME.match(text)
        if is_minted:
            # What stands before the first variable is resolved now, so that rows need not be.
            first = text.partition("{")[0]
            text = (urljoin(base, first) if first else base) + text[len(first) :]
        super().__init__(text, identifiers.segment if is_minted else None)
        first, *others = self.literals()
        self._is_ready = bool(_WITH_HOST.match(first)) and not any(map(_UNSAFE.search, (first, *others)))

    def iri(self, values: Values) -> NamedNode:
        """Return the IRI for a row's values; raises ValueError where they make none."""
        text = self.expand(values)
        return NamedNode(text if self._is_ready else self._resolve(text))


def _variable(text: str) -> _Variable:
    match = _VARIABLE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no variable of a URI template (a column's name, percent-encoded where needed)")
    return _Variable(match[1], int(match[2]) if match[2] else None)


def expanded_name(text: str, prefixes: Mapping[str, str] = PREFIXED) -> str:
    """Return the IRI that a prefixed name means; any other text as it is."""
    prefix, colon, local = text.partition(":")
    return prefixes[prefix] + local if colon and prefix in prefixes and not local.startswith("//") else text


def resolver(base: str) -> Callable[[str], str]:
    """Return what makes an absolute IRI of an expanded template; signs that no IRI may hold are percent-encoded."""
    bare = base.partition("#")[0]

    def resolve(text: str) -> str:
        text = expanded_name(text)
        if not text:
            return base
        if text.startswith("#"):
            text = bare + text
        elif not _SCHEME.match(text):
            text = urljoin(base, text)
        return _UNSAFE.sub(lambda match: quote(match[0]), text) if _UNSAFE.search(text) else text

    return resolve
