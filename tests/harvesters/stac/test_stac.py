"""The stac harvester: catalogues, APIs and files of every version, what is inherited, what is not on the web, loops."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvesters import stac
from maillon import mapping
from maillon.errors import PagesShifted, ParseFailed, SourceDefinitionError, SourceUnavailable
from maillon.rdf import canonical
from maillon.records import Dataset, Record, Rejected
from maillon.sources import Answer, Source

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus" / "stac"
BASE = "https://catalogue.example/"
ROOT = "https://stac.example.org/catalog.json"
EXTENT = {"spatial": {"bbox": [[4, 50, 5, 51]]}, "temporal": {"interval": [["2009-01-01T00:00:00Z", None]]}}
COLLECTION: dict[str, Any] = {"type": "Collection", "stac_version": "1.0.0", "id": "ortho", "description": "Vues",
                              "license": "CC-BY-4.0", "extent": EXTENT, "links": []}  # fmt: skip
ITEM: dict[str, Any] = {"type": "Feature", "stac_version": "1.0.0", "id": "2021", "collection": "ortho",
                        "geometry": None, "properties": {"datetime": "2021-05-01T00:00:00Z"}, "assets": {},
                        "links": []}  # fmt: skip


def _source(url: str, **options: Any) -> Source:
    return Source(name="images", kind="stac", url=url, language="fr", options=options)


def _links(**rels: str) -> list[dict[str, str]]:
    return [{"rel": rel.rstrip("_"), "href": href} for rel, href in rels.items()]


def _catalog(*children: str, rel: str = "child") -> dict[str, Any]:
    links = [{"rel": rel, "href": href} for href in children]
    return {"type": "Catalog", "stac_version": "1.0.0", "id": "root", "description": "Tout", "links": links}


class Portal:
    """A portal that answers with JSON by address."""

    base_iri, bookmark = BASE, ""

    def __init__(self, folder: Path, pages: dict[str, Any]) -> None:
        self.folder, self.pages, self.asked = folder, pages, list[str]()

    def __call__(self, url: str, accept: str = "*/*") -> Answer:
        self.asked.append(url)
        if url not in self.pages:
            raise SourceUnavailable(f"{url} answers 404")
        path = self.folder / f"{len(self.asked)}.json"
        path.write_text(self.pages[url] if isinstance(self.pages[url], str) else json.dumps(self.pages[url]))
        return Answer(url, "application/json", path)

    def documents(self, url: str, accept: str = "*/*") -> Iterator[Answer]:
        yield self(url, accept)


@pytest.fixture
def harvest(tmp_path: Path) -> Callable[..., list[Record]]:
    """Harvest documents by address; the first is the source's own."""

    def read(pages: dict[str, Any], **options: Any) -> list[Record]:
        return list(stac.records(_source(next(iter(pages)), **options), Portal(tmp_path, pages)))

    return read


@pytest.fixture
def one(harvest: Callable[..., list[Record]]) -> Callable[..., Dataset]:
    """Harvest one collection, changed in some fields."""

    def read(**fields: Any) -> Dataset:
        return _datasets(harvest({ROOT: {**COLLECTION, **fields}}))[0]

    return read


@pytest.fixture
def item(harvest: Callable[..., list[Record]]) -> Callable[..., Dataset]:
    """Harvest one item of the collection, changed in some fields and properties."""

    def read(
        properties: dict[str, Any] | None = None, collection: dict[str, Any] | None = None, **fields: Any
    ) -> Dataset:
        changed = {**ITEM, "properties": ITEM["properties"] | (properties or {}), **fields}
        pages = {ROOT: {**COLLECTION, "links": _links(item="2021.json"), **(collection or {})},
                 "https://stac.example.org/2021.json": changed}  # fmt: skip
        return _datasets(harvest(pages, items=True))[1]

    return read


def _datasets(records: list[Record]) -> list[Dataset]:
    return [record for record in records if isinstance(record, Dataset)]


def _reasons(records: list[Record]) -> list[str]:
    return [record.reason for record in records if isinstance(record, Rejected)]


