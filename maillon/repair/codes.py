"""Rules that turn frequencies, themes, access rights and languages into concepts of the EU lists that DCAT-AP names.

What a list knows in any of its spellings becomes its IRI; what none knows stays as it was, and validation reports it.
https://semiceu.github.io/DCAT-AP/releases/3.0.1/#controlled-vocabularies-to-be-used
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final
from urllib.parse import unquote

from pyoxigraph import Literal, NamedNode, Triple

from maillon import authority
from maillon.rdf.lexical import stated
from maillon.repair import values
from maillon.repair.rule import Change, Context, Example, Rule, Triples
from maillon.vocabulary import AUTHORITY, ISSUED, MODIFIED, term

_FREQUENCY: Final = term("dct:accrualPeriodicity")
_THEME: Final = term("dcat:theme")
_SUBJECT: Final = term("dct:subject")
_ACCESS: Final = term("dct:accessRights")
_LANGUAGE: Final = term("dct:language")
_THEMES: Final = AUTHORITY + "data-theme/"

_REPEATING = re.compile(r"R\d*/(?:[^/]*/)?(P\w[\w.,]*)", re.IGNORECASE)
_TRAILING = re.compile(r"[.;:]+$")


def _spelling(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


@cache
def _spellings(section: str) -> dict[str, str]:
    return {_spelling(text): code for text, code in values.table("codes")[section].items()}


def _rest(text: str, section: str) -> str:
    """Return what follows the beginning of the address of a known list, the text itself where it is none."""
    bases = values.table("codes")[section]["bases"]
    base = next((item for item in bases if text.startswith(item)), "")
    return unquote(text[len(base) :])


@lru_cache(maxsize=5_000)
def frequency(text: str) -> str | None:
    """Return the concept of the EU list of frequencies that a text or an IRI names, None where it names none."""
    text = _TRAILING.sub("", stated(text))
    known = authority.lookup("frequency", text) if text else None
    if known or not text:
        return known
    word = _rest(text, "frequency_bases")
    repeating = _REPEATING.fullmatch(word)
    code = _spellings("frequency").get(_spelling(word))
    if code:
        return f"{AUTHORITY}frequency/{code}"
    return authority.lookup("frequency", f"R/{repeating[1].upper()}" if repeating else word)


@lru_cache(maxsize=5_000)
def language(text: str) -> str | None:
    """Return the concept of the EU list of languages that a text, a tag or an IRI names, None where it names none."""
    text = stated(text)
    return authority.lookup("language", _rest(text, "language_bases")) if text else None


@lru_cache(maxsize=5_000)
def access_right(text: str) -> str | None:
    """Return the concept of the EU list of access rights that a text or an IRI names, None where it names none."""
    text = stated(text)
    code = values.table("codes")["access_right"].get(text) or _spellings("access_right").get(_spelling(text))
    return f"{AUTHORITY}access-right/{code}" if code else (authority.lookup("access-right", text) if text else None)


@cache
def _theme_words() -> dict[str, tuple[str, ...]]:
    return {_spelling(text): tuple(codes) for text, codes in values.table("codes")["theme_words"].items()}


@lru_cache(maxsize=5_000)
def themes(text: str) -> tuple[str, ...]:
    """Return the EU data themes that a text or an IRI means, none where that is not certain."""
    text = stated(text)
    plain = "http://" + text.removeprefix("https://") if text.startswith("https://inspire.") else text
    codes = values.table("codes")["theme"].get(plain) or _theme_words().get(_spelling(text), ())
    if codes:
        return tuple(_THEMES + code for code in codes)
    known = authority.lookup("data-theme", text) if text else None
    return (known,) if known else ()


def _frequencies(triples: Triples, context: Context) -> Iterator[Change]:
    yield from values.recode(triples, _FREQUENCY, frequency)


def _intervals(triples: Triples, context: Context) -> Iterator[Change]:
    """Move an interval out of a date; where a frequency is given too, that one stands."""
    for triple in triples.having(MODIFIED, ISSUED):
        text = triple.object.value.strip() if isinstance(triple.object, Literal) else ""
        concept = frequency(text) if _REPEATING.fullmatch(text) else None
        if concept:
            known = any(given.subject == triple.subject for given in triples.having(_FREQUENCY))
            moved = Triple(triple.subject, _FREQUENCY, NamedNode(concept))
            yield Change((triple,), () if known else (moved,))


def _eu_themes(triples: Triples, context: Context) -> Iterator[Change]:
    for triple in triples.having(_THEME):
        value = values.read(triples, triple)
        if value.iri.startswith(_THEMES) and "#" not in value.iri:
            continue
        found = dict.fromkeys(theme for text in value.texts for theme in themes(text))
        if not found:
            continue
        added = [Triple(triple.subject, _THEME, NamedNode(theme)) for theme in found]
        if value.iri and "/data-theme/" not in value.iri:
            added.append(Triple(triple.subject, _SUBJECT, NamedNode(value.iri)))
        yield values.swap(value, *added)


def _other_themes(triples: Triples, context: Context) -> Iterator[Change]:
    for triple in triples.having(_THEME):
        other = triple.object
        if isinstance(other, NamedNode) and not other.value.startswith(_THEMES) and not themes(other.value):
            yield Change((triple,), (Triple(triple.subject, _SUBJECT, other),))


def _access_rights(triples: Triples, context: Context) -> Iterator[Change]:
    yield from values.recode(triples, _ACCESS, access_right)


def _languages(triples: Triples, context: Context) -> Iterator[Change]:
    yield from values.recode(triples, _LANGUAGE, language)


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        id="frequency-in-date",
        title={
            "fr": "Range parmi les fréquences un intervalle donné à la place d'une date.",
            "nl": "Zet een interval dat in plaats van een datum is opgegeven bij de frequenties.",
            "de": "Führt ein Intervall, das anstelle eines Datums angegeben ist, unter den Häufigkeiten.",
            "en": "Puts an interval given in the place of a date among the frequencies.",
        },
        matches="dct:modified or dct:issued with a repeating interval of ISO 8601 (`R/P1W`; 28 in DCAT-US feeds).",
        changes="dct:accrualPeriodicity with the code of the EU list, unless a frequency is given already.",
        predicates=frozenset({MODIFIED, ISSUED}),
        example=Example(
            before='<urn:example> a dcat:Dataset ; dct:modified "R/P1W" .',
            after="<urn:example> a dcat:Dataset ; "
            "dct:accrualPeriodicity <http://publications.europa.eu/resource/authority/frequency/WEEKLY> .",
        ),
        repair=_intervals,
    ),
    Rule(
        id="frequency-eu",
        title={
            "fr": "Remplace une fréquence de mise à jour par son code dans la liste européenne.",
            "nl": "Vervangt een bijwerkfrequentie door de code in de Europese lijst.",
            "de": "Ersetzt eine Aktualisierungshäufigkeit durch ihren Code in der EU-Liste.",
            "en": "Replaces an update frequency by its code in the EU list.",
        },
        matches="dct:accrualPeriodicity as words in four languages (`Annuelle`), a code of ISO 19115, udata or "
        "purl.org/cld/freq (26 at data.gov.be), an interval (`R/P1W`) or an invented code (`frequency/driejaarlijks`).",
        changes="The concept of the EU list of frequencies. Unknown texts stay.",
        predicates=frozenset({_FREQUENCY}),
        example=Example(
            before="<urn:example> a dcat:Dataset ; dct:accrualPeriodicity <http://purl.org/cld/freq/continuous> .",
            after="<urn:example> a dcat:Dataset ; "
            "dct:accrualPeriodicity <http://publications.europa.eu/resource/authority/frequency/CONT> .",
        ),
        repair=_frequencies,
    ),
    Rule(
        id="theme-eu",
        title={
            "fr": "Remplace un thème par celui de la liste européenne.",
            "nl": "Vervangt een thema door dat van de Europese lijst.",
            "de": "Ersetzt ein Thema durch das der EU-Liste.",
            "en": "Replaces a theme by that of the EU list.",
        },
        matches="dcat:theme as words in four languages, with a fragment (`data-theme/EDUC#SPORT`, 343 at data.gov.be), "
        "of INSPIRE, of ISO 19115 or of a portal that our table knows (54 at data.gov.be, 150 in other feeds).",
        changes="The EU data theme, or the two that the table gives; the other list's theme is kept as dct:subject.",
        predicates=frozenset({_THEME}),
        example=Example(
            before="<urn:example> a dcat:Dataset ; dcat:theme <http://inspire.ec.europa.eu/theme/tn> .",
            after="<urn:example> a dcat:Dataset ; "
            "dcat:theme <http://publications.europa.eu/resource/authority/data-theme/TRAN> ; "
            "dct:subject <http://inspire.ec.europa.eu/theme/tn> .",
        ),
        repair=_eu_themes,
    ),
    Rule(
        id="theme-to-subject",
        title={
            "fr": "Range parmi les sujets un thème qui n'est pas de la liste européenne.",
            "nl": "Zet een thema dat niet uit de Europese lijst komt bij de onderwerpen.",
            "de": "Führt ein Thema, das nicht aus der EU-Liste stammt, unter den Schlagworten.",
            "en": "Puts a theme that is not of the EU list among the subjects.",
        },
        matches="dcat:theme with an IRI of a list that no table of ours knows.",
        changes="The same IRI as dct:subject; portals filter by dcat:theme and expect EU themes there.",
        predicates=frozenset({_THEME}),
        example=Example(
            before="<urn:example> a dcat:Dataset ; dcat:theme <https://portal.example.org/themes/roads> .",
            after="<urn:example> a dcat:Dataset ; dct:subject <https://portal.example.org/themes/roads> .",
        ),
        repair=_other_themes,
    ),
    Rule(
        id="access-right-eu",
        title={
            "fr": "Remplace un droit d'accès par son code dans la liste européenne.",
            "nl": "Vervangt een toegangsrecht door de code in de Europese lijst.",
            "de": "Ersetzt ein Zugriffsrecht durch seinen Code in der EU-Liste.",
            "en": "Replaces an access right by its code in the EU list.",
        },
        matches="dct:accessRights as words (`openbaar`, `pas de restriction d'accès public`), of INSPIRE "
        "(noLimitations: 226 at data.gov.be), COAR or OpenAIRE.",
        changes="The concept of the EU list of access rights. Other statements stay as they are.",
        predicates=frozenset({_ACCESS}),
        example=Example(
            before='<urn:example> a dcat:Dataset ; dct:accessRights [ rdfs:label "openbaar" ] .',
            after="<urn:example> a dcat:Dataset ; "
            "dct:accessRights <http://publications.europa.eu/resource/authority/access-right/PUBLIC> .",
        ),
        repair=_access_rights,
    ),
    Rule(
        id="language-eu",
        title={
            "fr": "Remplace une langue par son code dans la liste européenne.",
            "nl": "Vervangt een taal door de code in de Europese lijst.",
            "de": "Ersetzt eine Sprache durch ihren Code in der EU-Liste.",
            "en": "Replaces a language by its code in the EU list.",
        },
        matches="dct:language as a text (`es`, `ca`, `eng`, `en-US`, `Nederlands`: 40 in DCAT feeds) or an IRI of "
        "lexvo.org, the Library of Congress or an invented EU code (`language/fr`).",
        changes="The concept of the EU list of languages. `other` and unknown codes stay.",
        predicates=frozenset({_LANGUAGE}),
        example=Example(
            before='<urn:example> a dcat:Dataset ; dct:language "en-US" .',
            after="<urn:example> a dcat:Dataset ; "
            "dct:language <http://publications.europa.eu/resource/authority/language/ENG> .",
        ),
        repair=_languages,
    ),
)
"""In the order in which they are tried."""
