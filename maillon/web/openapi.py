"""Describe the addresses that programs call as OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1.html).

Turns the declarations of the saved queries into operations with typed parameters, beside those of the SPARQL 1.1
Protocol, the reading half of the Graph Store Protocol and the short addresses, which are the same in every catalogue.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import maillon
from maillon.settings import LANGUAGES, Settings
from maillon.sparql.saved.parameters import LONGEST, Parameter
from maillon.sparql.saved.queries import Saved
from maillon.sparql.saved.short import NAME
from maillon.web.negotiation import GRAPH_FORMS, RECORDS, RESULT_FORMS, Form

Node = dict[str, Any]

PAGING: Final[Mapping[str, Mapping[str, str]]] = {
    "limit": {
        "fr": "Nombre de lignes au plus", "nl": "Hoogstens zoveel rijen", "de": "Höchstens so viele Zeilen",
        "en": "At most so many rows",
    },
    "offset": {
        "fr": "Lignes à sauter", "nl": "Over te slaan rijen", "de": "Zu überspringende Zeilen", "en": "Rows to skip",
    },
}  # fmt: skip
"""Labels of the two parameters that every saved query has."""
QUERY: Final = "SELECT ?dataset ?title WHERE { ?dataset a dcat:Dataset ; dct:title ?title } LIMIT 5"
"""A query that every catalogue answers."""
_FORMATS: Final[Mapping[str, Mapping[str, Any]]] = {
    "iri": {"format": "iri", "maxLength": LONGEST},
    "text": {"maxLength": LONGEST},
    "date": {"format": "date"},
    "language": {"pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"},
}
_RETRY: Final = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
_ERRORS: Final = {
    "400": "A parameter or the query is wrong; the text says which one, why, and what to send.",
    "404": "There is nothing of this name, or the snapshot is not kept; the text lists what there is.",
    "406": "No form that is asked for is offered; the text lists those that are.",
    "413": "The request is too large.",
    "415": "The body has a media type that is not read here.",
    "429": "You have sent too many queries, or have too many open.",
    "503": "No query worker is free, or the query used up its memory or its size (X-Maillon-Reason says which).",
    "504": "The query used up its time.",
    "507": "No more permanent links can be kept here.",
}
_WAITING: Final = ("429", "503")


def _text(description: str, example: str = "", **schema: Any) -> Node:
    return {"description": description, "schema": {"type": "string", **schema}} | (
        {"example": example} if example else {}
    )


def _query(name: str, description: str, *, required: bool = False, example: str = "", **schema: Any) -> Node:
    return {"name": name, "in": "query", "required": required, **_text(description, example, **schema)}


def _several(name: str, description: str) -> Node:
    schema = {"type": "array", "items": {"type": "string", "format": "iri"}}
    return {"name": name, "in": "query", "description": description, "schema": schema, "explode": True}


def _forms(forms: Sequence[Form]) -> Node:
    return _query("format", "Form of the answer; wins over Accept.", enum=[form.name for form in forms])


_SNAPSHOT: Final[Node] = {
    "name": "snapshot", "in": "query", "description": "Number of the snapshot to ask; left out, that of today.",
    "schema": {"type": "integer", "minimum": 1, "maximum": 99_999_999},
}  # fmt: skip


_LABELS: Final = _query("labels", "Language of labels beside IRIs, in records and tables.", enum=list(LANGUAGES))
_TIMEOUT: Final[Node] = {
    "name": "timeout", "in": "query", "description": "Seconds that the query may take; from 1000 on, milliseconds.",
    "schema": {"type": "number", "exclusiveMinimum": 0},
}  # fmt: skip


def _errors(*codes: str) -> Node:
    return {code: {"$ref": f"#/components/responses/E{code}"} for code in codes}


def _answered(forms: Sequence[Form], description: str) -> Node:
    """Return the successful answer in each of the forms."""
    content: Node = {}
    for form in forms:
        kind = (form.sent_as or form.media_type).partition(";")[0]
        content[kind] = {"schema": _schema(form)}
    names = {"ETag": "Tag of this answer.", "X-Maillon-Snapshot": "Number of the snapshot it comes from."}
    headers = {name: _text(text) for name, text in names.items()}
    return {"200": {"description": description, "headers": headers, "content": content}}


def _schema(form: Form) -> Node:
    if form is RECORDS:
        return {"type": "array", "items": {"type": "object"}}
    return {"type": "object"} if form.media_type == "application/sparql-results+json" else {}


def _value(item: Parameter) -> Node:
    """Return the JSON Schema of a parameter's values."""
    schema: Node = {"type": "integer"} if item.type == "integer" else {"type": "string", **_FORMATS[item.type]}
    read: Callable[[str], Any] = int if item.type == "integer" else str
    if item.type == "integer":
        schema |= {name: int(value) for name, value in (("minimum", item.least), ("maximum", item.most)) if value}
    schema |= {"enum": [read(value) for value in item.values]} if item.values else {}
    return schema | ({"default": read(item.default)} if item.default is not None else {})