def test_links_of_a_static_catalogue_are_relative_to_the_request(harvest: Callable[..., list[Record]]) -> None:
    pages = {
        ROOT: _catalog("a/catalog.json"),
        "https://stac.example.org/a/catalog.json": _catalog("../b/c.json"),
        "https://stac.example.org/b/c.json": {**COLLECTION, "links": _links(item="i.json", root="../catalog.json")},
    }
    assert [record.identifier for record in _datasets(harvest(pages))] == ["ortho"]


def test_items_are_datasets_only_where_asked_for_and_as_many_as_asked_for(harvest: Callable[..., list[Record]]) -> None:
    links = [{"rel": "item", "href": f"{number}.json"} for number in range(4)]
    pages = {ROOT: {**COLLECTION, "links": links}}
    pages |= {f"https://stac.example.org/{number}.json": {**ITEM, "id": str(number)} for number in range(4)}
    assert len(harvest(pages)) == 1
    assert len(harvest(pages, items=True)) == 5
    found = harvest(pages, items=True, max_items=3)
    assert [record.identifier for record in _datasets(found)] == ["ortho", "ortho/0", "ortho/1", "ortho/2"]
    assert found[-1] == Rejected("ortho", "more items than max_items", "3", is_dataset=False)


def test_an_api_is_read_by_its_collections_and_their_items_page_by_page(harvest: Callable[..., list[Record]]) -> None:
    api = "https://stac.example.org/api"
    lidar = {**COLLECTION, "id": "lidar", "links": _links(items="/api/collections/lidar/items")}
    items = {"type": "FeatureCollection", "context": {"matched": 2}, "features": [ITEM]}
    pages = {
        api: {**_catalog(api + "/collections", rel="data"), "conformsTo": []},
        api + "/collections": {"collections": [COLLECTION], "numberMatched": 2, "links": _links(next="?page=2")},
        api + "/collections?page=2": {"collections": [lidar], "numberMatched": 2, "links": _links(prev="?page=1")},
        api + "/collections/lidar/items": {**items, "links": _links(next="?page=2")},
        api + "/collections/lidar/items?page=2": {**items, "features": [{**ITEM, "id": "2022"}], "links": []},
    }  # fmt: skip
    assert [item.identifier for item in _datasets(harvest(pages))] == ["ortho", "lidar"]
    found = _datasets(harvest(pages, items=True))
    assert [item.identifier for item in found] == ["ortho", "lidar", "ortho/2021", "ortho/2022"]


@pytest.mark.parametrize(
    "second",
    [{"collections": [COLLECTION], "links": []}, {"collections": [], "numberMatched": 3, "links": []},
     {"collections": [{**COLLECTION, "id": "b"}], "numberMatched": 3, "links": []}],
)  # fmt: skip
def test_lists_that_shift_while_they_are_read_ask_for_another_reading(
    second: object, harvest: Callable[..., list[Record]]
) -> None:
    first = {"collections": [COLLECTION], "numberMatched": 3, "links": _links(next="?p=2")}
    with pytest.raises(PagesShifted):
        harvest({"https://stac.example.org/collections": first, "https://stac.example.org/collections?p=2": second})


def test_paging_that_leads_back_or_needs_post_stops_the_source(harvest: Callable[..., list[Record]]) -> None:
    address = "https://stac.example.org/collections"
    with pytest.raises(SourceUnavailable, match="was read"):
        harvest({address: {"collections": [COLLECTION], "links": _links(next=address)}})
    post = [{"rel": "next", "href": "https://stac.example.org/search", "method": "POST"}]
    with pytest.raises(SourceUnavailable, match="POST"):
        harvest({address: {"collections": [COLLECTION], "links": post}})


def test_catalogues_that_name_each_other_or_never_end_end(harvest: Callable[..., list[Record]]) -> None:
    other = "https://stac.example.org/b.json"
    assert len(harvest({ROOT: {**COLLECTION, "links": _links(child=other)}, other: _catalog(ROOT, other)})) == 1
    endless = {f"https://stac.example.org/{number}.json": _catalog(f"{number + 1}.json") for number in range(99)}
    assert _reasons(harvest(endless)) == ["linked document cannot be read"]


