"""Turns the bytes of a JSON document (RFC 8259) into values: any encoding, strictly, faults with their place.

Not a kind of source: what the kinds that read JSON share.
"""

import json
import re
from typing import Any, Final

from maillon.errors import ParseFailed
from maillon.sources import Answer

_NOT_JSON: Final = re.compile(r"(?:^|[:\[,])\s*(-?(?:NaN|Infinity)\b)", re.MULTILINE)


def decoded(answer: Answer, lines: bool = False) -> Any:
    """Return the JSON of a document; UTF-8, else UTF-16, else the Windows code page.

    Args:
        answer: The document.
        lines: Whether it may also be JSON lines, which give a list.

    Raises:
        ParseFailed: It is not JSON (nor are NaN and endless figures or nesting); says where.
    """
    text = _text(answer.read())
    try:
        return _parsed(text)
    except json.JSONDecodeError as error:
        if not lines or error.msg != "Extra data" or "\n" not in text.strip():
            raise _failure(answer, error, 0) from error
    rows = []
    for number, line in enumerate(text.split("\n")):
        try:
            rows += [_parsed(line)] if line.strip() else []
        except json.JSONDecodeError as error:
            raise _failure(answer, error, number) from error
    return rows


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _parsed(text: str) -> Any:
    """Parse JSON strictly. Raises json.JSONDecodeError, also for NaN, endless figures and endless nesting."""

    def refuse(constant: str) -> None:
        match = _NOT_JSON.search(text)
        raise json.JSONDecodeError(f"{constant} is not JSON", text, match.start(1) if match else 0)

    try:
        return json.loads(text, parse_constant=refuse)
    except RecursionError as error:
        raise json.JSONDecodeError("Nested too deeply", text, 0) from error
    except json.JSONDecodeError:
        raise
    except ValueError as error:  # a number of more than 4300 figures
        raise json.JSONDecodeError(str(error), text, 0) from error


def _failure(answer: Answer, error: json.JSONDecodeError, line: int) -> ParseFailed:
    return ParseFailed(
        f"{answer.url} is not valid JSON: {error.msg}. Tell its publisher.", line + error.lineno, error.colno
    )
