"""A whole harvest of a site over HTTP, with the fetcher and the ledger as they are."""

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from maillon import harvest
from maillon.ledger import Ledger
from maillon.settings import Settings
from maillon.sources import Source

PAGES: dict[str, tuple[str, bytes]] = {}


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        media_type, content = PAGES.get(self.path, ("text/plain", b""))
        self.send_response(200 if content else 404)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _page(name: str) -> tuple[str, bytes]:
    document = {
        "@context": "http://schema.org/",
        "@type": "Dataset",
        "name": name,
        "description": name,
        "url": f"/{name}",
    }
    text = f'<html><script type="application/ld+json">{json.dumps(document)}</script></html>'
    return "text/html; charset=utf-8", text.encode()


def test_a_site_is_harvested_through_its_packed_sitemap(site: str, tmp_path: Path) -> None:
    locations = "".join(f"<url><loc>{site}/{name}</loc></url>" for name in ("a", "b", "contact"))
    sitemap = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{locations}</urlset>'
    PAGES.update({"/sitemap.xml.gz": ("application/gzip", gzip.compress(sitemap.encode())), "/a": _page("a"),
                  "/b": _page("b"), "/contact": ("text/html", b"<html><p>Contact</p></html>")})  # fmt: skip
    settings = Settings(data=tmp_path)
    source = Source(name="site", kind="schemaorg", url=site + "/sitemap.xml.gz", allow_hosts=("127.0.0.1",))
    with Ledger(settings.ledger) as ledger:
        report = harvest.run(source, settings, ledger)
        assert (report.status, report.new, report.found) == ("done", 2, 2)
        assert [item.reason for item in report.rejections] == ["page without dataset"]
        again = harvest.run(source, settings, ledger)
        assert (again.status, again.unchanged, again.new) == ("done", 2, 0)