def test_a_broken_link_is_named_and_many_in_a_row_stop_the_source(harvest: Callable[..., list[Record]]) -> None:
    pages = {ROOT: _catalog("gone.json", "s3://bucket/c.json", "http://[", "c.json"),
             "https://stac.example.org/c.json": COLLECTION}  # fmt: skip
    found = harvest(pages)
    assert _reasons(found) == ["linked document cannot be read"] * 3
    assert len(_datasets(found)) == 1
    with pytest.raises(SourceUnavailable, match="404"):
        harvest({ROOT: _catalog(*(f"{number}.json" for number in range(9)))})


@pytest.mark.parametrize(
    ("licence", "links", "expected"),
    [("CC-BY-4.0", [], "CC-BY-4.0"), ("proprietary", [], None), ("other", [], None), ("various", [], None),
     ("proprietary", _links(license="/licence.html"), "https://stac.example.org/licence.html"), (None, [], None)],
)  # fmt: skip
def test_words_that_name_no_licence_are_none(
    licence: object, links: object, expected: str | None, one: Callable[..., Dataset]
) -> None:
    assert one(license=licence, links=links).license == expected


def test_an_item_without_licence_has_that_of_its_collection(item: Callable[..., Dataset]) -> None:
    assert item().license == "CC-BY-4.0"
    assert item({"license": "other"}).license == "CC-BY-4.0"
    assert item({"license": "PDDL-1.0"}).license == "PDDL-1.0"


@pytest.mark.parametrize(
    ("properties", "period"),
    [({}, ("2021-05-01T00:00:00Z", "2021-05-01T00:00:00Z")),
     ({"datetime": None, "start_datetime": "2021", "end_datetime": "2022"}, ("2021", "2022")),
     ({"datetime": None, "start_datetime": "2021"}, ("2021", None)), ({"datetime": None}, None)],
)  # fmt: skip
def test_a_datetime_of_null_gives_way_to_the_interval(
    properties: dict[str, Any], period: object, item: Callable[..., Dataset]
) -> None:
    assert item(properties).temporal == (() if period is None else (period,))


@pytest.mark.parametrize(
    ("box", "expected"),
    [([4.2, 50.7, 4.5, 50.9], "4.2,50.7,4.5,50.9"), ([4.2, 50.7, -10, 4.5, 50.9, 100], "4.2,50.7,4.5,50.9")],
)
def test_a_box_of_four_or_six_numbers(box: list[float], expected: str, one: Callable[..., Dataset]) -> None:
    assert one(extent={"spatial": {"bbox": [box, [0, 0, 1, 1]]}}).spatial == (expected,)
    assert one(extent={"spatial": box}).spatial == (expected,)  # as before version 0.8


@pytest.mark.parametrize("box", [[1, 2, 3], ["a", 1, 2, 3], None, [[None]], {"a": 1}])
def test_a_box_that_is_none_says_nothing(box: object, one: Callable[..., Dataset]) -> None:
    assert one(extent={"spatial": {"bbox": [box]}}).spatial == ()


def test_a_missing_title_is_not_invented_from_the_id(item: Callable[..., Dataset], one: Callable[..., Dataset]) -> None:
    assert (item().title, one().title, one(title="Vues").title) == ({}, {}, {"fr": "Vues"})


def test_roles_of_providers(one: Callable[..., Dataset], item: Callable[..., Dataset]) -> None:
    providers = [{"name": "Fait", "roles": ["producer", "processor"]}, {"name": "Loue", "roles": ["host"]},
                 {"name": "Signe", "roles": ["licensor"], "url": "https://signe.example.org"}]  # fmt: skip
    for record in (one(providers=providers), item(collection={"providers": providers})):
        assert record.publisher is not None
        assert record.creator is not None
        assert (record.publisher.name, record.publisher.homepage) == ({"fr": "Signe"}, "https://signe.example.org")
        assert record.creator.name == {"fr": "Fait"}
    assert one(providers=[{"name": "Fait", "roles": ["producer"]}]).publisher is None


