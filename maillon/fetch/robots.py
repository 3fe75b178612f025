"""Turns a host's robots.txt into what may be fetched from it and how often: RFC 9309, https://www.rfc-editor.org/rfc/rfc9309.

An absent file (any 4xx) forbids nothing; one that cannot be had (5xx, no answer) forbids everything, as section 2.3.1
asks. ``Crawl-delay`` is not in the RFC, but portals write it and mean it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from protego import Protego

from maillon.errors import SourceUnavailable

AGENT: Final = "Maillon"
"""Our product token, which a robots.txt may name."""

LONGEST: Final = 512_000
"""Octets that are read of a robots.txt; RFC 9309, section 2.5, asks for at least 500 kibibytes."""

Read = Callable[[str], tuple[int, bytes]]
"""Gives status and body of an address; status 0 where there was no answer."""


@dataclass(frozen=True)
class _Rules:
    address: str
    text: str
    parsed: Protego | None  # None where everything is forbidden because it cannot be had

    def fault(self, url: str) -> str:
        """Return why an address may not be fetched, empty where it may."""
        if self.parsed is None:
            return (
                f"{self.address} cannot be had now ({self.text}), which forbids everything. Run the harvest again later"
            )
        if self.parsed.can_fetch(url, AGENT):
            return ""
        return f"{self.address} says {self._rule(url)!r}"

    def _rule(self, url: str) -> str:
        """Return the line that forbids an address: the longest that does so alone."""
        lines = (line.partition("#")[0].strip() for line in self.text.splitlines())
        rules = {line for line in lines if line.lower().startswith("disallow:")}
        alone = [rule for rule in rules if not Protego.parse(f"User-agent: *\n{rule}\n").can_fetch(url, AGENT)]
        return max(alone, key=len, default="Disallow")


class Robots:
    """What the robots.txt of each host says, asked once in a run.

    Args:
        read: What to ask with.
    """

    def __init__(self, read: Read) -> None:
        self._read = read
        self._rules: dict[str, _Rules] = {}

    def delay(self, url: str) -> float:
        """Return the seconds between two requests that the host of an address asks for, 0 where it asks for none.

        Raises:
            SourceUnavailable: The address may not be fetched; the message names the rule.
        """
        parts = urlsplit(url)
        address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/robots.txt"
        if address not in self._rules:
            self._rules[address] = self._asked(address)
        rules = self._rules[address]
        if fault := rules.fault(url):
            raise SourceUnavailable(
                f"{url} was not fetched, because {fault}. Ask its publisher to let {AGENT} in; if that was agreed "
                "otherwise, write robots = false in the source's TOML."
            )
        return (rules.parsed.crawl_delay(AGENT) or 0.0) if rules.parsed is not None else 0.0

    def _asked(self, address: str) -> _Rules:
        status, body = self._read(address)
        if status == 0 or status >= 500:
            return _Rules(address, f"it answers {status}" if status else "no answer", None)
        text = body.decode("utf-8", "replace") if status < 300 else ""
        return _Rules(address, text, Protego.parse(text))
