"""Where a client of an event stream stands: turns what it has read into the text of a bookmark, and back.

After the chapter on state management of https://w3id.org/ldes/specification. Remembered are hashes of 48 bits, because
a bookmark must stay small: of immutable pages, which are not read again, and of the members of all other pages, which
are read again but count only once. With very many members on such pages the last time stamp stands for them, as the
specification allows where members come in the order of time.
"""

import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from maillon.rdf import feeds

MAX_SEEN: Final = 20_000
"""Members of mutable pages that are remembered one by one (8 characters each)."""
MAX_PAGES: Final = 50_000
"""Pages that are remembered; a stream with more is read as a whole each time."""

_FORM: Final = 1
_NEVER: Final = float("-inf")


def short(text: str) -> str:
    """Return a hash of 48 bits as 8 characters; among 20,000 of them two are equal once in a million streams."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:6]).decode()


def stream_id(address: str, root: str, context: feeds.Context) -> str:
    """Return what tells one stream, and the way in which it must be read, from another.

    Args:
        address: The source's url.
        root: Where its first page is found, after redirects.
        context: What the first page says of the members.
    """
    parts = [context.stream, context.subject, context.time, context.version_time]
    parts += [context.delete_path, context.delete_object]
    return short(repr((address, root, [sorted(node.value for node in part) for part in parts])))


@dataclass(slots=True)
class Place:
    """What was read.

    Attributes:
        stream: Which stream it was (``stream_id``).
        time: When it was read, in seconds since 1970.
        newest: Time of the newest member, in seconds since 1970; minus infinity where none has a time.
        done: Hashes of the addresses of immutable pages.
        frontier: Addresses of pages that only immutable pages lead to.
        members: Hashes of the members of all other pages.
        is_whole: Whether ``members`` holds all of them, or only those of the time ``newest``.
    """

    stream: str
    time: float
    newest: float = _NEVER
    done: set[str] = field(default_factory=set)
    frontier: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    is_whole: bool = True

    def is_new(self, member: feeds.Member) -> bool:
        """Tell whether a member was not read yet."""
        if short(member.iri.value) in self.members:
            return False
        return self.is_whole or member.published >= self.newest

    def is_late(self, member: feeds.Member) -> bool:
        """Tell whether a new member should have come before others that were read: the stream has no order."""
        return _NEVER < member.published < self.newest

    def remember(self, members: Iterable[feeds.Member]) -> bool:
        """Remember the members of mutable pages; False where they are too many and have no time to go by."""
        kept = list(members)
        self.members = {short(member.iri.value) for member in kept}
        self.is_whole = len(self.members) <= MAX_SEEN
        if self.is_whole:
            return True
        self.members = {short(member.iri.value) for member in kept if member.published == self.newest}
        timed = all(member.published > _NEVER for member in kept)
        return timed and len(self.members) <= MAX_SEEN

    def text(self) -> str:
        """Return the bookmark's value; empty where the pages are too many."""
        if len(self.done) + len(self.frontier) > MAX_PAGES:
            return ""
        value = {
            "form": _FORM, "stream": self.stream, "time": round(self.time),
            "newest": None if self.newest == _NEVER else self.newest,
            "done": "".join(sorted(self.done)), "frontier": sorted(self.frontier),
            "members": "".join(sorted(self.members)), "whole": self.is_whole,
        }  # fmt: skip
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _hashes(text: Any) -> set[str]:
    return {text[start : start + 8] for start in range(0, len(text), 8)}


def parse(bookmark: str) -> Place | None:
    """Return the place that a bookmark names, None where there is none or it is of another form."""
    try:
        value = json.loads(bookmark)
        if value["form"] != _FORM:
            return None
        return Place(
            stream=str(value["stream"]),
            time=float(value["time"]),
            newest=_NEVER if value["newest"] is None else float(value["newest"]),
            done=_hashes(value["done"]),
            frontier={str(address) for address in value["frontier"]},
            members=_hashes(value["members"]),
            is_whole=bool(value["whole"]),
        )
    except (ValueError, TypeError, KeyError):
        return None
