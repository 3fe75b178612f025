"""The schemaorg harvester: JSON-LD in pages and files, sitemaps, catalogues, contexts, broken pages."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvesters import schemaorg
from maillon import mapping
from maillon.errors import ParseFailed, SourceDefinitionError, SourceUnavailable
from maillon.rdf import canonical
from maillon.records import Dataset, Record, Rejected
from maillon.sources import Answer, Source

BASE = "https://catalogue.example/"
SITE = "https://data.example.org"
PAGE = SITE + "/dataset/arbres"
SCHEMA = "https://schema.org/"
MINIMAL = {"@context": SCHEMA, "@type": "Dataset", "name": "Arbres", "description": "Les arbres."}


def _source(url: str, **options: Any) -> Source:
    return Source(name="site", kind="schemaorg", url=url, language="fr", options=options)


def _html(*scripts: object) -> str:
    parts = (item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for item in scripts)
    inside = "".join(f'<script type="application/ld+json">{part}</script>' for part in parts)
    return f"<!DOCTYPE html><html><head>{inside}</head><body></body></html>"


def _sitemap(*addresses: str, index: bool = False) -> str:
    outer, inner = ("sitemapindex", "sitemap") if index else ("urlset", "url")
    parts = "".join(f"<{inner}><loc>{address}</loc></{inner}>" for address in addresses)
    return f'<?xml version="1.0"?><{outer} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{parts}</{outer}>'


class Site:
    """A site that answers with texts or octets by address."""

    base_iri, bookmark = BASE, ""

    def __init__(self, folder: Path, pages: dict[str, str | bytes]) -> None:
        self.folder, self.pages, self.asked = folder, pages, list[str]()

    def __call__(self, url: str, accept: str = "*/*") -> Answer:
        self.asked.append(url)
        if url not in self.pages:
            raise SourceUnavailable(f"{url} answers 404")
        path = self.folder / str(len(self.asked))
        content = self.pages[url]
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return Answer(url, "", path)

    def documents(self, url: str, accept: str = "*/*") -> Iterator[Answer]:
        yield self(url, accept)


@pytest.fixture
def harvest(tmp_path: Path) -> Callable[..., list[Record]]:
    """Harvest pages; the first is the source's own, unless ``url`` says another."""

    def read(pages: dict[str, str | bytes], **options: Any) -> list[Record]:
        return list(schemaorg.records(_source(next(iter(pages)), **options), Site(tmp_path, pages)))

    return read


@pytest.fixture
def one(harvest: Callable[..., list[Record]]) -> Callable[..., Dataset]:
    """Harvest one page with one dataset, given by its properties beside name and description."""

    def read(**properties: Any) -> Dataset:
        (record,) = harvest({PAGE: _html({**MINIMAL, **properties})})
        assert isinstance(record, Dataset)
        return record

    return read


def _datasets(records: list[Record]) -> list[Dataset]:
    return [record for record in records if isinstance(record, Dataset)]


@pytest.mark.parametrize(
    ("document", "title"),
    [({"@context": "http://schema.org", "@type": "Dataset", "name": "A", "description": "B"}, {"fr": "A"}),
     ({"@context": "https://schema.org/docs/jsonldcontext.json", "type": "Dataset", "name": "A", "description": "B"},
      {"fr": "A"}),
     ({"@context": {"@vocab": "https://schema.org/"}, "@type": ["Dataset", "Thing"], "name": "A", "license": "x"},
      {"fr": "A"}),
     ({"@context": {"sc": "http://schema.org/"}, "@type": "sc:Dataset", "sc:name": "A"}, {"fr": "A"}),
     ({"@type": "http://schema.org/Dataset", "https://schema.org/name": "A", "schema:license": "x"}, {"fr": "A"}),
     ({"@context": {"titre": "schema:name", "Jeu": {"@id": "http://schema.org/Dataset"}}, "@type": "Jeu", "titre": "A"},
      {"fr": "A"}),
     ({"@context": [SCHEMA, {"@language": "nl"}], "@type": "Dataset", "name": "A", "license": "x"}, {"nl": "A"}),
     ({"@context": SCHEMA, "@type": "Dataset", "license": "x",
       "name": [{"@value": "A", "@language": "de"}, {"@value": "B", "@language": "fr"}, "C"]}, {"de": "A", "fr": "B"}),
     ({"@context": [SCHEMA, "https://w3id.example.org/other.jsonld"], "@type": "Dataset", "name": "A"}, {"fr": "A"})],
)  # fmt: skip
def test_every_spelling_of_the_context_is_read_and_none_is_fetched(
    document: object, title: dict[str, str], tmp_path: Path
) -> None:
    site = Site(tmp_path, {PAGE: _html(document)})
    (record,) = schemaorg.records(_source(PAGE), site)
    assert isinstance(record, Dataset)
    assert (record.title, site.asked) == (title, [PAGE])


