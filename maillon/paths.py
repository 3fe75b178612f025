"""Where the shipped folders are: in a checkout beside the package, in a wheel inside it (``_files``)."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
ROOT = _PACKAGE / "_files" if (_PACKAGE / "_files").is_dir() else _PACKAGE.parent

TEMPLATES = ROOT / "templates"
SHAPES = ROOT / "shapes"
ONTOLOGY = ROOT / "ontology"
STATIC = ROOT / "static"
SAMPLES = ROOT / "data" / "samples"
SOURCES = _PACKAGE.parent / "harvesters" / "sources"
