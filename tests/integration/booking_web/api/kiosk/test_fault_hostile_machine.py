# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk's machine in a stranger's hands tells what hurts: nobody else notices it."""

import json

import pytest
from sqlalchemy import select

from booking_web.tables.fleet import MachineReport, SelfTest
from stage.administrator_desk import HOME, AdministratorDesk

BASE, WASSIGNY = "/api/kiosk/v1", "kiosk-wassigny"
ADMINISTRATOR = "admin@guichet.example"
KIOSK = f"{HOME}/parc/bornes/{WASSIGNY}"
TEST = {"version": "1.2.0", "reason": "morning"}
MACHINE = {"version": "1.2.0", "machine_id": "a" * 64}
# Half a character, as JSON writes it.
HALF = "\\ud83d"


@pytest.fixture
def database(either_database):
    return either_database


@pytest.fixture
def app(new_app, either_ground):
    return new_app(either_ground)


@pytest.fixture
def put(app, either_ground):
    """Give a function that sends something in a kiosk's name, as it is written."""
    client = app.test_client()

    def send(address, written: str, **named):
        token = either_ground.kiosk_tokens[WASSIGNY]
        headers = {"Authorization": f"Bearer {token}"}
        named.setdefault("content_type", "application/json")
        return client.put(BASE + address, headers=headers, data=written, **named)

    return send


@pytest.fixture
def pages(app, either_ground):
    """Give a function that looks at the administrator's pages of the machines."""
    office = AdministratorDesk(app, either_ground.passwords, ADMINISTRATOR)

    def look() -> str:
        read = ""
        for address in (KIOSK, f"{KIOSK}/changements", f"{HOME}/parc"):
            answer = office.client.get(address)
            assert answer.status_code == 200
            read += answer.text
        return read

    return look


def with_details(details: str) -> str:
    check = f'{{"name": "camera", "state": "failed", "details": {details}}}'
    return f'{json.dumps(TEST)[:-1]}, "checks": [{check}]}}'


def with_more(more: str) -> str:
    return f"{json.dumps(MACHINE)[:-1]}, {more}}}"


def kept(database, column):
    with database.read() as session:
        return session.scalars(select(column)).all()


@pytest.mark.parametrize(
    ("details", "kept_as"),
    [
        (f'{{"said": "{HALF}"}}', {"said": "�"}),
        (f'{{"{HALF}": 1}}', {"�": 1}),
        (f'{{"said": [{{"a": "{HALF}"}}]}}', {"said": [{"a": "�"}]}),
        ('{"said": "\\u0000"}', {"said": "�"}),
        ('{"\\u0000": 1}', {"�": 1}),
        ('{"said": "</td><script>x"}', {"said": "</td><script>x"}),
        (f'{{"said": {"9" * 3000}}}', {"said": int("9" * 3000)}),
    ],
)
def test_what_cannot_be_shown_of_details_is_replaced(
    put, pages, database, details, kept_as
) -> None:
    assert put("/self-test", with_details(details)).status_code == 204
    [[check]] = kept(database, SelfTest.checks)
    assert check["details"] == kept_as
    assert "<script>x" not in pages()


@pytest.mark.parametrize("inner", ["[" * 5000 + "]" * 5000, "NaN", "1e999"])
def test_what_is_written_to_do_harm_is_unreadable(put, pages, database, inner) -> None:
    assert put("/self-test", with_details(f'{{"x": {inner}}}')).status_code == 400
    assert put("/machine", with_more(f'"screens": [{inner}]')).status_code == 400
    assert kept(database, SelfTest.id) == kept(database, MachineReport.kiosk_id) == []
    assert pages()


@pytest.mark.parametrize("body", [b"[" * 5000 + b"]" * 5000, b'{"code": NaN}', b"\xff"])
def test_nobody_brings_a_code_that_does_harm(app, body) -> None:
    answer = app.test_client().post(
        f"{BASE}/enrolment", data=body, content_type="application/json"
    )
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


@pytest.mark.parametrize(
    "screens",
    [f'["{HALF}"]', f'[{{"name": "{HALF}"}}]', f'[{{"name": {{"{HALF}": 1}}}}]'],
)
def test_what_cannot_be_shown_of_screens_is_replaced(
    put, pages, database, screens
) -> None:
    assert put("/machine", with_more(f'"screens": {screens}')).status_code == 200
    [stored] = kept(database, MachineReport.screens)
    assert stored == json.loads(screens.replace(HALF, "�"))
    assert "�" in pages()


@pytest.mark.parametrize(
    "more",
    [
        f'"packages": {{"{HALF}": "{HALF}"}}',
        f'"address": "{HALF}"',
        *(
            f'"{name}": "{instant}"'
            for name in ("clock", "certificate_ends")
            for instant in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00")
        ),
        '"disk_bytes": 0, "disk_free_bytes": 4611686018427387904',
    ],
)
def test_a_machine_that_is_beside_itself_is_shown_all_the_same(
    put, pages, more
) -> None:
    assert put("/machine", with_more(more)).status_code == 200
    assert pages()
