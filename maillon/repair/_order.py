"""Turns the fragments of one text, split at commas upstream, back into their order, and says how sure that is.

An RDF graph has no order, but a document has: portals that split a text write the fragments one after the other, so
the order of the document is taken where the fragments do not speak against it. (On data.gov.be a fragment that the
portal's store had met before, such as a repeated "255", stands before all others: then the text does not begin as texts
do, and its place is guessed.) What fragments say by themselves: a text begins with a capital letter and ends with a
full stop, a fragment before a comma does not end a sentence, brackets, quotation marks and HTML elements open before
they close, "and" stands late. Up to five fragments can be ordered by that alone where one order is clearly the best.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations
from typing import Final

_TAG: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)\b[^<>]*?(/?)>")
_VOID: Final = frozenset({"br", "hr", "img", "input", "wbr"})
_LEAD: Final = re.compile(r"^(?:\s|&nbsp;|<[^<>]*>|[\"'«“‘¿¡*•–—-])+")
_TRAIL: Final = re.compile(r"(?:\s|&nbsp;|</?[A-Za-z][^<>]*>|[\"'»”’)\]])+$")
_AND: Final = re.compile(
    r"(?:et|ou|ni|puis|ainsi|and|or|nor|as well|en|of|alsook|evenals|und|oder|sowie)\b", re.IGNORECASE
)
_OPEN: Final = "([{«“"
_CLOSE: Final = ")]}»”"
_SENTENCE_END: Final = re.compile(r"(?<!\betc)(?<!\benz)(?<!\bart)(?<!\b[A-Z])[.!?]$")
_BY_CUES: Final = 5
"""Fragments of which all orders are tried; six have 720."""
_MARGIN: Final = 2.0
"""How much better the best order must be than any other to count as certain."""


@dataclass(frozen=True, slots=True)
class Order:
    """Fragments in order.

    Attributes:
        fragments: In the order found.
        is_sure: Whether the fragments or the document tell the order; else it is only the best guess.
    """

    fragments: tuple[str, ...]
    is_sure: bool


@dataclass(frozen=True, slots=True)
class _Cues:
    """What a fragment says of its place."""

    text: str
    lower: bool
    upper: bool
    joins: bool
    ends: bool
    open_before: int
    balance: int


def _cues(text: str) -> _Cues:
    start = _LEAD.sub("", text)
    end = _TRAIL.sub("", text)
    lowest = depth = 0
    plain = _TAG.sub(" ", text)
    for step in _steps(text, plain):
        depth += step
        lowest = min(lowest, depth)
    if text.rfind("<") > text.rfind(">"):  # cut inside an element: `<span style="color: rgb(90`
        depth += 1
    elif text.find(">") >= 0 and not 0 <= text.find("<") < text.find(">"):
        lowest, depth = lowest - 1, depth - 1
    return _Cues(
        text,
        lower=start[:1].islower(),
        upper=start[:1].isupper(),
        joins=bool(_AND.match(start)) and start[:1].islower(),
        ends=bool(_SENTENCE_END.search(end)) or text.rstrip().endswith(("</p>", "</div>", "</ul>")),
        open_before=-lowest,
        balance=depth,
    )


def _steps(text: str, plain: str) -> list[int]:
    """Return +1 for what opens and -1 for what closes, brackets after elements."""
    steps = [-1 if match[1] else 1 for match in _TAG.finditer(text) if not match[3] and match[2].lower() not in _VOID]
    return steps + [1 if sign in _OPEN else -1 for sign in plain if sign in _OPEN or sign in _CLOSE]


def _score(cues: Sequence[_Cues]) -> float:
    """Return how well an order reads; only differences between orders of the same fragments mean something."""
    first, last = cues[0], cues[-1]
    score = 4.0 * first.upper - 4.0 * first.lower - 2.0 * first.joins + 3.0 * last.ends
    depth = 0
    for place, cue in enumerate(cues):
        if cue.open_before > depth:
            score -= 3.0
        depth += cue.balance
        if place and cue.joins:
            score += 1.0 * place / (len(cues) - 1)
    return score - 3.0 * sum(cue.ends for cue in cues[:-1])


@lru_cache(maxsize=512)
def are_fragments(texts: tuple[str, ...]) -> bool:
    """Tell whether several texts of one language are fragments of one, not texts of their own.

    They are where some go on in lower case or close what others open, and do not all end as sentences do.
    """
    cues = [_cues(text) for text in texts]
    whole = sum(cue.ends and not cue.lower for cue in cues)
    goes_on = any(cue.lower or cue.open_before for cue in cues) or _one_ends(cues) or _number_cut(texts)
    return goes_on and whole <= len(cues) / 2


def _one_ends(cues: Sequence[_Cues]) -> bool:
    """Tell whether just one of several ends as a sentence: `Ruimtelijke ordening`, `Natuur.`."""
    return sum(cue.ends for cue in cues) == 1


def _number_cut(texts: Sequence[str]) -> bool:
    """Tell whether a date or a reference was cut: `... of January 14`, `2021 relating to ...`; `article 6`, `§1er`."""
    begins = [text for text in texts if re.match(r"\d|§", text)]
    return bool(begins) and any(text[-1:].isdigit() for text in texts if text not in begins[:1])


@lru_cache(maxsize=512)
def order(texts: tuple[str, ...]) -> Order:
    """Return fragments in the order in which they most likely stood.

    Args:
        texts: At least two, in the order of the document where it is known.
    """
    cues = [_cues(text) for text in texts]
    as_written = _score(cues)
    if len(cues) <= _BY_CUES:
        ranked = sorted(((_score(trial), trial) for trial in permutations(cues)), key=lambda pair: -pair[0])
        best, trial = ranked[0]
        if as_written <= best - _MARGIN:
            return Order(_texts(trial), best - ranked[1][0] >= _MARGIN)
        return Order(texts, _is_plausible(cues) or best - ranked[1][0] >= _MARGIN)
    if _is_plausible(cues):
        return Order(texts, True)
    return Order(_texts(_guess(cues)), False)


def _texts(cues: Sequence[_Cues]) -> tuple[str, ...]:
    return tuple(cue.text for cue in cues)


def _is_plausible(cues: Sequence[_Cues]) -> bool:
    """Tell whether nothing speaks against the order in which fragments were written."""
    depth = 0
    for place, cue in enumerate(cues):
        if cue.open_before > depth or (cue.ends and not cue.lower and place < len(cues) - 1 and cue.upper):
            return False
        depth += cue.balance
    return not cues[0].lower and (cues[-1].ends or not any(cue.ends for cue in cues))


def _guess(cues: Sequence[_Cues]) -> list[_Cues]:
    """Put what begins like a text first and what ends like one last; the rest stays in the order of the document."""
    start = max(cues, key=lambda cue: (cue.upper and not cue.ends, -cue.open_before, not cue.lower))
    rest = [cue for cue in cues if cue is not start]
    final = max(rest, key=lambda cue: (cue.ends, cue.balance < 0))
    middle = [cue for cue in rest if cue is not final]
    return [start, *middle, final]
