"""Writes requests to catalogue services: GetRecords as key-value pairs of OGC CSW 2.0.2 (10.8.4) and 3.0 (7.3.4)."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from maillon.errors import SourceDefinitionError
from maillon.sources import Source

_GMD: Final = "http://www.isotc211.org/2005/gmd"
_DEFAULTS: Final = {
    "2.0.2": {"output_schema": _GMD, "type_names": "csw:Record", "constraint": ""},
    "3.0.0": {"output_schema": _GMD, "type_names": "Record", "constraint": ""},
}


def options(source: Source) -> Mapping[str, str]:
    """Return the options of a source with their defaults. Raises SourceDefinitionError for one that is wrong."""
    version = source.options.get("version", "2.0.2")
    if not isinstance(version, str) or version not in _DEFAULTS:
        raise SourceDefinitionError(f"Source {source.name}: options: version is {' or '.join(_DEFAULTS)}.")
    allowed = {"version", *_DEFAULTS[version]}
    for name, value in source.options.items():
        if name not in allowed or not isinstance(value, str):
            raise SourceDefinitionError(
                f"Source {source.name}: options: {name} is unknown or no text. Known: {', '.join(sorted(allowed))}."
            )
    return {"version": version, **_DEFAULTS[version], **source.options}


def address(source: Source, plan: Mapping[str, str], start: int) -> str:
    """Return the address of the page that begins with a record; other parameters of the source's address stay."""
    parts = urlsplit(source.url)
    query = {
        "service": "CSW",
        "version": plan["version"],
        "request": "GetRecords",
        "typeNames": plan["type_names"],
        "elementSetName": "full",
        "resultType": "results",
        "outputSchema": plan["output_schema"],
        "outputFormat": "application/xml",
        "startPosition": str(start),
        "maxRecords": str(source.page_size),
    }
    if plan["version"] != "2.0.2":
        del query["resultType"]
    if plan["constraint"]:
        query |= {"constraintLanguage": "CQL_TEXT", "constraint_language_version": "1.1.0"}
        query["constraint"] = plan["constraint"]
    taken = {name.lower() for name in query} | {"sections", "acceptversions"}
    kept = [
        (name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name.lower() not in taken
    ]
    return urlunsplit((*parts[:3], urlencode([*kept, *query.items()]), ""))
