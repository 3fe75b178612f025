"""What is known of one web address after it was checked."""

from dataclasses import dataclass
from typing import Final

GOOD: Final = ("ok", "moved")
"""Verdicts under which a reader gets the file."""

VERDICTS: Final = (*GOOD, "missing", "refused", "login", "page", "empty", "slow", "unreachable", "wrong")
"""``ok`` the file is there; ``moved`` it is, after a permanent redirection; ``missing`` 404 or 410; ``refused`` another
4xx or 5xx; ``login`` a page that asks for a password; ``page`` a web page, such as one that says "not found", where a
file is declared; ``empty`` no octets; ``slow`` no answer in time; ``unreachable`` no connection, name or certificate;
``wrong`` no address that may be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkState:
    """The last check of one address.

    Attributes:
        url: The address, as the source wrote it.
        verdict: One of VERDICTS.
        status: HTTP status of the last answer, 0 where there was none.
        final: Address after redirections, empty where it is the same.
        media_type: Media type of the answer without parameters, empty where none was sent.
        octets: Size of the whole file, None where the server does not say.
        detail: What else a steward needs to know, in English; may be empty.
        checked: When, ISO 8601 UTC.
        good_since: Since when every check was good, ISO 8601 UTC; empty where the last was not.
        bad_since: Since when every check was bad, ISO 8601 UTC; empty where the last was good.
        checks: How often it was checked.
        failures: How often that was bad.
    """

    url: str
    verdict: str
    status: int = 0
    final: str = ""
    media_type: str = ""
    octets: int | None = None
    detail: str = ""
    checked: str = ""
    good_since: str = ""
    bad_since: str = ""
    checks: int = 1
    failures: int = 0

    @property
    def is_good(self) -> bool:
        """Whether a reader gets the file."""
        return self.verdict in GOOD
