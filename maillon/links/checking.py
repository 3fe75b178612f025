"""Turns addresses into states of links: politely, a host at a time, within a time limit.

Hosts are asked side by side, the addresses of one host one after the other and no faster than a rate. A host that fails
to answer several times in a row is left alone for the rest of the run: its other addresses are checked next time.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from maillon.fetch.probing import Prober
from maillon.links.judging import Declared, judge
from maillon.links.states import LinkState
from maillon.links.store import Links

HOSTS: Final = 8
"""Hosts that are asked side by side."""
PATIENCE: Final = 3
"""Failures to answer in a row after which a host is left alone."""
_LONGEST_WAIT: Final = 60.0
_SILENT: Final = ("slow", "unreachable")
_BUSY: Final = (429, 503)

MakeProber = Callable[[], Prober]


@dataclass(slots=True)
class Outcome:
    """What a run of checks did.

    Attributes:
        verdicts: How many addresses had each verdict.
        left: Addresses that were due but not checked: time was over, or their host did not answer.
        hosts: Hosts that were left alone.
    """

    verdicts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    left: int = 0
    hosts: list[str] = field(default_factory=list)


class Checker:
    """Checks addresses.

    Args:
        links: Where the states are kept.
        make_prober: Makes what looks at addresses, one for each thread.
        seconds: What the whole run may take.
        stop: Ends it early when set.
    """

    def __init__(
        self, links: Links, make_prober: MakeProber, seconds: float, stop: threading.Event | None = None
    ) -> None:
        self._links = links
        self._make = make_prober
        self._end = time.monotonic() + seconds
        self._stop = stop or threading.Event()
        self._lock = threading.Lock()
        self._outcome = Outcome()

    def run(self, addresses: Mapping[str, Declared], limit: int = 0, everything: bool = False) -> Outcome:
        """Check the addresses that are due.

        Args:
            addresses: What is declared of each.
            limit: At most so many; 0 for all.
            everything: Whether those that are not due are checked too.

        Raises:
            LinksFailed: The states cannot be kept.
        """
        due = sorted(addresses) if everything else self._links.due(addresses, datetime.now(UTC))
        chosen = due[:limit] if limit else due
        hosts: dict[str, list[str]] = defaultdict(list)
        for url in chosen:
            hosts[_host(url)].append(url)
        self._outcome.left += len(due) - len(chosen)
        with ThreadPoolExecutor(HOSTS) as threads:
            # The largest first: it takes longest, and at one address a second nothing else shortens the run.
            work = sorted(hosts.items(), key=lambda item: -len(item[1]))
            for done in [threads.submit(self._host, host, urls, addresses) for host, urls in work]:
                done.result()
        return self._outcome

    def _over(self) -> bool:
        return self._stop.is_set() or time.monotonic() > self._end

    def _host(self, host: str, urls: Sequence[str], addresses: Mapping[str, Declared]) -> None:
        silent = 0
        with self._make() as prober:
            for place, url in enumerate(urls):
                if self._over() or silent >= PATIENCE:
                    self._leave(host, len(urls) - place, silent >= PATIENCE)
                    return
                state = self._check(prober, url, addresses[url])
                silent = silent + 1 if state.verdict in _SILENT else 0

    def _leave(self, host: str, number: int, is_silent: bool) -> None:
        with self._lock:
            self._outcome.left += number
            if is_silent:
                self._outcome.hosts.append(host)

    def _check(self, prober: Prober, url: str, declared: Declared) -> LinkState:
        look = prober.look(url)
        if look.status in _BUSY and look.wait <= min(_LONGEST_WAIT, max(0.0, self._end - time.monotonic())):
            self._stop.wait(look.wait)  # it says when it wants to be asked again
            look = prober.look(url)
        verdict, detail = judge(look, declared)
        final = "" if look.final == url else look.final
        state = LinkState(
            url=url, verdict=verdict, status=look.status, final=final, media_type=look.media_type,
            octets=look.octets, detail=detail,
        )  # fmt: skip
        kept = self._links.put(state, datetime.now(UTC))
        with self._lock:
            self._outcome.verdicts[verdict] += 1
        return kept


def _host(url: str) -> str:
    try:
        return urlsplit(url.strip()).netloc.lower()
    except ValueError:
        return ""
