"""Turns a record whose identifier came before into a rejection, so that no dataset of a source overwrites another.

Not a kind of source: what the kinds share whose records are known by their identifier alone.
"""

from maillon.records import Dataset, Record, Rejected


def once(record: Record, seen: set[str], place: str = "") -> Record:
    """Return a record as it is, or in the place of a dataset that was seen before its rejection.

    Args:
        record: Anything but datasets is returned as it is.
        seen: Identifiers of the datasets before it; gets its own.
        place: Where it stands, for the report.
    """
    if not isinstance(record, Dataset):
        return record
    if record.identifier in seen:
        return Rejected(record.identifier, "identifier stands twice in the source", place)
    seen.add(record.identifier)
    return record
