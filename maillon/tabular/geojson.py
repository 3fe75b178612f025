"""Reads GeoJSON (`RFC 7946 <https://www.rfc-editor.org/rfc/rfc7946>`_) by the feature, and writes geometries as WKT.

Memory does not grow with the number of features. Coordinates are WGS 84, longitude first (CRS84, the default of
`GeoSPARQL 1.1 <https://docs.ogc.org/is/22-047r1/22-047r1.html>`_ literals); a file in another reference system, such as
Belgian Lambert 72, is refused: Maillon does not reproject. Heights are left out.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TextIO

from maillon.errors import ParseFailed

MOST_POSITIONS: Final = 50_000
"""Positions of the largest geometry that is kept."""
LARGEST_FEATURE: Final = 32 << 20
"""Characters of the largest feature that is held in memory."""

_CHUNK: Final = 1 << 18
_FEATURES = re.compile(r'"features"\s*:\s*\[')
_SYSTEM = re.compile(r'"crs"\s*:\s*\{.{0,200}?"name"\s*:\s*"([^"]{1,200})"', re.DOTALL)
_WGS84 = re.compile(r"CRS84$|EPSG:{1,2}4326$|(?:^|[/:])4326$", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s,\x1e]*")


class _Window:
    """A text file seen through a window that moves forward."""

    def __init__(self, file: TextIO, name: str) -> None:
        self._file, self._name = file, name
        self.text, self.place = "", 0

    def grow(self) -> bool:
        """Read on, at least doubling what is seen; False at the end of the file."""
        self.text, self.place = self.text[self.place :], 0
        if len(self.text) > LARGEST_FEATURE:
            raise ParseFailed(f"{self._name}: one feature has more than {LARGEST_FEATURE:,} characters.")
        more = self._file.read(max(_CHUNK, len(self.text)))
        self.text += more
        return bool(more)

    def begin(self) -> None:
        """Go behind the beginning of the list of features."""
        while not (match := _FEATURES.search(self.text)):
            if not self.grow():
                raise ParseFailed(f"{self._name} is no GeoJSON with a list of features.")
        system = _SYSTEM.search(self.text[: match.start()])
        if system and not _WGS84.search(system[1]):
            raise ParseFailed(
                f"{self._name} is in the reference system {system[1]}: ask for WGS 84, as RFC 7946 says, or convert it."
            )
        self.place = match.end()

    def next(self, decoder: json.JSONDecoder) -> Any:
        """Return the next feature; None behind the last."""
        while True:
            self.place = _BETWEEN.match(self.text, self.place).end()  # type: ignore[union-attr]
            if self.text[self.place : self.place + 1] == "]":
                return None
            try:
                found, self.place = decoder.raw_decode(self.text, self.place)
            except (json.JSONDecodeError, RecursionError) as error:
                if isinstance(error, RecursionError) or not self.grow():
                    raise ParseFailed(f"{self._name} breaks off or is no JSON: {error}.") from error
            else:
                return found


def features(path: Path, name: str) -> Iterator[tuple[int, dict[str, Any], Any]]:
    """Yield (number from 1, properties, geometry or None) of every feature; ``id`` stands among the properties.

    Raises:
        ParseFailed: It is no GeoJSON, breaks off, or is in another reference system.
    """
    decoder = json.JSONDecoder()
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        window = _Window(file, name)
        window.begin()
        number = 0
        while (feature := window.next(decoder)) is not None:
            number += 1
            feature = feature if isinstance(feature, dict) else {}
            own = feature.get("properties")
            properties = own if isinstance(own, dict) else {}
            if "id" in feature and "id" not in properties:
                properties = {**properties, "id": feature["id"]}
            yield number, properties, feature.get("geometry")


def text_of(value: Any, separator: str | None = None) -> str:
    """Return a property's value as the text of a cell; a list joined where the column has a separator."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, list) and separator:
        return separator.join(text_of(item) for item in value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else repr(value)


class _Writer:
    def __init__(self, precision: int) -> None:
        self._precision = precision
        self._positions = 0

    def position(self, value: Any) -> str:
        if not isinstance(value, list) or len(value) < 2 or any(type(part) not in (int, float) for part in value[:2]):
            raise ValueError("has a position that is no pair of numbers")
        east, north = value[:2]
        if not (-180 <= east <= 180 and -90 <= north <= 90):
            raise ValueError(f"has the position {east:.10g} {north:.10g}, which is not on the globe (other system?)")
        self._positions += 1
        if self._positions > MOST_POSITIONS:
            raise ValueError(f"has more than {MOST_POSITIONS:,} positions")
        return f"{self._number(east)} {self._number(north)}"

    def _number(self, value: float) -> str:
        text = f"{value:.{self._precision}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return "0" if text == "-0" else text

    def line(self, value: Any, least: int = 2) -> str:
        if not isinstance(value, list):
            raise ValueError("has coordinates that are no list")  # noqa: TRY004 (a fault of data)
        positions = [self.position(item) for item in value]
        # Rounding makes neighbours equal: each is written once, but a line never gets too short.
        kept = [text for index, text in enumerate(positions) if not index or text != positions[index - 1]]
        positions = kept if len(kept) >= least else positions
        if len(positions) < least or (least == 4 and positions[0] != positions[-1]):
            raise ValueError(
                "has a ring that is not closed or too short" if least == 4 else "has a line of one position"
            )
        return f"({', '.join(positions)})"

    def rings(self, value: Any) -> str:
        if not isinstance(value, list) or not value:
            raise ValueError("has a polygon without ring")
        return f"({', '.join(self.line(item, 4) for item in value)})"

    def many(self, value: Any, part: Any) -> str:
        if not isinstance(value, list) or not value:
            raise ValueError("has no coordinates")
        return f"({', '.join(part(item) for item in value)})"

    def written(self, kind: str, value: Any) -> str:
        point = self._in_brackets
        parts = {
            "Point": lambda: point(value),
            "LineString": lambda: self.line(value),
            "Polygon": lambda: self.rings(value),
            "MultiPoint": lambda: self.many(value, point),
            "MultiLineString": lambda: self.many(value, self.line),
            "MultiPolygon": lambda: self.many(value, self.rings),
        }
        if kind not in parts:
            raise ValueError(f"is of the type {kind!r}, which RFC 7946 does not have")
        return kind.upper() + parts[kind]()

    def _in_brackets(self, value: Any) -> str:
        return f"({self.position(value)})"


def wkt(geometry: Any, precision: int) -> str:
    """Return a geometry as WKT, longitude before latitude.

    Args:
        geometry: Of GeoJSON.
        precision: Decimals that are kept; six are about 10 cm.

    Raises:
        ValueError: It is none, not on the globe, or too large; the message goes on from "geometry".
    """
    if not isinstance(geometry, dict):
        raise ValueError("is no GeoJSON geometry")  # noqa: TRY004 (a fault of data)
    writer = _Writer(precision)
    kind = str(geometry.get("type"))
    if kind != "GeometryCollection":
        return writer.written(kind, geometry.get("coordinates"))
    parts = geometry.get("geometries")
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts) or not parts:
        raise ValueError("is a collection without geometries")
    return f"GEOMETRYCOLLECTION({', '.join(writer.written(str(p.get('type')), p.get('coordinates')) for p in parts)})"
