"""One client's share: rates and open answers, by address, of IPv6 by network."""

import pytest
from flask import Blueprint, Flask

from maillon.settings import Settings
from maillon.web import limits
from maillon.web.limits import Turns


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("a socket", "a socket"),
    ],
)
def test_a_client_is_an_address_or_a_network(address: str, expected: str) -> None:
    with Flask(__name__).test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert limits.client() == expected


def test_turns_are_given_back_once() -> None:
    turns = Turns(2)
    first, second = turns.take("a"), turns.take("a")
    assert first is not None
    assert second is not None
    assert turns.take("a") is None
    assert turns.take("b") is not None
    first()
    first()
    assert turns.take("a") is not None
    assert turns.take("a") is None
    assert turns.open() == 3


def make(**values: object) -> Flask:
    app = Flask(__name__)
    app.config["MAILLON"] = Settings(**values)  # type: ignore[arg-type]
    blueprint = Blueprint("limited", __name__)
    blueprint.add_url_rule("/x", "x", lambda: "yes")
    app.add_url_rule("/free", "free", lambda: "yes")
    app.register_blueprint(blueprint)
    limits.install(app, blueprint)
    return app


def test_a_rate_used_up_is_429_with_retry_after_for_that_client_only() -> None:
    client = make(query_rate="2 per minute").test_client()
    assert [client.get("/x").status_code for _ in range(3)] == [200, 200, 429]
    assert int(client.get("/x").headers["Retry-After"]) > 0
    assert client.get("/free").status_code == 200
    assert client.get("/x", environ_base={"REMOTE_ADDR": "192.0.2.9"}).status_code == 200


def test_no_rate_is_no_limit() -> None:
    client = make(query_rate="").test_client()
    assert {client.get("/x").status_code for _ in range(50)} == {200}


def test_only_the_proxies_named_tell_who_the_client_is() -> None:
    forged = {"X-Forwarded-For": "203.0.113.7"}
    client = make(query_rate="1 per minute", proxies=1).test_client()
    assert client.get("/x", headers=forged).status_code == 200
    assert client.get("/x", headers={"X-Forwarded-For": "203.0.113.8"}).status_code == 200
    client = make(query_rate="1 per minute").test_client()
    assert [client.get("/x", headers={"X-Forwarded-For": f"203.0.113.{n}"}).status_code for n in (1, 2)] == [200, 429]
