"""Names of what records refer to most and no table of ``ontology/authority/`` holds: places, a law, Belgian licences.

Turns an address, a code of the EU table of file types (whose labels are English only) or the name of a service protocol
into a text in the language of the request. Sources: NUTS and GeoNames for the places; for the licences the pages behind
the addresses, https://data.vlaanderen.be/doc/licentie and the titles of https://github.com/Fedict/dcattools; for the
protocols the names that GeoNetwork writes (https://docs.geonetwork-opensource.org/, online resources).
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from maillon.vocabulary import AUTHORITY
from maillon.web.wording import _

_NUTS: Final = {f"nuts/code/{code}": code[:3] for code in ("BE", "BE1", "BE10", "BE100", "BE2", "BE3")}
_GEONAMES: Final = {"2802361": "BE", "2800867": "BE1", "3337388": "BE2", "3337387": "BE3"}
_PLACES: Final = _NUTS | {f"sws.geonames.org/{number}": code for number, code in _GEONAMES.items()}
"""Belgium and its regions by the IRIs that portals use, which stand in four of five records of data.gov.be."""

_BODIES: Final = {
    "statbel.fgov.be/sites/default/files/files/opendata/licence%20open%20data_nl.pdf": "Statbel",
    "statbel.fgov.be/sites/default/files/files/opendata/licence%20open%20data_fr.pdf": "Statbel",
    "statbel.fgov.be/fr/statistiques/opendata/licence": "Statbel",
    "statbel.fgov.be/nl/statistieken/opendata/licentie": "Statbel",
    "www.elia.be/en/grid-data/elia-open-data-license": "Elia",
    "cirb.brussels/fr/nos-solutions/urbis-solutions/licence-urbis-open-data": "UrbIS",
    "opendata.fluvius.be/p/licentieopendatafluvius": "Fluvius",
    "opendata.antwerpen.be/gratis-open-data-licentie": "Antwerpen",
    "www.kortrijk.be/opendata/licentie-open-data": "Kortrijk",
    "data.stad.gent/algemene-licentie": "Gent",
}
"""Bodies with an open data licence of their own, by its address without protocol, in lower case."""

_FILE_TYPES: Final = f"{AUTHORITY}file-type/"
_PROTOCOL: Final = re.compile(r"(?:OGC|GLG):([A-Z]{3,4})(?:-\S*)?")
"""``OGC:WMS-1.3.0-HTTP-GET-MAP``, which some datasets of data.gov.be have in the place of a format."""


def protocol(text: str) -> str:
    """Return the service or format that the name of a protocol is about (``WMS``), empty where it is none."""
    match = _PROTOCOL.fullmatch(text)
    return match[1] if match else ""


def of(iri: str) -> str:
    """Return the name of what an IRI names in the language of the request, empty where it is not among these."""
    if iri.startswith(_FILE_TYPES):
        found = _file_types().get(iri.removeprefix(_FILE_TYPES))
        return found() if found else ""
    address = iri.partition("://")[2].rstrip("/")
    return _place_or_law(address) or _licence(address.lower())


def _place_or_law(address: str) -> str:
    name = address.removeprefix("data.europa.eu/")
    if name == "eli/reg_impl/2023/138/oj":
        return _("Implementing Regulation (EU) 2023/138 (high-value datasets)")
    belgium = {
        "BE": lambda: _("Belgium"),
        "BE1": lambda: _("Brussels-Capital Region"),
        "BE2": lambda: _("Flemish Region"),
        "BE3": lambda: _("Walloon Region"),
    }
    found = belgium.get(_PLACES.get(name, ""))
    return found() if found else ""


def _licence(address: str) -> str:
    if body := _BODIES.get(address):
        return _("%(body)s open data licence", body=body)
    flemish, walloon = "data.vlaanderen.be/id/licentie/", "geoportail.wallonie.be/files/documents/conditionsspw/"
    named = {
        f"{flemish}modellicentie-gratis-hergebruik/v1.0": lambda: _("Flemish model licence for free reuse 1.0"),
        f"{flemish}onvoorwaardelijk-hergebruik/v1.0": lambda: _("Unconditional reuse (Flanders) 1.0"),
        "infocenter.belgium.be/nl/copyright#license": lambda: _("Infocenter licence"),
        f"{walloon}dataspw-cga.pdf": lambda: _("General conditions of access to the data of the SPW (Wallonia)"),
        f"{walloon}dataspw-cgu.pdf": lambda: _("General conditions of use of the data of the SPW (Wallonia)"),
    }
    found = named.get(address)
    return found() if found else ""


def _file_types() -> Mapping[str, Callable[[], str]]:
    """Return names by code: of the types found most, those that are words rather than names of products."""
    return {
        "ATOM": lambda: _("Atom feed"),
        "BIN": lambda: _("Binary data"),
        "GDB": lambda: _("Esri file geodatabase"),
        "GMZ": lambda: _("Zipped GML"),
        "GRID": lambda: _("Esri binary grid"),
        "GRID_ASCII": lambda: _("Esri text grid"),
        "GZIP": lambda: _("File compressed with gzip"),
        "KMZ": lambda: _("Zipped KML"),
        "SHP": lambda: _("Esri shapefile"),
        "TXT": lambda: _("Plain text"),
    }