def test_assets_that_are_not_on_the_web_are_counted_and_never_published(harvest: Callable[..., list[Record]]) -> None:
    assets = {
        "web": {"href": "https://files.example.org/a.tif", "type": "image/tiff", "file:size": 12},
        "relative": {"href": "./b.csv"}, "bucket": {"href": "s3://bucket/c.tif"}, "other": {"href": "s3://bucket/d.tif"},
        "twin": {"href": "s3://bucket/e.tif", "alternate": {"https": {"href": "https://files.example.org/e.tif"}}},
        "small": {"href": "https://files.example.org/small.png", "roles": ["thumbnail"]}, "none": {"title": "TODO"},
    }  # fmt: skip
    dataset, rejected = harvest({ROOT: {**COLLECTION, "assets": assets}})
    assert isinstance(dataset, Dataset)
    assert [(part.identifier, part.download_url) for part in dataset.distributions] == [
        ("web", "https://files.example.org/a.tif"), ("relative", "https://stac.example.org/b.csv"),
        ("twin", "https://files.example.org/e.tif"),
    ]  # fmt: skip
    detail = "1 without scheme, 2 s3"
    assert rejected == Rejected("ortho", "assets that are not on the web", detail, is_dataset=False)


def test_checksums_are_multihashes(one: Callable[..., Dataset]) -> None:
    digests = {"sha256": "1220" + "ab" * 32, "sha1": "1114" + "cd" * 20, "md5": "d50110" + "ef" * 16, "other": "9999aa"}
    assets = {name: {"href": "a", "file:checksum": digest} for name, digest in digests.items()}
    assert [part.checksum for part in one(assets=assets).distributions] == [
        "sha256:" + "ab" * 32, "sha1:" + "cd" * 20, "md5:" + "ef" * 16, None,
    ]  # fmt: skip


def test_links_that_lead_to_the_data_are_distributions_and_others_pages(one: Callable[..., Dataset]) -> None:
    links = [*_links(items="/c/items", wms="/wms", about="/page", describedby="/d", self=ROOT, root="/", license="/l")]
    record = one(links=links)
    assert [(part.access_url, part.format) for part in record.distributions] == [
        ("https://stac.example.org/c/items", "GEOJSON"), ("https://stac.example.org/wms", "WMS"),
    ]  # fmt: skip
    assert record.landing_page == "https://stac.example.org/page"
    assert record.documentation == ("https://stac.example.org/d",)


def test_version_0_9_has_no_type(harvest: Callable[..., list[Record]]) -> None:
    old = {key: value for key, value in COLLECTION.items() if key != "type"} | {"stac_version": "0.9.0"}
    catalogue = {key: value for key, value in _catalog("c.json").items() if key != "type"}
    assert len(_datasets(harvest({ROOT: catalogue, "https://stac.example.org/c.json": old}))) == 1


def test_a_list_of_items_alone_asks_for_the_option(harvest: Callable[..., list[Record]]) -> None:
    search = {"https://stac.example.org/search": {"type": "FeatureCollection", "features": [ITEM], "links": []}}
    with pytest.raises(SourceUnavailable, match="items = true"):
        harvest(search)
    assert [record.identifier for record in _datasets(harvest(search, items=True))] == ["ortho/2021"]


@pytest.mark.parametrize(
    "options", [{"item": True}, {"items": "yes"}, {"max_items": 0}, {"max_items": "9"}, {"max_items": True}]
)
def test_options_that_are_wrong_are_refused(options: dict[str, Any], harvest: Callable[..., list[Record]]) -> None:
    with pytest.raises(SourceDefinitionError, match=r"\[options\]"):
        harvest({ROOT: COLLECTION}, **options)