@pytest.mark.parametrize(
    "document",
    [{"@context": "https://other.example.org/context", "@type": "Dataset", "name": "A"},
     {"@context": SCHEMA, "@type": "Article", "name": "A"},
     {"@context": SCHEMA, "@type": "Article", "isBasedOn": {"@type": "Dataset", "name": "of another"}}],
)  # fmt: skip
def test_what_is_no_dataset_of_this_page_is_none(document: object, harvest: Callable[..., list[Record]]) -> None:
    with pytest.raises(SourceUnavailable, match=r"no schema\.org Dataset"):
        harvest({PAGE: _html(document)})


def test_a_graph_with_references_is_resolved(harvest: Callable[..., list[Record]]) -> None:
    graph = [{"@type": "WebPage", "mainEntity": {"@id": "#d"}},
             {"@type": "Organization", "@id": "#o", "name": "Service"},
             {"@type": "Dataset", "@id": "#d", "name": "A", "publisher": {"@id": "#o"}}]  # fmt: skip
    (record,) = _datasets(harvest({PAGE: _html({"@context": SCHEMA, "@graph": graph})}))
    assert (record.identifier, record.iri) == (PAGE + "#d", PAGE + "#d")
    assert record.publisher is not None
    assert record.publisher.name == {"fr": "Service"}


def test_a_loop_of_references_ends(one: Callable[..., Dataset]) -> None:
    assert one(**{"@id": "#d", "hasPart": {"@id": "#d"}, "isPartOf": {"@id": "#d"}}).title == {"fr": "Arbres"}


def test_several_scripts_on_one_page_are_all_read(harvest: Callable[..., list[Record]]) -> None:
    scripts = [{**MINIMAL, "@id": f"{SITE}/{number}"} for number in range(3)]
    assert len(_datasets(harvest({PAGE: _html(*scripts, {"@context": SCHEMA, "@type": "BreadcrumbList"})}))) == 3


@pytest.mark.parametrize(
    "script",
    ["<!-- {} -->", "//<![CDATA[\n{}\n//]]>", "/*<![CDATA[*/{}/*]]>*/", "{};", "\n {} \n"],
)
def test_json_wrapped_for_old_browsers_is_read(script: str, harvest: Callable[..., list[Record]]) -> None:
    assert len(_datasets(harvest({PAGE: _html(script.replace("{}", json.dumps(MINIMAL)))}))) == 1


def test_line_ends_inside_texts_and_escaped_quotation_marks_are_read(harvest: Callable[..., list[Record]]) -> None:
    broken = json.dumps({**MINIMAL, "@id": SITE + "/a"}).replace("Les arbres.", "Les\narbres.")
    escaped = json.dumps({**MINIMAL, "@id": SITE + "/b"}).replace('"', "&quot;")
    first, second = _datasets(harvest({PAGE: _html(broken, escaped)}))
    assert (first.description, second.title) == ({"fr": "Les\narbres."}, {"fr": "Arbres"})


def test_a_script_that_is_not_json_is_named_and_the_others_carry_on(harvest: Callable[..., list[Record]]) -> None:
    found = harvest({PAGE: _html('{"@type": "Dataset", "name": }', "{broken", {**MINIMAL, "@id": SITE + "/a"})})
    assert [(item.identifier, item.reason, item.is_dataset) for item in found if isinstance(item, Rejected)] == [
        (f"{PAGE}, script 1", "JSON-LD that is not JSON", True),
        (f"{PAGE}, script 2", "JSON-LD that is not JSON", False),
    ]  # fmt: skip
    assert len(_datasets(found)) == 1


def test_a_page_that_was_cut_off_is_named(harvest: Callable[..., list[Record]]) -> None:
    found = harvest({PAGE: _html(MINIMAL).partition("</head>")[0]})
    assert [item.reason for item in found if isinstance(item, Rejected)] == ["page without its end, perhaps cut off"]


