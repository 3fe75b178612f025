"""Whatever a harvester puts into a record, mapping gives entities that can be written and hashed, or rejects it."""

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maillon import mapping
from maillon.errors import RecordRejected
from maillon.rdf import canonical
from maillon.records import Agent, Contact, Dataset, Distribution
from maillon.sources import Source

BASE = "https://data.example.org/"
SOURCE = Source(name="ville", kind="ckan", url="/nowhere", language="fr")
ODD = [
    "<script>alert(1)</script>",
    "\U0001f98a",
    "TODO",
    "A REMPLIR",
    "\ud800",
    "\x00",
    "\u202e",
    "http://",
    "{",
    "[",
    "-1",
    "a" * 400,
]
text = st.one_of(st.sampled_from(ODD), st.text(st.characters(), max_size=40), st.just("https://ville.example.org/a"))
texts = st.dictionaries(
    st.one_of(st.sampled_from(["", "fr", "fre", "fr-t-nl", "x y", "\ud800"]), text), text, max_size=3
)
maybe = st.one_of(st.none(), text)
many = st.lists(text, max_size=3).map(tuple)
agents = st.one_of(st.none(), st.builds(Agent, name=texts, identifier=maybe, iri=maybe, homepage=maybe, email=maybe))
contacts = st.lists(st.builds(Contact, name=maybe, email=maybe, url=maybe, telephone=maybe), max_size=2).map(tuple)
part_fields: dict[str, st.SearchStrategy[Any]] = {field.name: maybe for field in fields(Distribution)}
part_fields |= {"identifier": text, "title": texts, "description": texts, "rights": texts, "language": many}
distributions = st.lists(st.builds(Distribution, **part_fields), max_size=2).map(tuple)
datasets = st.builds(
    Dataset, identifier=text, iri=maybe, title=texts, description=texts, theme=many, publisher=agents, creator=agents,
    keyword=st.lists(st.tuples(text, text), max_size=3).map(tuple), contact=contacts, landing_page=maybe, issued=maybe,
    modified=maybe, frequency=maybe, license=maybe, access_rights=maybe, language=many, spatial=many, version=maybe,
    temporal=st.lists(st.tuples(maybe, maybe), max_size=2).map(tuple), conforms_to=many, documentation=many,
    legislation=many, hvd_category=many, distributions=distributions,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(datasets)
def test_any_record_is_mapped_or_rejected_and_always_the_same(record: Dataset) -> None:
    try:
        first = mapping.entities(record, SOURCE, BASE)
    except RecordRejected as error:
        assert error.reason == "no identifier"
        return
    assert first == mapping.entities(record, SOURCE, BASE)
    assert len({entity.iri for entity in first}) == len(first)
    for entity in first:
        assert canonical.version(entity, BASE).iri == entity.iri


@pytest.mark.parametrize("sign", ["a", " ", "@", "1", "<", "\n", "é"])
def test_a_million_signs_in_every_field_take_no_time(sign: str) -> None:
    long = sign * 1_000_000
    part = Distribution(
        identifier="1",
        access_url=long,
        download_url=long,
        format=long,
        media_type=long,
        license=long,
        byte_size=long,
        checksum=long,
    )
    record = Dataset(
        identifier="1", title={"fr": long}, frequency=long, spatial=(long,), issued=long, iri=long, license=long,
        contact=(Contact(email=long, telephone=long),), theme=(long,), distributions=(part,),
    )  # fmt: skip
    assert mapping.entities(record, SOURCE, BASE)[0].kind == "dataset"


def test_a_description_of_ten_megabytes_is_kept() -> None:
    record = Dataset(identifier="1", description={"fr": "a" * 10_000_000})
    entity = mapping.entities(record, SOURCE, BASE)[0]
    assert len(canonical.version(entity, BASE).text) > 10_000_000
