"""The least that can answer a query over HTTP from Python: Flask with pyoxigraph in its own process, nothing guarded.

It is what ``bench/sparql.py`` compares small queries with. gunicorn runs it with the settings of ``maillon serve``:
``gunicorn 'bench._sparql_baseline:create_app("STORE")'``.
"""

from flask import Flask, Response, request
from pyoxigraph import QueryResultsFormat, QueryTriples, RdfFormat, Store

from maillon.vocabulary import PREFIXES


def create_app(folder: str) -> Flask:
    """Make the application over an Oxigraph store."""
    app = Flask(__name__)
    store = Store.read_only(folder)

    @app.get("/sparql")
    def sparql() -> Response:
        found = store.query(request.args["query"], prefixes=PREFIXES)
        if isinstance(found, QueryTriples):
            return Response(found.serialize(format=RdfFormat.N_TRIPLES), mimetype="application/n-triples")
        form = QueryResultsFormat.JSON
        return Response(found.serialize(format=form), mimetype=form.media_type)

    return app
