# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every address of the booking API, as a client uses it who means harm: no error, no leak."""

import itertools
import json

import pytest
from sqlalchemy import select

from booking_web.api.public import access
from booking_web.api.public.blueprint import PREFIX
from booking_web.domain.appointments.booking import book
from booking_web.tables.appointment import Appointment
from tests.factories.orders import an_order
from tests.integration.booking_web.api.public.conftest import NINE, NOW

NAME = "Mme Étrangère"
NUMBERS = [0, -1, 1, 2**31 - 1, 2**31, 2**63, 2**70, 1.5, 1e999, True]
TEXTS = [
    "",
    "\x00",
    "msa\x00",
    "\ud800",
    "é",
    "%00",
    "../..",
    "' OR 1=1 --",
    "a" * 5000,
]
NESTED = json.loads("[" * 100 + "]" * 100)
ODD = [*NUMBERS, *TEXTS, None, [], {}, [1], {"a": 1}, NESTED]
# What each address of the API takes; one that is not listed fails the test.
FIELDS = {
    "GET /interpreters": (),
    "GET /organisations": (),
    "GET /organisations/<slug>/reasons": (),
    "GET /relays": (),
    "GET /slots": (
        *("organisation", "relay", "reason", "interpreter", "after", "until"),
        "limit",
    ),
    "POST /appointments": (
        *("organisation", "relay", "starts_at", "resident_name", "reason", "details"),
        *("interpreter", "discreet"),
    ),
    "GET /appointments": (
        *("day", "relay", "organisation", "state", "changed_since", "after_id"),
        "limit",
    ),
    "GET /appointments/<int:appointment_id>": (),
    "POST /appointments/<int:appointment_id>/cancel": ("reason",),
    "POST /appointments/<int:appointment_id>/reschedule": (
        *("reason", "starts_at", "relay"),
    ),
    "POST /appointments/<int:appointment_id>/language": ("language",),
    "POST /appointments/<int:appointment_id>/discretion": ("discreet",),
    "POST /imports": ("dry_run",),
}
GOOD = {
    "organisation": "msa",
    "relay": "wassigny",
    "starts_at": NINE,
    "resident_name": "M. Attaquant",
}


@pytest.fixture(autouse=True)
def _many_requests(monkeypatch) -> None:
    """Have no limit hide what is behind it."""
    monkeypatch.setattr(access, "REQUESTS_PER_MINUTE", 1_000_000)


@pytest.fixture
def foreign(database) -> int:
    """Give an appointment of another organisation, at another relay."""
    request = an_order(
        token="a page",
        relay="guise",
        organisation="sous-prefecture-vervins",
        resident_name=NAME,
    )
    with database.write() as session:
        return book(session, request, NOW).appointment.id


def addresses(app) -> list[tuple[str, str]]:
    """List method and rule of everything that the API serves."""
    return sorted(
        (method, rule.rule.removeprefix(PREFIX))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("booking_api.")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    )


def paths(rule: str, foreign: int) -> list[str]:
    """Give the addresses that the rule may be made into."""
    if "<int:" in rule:
        start, _, end = rule.partition("<int:appointment_id>")
        ids = [foreign, 0, -1, 4711, 2**31, 2**70, "1%00", "é"]
        return [f"{start}{each}{end}" for each in ids]
    if "<slug>" in rule:
        slugs = ["msa", "sous-prefecture-vervins", "%00", "%ed%a0%80", "é", "a" * 5000]
        return [rule.replace("<slug>", each) for each in slugs]
    return [rule]


def test_no_address_breaks_or_tells_what_is_anothers(
    app, msa_token, foreign, database
) -> None:
    client = app.test_client()
    bearer = {"Authorization": f"Bearer {msa_token}"}
    keys = itertools.count()
    seen: list[str] = []

    def ask(method: str, path: str, **sent) -> None:
        headers = (
            bearer | {"Idempotency-Key": str(next(keys))} | sent.pop("headers", {})
        )
        answer = client.open(PREFIX + path, method=method, headers=headers, **sent)
        told = f"{method} {path[:80]} {str(sent)[:200]}"
        assert answer.status_code < 500, told
        assert "Traceback" not in answer.text and NAME not in answer.text, told
        if path in paths("/appointments/<int:appointment_id>", foreign):
            assert answer.status_code == 404, told

    for method, rule in addresses(app):
        seen.append(f"{method} {rule}")
        fields = FIELDS[seen[-1]]
        for path in paths(rule, foreign):
            ask(method, path, **({} if method == "GET" else {"json": GOOD}))
        path = paths(rule, foreign)[0]
        if method == "GET":
            for name, value in itertools.product(fields, NUMBERS + TEXTS):
                text = str(value).replace("\ud800", "\ufffd")
                ask(method, path, query_string=GOOD | {name: text})
            continue
        for body in ODD:
            ask(method, path, data=json.dumps(body), content_type="application/json")
        for name, value in itertools.product(fields, ODD):
            ask(method, path, json=GOOD | {name: value})
        for data in (b"", b"\xff\xfe\x00", b'"\x00";\x00\n' * 9, b"{" * 9999):
            ask(method, path, data=data, content_type="text/csv")
            ask(method, path, data=data, content_type="application/json")
        for key in ("é", "\x7f", "k" * 10_000):
            ask(method, path, json=GOOD, headers={"Idempotency-Key": key})
    assert sorted(seen) == sorted(FIELDS)
    with database.read() as session:
        [kept] = session.scalars(
            select(Appointment).where(Appointment.resident_name == NAME)
        )
        assert (kept.id, kept.state, kept.sequence) == (foreign, "arrived", 0)


@pytest.mark.parametrize(
    "token", ["", "gva_", "é", "\x00", "x" * 10_000, "null", "Bearer"]
)
def test_no_token_but_the_right_one_opens_anything(app, foreign, token) -> None:
    client = app.test_client()
    for method, rule in addresses(app):
        for path in paths(rule, foreign)[:1]:
            answer = client.open(
                PREFIX + path,
                method=method,
                headers=(
                    {"Authorization": f"Bearer {token}".encode("latin-1")}
                    if token.isascii() and token.isprintable()
                    else {}
                ),
            )
            assert answer.status_code in (401, 429), path
            assert NAME not in answer.text
