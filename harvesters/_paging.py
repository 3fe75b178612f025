"""Turns what the pages of a listing give into certainty that they are one listing, or into ``PagesShifted``.

Not a kind of source: what the kinds share whose interface pages by offset or number. A listing that changes while it is
read shows itself by a record on two pages (one was added before), by fewer records than were counted at first or at
last (one was taken away, so that another moved to a page already read), or by a page that comes again.
"""

from collections.abc import Sequence

from maillon.errors import PagesShifted


class Listing:
    """The pages of one listing, read one after the other.

    Args:
        address: Where the listing is, for messages.

    Attributes:
        read: How many records the pages gave so far.
        count: How many there are in all as the latest page says, None where it does not.
    """

    def __init__(self, address: str) -> None:
        self.read = 0
        self.count: int | None = None
        self._address = address
        self._first: int | None = None
        self._pages: dict[str, int] = {}
        self._number = 0
        self._previous: object = None

    def page(self, address: str, names: Sequence[str], count: int | None, content: object = None) -> None:
        """Note a page.

        Args:
            address: Of the page, for messages.
            names: Of its records, an empty one where a record has none.
            count: How many records there are in all, None where the page does not say.
            content: What a page that comes again would hold too; default: its names.

        Raises:
            PagesShifted: It is the page before again, or one of its records stood on an earlier page.
        """
        content = list(names) if content is None else content
        if names and content == self._previous:
            raise PagesShifted(
                f"{address} gives the page before it again: the portal does not page. Tell its operator."
            )
        self._previous, self._number, self.count = content, self._number + 1, count
        self._first = count if self._first is None else self._first
        for name in filter(None, names):
            if self._pages.setdefault(name, self._number) != self._number:
                raise PagesShifted(f"{address}: {name[:200]} stood on an earlier page: the listing changed. Try again.")
        self.read += len(names)

    def close(self) -> None:
        """Note that there is no further page. Raises PagesShifted where records are missing."""
        counted = max(self._first or 0, self.count or 0)
        if self.read < counted:
            raise PagesShifted(f"{self._address} counts {counted} records but gave {self.read}. Try again later.")