def test_pages_of_the_windows_code_page_are_read(harvest: Callable[..., list[Record]]) -> None:
    text = _html({**MINIMAL, "name": "Forêt"}).replace("<head>", '<head><meta charset="windows-1252">')
    assert _datasets(harvest({PAGE: text.encode("cp1252")}))[0].title == {"fr": "Forêt"}


def test_every_field_of_a_dataset(one: Callable[..., Dataset]) -> None:
    record = one(
        url="/dataset/arbres", license={"@type": "CreativeWork", "url": "https://creativecommons.org/licenses/by/4.0/"},
        keywords="arbre, parc,", datePublished="2020", dateModified="2021-05", version=2, inLanguage=["fr", "nl"],
        creator=[{"@type": "Person", "name": "Autrice", "email": "p@example.org"}],
        publisher={"@type": "Organization", "@id": "https://ville.example.org/#o", "name": "Service", "url": "/o",
                   "contactPoint": {"email": "mailto:guichet@ville.example.org"}},
        isAccessibleForFree="http://schema.org/True", about={"@id": "https://example.org/theme/env"},
        includedInDataCatalog={"@type": "DataCatalog", "name": "Portail"},
        distribution={"@type": "DataDownload", "contentUrl": "a.csv", "encodingFormat": ["CSV", "text/csv"],
                      "contentSize": "12 kB", "dateModified": "2021"},
    )  # fmt: skip
    assert (record.identifier, record.landing_page, record.iri) == (PAGE, PAGE, None)
    assert record.license == "https://creativecommons.org/licenses/by/4.0/"
    assert record.keyword == (("fr", "arbre"), ("fr", "parc"))
    assert (record.issued, record.modified, record.version, record.language) == ("2020", "2021-05", "2", ("fr", "nl"))
    assert record.publisher is not None
    assert record.creator is not None
    assert (record.publisher.name, record.publisher.iri) == ({"fr": "Service"}, "https://ville.example.org/#o")
    assert (record.creator.name, record.creator.email) == ({"fr": "Autrice"}, None)
    assert [item.email for item in record.contact] == ["guichet@ville.example.org"]
    assert (record.access_rights, record.theme) == ("PUBLIC", ("https://example.org/theme/env",))
    (file,) = record.distributions
    assert (file.download_url, file.format, file.media_type) == (SITE + "/dataset/a.csv", "CSV", "text/csv")
    assert (file.byte_size, file.modified) == ("12 kB", "2021")


def test_a_person_is_never_the_publisher(one: Callable[..., Dataset]) -> None:
    assert one(publisher={"@type": "Person", "name": "Nom"}).publisher is None


@pytest.mark.parametrize(
    ("stated", "period"),
    [("2009-01-01/2012-12-31", ("2009-01-01", "2012-12-31")), ("2009/..", ("2009", None)), ("../2012", (None, "2012")),
     ("2009/", ("2009", None)), ("2012", ("2012", "2012")), ("depuis toujours", ("depuis toujours", None))],
)  # fmt: skip
def test_periods_with_open_ends(
    stated: str, period: tuple[str | None, str | None], one: Callable[..., Dataset]
) -> None:
    assert one(temporalCoverage=stated).temporal == (period,)


def test_a_period_that_is_open_on_both_ends_says_nothing(one: Callable[..., Dataset]) -> None:
    assert one(temporalCoverage="../..").temporal == ()


@pytest.mark.parametrize(
    ("place", "expected"),
    [({"geo": {"@type": "GeoShape", "box": "50.7 4.2 50.9 4.5"}, "name": "Exemple"}, "4.2,50.7,4.5,50.9"),
     ({"geo": {"@type": "GeoShape", "box": "50.7,4.2 50.9,4.5"}}, "4.2,50.7,4.5,50.9"),
     ({"geo": {"@type": "GeoShape", "box": "50.9 4.5 50.7 4.2"}}, "4.5,50.9,4.2,50.7"),  # reversed: the rules decide
     ({"geo": {"@type": "GeoShape", "box": "TODO"}}, "TODO"),
     ({"geo": {"@type": "GeoCoordinates", "latitude": 50.8, "longitude": "4.3"}},
      '{"type": "Point", "coordinates": [4.3, 50.8]}'),
     ({"geo": {"@type": "GeoShape", "polygon": "50 4 51 4 51 5 50 4"}},
      '{"type": "Polygon", "coordinates": [[[4.0, 50.0], [4.0, 51.0], [5.0, 51.0], [4.0, 50.0]]]}'),
     ("Exemple-Ville", "Exemple-Ville"), ({"name": "Exemple"}, "Exemple"),
     ({"@id": "https://example.org/place/1", "name": "Exemple"}, "https://example.org/place/1")],
)  # fmt: skip
def test_places_have_latitude_before_longitude(place: object, expected: str, one: Callable[..., Dataset]) -> None:
    assert one(spatialCoverage=place).spatial == (expected,)


