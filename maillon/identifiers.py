"""The only place that knows the IRI policy: the Belgian URI standard (``/id/<class>/<key>``, ``/doc/<class>/<key>``).

An IRI that a source gave and owns is kept; then its *key*, which is what our own addresses carry, is made of a hash of
it. An entity without an IRI gets one minted from (source, identifier), never from a title or a position. Keys hold only
characters that need no escaping in a path.
"""

import base64
import hashlib
import re
from functools import lru_cache
from typing import Final

KINDS: Final = (
    "catalog", "record", "dataset", "distribution", "service", "series", "organisation", "contact", "data", "resource",
)  # fmt: skip
"""The classes of entities as they stand in our addresses.

``data`` is what a row of an open dataset is about; ``resource`` is anything else that a source describes.
"""

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,99}")
_ABSOLUTE = re.compile(r"(?:https?|urn|ftp|info|doi|ark|tag):[^\s<>\"{}|\\^`\x00-\x20]+", re.IGNORECASE)


def digest(text: str, length: int = 20) -> str:
    """Return the first characters of the SHA-256 of a text, in lower-case base 32 (5 bits a character)."""
    # Only the octets that are needed: encoding all 32 takes longer than hashing them.
    octets = hashlib.sha256(text.encode()).digest()[: 5 * -(-length // 8)]
    return base64.b32encode(octets).decode().lower()[:length]


def is_absolute(text: str) -> bool:
    """Tell whether a text can stand as an absolute IRI of an entity as it is."""
    return _ABSOLUTE.fullmatch(text) is not None


def segment(identifier: str) -> str:
    """Return the path segment for an identifier: itself where it is plain, else a hash of it."""
    return identifier if _PLAIN.fullmatch(identifier) else digest(identifier)


def mint(base: str, kind: str, source: str, identifier: str) -> str:
    """Return the IRI of an entity that has none: ``<base>id/<kind>/<source>/<identifier>``.

    Args:
        base: The setting ``base_iri``, ending with a slash.
        kind: One of KINDS.
        source: Name of the source, part of the identity because identifiers are unique only inside it.
        identifier: What the source calls the entity, as it was sent.
    """
    return _stem(base, kind, source) + segment(identifier)


@lru_cache(maxsize=1_000)
def _stem(base: str, kind: str, source: str) -> str:
    return f"{base}id/{kind}/{segment(source)}/"


def key(base: str, kind: str, iri: str) -> str:
    """Return the key of an entity in our addresses: the rest of a minted IRI, a hash of any other."""
    own = f"{base}id/{kind}/"
    return iri.removeprefix(own) if iri.startswith(own) else "x-" + digest(iri)


def document(base: str, kind: str, entity_key: str) -> str:
    """Return the address of the document about an entity."""
    return f"{base}doc/{kind}/{entity_key}"


def skolem(base: str, entity: str, label: str) -> str:
    """Return the IRI of a blank node of an entity, from its canonical label (RDF 1.1 Concepts, section 3.5)."""
    return f"{base}.well-known/genid/{digest(entity)}-{label}"
