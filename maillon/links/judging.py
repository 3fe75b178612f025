"""Turns what a server says of an address into a verdict: whether a reader gets the file that the dataset declares.

A good status is not enough: servers answer 200 with a page that says "not found" (a soft 404) or that asks for a
password, and both are web pages where a file is declared.
"""

import html
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from maillon.fetch.probing import Look

_LOGIN_PATH: Final = re.compile(
    r"/(?:login|log-in|signin|sign-in|sso|saml2?|oauth2?|adfs|cas|connexion|anmelden|aanmelden)(?:[/.?_-]|$)",
    re.IGNORECASE,
)
_PASSWORD: Final = re.compile(rb"<input[^>]+type\s*=\s*[\"']?password", re.IGNORECASE)
_TITLE: Final = re.compile(rb"<(?:title|h1)[^>]*>(.{0,300}?)</(?:title|h1)>", re.IGNORECASE | re.DOTALL)
_NOTHING: Final = re.compile(
    r"\b404\b|not found|page introuvable|introuvable|n'existe (?:pas|plus)|niet gevonden|bestaat niet|nicht gefunden"
    r"|no longer available|plus disponible|niet (?:meer )?beschikbaar|nicht (?:mehr )?verfügbar",
    re.IGNORECASE,
)
_PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})
_ANYTHING: Final = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/force-download"})
"""Media types that say nothing of a file."""
_SIZE_SHARE: Final = 0.1
"""A file whose size differs by more than this share is another one than declared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What a dataset says of an address.

    Attributes:
        is_file: Whether it is to be downloaded (dcat:downloadURL), so that a web page is not it.
        media_type: Its media type, empty where none is declared.
        octets: Its size, None where none is declared.
    """

    is_file: bool = False
    media_type: str = ""
    octets: int | None = None


def judge(look: Look, declared: Declared) -> tuple[str, str]:
    """Return the verdict, one of ``states.VERDICTS``, and what else a steward needs to know."""
    if look.failure:
        return look.failure, look.detail
    bad = _refusal(look) if not 200 <= look.status < 300 or _is_login(look) else _nothing_there(look, declared)
    if bad is not None:
        return bad
    moved = f"moved for good to {look.final}" if look.is_moved else ""
    return ("moved" if look.is_moved else "ok"), "; ".join(filter(None, [moved, *_differences(look, declared)]))


def _refusal(look: Look) -> tuple[str, str]:
    if look.status in (404, 410):
        return "missing", f"the server answers {look.status}"
    if look.status == 401 or _is_login(look):
        return "login", "the server asks for a password"
    return "refused", look.detail or f"the server answers {look.status}"


def _nothing_there(look: Look, declared: Declared) -> tuple[str, str] | None:
    """Return what is wrong with a good answer, None where it is the file."""
    if look.octets == 0:
        return "empty", "the file has no octets"
    if look.media_type not in _PAGES:
        return None
    if said := _says_nothing(look):
        return "page", f"the server answers {look.status} with a page that says “{said}”"
    if declared.is_file and declared.media_type not in ("", *_PAGES):
        return "page", f"a web page, where {declared.media_type} is declared"
    return None


def _is_login(look: Look) -> bool:
    if _LOGIN_PATH.search(urlsplit(look.final).path):
        return True
    return look.media_type in _PAGES and _PASSWORD.search(look.first) is not None


def _says_nothing(look: Look) -> str:
    """Return the title of a page that says that there is nothing, empty for any other page."""
    for found in _TITLE.findall(look.first):
        said = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", found.decode("utf-8", "replace"))).split())
        if _NOTHING.search(said):
            return said[:100]
    return ""


def _differences(look: Look, declared: Declared) -> list[str]:
    """Return how a file differs from what is declared of it."""
    found = []
    known = look.media_type not in _ANYTHING and declared.media_type not in _ANYTHING
    if known and look.media_type != declared.media_type:
        found.append(f"sent as {look.media_type}, declared as {declared.media_type}")
    if look.octets and declared.octets and abs(look.octets - declared.octets) > _SIZE_SHARE * declared.octets:
        found.append(f"{look.octets} octets, declared are {declared.octets}")
    return found