@pytest.mark.parametrize(
    ("properties", "identifier"),
    [({"@id": SITE + "/id/1", "url": "/p", "identifier": "x"}, SITE + "/id/1"),
     ({"url": "/p", "identifier": "x"}, SITE + "/p"),
     ({"identifier": {"@type": "PropertyValue", "propertyID": "doi", "value": "10.1/x"}}, "10.1/x"),
     ({"@id": "_:b0", "identifier": ["x", "y"]}, "x"),
     ({"sameAs": "https://doi.example.org/x"}, "https://doi.example.org/x"),
     ({}, PAGE)],
)  # fmt: skip
def test_identity(properties: dict[str, object], identifier: str, one: Callable[..., Dataset]) -> None:
    assert one(**properties).identifier == identifier


def test_two_datasets_without_identity_on_one_page_are_rejected(harvest: Callable[..., list[Record]]) -> None:
    found = harvest({PAGE: _html(MINIMAL, {**MINIMAL, "name": "Bancs"})})
    assert [(item.reason, item.detail) for item in found if isinstance(item, Rejected)] == [
        ("no identifier", "Arbres"), ("no identifier", "Bancs"),
    ]  # fmt: skip


def test_a_draft_is_rejected(harvest: Callable[..., list[Record]]) -> None:
    assert harvest({PAGE: _html({**MINIMAL, "creativeWorkStatus": "Draft"})}) == [Rejected(PAGE, "status draft")]


def test_a_sitemap_and_an_index_of_sitemaps_lead_to_the_pages(harvest: Callable[..., list[Record]]) -> None:
    pages: dict[str, str | bytes] = {
        SITE + "/sitemap.xml": _sitemap(SITE + "/sitemap-1.xml", index=True),
        SITE + "/sitemap-1.xml": _sitemap(PAGE, SITE + "/contact", "https://elsewhere.example.net/x"),
        PAGE: _html(MINIMAL), SITE + "/contact": _html(),
    }  # fmt: skip
    found = harvest(pages)
    assert [item.identifier for item in _datasets(found)] == [PAGE]
    assert found[1:] == [Rejected(SITE + "/contact", "page without dataset", is_dataset=False)]
    assert len(harvest(pages, include="/dataset/")) == 1


def test_a_catalogue_that_only_names_its_datasets_is_followed(harvest: Callable[..., list[Record]]) -> None:
    catalogue = {"@context": SCHEMA, "@type": "DataCatalog", "dataset": [
        {"@id": PAGE}, {"@type": "Dataset", "url": SITE + "/b", "name": "B"}, SITE + "/c",
        {**MINIMAL, "@id": SITE + "/d"}, {"@id": "https://elsewhere.example.net/x"}]}  # fmt: skip
    head = _html(catalogue).replace("<head>", '<head><link rel="next" href="/p2">')
    more = _html({**catalogue, "dataset": [{"@id": SITE + "/e"}]})
    pages: dict[str, str | bytes] = {SITE + "/": head, SITE + "/p2": more}
    pages |= {address: _html({**MINIMAL, "@id": address}) for address in (PAGE, SITE + "/b", SITE + "/c", SITE + "/e")}
    found = harvest(pages)
    assert sorted(item.identifier for item in _datasets(found)) == sorted(
        [PAGE, *(f"{SITE}/{name}" for name in "bcde")]
    )
    assert [item.reason for item in found if isinstance(item, Rejected)] == [
        "page of another site: name it in include"
    ]  # fmt: skip


