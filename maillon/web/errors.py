"""Error pages in the visitor's language that say what to do next; plain text for programs.

Turns HTTP errors and the errors of ``maillon.errors`` into answers. One of the two doors where every exception ends.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flask import Flask, Response, current_app, make_response, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError, ServiceUnavailable
from werkzeug.sansio.response import Response as BaseResponse

from maillon.errors import SnapshotError
from maillon.web.headers import DATA
from maillon.web.wording import _

RETRY_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What ``templates/errors/error.html`` shows.

    Attributes:
        code: HTTP status.
        title: What happened, in a few words.
        help: What the visitor can do about it.
        detail: What the program says, for those who can use it; may be empty.
        commands: Commands for the person who runs Maillon; empty for other errors than 503.
    """

    code: int
    title: str
    help: str
    detail: str = ""
    commands: tuple[str, ...] = ()


_Wording = Callable[[], tuple[str, str]]


def wording(code: int) -> tuple[str, str]:
    """Return title and help of a status in the language of the request."""
    known: dict[int, _Wording] = {
        **_of_what_was_sent(),
        400: lambda: (
            _("This request cannot be understood"),
            _("Something in the address or the form is not right. Go back, check what you entered and try again."),
        ),
        404: lambda: (
            _("This page does not exist"),
            _("The address may be mistyped, or the page may have moved. Search for what you need, or start again."),
        ),
        405: lambda: (
            _("This cannot be done here"),
            _("The address exists but does not accept this kind of request. Use the links of the site."),
        ),
        410: lambda: (
            _("This has been withdrawn"),
            _("Its organisation no longer publishes it. Search for something similar, or ask the organisation."),
        ),
        429: lambda: (
            _("Too many requests"),
            _("Wait a minute, then try again. To fetch much data, use the feed or the downloads."),
        ),
        503: lambda: (
            _("The catalogue is not ready yet"),
            _("Please come back in a few minutes."),
        ),
    }
    return known.get(
        code, lambda: (_("Something went wrong on our side"), _("It is not your fault. Try again later."))
    )()


def _of_what_was_sent() -> dict[int, _Wording]:
    """Return the wording of what is wrong with a request's body and formats."""
    return {
        406: lambda: (
            _("Not available in this format"),
            _("Your program asks for a format that is not offered. HTML, Turtle, RDF/XML, JSON-LD and N-Triples are."),
        ),
        413: lambda: (
            _("Too much at once"),
            _("What you sent is larger than this address takes. Send less: a query may have 32,768 characters."),
        ),
        415: lambda: (
            _("This cannot be read"),
            _("This address does not take the format of what you sent. The documentation names those that it takes."),
        ),
    }


def _asks_html() -> bool:
    """Tell whether the client names HTML, as every browser does."""
    named = {value.split(";")[0].strip().lower() for value in request.accept_mimetypes.values()}
    return bool(named & {"text/html", "application/xhtml+xml"})


def _wants_html() -> bool:
    """Tell whether HTML is the better answer: where it is named, or on a page where no format is."""
    names_none = all(value == "*/*" for value in request.accept_mimetypes.values())
    return _asks_html() or (names_none and not request.path.startswith(DATA))


def answer(error: HTTPException, page: ErrorPage) -> Response:
    """Return the page of an error, or its text for a program that does not read HTML."""
    if _wants_html():
        response = make_response(render_template("errors/error.html", page=page), page.code)
    else:
        lines = [f"{page.code} {page.title}", page.help, page.detail, *page.commands]
        response = Response("\n".join(line for line in lines if line) + "\n", page.code, mimetype="text/plain")
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    response.headers["Cache-Control"] = "no-store" if page.code >= 500 else "no-cache"
    response.vary.update(("Accept", "Accept-Language"))
    return response


def _text(ready: BaseResponse) -> str:
    return ready.get_data(as_text=True).strip() if isinstance(ready, Response) else ""


def http_error(error: HTTPException) -> Response | HTTPException:
    """Answer an HTTP error; redirects, and the one-line answers for machines to machines, pass through."""
    ready = error.response
    if ready is not None and (ready.status_code < 400 or ready.mimetype != "text/plain" or not _asks_html()):
        return error
    code = ready.status_code if ready is not None else error.code or 500
    if code < 400:
        return error
    own = error.description if error.description != type(error).description else ""
    title, advice = wording(code)
    return answer(error, ErrorPage(code, title, advice, _text(ready) if ready else own or ""))


def nothing_published(error: SnapshotError) -> Response:
    """Answer 503: tell visitors to come back and the operator what to run."""
    current_app.logger.warning("%s", error)
    title, advice = wording(503)
    page = ErrorPage(503, title, advice, commands=("maillon harvest", "maillon publish"))
    response = answer(ServiceUnavailable(), page)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def unexpected(error: Exception) -> Response:
    """Answer 500 for what nobody foresaw; the log has it, the visitor gets no inner details."""
    current_app.logger.exception("%s %s failed", request.method, request.path, exc_info=error)
    title, advice = wording(500)
    return answer(InternalServerError(), ErrorPage(500, title, advice))


def install(app: Flask) -> None:
    """Let an application answer its errors."""
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(SnapshotError, nothing_published)
    app.register_error_handler(Exception, unexpected)