def _parameter(item: Parameter, example: Callable[[Parameter], str]) -> Node:
    labels = item.labels or PAGING[item.name]
    value = example(item)
    return {
        "name": item.name,
        "in": "query",
        "required": False,
        "description": f"{labels['en']}. Left out or empty: "
        + ("any." if item.default is None else f"{item.default}."),
        "schema": _value(item),
        "example": int(value) if item.type == "integer" else value,
        "x-labels": {language: labels[language] for language in LANGUAGES},
    }


def _saved(item: Saved, example: Callable[[Parameter], str]) -> Node:
    forms = (*GRAPH_FORMS, RECORDS) if item.form in ("CONSTRUCT", "DESCRIBE") else (RECORDS, *RESULT_FORMS)
    own = [_parameter(known, example) for known in (*item.parameters, *item.paging)]
    return {
        "get": {
            "operationId": item.name.replace("-", "_"),
            "tags": ["Saved queries"],
            "summary": item.titles["en"],
            "x-titles": {language: item.titles[language] for language in LANGUAGES},
            "parameters": [*own, _forms(tuple(dict.fromkeys(forms))), _SNAPSHOT, _LABELS],
            "responses": _answered(forms, "The answer.") | _errors("400", "404", "406", "429", "503", "504"),
        }
    }


def _endpoint() -> Node:
    forms = (*RESULT_FORMS, *GRAPH_FORMS)
    graphs = [_several(f"{kind}-graph-uri", f"IRIs of the {kind} graphs.") for kind in ("default", "named")]
    responses = _answered(forms, "The answer.") | _errors("400", "404", "406", "413", "415", "429", "503", "504")
    required = _query("query", "The query. Common prefixes need no declaration.", required=True, example=QUERY)
    shared: Node = {"tags": ["SPARQL"], "responses": responses}
    fields = {
        "query": {"type": "string", "example": QUERY}, "format": {"type": "string"},
        "default-graph-uri": {"type": "array", "items": {"type": "string"}},
        "named-graph-uri": {"type": "array", "items": {"type": "string"}},
    }  # fmt: skip
    form = {"schema": {"type": "object", "required": ["query"], "properties": fields}}
    body = {"application/x-www-form-urlencoded": form, "application/sparql-query": {"schema": {"type": "string"}}}
    return {
        "get": {
            **shared,
            "operationId": "sparql_get",
            "summary": "SPARQL 1.1 Query in the address",
            "parameters": [required, *graphs, _forms(forms), _SNAPSHOT, _LABELS, _TIMEOUT],
        },
        "post": {
            **shared,
            "operationId": "sparql_post",
            "summary": "SPARQL 1.1 Query in the body",
            "parameters": [_forms(forms), _SNAPSHOT, _LABELS, _TIMEOUT],
            "requestBody": {"required": True, "content": body},
        },
    }


