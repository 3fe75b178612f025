"""Turns the text of a SPARQL 1.1 update into the text that may run, or refuses what would ask other servers.

``using-graph-uri`` and ``using-named-graph-uri`` (SPARQL 1.1 Protocol, section 2.2.3,
https://www.w3.org/TR/sparql11-protocol/#update-dataset) have no counterpart in pyoxigraph, so they are written into the
text as ``USING`` clauses. Works on the tokens of ``maillon.sparql.text.tokens``; the text need not be valid.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from maillon.sparql.jobs import QueryFailed
from maillon.sparql.text.guard import MAX_DEPTH
from maillon.sparql.text.tokens import Token, tokens

_ELSEWHERE: Final = {
    "LOAD": "LOAD is not offered: the working graph never fetches anything. Send the file by PUT or POST instead.",
    "SERVICE": "SERVICE is not offered: the working graph never asks other servers. Remove it.",
}
_PROLOGUE: Final = ("BASE", "PREFIX", "VERSION")


def _placed(text: str) -> Iterator[tuple[Token, int]]:
    """Yield the tokens but comments with the number of brackets open around each."""
    depth = 0
    for token in tokens(text):
        if token.kind == "comment":
            continue
        depth -= token.kind == "close"
        yield token, depth
        depth += token.kind == "open"
        if depth > MAX_DEPTH:
            raise QueryFailed("refused", f"Brackets are nested {depth} deep; at most {MAX_DEPTH} are accepted.")


def prepared(text: str, using: Sequence[str], using_named: Sequence[str]) -> str:
    """Return the update to run.

    Args:
        text: The update as it was sent.
        using: Absolute IRIs of the protocol's using-graph-uri.
        using_named: Absolute IRIs of the protocol's using-named-graph-uri.

    Raises:
        QueryFailed: of kind ``refused``: it asks other servers, is nested too deeply, or names a dataset of its own
            (USING, WITH) beside that of the protocol.
    """
    found = list(_placed(text))
    words = {token.text.upper() for token, _ in found if token.kind == "word"}
    for word, reason in _ELSEWHERE.items():
        if word in words:
            raise QueryFailed("refused", reason)
    if not using and not using_named:
        return text
    if own := {token.text.upper() for token, depth in found if token.kind == "word" and not depth} & {"USING", "WITH"}:
        raise QueryFailed(
            "refused",
            f"The update says {' and '.join(sorted(own))} and the request gives using-graph-uri or "
            "using-named-graph-uri: keep one of the two.",
        )
    clauses = [f"USING <{iri}>" for iri in using] + [f"USING NAMED <{iri}>" for iri in using_named]
    return _with_dataset(text, found, " ".join(clauses))


def harmless(text: str) -> str:
    """Return an update that fails at its first operation if the text is SPARQL, so that nothing of it is done.

    Pyoxigraph reads the whole text before it begins; this is the only way to have a text read and no more.
    """
    starts = (token.start for token in tokens(text) if token.kind == "word" and token.text.upper() not in _PROLOGUE)
    place = next(starts, len(text))
    return f"{text[:place]}CLEAR GRAPH <urn:maillon:nothing>; {text[place:]}"


def _with_dataset(text: str, found: list[tuple[Token, int]], clauses: str) -> str:
    """Put the clauses before the WHERE of every operation that has one.

    ``DELETE WHERE { pattern }`` cannot have them; it is written out as what it is short for, ``DELETE { pattern } ...
    WHERE { pattern }`` (SPARQL 1.1 Update, section 3.1.3.3).
    """
    parts, end, before = [], 0, ""
    for number, (token, depth) in enumerate(found):
        if token.kind == "word" and not depth and token.text.upper() == "WHERE":
            parts.append(text[end : token.start])
            if before == "DELETE":
                parts.append(_pattern(text, found[number + 1 :]))
            parts.append(f" {clauses} ")
            end = token.start
        before = token.text.upper()
    return "".join(parts) + text[end:]


def _pattern(text: str, found: list[tuple[Token, int]]) -> str:
    """Return the group in braces that the tokens begin with; empty where there is none, which is an error anyway."""
    if not found or found[0][0].text != "{":
        return ""
    ends = (token.start + 1 for token, depth in found[1:] if token.text == "}" and not depth)
    return text[found[0][0].start : next(ends, len(text))]
