"""Why reading ended early is told in the language of the report, from failures that really happen."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from maillon.check import failures
from maillon.fetch import http as fetching
from tests.maillon.check.conftest import Maillon, checked

_LANGUAGES = ("fr", "nl", "de")
_ENGLISH = (
    "give the",
    "check the",
    "Check the",
    "ask ",
    "Ask ",
    " cannot ",
    " is no ",
    "tell its",
    " leads to ",
    "If it",
)
"""What would betray a sentence that stayed English."""


class _Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(int(self.path.strip("/")))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Answer each path with the status that it names."""
    serving = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{serving.server_address[1]}"
    serving.shutdown()
    serving.server_close()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "FIRST_WAIT", 0.005)


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


_FILES: dict[str, bytes] = {
    "empty.ttl": b"",
    "page.html": b"<!doctype html><html><body>x</body></html>",
    "octets.bin": b"\x89PNG\x00\x01\x02",
    "letter.txt": b"Good morning",
    "faulty.ttl": b"<https://e.example/a> <b",
    "cut.zip": b"PK\x03\x04abcdef",
    "large.ttl": b"# " + b"x" * 1_100_000,
}


def _assert_told(failure: str, keeps: str = "") -> None:
    assert failure
    assert failures.said(failure, "en") == failure
    told = {language: failures.said(failure, language) for language in _LANGUAGES}
    assert len({failure, *told.values()}) == 4
    for text in told.values():
        assert not [word for word in _ENGLISH if word in text.partition("[")[0]], text
        assert keeps in text
        assert "{" not in text


@pytest.mark.parametrize("name", sorted(_FILES))
def test_what_cannot_be_read_is_told_in_each_language(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(_FILES[name])
    _assert_told(checked(path, megabytes=1).failure, name)


def test_an_empty_folder_is_told_in_each_language(tmp_path: Path) -> None:
    _assert_told(checked(_folder(tmp_path / "void")).failure, "void")


@pytest.mark.parametrize("status", [401, 403, 404, 406, 410, 418, 429, 503])
def test_what_a_server_answers_is_told_in_each_language(status: int, server: str) -> None:
    _assert_told(checked(f"{server}/{status}", allow_hosts=("127.0.0.1",)).failure, f"[{status}")


def test_a_refused_connection_and_a_private_address_are_told_in_each_language() -> None:
    _assert_told(checked("http://127.0.0.1:1/a.ttl", allow_hosts=("127.0.0.1",)).failure, "Connection refused")
    _assert_told(checked("http://127.0.0.1:1/a.ttl").failure, "--allow-host 127.0.0.1")


@pytest.mark.parametrize(
    "failure",
    [
        "There is no host nowhere.example (Name or service not known). Check the address and this machine's DNS.",
        "Reading took longer than 300 seconds. If it is only large, give --timeout more.",
        "https://e.example/a was not complete after 60 seconds. If the source is only slow, raise the setting.",
        "https://e.example/a cannot be fetched: its certificate is not valid (CERTIFICATE_VERIFY_FAILED). Ask its "
        "publisher, or check this machine's clock and authorities.",
        "https://e.example/a cannot be fetched: it fell silent. Try again later, or ask its publisher.",
        "A fault in the harvester ckan or in Maillon, not in what is checked: KeyError: 'a'. Report it.",
        "The document has faults after which, or so many that, reading could not go on: correct those listed.",
    ],
)
def test_rarer_reasons_are_told_in_each_language(failure: str) -> None:
    _assert_told(failure)


def test_a_reason_that_nobody_foresaw_stays_as_it_is() -> None:
    assert failures.said("The moon is full.", "fr") == "The moon is full."
    assert failures.said("", "fr") == ""


def test_a_name_with_braces_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "{what}.ttl"
    path.write_bytes(b"")
    assert failures.said(checked(path).failure, "fr").startswith("{what}.ttl est vide")


@pytest.mark.parametrize("form", ["text", "json", "junit", "sarif", "html", "ttl"])
def test_every_format_tells_it_in_its_language(form: str, tmp_path: Path, maillon: Maillon) -> None:
    path = tmp_path / "vide.ttl"
    path.write_bytes(b"")
    result = maillon("check", path, "--in", "fr", "--format", form)
    assert result.exit_code == 2
    assert "vide.ttl est vide" in result.stdout
    assert "is empty" not in result.output
