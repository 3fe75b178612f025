"""What the operator sees and may do: which queries run, how many there were, what is used; stop one.

Every address wants the setting ``operator_token``, as ``Authorization: Bearer`` (programs, Prometheus) or as the
password of ``Basic`` (browsers), RFC 6750 and RFC 7617; where the setting is empty, there is nothing here (404).
"""

import csv
import hmac
import io
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.values import MutexValue, ValueClass

from maillon.settings import Settings
from maillon.sparql import usage
from maillon.web import display, languages, limits, negotiation
from maillon.web.current import snapshot
from maillon.web.engine import engine

blueprint = Blueprint("operator", __name__)
_EXCERPT: Final = 2000


def is_operator(*schemes: str) -> bool:
    """Tell whether the request carries the operator's token.

    Args:
        schemes: Of ``bearer`` and ``basic``, those that may carry it.
    """
    settings: Settings = current_app.config["MAILLON"]
    sent = request.authorization
    if not settings.operator_token or sent is None or sent.type not in schemes:
        return False
    given = (sent.password or "").encode()
    if sent.type == "bearer":
        given = (sent.token or "").encode("latin-1", "replace")  # as WSGI hands over what was sent (PEP 3333)
    return hmac.compare_digest(given, settings.operator_token.encode())


def only_operator() -> Response | None:
    """Let nobody else through (a ``before_request`` function)."""
    settings: Settings = current_app.config["MAILLON"]
    if not settings.operator_token:
        abort(404)
    if is_operator("bearer", "basic"):
        return None
    answer = negotiation.message(401, "This is for the operator: sign on with the setting operator_token as password.")
    answer.headers["WWW-Authenticate"] = 'Basic realm="Maillon operator", charset="UTF-8"'
    return answer


blueprint.before_request(only_operator)


@blueprint.after_request
def keep_private(response: Response) -> Response:
    """Let nothing of it be kept."""
    response.headers["Cache-Control"] = "no-store"
    return response


@dataclass(frozen=True, slots=True)
class RunningQuery:
    """One query that is worked on.

    Attributes:
        pid: Its worker's process.
        lane: ``quick``, ``long`` or ``held``.
        seconds: How long it has taken, in the digits of the language.
        megabytes: Memory of its own, in the digits of the language.
        text: Its beginning.
    """

    pid: int
    lane: str
    seconds: str
    megabytes: str
    text: str


@dataclass(frozen=True, slots=True)
class OperatorPage:
    """What ``templates/pages/operator.html`` shows.

    Attributes:
        running: Queries that are worked on.
        snapshot: Number of the snapshot served.
        open: Answers that are being sent.
        cache: Pairs of a name and a number of the result cache.
        used: What was used most: kind, what, how often.
    """

    running: list[RunningQuery]
    snapshot: int
    open: int
    cache: list[tuple[str, str]]
    used: list[tuple[str, str, str]]


def _used(settings: Settings, language: str) -> list[tuple[str, str, str]]:
    found = [item for _, item in zip(range(20), usage.read(settings.data / "usage.sqlite"), strict=False)]
    return [(item.kind, item.what, display.number(item.count, language)) for item in found]


@blueprint.get("/operator")
def overview() -> str:
    """Show what is running."""
    language = languages.current()
    running = [
        RunningQuery(
            item.pid,
            item.lane,
            display.number(round(item.seconds, 1), language),
            display.number(round(item.memory / 1e6), language),
            item.query[:_EXCERPT],
        )
        for item in engine().running()
    ]
    page = OperatorPage(
        running=running,
        snapshot=snapshot().snapshot.number,
        open=limits.turns().open(),
        cache=[(name, display.number(value, language)) for name, value in engine().cache_counts().items()],
        used=_used(current_app.config["MAILLON"], language),
    )
    return render_template("pages/operator.html", page=page)


@blueprint.post("/operator/stop")
def stop() -> Response:
    """Stop one query: its client is told so."""
    # Browsers send Basic along from other sites' forms too, and say where the form stood.
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403, "Stop queries from the operator's page.")
    pid = request.form.get("pid", "")
    if not pid.isdecimal() or not engine().stop(int(pid)):
        abort(404, f"No query runs in process {pid!r} any more.")
    return negotiation.see(url_for("operator.overview"))


@blueprint.get("/operator/usage.csv")
def used() -> Response:
    """Answer everything that was counted, by day."""
    settings: Settings = current_app.config["MAILLON"]
    engine().flush_usage()
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("day", "kind", "what", "count"))
    writer.writerows(
        (item.day, item.kind, item.what, item.count) for item in usage.read(settings.data / "usage.sqlite", by_day=True)
    )
    return Response(text.getvalue(), content_type="text/csv; charset=utf-8")


@blueprint.get("/metrics")
def metrics() -> Response:
    """Answer the numbers for Prometheus, of all web processes together."""
    registry = REGISTRY
    if ValueClass is not MutexValue:  # several processes count into files
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    lanes = [item.lane for item in engine().running()]
    lines = [generate_latest(registry).decode(), "# TYPE maillon_sparql_running gauge\n"]
    lines += [f'maillon_sparql_running{{lane="{lane}"}} {lanes.count(lane)}\n' for lane in ("quick", "long", "held")]
    for name, value in engine().cache_counts().items():
        lines.append(f"# TYPE maillon_sparql_cache_{name} gauge\nmaillon_sparql_cache_{name} {value}\n")
    return Response("".join(lines), content_type="text/plain; version=0.0.4; charset=utf-8")
