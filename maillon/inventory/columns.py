"""The columns of the inventory workbook: fields, what is required, and the codes that their lists offer.

The fields are those of ``harvesters/_sheet_fields.py``. The hidden second row of each sheet holds a marker for each
column, ``maillon:<language>:<dataset or file>:<field>`` and ``*`` where it must be filled, by which the harvester
``spreadsheet`` knows the workbook whatever becomes of its headers, its order and its format.
"""

from dataclasses import dataclass
from typing import Final, Literal

from maillon import authority

LANGUAGES: Final = ("fr", "nl", "de", "en")
"""Languages of the workbook, by BCP 47 tag."""

_EU: Final = "http://publications.europa.eu/resource/authority/"

CODES: Final = {
    "data-theme": ("AGRI", "ECON", "EDUC", "ENER", "ENVI", "GOVE", "HEAL", "INTR", "JUST", "REGI", "SOCI", "TECH",
                   "TRAN"),
    "frequency": ("CONT", "HOURLY", "DAILY", "WEEKLY", "BIWEEKLY", "MONTHLY", "QUARTERLY", "ANNUAL_2", "ANNUAL",
                  "BIENNIAL", "IRREG", "AS_NEEDED", "NEVER", "UNKNOWN"),
    "licence": ("CC0", "CC_BY_4_0", "CC_BYSA_4_0", "ETALAB_2_0", "ODC_BL", "ODC_BY"),
    "access-right": ("PUBLIC", "RESTRICTED", "NON_PUBLIC"),
    "language": ("FRA", "NLD", "DEU", "ENG", "MUL"),
    "file-type": ("CSV", "XLSX", "XLS", "ODS", "JSON", "GEOJSON", "SHP", "GPKG", "KML", "GML", "XML", "RDF_TURTLE",
                  "GTFS", "ZIP", "PDF", "HTML", "DOCX", "ODT", "TXT", "TIFF", "JPEG"),
}  # fmt: skip
"""Codes offered in lists, by authority table: a choice of the usual ones. Any other of the table may be typed."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: field, whether it must be filled, authority table of its codes, kind, width in characters."""

    field: str
    is_required: bool = False
    table: str = ""
    kind: Literal["text", "date", "reference"] = "text"
    width: int = 24


def datasets(language: str) -> tuple[Column, ...]:
    """Return the columns of the sheet of datasets; texts in the other languages stand last."""
    own = (
        Column("identifier", is_required=True, width=18),
        Column(f"title.{language}", is_required=True, width=40),
        Column(f"description.{language}", is_required=True, width=60),
        Column("theme", is_required=True, table="data-theme", width=34),
        Column(f"keyword.{language}", width=34),
        Column(f"publisher.{language}", is_required=True, width=30),
        Column("contact.name"),
        Column("contact.email", is_required=True, width=28),
        Column("license", is_required=True, table="licence", width=34),
        Column("access_rights", table="access-right", width=16),
        Column("frequency", table="frequency", width=18),
        Column("issued", kind="date", width=14),
        Column("modified", kind="date", width=14),
        Column("spatial"),
        Column("temporal.start", kind="date", width=14),
        Column("temporal.end", kind="date", width=14),
        Column("language", table="language", width=16),
        Column("landing_page", width=34),
    )
    others = [tag for tag in LANGUAGES if tag != language]
    return (*own, *(Column(f"{name}.{tag}", width=30) for tag in others for name in ("title", "description")))


def files(language: str) -> tuple[Column, ...]:
    """Return the columns of the sheet of files."""
    return (
        Column("dataset", is_required=True, kind="reference", width=18),
        Column("access_url", is_required=True, width=60),
        Column("format", is_required=True, table="file-type", width=18),
        Column(f"title.{language}", width=40),
        Column(f"description.{language}", width=50),
        Column("modified", kind="date", width=14),
        Column("language", table="language", width=16),
    )


def choices(table: str, language: str) -> list[str]:
    """Return the labels of the codes that a list offers, in a language (else in English), in its order."""
    labels = (authority.label(f"{_EU}{table}/{code}", language) for code in CODES[table])
    found = [label for label in labels if label]
    return sorted(found, key=str.casefold) if table in ("data-theme", "file-type") else found


def choice(table: str, code: str, language: str) -> str:
    """Return the label of one code, the code itself where it has none."""
    return authority.label(f"{_EU}{table}/{code}", language) or code
