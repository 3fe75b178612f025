"""Says in plain words what a result of the official shapes means, for these files carry almost no messages themselves.

A sentence is made of the constraint component, what the shape asks for, the path and the value
(https://www.w3.org/TR/shacl/#core-components), in French, Dutch, German and English.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, RdfFormat, Triple, parse

from maillon.validation.engine import SHACL, Result
from maillon.vocabulary import PREFIXES, term

LANGUAGES: Final = ("fr", "nl", "de", "en")

_SENTENCES: Final[Mapping[str, tuple[str, str, str, str]]] = {
    "MinCount": (
        "{path} manque : au moins {asked} valeur est attendue. Ajoutez-la.",
        "{path} ontbreekt: minstens {asked} waarde wordt verwacht. Voeg die toe.",
        "{path} fehlt: Mindestens {asked} Wert wird erwartet. Fügen Sie ihn hinzu.",
        "{path} is missing: at least {asked} value is expected. Add it.",
    ),
    "MaxCount": (
        "{path} a trop de valeurs : {asked} au plus. Gardez celle qui convient.",
        "{path} heeft te veel waarden: hoogstens {asked}. Behoud de juiste.",
        "{path} hat zu viele Werte: höchstens {asked}. Behalten Sie den richtigen.",
        "{path} has too many values: at most {asked}. Keep the right one.",
    ),
    "NodeKind": (
        "{path} a la valeur {value} ; il faut {asked}. Écrivez-la ainsi.",
        "{path} heeft de waarde {value}; nodig is {asked}. Schrijf ze zo.",
        "{path} hat den Wert {value}; nötig ist {asked}. Schreiben Sie ihn so.",
        "{path} has the value {value}; what is needed is {asked}. Write it so.",
    ),
    "Datatype": (
        "{path} a la valeur {value}, qui n'est pas un {asked} bien formé. Corrigez-la.",
        "{path} heeft de waarde {value}, die geen goed gevormde {asked} is. Verbeter ze.",
        "{path} hat den Wert {value}, der kein wohlgeformtes {asked} ist. Berichtigen Sie ihn.",
        "{path} has the value {value}, which is not a well-formed {asked}. Correct it.",
    ),
    "Class": (
        "{path} renvoie à {value}, dont rien ne dit que c'est un {asked}. Décrivez-le dans le fichier avec ce type.",
        "{path} verwijst naar {value}, waarvan niets zegt dat het een {asked} is. Beschrijf het in het bestand met dit"
        " type.",
        "{path} verweist auf {value}, von dem nichts sagt, dass es ein {asked} ist. Beschreiben Sie es in der Datei mit"
        " diesem Typ.",
        "{path} points to {value}, and nothing says that it is a {asked}. Describe it in the file with this type.",
    ),
    "Pattern": (
        "{path} a la valeur {value}, qui n'a pas la forme attendue ({asked}). Corrigez-la.",
        "{path} heeft de waarde {value}, die niet de verwachte vorm heeft ({asked}). Verbeter ze.",
        "{path} hat den Wert {value}, der nicht die erwartete Form hat ({asked}). Berichtigen Sie ihn.",
        "{path} has the value {value}, which does not have the expected form ({asked}). Correct it.",
    ),
    "HasValue": (
        "{path} doit avoir la valeur {asked}. Ajoutez-la.",
        "{path} moet de waarde {asked} hebben. Voeg ze toe.",
        "{path} muss den Wert {asked} haben. Fügen Sie ihn hinzu.",
        "{path} must have the value {asked}. Add it.",
    ),
    "Node": (
        "{path} a la valeur {value}, qui ne convient pas : {asked} est attendu. Remplacez-la.",
        "{path} heeft de waarde {value}, die niet past: {asked} wordt verwacht. Vervang ze.",
        "{path} hat den Wert {value}, der nicht passt: {asked} wird erwartet. Ersetzen Sie ihn.",
        "{path} has the value {value}, which does not fit: {asked} is expected. Replace it.",
    ),
    "Or": (
        "{path} ({value}) ne remplit aucune des conditions possibles : {asked}. Remplissez-en une.",
        "{path} ({value}) voldoet aan geen van de mogelijke voorwaarden: {asked}. Voldoe aan één ervan.",
        "{path} ({value}) erfüllt keine der möglichen Bedingungen: {asked}. Erfüllen Sie eine davon.",
        "{path} ({value}) meets none of the possible conditions: {asked}. Meet one of them.",
    ),
    "": (
        "{path} ({value}) ne respecte pas la règle {rule}. Comparez avec la spécification.",
        "{path} ({value}) voldoet niet aan de regel {rule}. Vergelijk met de specificatie.",
        "{path} ({value}) verstößt gegen die Regel {rule}. Vergleichen Sie mit der Spezifikation.",
        "{path} ({value}) does not meet the rule {rule}. Compare it with the specification.",
    ),
}
"""By component without its namespace and ``ConstraintComponent``: French, Dutch, German, English."""

_ANONYMOUS: Final = (
    "(description imbriquée)", "(ingebedde beschrijving)", "(eingebettete Beschreibung)", "(embedded description)"
)  # fmt: skip
_NODE: Final = ("La description", "De beschrijving", "Die Beschreibung", "The description")
_KINDS: Final[Mapping[str, tuple[str, str, str, str]]] = {
    "IRI": ("une adresse (IRI)", "een adres (IRI)", "eine Adresse (IRI)", "an address (IRI)"),
    "Literal": ("un texte", "een tekst", "ein Text", "a text"),
    "BlankNode": (
        "une description imbriquée",
        "een ingebedde beschrijving",
        "eine eingebettete Beschreibung",
        "an embedded description",
    ),
    "BlankNodeOrIRI": (
        "une adresse ou une description imbriquée",
        "een adres of een ingebedde beschrijving",
        "eine Adresse oder eine eingebettete Beschreibung",
        "an address or an embedded description",
    ),
}
_CODE: Final = ("un code de la liste {}", "een code van de lijst {}", "ein Code der Liste {}", "a code of the list {}")
_PARAMETERS: Final = {
    "MinCount": "minCount",
    "MaxCount": "maxCount",
    "NodeKind": "nodeKind",
    "Datatype": "datatype",
    "Class": "class",
    "Pattern": "pattern",
    "HasValue": "hasValue",
    "Node": "node",
    "Or": "or",
}
_LONGEST: Final = 120
_AUTHORS: Final = (SHACL + "message", "https://purl.eu/ns/shacl#message")  # the HVD files use the second


def short(term_text: str) -> str:
    """Return a term in N-Triples syntax as people write it: prefixed where a prefix is known, a literal bare."""
    if term_text.startswith("_:") or not term_text:
        return term_text
    if not term_text.startswith("<"):
        found = next(iter(parse(f"<urn:s> <urn:p> {term_text} .", RdfFormat.N_TRIPLES))).object
        text = found.value if isinstance(found, Literal) else term_text
        return f"« {text[:_LONGEST]} »"
    iri = term_text.strip("<>")
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and "/" not in iri[len(namespace) :]:
            return f"{prefix}:{iri[len(namespace) :]}"
    return f"<{iri[:_LONGEST]}>"


def _path(path: str) -> str:
    return short(path) if path.startswith("<") and path.count("<") == 1 else path


def _value(value: str, number: int) -> str:
    """Return a value as people write it, a literal with its datatype where that is not a text."""
    if value.startswith("_:"):
        return _ANONYMOUS[number]
    datatype = value.rpartition('"^^')[2] if value.startswith('"') and value.endswith(">") else ""
    return f"{short(value)} ({short(datatype)})" if datatype else short(value)


@dataclass(frozen=True, slots=True)
class Sentences:
    """Makes the messages of one profile.

    Attributes:
        parts: Objects by predicate, by shape, all in N-Triples syntax, the predicates without brackets.
    """

    parts: Mapping[str, Mapping[str, list[str]]]

    @classmethod
    def of(cls, triples: Iterable[Triple]) -> "Sentences":
        """Return the sentences of a shapes graph."""
        parts: dict[str, dict[str, list[str]]] = {}
        for triple in triples:
            parts.setdefault(str(triple.subject), {}).setdefault(triple.predicate.value, []).append(str(triple.object))
        return cls(parts)

    def messages(self, result: Result) -> tuple[tuple[str, str], ...]:
        """Return the message of a result, as pairs of language and text: four languages, and what its authors say."""
        component = result.component.removeprefix(SHACL).removesuffix("ConstraintComponent")
        key = component if component in _SENTENCES else ""
        shape = self.parts.get(result.shape if result.shape.startswith("_:") else f"<{result.shape}>", {})
        asked = shape.get(SHACL + _PARAMETERS.get(component, ""), [])
        found = []
        for number, language in enumerate(LANGUAGES):
            text = _SENTENCES[key][number].format(
                path=_path(result.path) or _NODE[number],
                value=_value(result.value, number),
                asked=" ; ".join(self._asked(item, number) for item in asked) or "-",
                rule=short(f"<{result.shape}>"),
            )
            found.append((language, text))
        return (*found, *self._authors(shape))

    def _authors(self, shape: Mapping[str, list[str]]) -> Iterable[tuple[str, str]]:
        for predicate in _AUTHORS:
            for said in shape.get(predicate, []):
                text = next(iter(parse(f"<urn:s> <urn:p> {said} .", RdfFormat.N_TRIPLES))).object
                if isinstance(text, Literal):
                    yield f"{text.language or 'en'}-x-author", text.value.strip()

    def _asked(self, item: str, number: int, depth: int = 12) -> str:
        """Return what a parameter of a constraint asks for, in one of the languages."""
        kind = item.removeprefix("<" + SHACL).removesuffix(">")
        if kind in _KINDS:
            return _KINDS[kind][number]
        inside = self.parts.get(item)
        if inside is None or not depth:
            return short(item) if item.startswith("<") else short(item).strip("« »")
        return self._within(inside, number, depth) or short(item)

    def _within(self, inside: Mapping[str, list[str]], number: int, depth: int) -> str:
        """Return what a shape or a list asks for, its parts joined by slashes."""
        if str(term("skos:inScheme")) in inside.get(SHACL + "path", []):
            return ", ".join(_CODE[number].format(short(item)) for item in inside.get(SHACL + "hasValue", []))
        texts = []
        for name in ("datatype", "class", "pattern", "node", "or", "property"):
            texts += [self._asked(value, number, depth - 1) for value in inside.get(SHACL + name, [])]
        for value in inside.get(PREFIXES["rdf"] + "first", []):
            texts.append(self._asked(value, number, depth - 1))
        for value in inside.get(PREFIXES["rdf"] + "rest", []):
            if value != str(term("rdf:nil")):
                texts.append(self._asked(value, number, depth - 1))
        if not texts:
            texts = [self._asked(value, number, depth - 1) for value in inside.get(SHACL + "nodeKind", [])]
        path = "".join(f"{short(value)}: " for value in inside.get(SHACL + "path", []))
        return path + " / ".join(text for text in texts if text)
