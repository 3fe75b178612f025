"""The inventory workbook: an Excel file in which an administration without a portal lists its data.

``write`` makes it; what people send back is read by the harvester ``spreadsheet`` without any mapping.
"""

from maillon.inventory.columns import LANGUAGES
from maillon.inventory.workbook import examples, write

__all__ = ["LANGUAGES", "examples", "write"]
