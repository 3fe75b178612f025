"""Asks an OAI-PMH repository what it offers, and for a list of records that is whole.

https://www.openarchives.org/OAI/openarchivesprotocol.html, sections 2.5 (harvesting by date, deletions) and 3.5 (flow
control): a resumption token is sent alone, and a list that changes while it is read is no list.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from harvesters import _oai_answer, _oai_payload, _paging
from harvesters._oai_answer import Reply
from maillon.errors import PagesShifted, SourceUnavailable
from maillon.sources import Answer, Fetch, Source

XML: Final = "text/xml, application/xml;q=0.9, */*;q=0.1"

_DATE: Final = re.compile(r"(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\dZ")


def check(reply: Reply, url: str) -> None:
    """Raise what the errors of an answer mean; that nothing matches is an empty list."""
    codes = [code for code, _ in reply.errors]
    if "badResumptionToken" in codes:
        raise PagesShifted(f"{url}: the repository no longer knows its resumption token: the list is read again.")
    if codes and codes != ["noRecordsMatch"]:
        told = "; ".join(f"{code}: {message}"[:200] for code, message in reply.errors)
        raise SourceUnavailable(f"{url}: the repository answers with the error {told}. Check the source's options.")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for.

    Attributes:
        url: Base address of the repository.
        prefix: The metadata format.
        subset: ``setSpec``, empty for all.
        tells_deletions: Whether what changed since a date can be asked for without losing deletions.
        since: That date, empty for all.
    """

    url: str
    prefix: str
    subset: str
    tells_deletions: bool
    since: str = ""

    def query(self) -> dict[str, str]:
        """Return the arguments of the first request."""
        named = {"metadataPrefix": self.prefix, "set": self.subset, "from": self.since}
        return {"verb": "ListRecords", **{name: value for name, value in named.items() if value}}

    def bookmark(self, date: str) -> str:
        """Return the text that lets the next run go on from a date."""
        return json.dumps({"url": self.url, "prefix": self.prefix, "set": self.subset, "from": date})

    def after(self, bookmark: str, granularity: str) -> "Plan":
        """Return the plan that goes on from a bookmark; itself where that is of another list."""
        try:
            value: Any = json.loads(bookmark)
            same = (value["url"], value["prefix"], value["set"]) == (self.url, self.prefix, self.subset)
            match = _DATE.fullmatch(value["from"]) if same else None
        except (ValueError, TypeError, KeyError):
            return self
        if match is None or not self.tells_deletions:
            return self
        return replace(self, since=match[0] if granularity.endswith("ssZ") else match[1])


class Repository:
    """One repository on the web.

    Args:
        source: Where it is, and what of it is read.
        fetch: What it is asked with.

    Attributes:
        date: ``responseDate`` of the first page of the list, empty where that is no date.
    """

    def __init__(self, source: Source, fetch: Fetch) -> None:
        self._source, self._fetch = source, fetch
        self.date = ""

    def _ask(self, **arguments: str) -> tuple[Answer, Reply]:
        parts = urlsplit(self._source.url)
        own = {name: value for name, value in parse_qsl(parts.query) if name not in ("verb", "metadataPrefix", "set")}
        answer = self._fetch(urlunsplit((*parts[:3], urlencode({**own, **arguments}), "")), XML)
        reply = _oai_answer.reply(answer)
        if not reply.is_oai:
            raise SourceUnavailable(f"{answer.url} is no answer of OAI-PMH. Give url the base address of a repository.")
        check(reply, answer.url)
        return answer, reply

    def plan(self) -> Plan:
        """Return what to ask for: the richest format, and from when on."""
        identity = self._ask(verb="Identify")[1]
        prefix, namespace = self._format()
        keeps = identity.identify("deletedRecord").lower() in ("transient", "persistent")
        plan = Plan(
            url=self._source.url,
            prefix=prefix,
            subset=str(self._source.options.get("set", "")),
            tells_deletions=keeps and _oai_payload.names_deletions(namespace),
        )
        return plan.after(self._fetch.bookmark, identity.identify("granularity"))

    def _format(self) -> tuple[str, str]:
        wanted = str(self._source.options.get("metadata_prefix", ""))
        offered = self._ask(verb="ListMetadataFormats")[1].formats()
        if wanted:
            return wanted, offered.get(wanted, "")
        best = _oai_payload.richest(offered)
        if not best:
            raise SourceUnavailable(
                f"{self._source.url} offers {', '.join(sorted(offered)) or 'no format'}, none of which can be read."
            )
        return best, offered[best]

    def pages(self, plan: Plan, reader: _oai_payload.Reader) -> Iterator[Answer]:
        """Yield the answers of the whole list, noted by a reader. Raises PagesShifted where it is not one list."""
        arguments, listing, tokens, size = plan.query(), _paging.Listing(self._source.url), set[str](), None
        while True:
            answer, reply = self._ask(**arguments)
            self.date = self.date or (reply.date if _DATE.fullmatch(reply.date) else "")
            size = reply.size if size is None and not self._source.options.get("estimated_size") else size
            listing.page(answer.url, [item.identifier for item in reply.items()], size, reply.token)
            reader.learn(reply)
            yield answer
            if not reply.token:
                listing.close()
                return
            if reply.token in tokens:
                raise SourceUnavailable(f"{answer.url}: its resumption tokens go in a circle. Tell its operator.")
            tokens.add(reply.token)
            arguments = {"verb": "ListRecords", "resumptionToken": reply.token}
