"""The headers of every answer: what a browser may load (nothing from elsewhere), and how long it may keep a page.

Content Security Policy Level 3 (https://www.w3.org/TR/CSP3/); validators and freshness of RFC 9110 and RFC 9111. A page
depends on its address, the snapshot and this program only, so one weak ETag of the latter two serves for all pages.
"""

import hashlib
from datetime import UTC, datetime
from typing import Final

from flask import Flask, Response, current_app, request
from flask_compress import Compress

import maillon
from maillon import paths
from maillon.web.current import snapshot

POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
SECURITY: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
DATA: Final = ("/sparql", "/graphs", "/api", "/q", "/catalog", "/doc", "/id/", "/graph/", "/.well-known/")
"""Addresses that scripts of other sites may read, their errors too."""

PACKED: Final = (
    "text/html", "text/css", "text/plain", "text/csv", "text/turtle", "text/tab-separated-values", "image/svg+xml",
    "application/atom+xml", "application/json", "application/ld+json", "application/n-quads", "application/n-triples",
    "application/rdf+xml", "application/rdf-patch", "application/sparql-results+json",
    "application/sparql-results+xml", "application/sparql-update", "application/trig", "application/xml",
)  # fmt: skip
"""Media types that are sent compressed."""

TIMED: Final = ("pages.source", "pages.source_run")
"""Pages that say when a source is harvested next."""

PAGE_SECONDS: Final = 60
YEAR: Final = 31_536_000


def build() -> str:
    """Return a short hash of what is shipped: the version, the style sheet and the templates."""
    total = hashlib.sha256(maillon.__version__.encode())
    for path in sorted([*paths.STATIC.rglob("*.*"), *paths.TEMPLATES.rglob("*.*")]):
        if path.is_file():
            total.update(path.name.encode() + path.read_bytes())
    return total.hexdigest()[:12]


def page_tag() -> str:
    """Return the entity tag of all pages of this snapshot: its number and content, and this program's build.

    Pages that say when a source is harvested next are right for an hour.
    """
    published = snapshot().snapshot
    tag = f"{published.number}-{published.manifest.content[:8]}-{current_app.config['MAILLON_BUILD']}"
    return f"{tag}-{datetime.now(UTC):%Y%m%d%H}" if request.endpoint in TIMED else tag


def answer_unchanged() -> Response | None:
    """Answer 304 before any work where the visitor's copy of a page is still right (a ``before_request`` function)."""
    if request.method in ("GET", "HEAD") and request.if_none_match.contains_weak(page_tag()):
        return mark_page(Response(status=304))
    return None


def mark_page(response: Response) -> Response:
    """Give a good page its ETag and its time to live (an ``after_request`` function)."""
    if response.status_code in (200, 304):
        response.set_etag(page_tag(), weak=True)
        response.headers["Cache-Control"] = f"public, max-age={PAGE_SECONDS}"
    return response


def secure(response: Response) -> Response:
    """Add the security headers; a view's own stricter policy stays."""
    present = {name.lower() for name in response.headers.keys()}  # noqa: SIM118 - iterating gives pairs
    for name, value in SECURITY.items():
        if name.lower() not in present:
            response.headers.add(name, value)  # setdefault goes through all headers twice
    if request.path.startswith(DATA):
        response.headers.setdefault("Access-Control-Allow-Origin", "*")
    return response


def close_stream(response: Response) -> Response:
    """Have the source of a streamed answer closed with it: compression puts another stream around it and forgets it."""
    close = getattr(response.response, "close", None)
    if response.is_streamed and close is not None:
        response.call_on_close(close)
    return response


def install(app: Flask) -> None:
    """Set up compression and the headers of an application."""
    app.config["MAILLON_BUILD"] = build()
    app.config["COMPRESS_MIMETYPES"] = list(PACKED)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = YEAR
    app.after_request(secure)
    Compress(app)
    app.after_request(close_stream)  # registered last, so it runs before compression does
