"""WSGI door: ``flask run`` and ``gunicorn app:app`` find the application here."""

from maillon.web import create_app

app = create_app()