def _graphs(settings: Settings) -> Node:
    described = "IRI of a named graph. Send this or default."
    graph = _query("graph", described, example=f"{settings.base_iri}graph/findings", format="iri")
    default = _query("default", "Send it empty for the public graph.", maxLength=0) | {"allowEmptyValue": True}
    return {
        "get": {
            "operationId": "graph",
            "tags": ["SPARQL"],
            "summary": "A whole graph (SPARQL 1.1 Graph Store HTTP Protocol)",
            "parameters": [graph, default, _forms(GRAPH_FORMS), _SNAPSHOT],
            "responses": _answered(GRAPH_FORMS, "Its triples.") | _errors("400", "404", "406", "429", "503", "504"),
        }
    }


def _keeping() -> Node:
    described = {"type": "string", "description": "`current` or a number: pin the answer to this snapshot."}
    fields = {"query": {"type": "string", "example": QUERY}, "snapshot": described}
    schema = {"type": "object", "required": ["query"], "properties": fields}
    made = {
        "type": "object",
        "required": ["name", "address", "snapshot"],
        "properties": {
            "name": {"type": "string"},
            "address": {"type": "string"},
            "snapshot": {"type": ["integer", "null"]},
        },
    }
    created = {"description": "The address.", "content": {"application/json": {"schema": made}}}
    return {
        "post": {
            "operationId": "keep_query",
            "tags": ["Permanent links"],
            "summary": "Give a query a short permanent address",
            "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": schema}}},
            "responses": {"201": created} | _errors("400", "404", "413", "415", "429", "503", "507"),
        }
    }


def _kept(*, pinned: bool) -> Node:
    forms = (*RESULT_FORMS, *GRAPH_FORMS)
    name = {
        "name": "name",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": f"^{NAME.pattern}$"},
    }
    number = {**_SNAPSHOT, "in": "path", "required": True}
    return {
        "get": {
            "operationId": "kept_query_pinned" if pinned else "kept_query",
            "tags": ["Permanent links"],
            "summary": "The answer of a kept query" + (" from one snapshot" if pinned else ""),
            "parameters": [name, number if pinned else _SNAPSHOT, _forms(forms)],
            "responses": _answered(forms, "The answer.") | _errors("400", "404", "406", "429", "503", "504"),
        }
    }


def _listing() -> Node:
    schema = {"type": "array", "items": {"type": "object", "required": ["name", "title", "address", "parameters"]}}
    found = {"description": "The queries.", "content": {"application/json": {"schema": schema}}}
    return {
        "get": {
            "operationId": "queries",
            "tags": ["Saved queries"],
            "summary": "The saved queries with their parameters",
            "responses": {"200": found} | _errors("406"),
        }
    }


def _components() -> Node:
    plain = {"text/plain": {"schema": {"type": "string"}}}
    return {
        "responses": {
            f"E{code}": {"description": text, "content": plain} | ({"headers": _RETRY} if code in _WAITING else {})
            for code, text in _ERRORS.items()
        }
    }


def document(
    settings: Settings, root: str, queries: Iterable[Saved], example: Callable[[Parameter], str]
) -> Mapping[str, Any]:
    """Return the description.

    Args:
        settings: Settings in force.
        root: What the addresses start with, ending with a slash.
        queries: The saved queries.
        example: Gives a value of a parameter to try.
    """
    described = "Every answer comes from one immutable snapshot of the catalogue. No key is needed."
    paths: Node = {"/api/queries": _listing()}
    paths |= {f"/api/queries/{item.name}": _saved(item, example) for item in queries}
    paths |= {"/sparql": _endpoint(), "/graphs": _graphs(settings), "/q": _keeping()}
    paths |= {"/q/{name}": _kept(pinned=False), "/q/{name}/{snapshot}": _kept(pinned=True)}
    return {
        "openapi": "3.1.1",
        "info": {"title": settings.title, "version": maillon.__version__, "description": described},
        "servers": [{"url": root.rstrip("/")}],
        "paths": paths,
        "components": _components(),
    }