def test_a_folder_of_documents_is_read_with_collections_first(tmp_path: Path, fetch_folder: Callable[..., Any]) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.json").write_text(json.dumps(ITEM))
    (folder / "b.json").write_text(json.dumps(COLLECTION))
    (folder / "c.json").write_text("TODO")
    (folder / "d.json").write_text(json.dumps(COLLECTION))
    found = list(stac.records(_source(str(folder), items=True), fetch_folder(folder)))
    assert [(record.identifier, record.license) for record in _datasets(found)] == [
        ("ortho", "CC-BY-4.0"), ("ortho/2021", "CC-BY-4.0"),
    ]  # fmt: skip
    assert _reasons(found) == ["not STAC", "identifier stands twice in the source"]
    found = list(stac.records(_source(str(folder)), fetch_folder(folder)))
    assert _reasons(found)[-1].startswith("item not asked for")


@pytest.mark.parametrize("content", ["TODO", "{", "[]", "null", '{"type": "Feature"', '{"code": 404}'])
def test_a_document_that_is_none_stops_the_source(content: str, harvest: Callable[..., list[Record]]) -> None:
    with pytest.raises((ParseFailed, SourceUnavailable)):
        harvest({ROOT: content})


def test_records_become_entities_and_always_the_same(item: Callable[..., Dataset], one: Callable[..., Dataset]) -> None:
    def texts() -> list[str]:
        records = (one(assets={"a": {"href": "a.csv"}}, title="Vues"), item())
        entities = [entity for record in records for entity in mapping.entities(record, _source(ROOT), BASE)]
        return [canonical.version(entity, BASE).text for entity in entities]

    assert texts() == texts()
    assert len(texts()) == 3


_ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=9)
    | st.sampled_from(["http://[", "s3://b/c", "license"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["href", "rel", "bbox", "interval", "name", "roles", "id"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)
_NAMES = ["title", "description", "keywords", "license", "providers", "extent", "assets", "links", "themes", "language",
          "bbox", "geometry", "properties", "version", "created", "stac_version"]  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=st.dictionaries(st.sampled_from(_NAMES), _ANY, max_size=6), of_item=st.booleans())
def test_values_of_any_type_never_crash(fields: dict[str, Any], of_item: bool, tmp_path: Path) -> None:
    source = _source(ROOT, items=True)
    for record in _datasets(
        list(stac.records(source, Portal(tmp_path, {ROOT: {**(ITEM if of_item else COLLECTION), **fields}})))
    ):
        assert [canonical.version(entity, BASE) for entity in mapping.entities(record, source, BASE)]


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared is absent")
@pytest.mark.parametrize(
    ("folder", "collections", "items", "reasons"),
    [("spec", 3, 3, ["identifier stands twice in the source"] * 3), ("pycsw", 2, 27, ["not STAC"] * 2)],
)
def test_every_file_of_the_corpus_is_a_dataset_or_refused_with_a_reason(
    folder: str, collections: int, items: int, reasons: list[str], fetch_folder: Callable[..., Any]
) -> None:
    source = _source(str(CORPUS / folder), items=True)
    found = list(stac.records(source, fetch_folder(CORPUS / folder)))
    datasets = _datasets(found)
    assert len(datasets) == collections + items
    for record in datasets:
        assert all((part.download_url or part.access_url or "").startswith("http") for part in record.distributions)
        assert [canonical.version(entity, BASE) for entity in mapping.entities(record, source, BASE)]
    assert [reason for reason in _reasons(found) if reason != "assets that are not on the web"] == reasons
    catalogues = 1 if folder == "spec" else 0  # only links to the others
    files = [path for path in (CORPUS / folder).rglob("*") if path.is_file()]
    assert len(datasets) + len(reasons) + catalogues == len(files)


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared is absent")
def test_the_702_assets_of_the_corpus_in_buckets_are_counted(fetch_folder: Callable[..., Any]) -> None:
    found = list(stac.records(_source(str(CORPUS / "pycsw"), items=True), fetch_folder(CORPUS / "pycsw")))
    details = [item.detail for item in found if isinstance(item, Rejected) and item.reason.startswith("assets")]
    counts = [int(detail.removesuffix(" s3")) for detail in details if detail.endswith(" s3")]
    assert sum(counts) >= 600  # thumbnails among the 702 are not data
    assert not any("s3" in (part.download_url or "") for item in _datasets(found) for part in item.distributions
                   if not (part.download_url or "").startswith("http"))  # fmt: skip
