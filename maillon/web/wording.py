"""gettext in the language of the request, typed: English source texts to those of ``templates/translations/``."""

import flask_babel


def _(text: str, **values: object) -> str:
    """Return a text in the language of the request, its ``%(name)s`` filled in."""
    return str(flask_babel.gettext(text, **values))


def ngettext(singular: str, plural: str, number: int, **values: object) -> str:
    """Return the form of a text that a number asks for, in the language of the request."""
    return str(flask_babel.ngettext(singular, plural, number, **values))
