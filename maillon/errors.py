"""The errors of Maillon, by what to do next.

MaillonError
├── OperatorError       the person who runs Maillon must change something; nothing was done
│   ├── SettingsError           a setting is unknown or has a wrong value
│   ├── SourceDefinitionError   a source's TOML cannot be used
│   └── SnapshotError           a snapshot is absent, torn or of another version
├── SourceUnavailable   this source stops, what was known of it stays, the other sources carry on
│   ├── MassChange              the run would remove too much; a person must look at it
│   ├── PagesShifted            the source changed while its pages were read; the run reads it again
│   └── ParseFailed             a whole document cannot be read; carries line and column where known
└── RecordRejected      one record is skipped; it is listed with its reason in the run's report

Every message says who should do what.
"""


class MaillonError(Exception):
    """Root of all errors that Maillon raises on purpose."""


class OperatorError(MaillonError):
    """The person who runs Maillon must change something first."""


class SettingsError(OperatorError):
    """A setting is unknown or has a value that cannot be used."""


class SourceDefinitionError(OperatorError):
    """A source's TOML is missing, unreadable or incomplete."""


class SnapshotError(OperatorError):
    """A snapshot is absent, torn, or was made by another version."""


class SourceUnavailable(MaillonError):
    """This source cannot be harvested now: its run stops, the last good state stays."""


class MassChange(SourceUnavailable):
    """The run would make too many datasets vanish; a person must let it through."""


class PagesShifted(SourceUnavailable):
    """The source changed while its pages were read: fewer or more than it counts, or one record on two pages."""


class ParseFailed(SourceUnavailable):
    """A document cannot be read at all.

    Attributes:
        line: Line of the first fault, counted from 1, or None where unknown.
        column: Column of the first fault, counted from 1, or None where unknown.
    """

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        place = "" if line is None else f" (line {line}" + (f", column {column})" if column else ")")
        super().__init__(message + place)
        self.line = line
        self.column = column


class RecordRejected(MaillonError):
    """One record cannot be used.

    Attributes:
        identifier: What the source calls the record, or a description of its place.
        reason: Short and the same for all records with the same fault, so that it can be counted.
        detail: What is particular to this record.
    """

    def __init__(self, identifier: str, reason: str, detail: str = "") -> None:
        super().__init__(f"{identifier}: {reason}" + (f" ({detail})" if detail else ""))
        self.identifier = identifier
        self.reason = reason
        self.detail = detail
