"""Copies the licence of a dataset down to its distributions, where an RDF source states it on the dataset only.

DCAT 1 and Italian catalogues do (77 in the corpus); DCAT-AP has licences on distributions. A licence is never invented:
a distribution that states its own licence or rights keeps these, and one of two datasets with different licences gets
none. Mapped sources need nothing of this: mapping writes a dataset's licence on its distributions.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from maillon import repair
from maillon.harvest.staging import Staged, Staging
from maillon.harvest.taking import Taker, entity_of
from maillon.rdf import canonical
from maillon.vocabulary import HAS_DISTRIBUTION, term

_RULE = repair.BY_ID["licence-from-dataset"]
_LICENCE = term("dct:license")
_STATED = (f"> {_LICENCE} ", f"> {term('dct:rights')} ")


def _licences(staging: Staging) -> dict[str, str]:
    """Return the licence that a dataset states for each of its distributions; empty where two datasets differ."""
    found: dict[str, str] = {}
    for item in staging.mentioning("dataset", str(_LICENCE)):
        own = re.escape(f"<{item.iri}>")
        licences = set(re.findall(rf"^{own} {re.escape(str(_LICENCE))} <([^>]*)> \.$", item.text, re.MULTILINE))
        if len(licences) != 1:
            continue
        licence = licences.pop()
        for part in re.findall(rf"^{own} {re.escape(str(HAS_DISTRIBUTION))} <([^>]*)> \.$", item.text, re.MULTILINE):
            found[part] = licence if found.get(part, licence) == licence else ""
    return found


def _silent(staging: Staging, licences: dict[str, str]) -> Iterator[tuple[Staged, str]]:
    """Yield the distributions that state neither licence nor rights, with the licence of their dataset."""
    for iri, licence in licences.items():
        item = staging.get(iri, "distribution") if licence else None
        if item is not None and not any(stated in item.text for stated in _STATED):
            yield item, licence


def spread(taker: Taker, staging: Staging) -> None:
    """Give distributions the licence of their dataset; each is noted as a repair."""
    base = taker.context.base
    for item, licence in list(_silent(staging, _licences(staging))):
        entity = entity_of(item.iri, item.kind, item.text, base)
        repaired, done, _ = repair.repair(entity, replace(taker.context, dataset_licence=licence), [_RULE])
        if done:
            version = canonical.version(repaired, base)
            earlier = () if item.repairs is None else repair.unpack(item.repairs)
            taker.repaired[_RULE.id] += 1
            sent = item.sent or item.text
            packed = repair.pack([*earlier, *done])
            staging.put(replace(item, hash=version.hash, text=version.text, repairs=packed, sent=sent))
