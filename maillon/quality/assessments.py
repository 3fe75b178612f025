"""Turns a closure into the assessment of its dataset: European points, our indicators, findings in numbers."""

import hashlib
from collections import Counter
from collections.abc import Mapping

from maillon import identifiers
from maillon.links.states import LinkState
from maillon.quality import closures, indicators, mqa
from maillon.quality.aggregation import Counted
from maillon.quality.file_writing import Entry
from maillon.quality.values import Assessment, Closure
from maillon.records import Finding


def assess(closure: Closure) -> Assessment:
    """Judge the description of one dataset."""
    return Assessment(
        iri=closure.iri,
        key=closure.key,
        source=closure.source,
        organisations=closure.organisations,
        score=mqa.score(closure),
        indicators=indicators.measure(closure),
        severities=dict(sorted(Counter(item.severity for item in closure.findings).items())),
    )


def entry(closure: Closure) -> Entry:
    """Judge the description of one dataset, and note what the judgement rests on."""
    return Entry(
        assessment=assess(closure),
        counted=_counted(closure),
        addresses=tuple(sorted(closures.addresses(closure))),
        known=known(closure.links),
        due=indicators.due(closure),
        twins=closure.twins,
    )


def bare(state: LinkState) -> LinkState:
    """Return what an assessment may use of the state of a link: not when and how often it was checked.

    Otherwise every check would change every assessment.
    """
    return LinkState(
        url=state.url,
        verdict=state.verdict,
        status=state.status,
        final=state.final,
        media_type=state.media_type,
        octets=state.octets,
    )


def known(states: Mapping[str, LinkState]) -> str:
    """Return a hash of what an assessment may use of the states of links; empty where nothing is known of any."""
    if not states:
        return ""
    lines = (
        f"{state.url} {state.verdict} {state.status} {state.final} {state.media_type} {state.octets}"
        for _, state in sorted(states.items())
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _counted(closure: Closure) -> Counted:
    """Count findings, those of publishers and contact points apart."""
    if not closure.findings:
        return Counted()
    resources = (closure.iri, *(part.iri for part in closure.parts))
    embedded = tuple(f"/.well-known/genid/{identifiers.digest(iri)}-" for iri in resources)
    own: Counter[tuple[str, str]] = Counter()
    shared = []
    for finding in closure.findings:
        if finding.focus in resources or any(sign in finding.focus for sign in embedded):
            own[finding.shape, finding.severity] += 1
        else:
            shared.append((_digest(finding), finding.shape, finding.severity))
    return Counted(own=own, shared=tuple(shared))


def _digest(finding: Finding) -> str:
    parts = (finding.focus, finding.path, finding.value, finding.component, finding.shape)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
