"""Finds the European shape files in a folder that the user names.

Which files make which profile is what the SEMIC validator's configuration says (https://github.com/SEMICeu/DCAT-AP,
``config.properties`` of its semic-shacl-validator, February 2026): base, ranges, recommended and deprecated make its
"full"; the controlled vocabularies are a profile of their own there and a part here. ``imports.ttl`` and
``mdr_imports.ttl`` hold nothing but ``owl:imports`` and are not read. The files themselves are not part of Maillon.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pyoxigraph import RdfFormat, Triple, parse

from maillon.errors import OperatorError

PROFILES: Final[Mapping[str, Mapping[str, str]]] = {
    "official-3.0.1": {
        "base": "shapes.ttl",
        "ranges": "range.ttl",
        "recommended": "shapes_recommended.ttl",
        "deprecated": "deprecateduris.ttl",
        "vocabularies": "mdr-vocabularies.shape.ttl",
    },
    "official-2.1.1": {
        "base": "dcat-ap_2.1.1_shacl_shapes.ttl",
        "ranges": "dcat-ap_2.1.1_shacl_range.ttl",
        "recommended": "dcat-ap_2.1.1_shacl_shapes_recommended.ttl",
        "deprecated": "dcat-ap_2.1.1_shacl_deprecateduris.ttl",
        "vocabularies": "dcat-ap_2.1.1_shacl_mdr-vocabularies.shape.ttl",
    },
    "official-hvd-3.0.0": {
        "base": "hvd-SHACL-base.ttl",
        "ranges": "hvd-SHACL-ranges.ttl",
        "usagenotes": "hvd-SHACL-usagenotes.ttl",
    },
}
"""Names of the files of each part, by profile."""

_FOLDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "official-3.0.1": ("", "dcat-ap/3.0.1/html/shacl", "releases/3.0.1/html/shacl", "html/shacl"),
    "official-2.1.1": ("", "dcat-ap/2.1.1", "releases/2.1.1"),
    "official-hvd-3.0.0": ("", "dcat-ap-hvd/3.0.0/html", "releases/3.0.0-hvd/html", "html"),
}
"""Where the files of a profile may be in the folder: flat, as in a collection by profile, as in SEMIC's repository."""

_LARGEST: Final = 10_000_000


def names() -> tuple[str, ...]:
    """Return the names of the profiles: each whole, then each of its parts (``official-3.0.1-base``)."""
    return tuple(
        name for profile, parts in PROFILES.items() for name in (profile, *(f"{profile}-{part}" for part in parts))
    )


def parts_of(name: str) -> tuple[str, tuple[str, ...]]:
    """Return the profile and the parts that a name of ``names`` means. Raises OperatorError for any other."""
    for profile, parts in PROFILES.items():
        if name == profile:
            return profile, tuple(parts)
        part = name.removeprefix(profile + "-")
        if name.startswith(profile + "-") and part in parts:
            return profile, (part,)
    raise OperatorError(f"There is no profile {name!r}: choose one of {', '.join(names())}.")


def _place(folder: Path, profile: str, file: str) -> Path:
    for inside in _FOLDERS[profile]:
        path = folder / inside / file
        if path.is_file():
            return path
    raise OperatorError(
        f"{file} of {profile} is not in {folder}: download the SHACL files of that release from "
        "https://github.com/SEMICeu/DCAT-AP into one folder and name that folder."
    )


def read(folder: Path, profile: str, part: str) -> list[Triple]:
    """Return the triples of one part.

    Raises:
        OperatorError: The file is missing, far too large for a shapes file, or no Turtle.
    """
    path = _place(folder, profile, PROFILES[profile][part])
    try:
        if path.stat().st_size > _LARGEST:
            raise OperatorError(f"{path} is larger than any shapes file of SEMIC: name the folder of the originals.")
        return [quad.triple for quad in parse(path.read_bytes(), RdfFormat.TURTLE, rename_blank_nodes=True)]
    except (SyntaxError, OSError) as error:
        raise OperatorError(f"{path} cannot be read: put the original file there again. {error}") from error