def test_a_page_that_is_gone_is_named_and_many_in_a_row_stop_the_source(harvest: Callable[..., list[Record]]) -> None:
    found = harvest({SITE + "/s.xml": _sitemap(SITE + "/gone", PAGE), PAGE: _html(MINIMAL)})
    assert [item.reason for item in found if isinstance(item, Rejected)] == ["page cannot be read"]
    with pytest.raises(SourceUnavailable, match="404"):
        harvest({SITE + "/s.xml": _sitemap(PAGE, *(f"{SITE}/{number}" for number in range(20))), PAGE: _html(MINIMAL)})


def test_more_pages_than_asked_for_are_counted(harvest: Callable[..., list[Record]]) -> None:
    found = harvest({SITE + "/s.xml": _sitemap(PAGE, SITE + "/b", SITE + "/c"), PAGE: _html(MINIMAL)}, max_pages=2)
    assert found[-1] == Rejected(SITE + "/s.xml", "more pages than max_pages", "2 left", is_dataset=False)


def test_sitemaps_that_name_each_other_end(harvest: Callable[..., list[Record]]) -> None:
    one, two = SITE + "/1.xml", SITE + "/2.xml"
    pages: dict[str, str | bytes] = {one: _sitemap(two, index=True), two: _sitemap(one, two, index=True)}
    with pytest.raises(SourceUnavailable, match=r"no schema\.org Dataset"):
        harvest(pages)


@pytest.mark.parametrize(
    "options", [{"inclued": "x"}, {"include": "("}, {"include": 1}, {"max_pages": 0}, {"max_pages": True}]
)
def test_options_that_are_wrong_are_refused(options: dict[str, Any], harvest: Callable[..., list[Record]]) -> None:
    with pytest.raises(SourceDefinitionError, match=r"\[options\]"):
        harvest({PAGE: _html(MINIMAL)}, **options)


@pytest.mark.parametrize("content", ["TODO", "{", "<urlset><loc>", "", "\x00"])
def test_a_document_that_is_none_stops_the_source(content: str, harvest: Callable[..., list[Record]]) -> None:
    with pytest.raises(ParseFailed):
        harvest({PAGE: content})


def test_a_folder_of_pages_and_json_ld_is_read(tmp_path: Path, fetch_folder: Callable[..., Any]) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.html").write_text(_html({**MINIMAL, "@id": SITE + "/a"}))
    (folder / "b.jsonld").write_text(json.dumps([{**MINIMAL, "@id": SITE + "/b"}]))
    (folder / "c.txt").write_text("TODO")
    found = list(schemaorg.records(_source(str(folder)), fetch_folder(folder)))
    assert [item.identifier for item in _datasets(found)] == [SITE + "/a", SITE + "/b"]
    assert [item.reason for item in found if isinstance(item, Rejected)] == ["file cannot be read"]


def test_records_become_entities_and_always_the_same(one: Callable[..., Dataset]) -> None:
    texts = []
    for _ in range(2):
        record = one(**{"@id": SITE + "/id/1", "distribution": {"contentUrl": "/a.csv"}, "temporalCoverage": "2009/.."})
        entities = mapping.entities(record, _source(PAGE), BASE)
        texts.append([canonical.version(entity, BASE).text for entity in entities])
    assert texts[0] == texts[1]
    assert [entity.kind for entity in entities] == ["dataset", "distribution"]


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.sampled_from(["http://[", "_:b", "#x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["@id", "@type", "@value", "@language", "@context", "@list", "name", "url", "geo", "box"]),
        inner, max_size=3,
    ),
    max_leaves=8,
)  # fmt: skip
_NAMES = [
    "@id", "@graph", "url", "keywords", "license", "creator", "publisher", "distribution", "temporalCoverage",
    "dataset", "spatialCoverage", "identifier", "inLanguage", "hasPart", "mainEntity", "@context",
    "contactPoint", "sameAs",
]  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(properties=st.dictionaries(st.sampled_from(_NAMES), _ANY, max_size=6))
def test_values_of_any_type_never_crash(properties: dict[str, Any], tmp_path: Path) -> None:
    site = Site(tmp_path, {PAGE: _html({**MINIMAL, **properties})})
    source = _source(PAGE)
    try:
        for record in _datasets(list(schemaorg.records(source, site))):
            assert [canonical.version(entity, BASE) for entity in mapping.entities(record, source, BASE)]
    except SourceUnavailable as error:
        assert "no schema.org Dataset" in str(error)
