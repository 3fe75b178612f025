"""What the inventory workbook says, by language: names of sheets, headers, help. One module a language."""

from collections.abc import Mapping
from dataclasses import dataclass

Row = Mapping[str, str]
"""Values by field; codes as ``code:ANNUAL``, dates as ISO 8601."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The words of one language.

    Attributes:
        datasets, files, help, lists: Names of the sheets (31 characters at most).
        columns: Header and help by field without language tag; those of files begin with ``file.``.
        languages: Names of the languages by tag, as they follow a header: "in Dutch".
        other_language: Help of a text in another language.
        required: Said of columns that must be filled.
        choose: Shown beside a list.
        wrong_choice, wrong_date: Title and text of the warnings.
        guide: The help sheet: (heading, paragraph) pairs.
        example_prefix: How identifiers of examples begin; such rows are not harvested.
        example_datasets, example_files: Fictional rows.
    """

    datasets: str
    files: str
    help: str
    lists: str
    columns: Mapping[str, tuple[str, str]]
    languages: Mapping[str, str]
    other_language: str
    required: str
    choose: str
    wrong_choice: tuple[str, str]
    wrong_date: tuple[str, str]
    guide: tuple[tuple[str, str], ...]
    example_prefix: str
    example_datasets: tuple[Row, ...]
    example_files: tuple[Row, ...]
