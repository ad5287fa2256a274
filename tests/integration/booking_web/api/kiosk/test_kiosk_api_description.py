# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk API does what its OpenAPI description says, whatever a kiosk sends."""

import hashlib
import uuid

import pytest
from sqlalchemy import select

from booking_web.api.kiosk import enrolment_guesses
from booking_web.base.clock import utc_now
from booking_web.domain.fleet.orders import ask_kiosk, hand_out
from booking_web.domain.kiosks.orders import prepare_job
from booking_web.tables.appointment import Appointment
from booking_web.tables.device_jobs import JobOrder, Operation
from booking_web.tables.fleet import OrderKind
from provisioning.asterisk.certificates import ensure_certificates
from provisioning.database.models import Kiosk
from stage.described_api import DescribedApi
from stage.kiosk_ground import (
    add_document,
    archive_of,
    documents_settings,
    in_call,
    make_pdf,
)

BASE = "/api/kiosk/v1"
ENROLMENT = f"{BASE}/enrolment"
DESCRIPTION = f"{BASE}/openapi.json"
WASSIGNY = "kiosk-wassigny"
MACHINE = "ab" * 32
WRONG_TOKENS = (
    None,
    "",
    "Bearer",
    "Bearer ",
    "Bearer wrong",
    "Basic dTpw",
    "Bearer \u00e9",
)


@pytest.fixture
def app(new_app, ground, tmp_path):
    """Give the application of a site that takes kiosks in, with a place for documents."""
    ensure_certificates(tmp_path / "tls", ["sip.example"])
    authority = str(tmp_path / "tls" / "ca.pem")
    return new_app(
        ground,
        sip_server="sip.example",
        sip_ca_file=authority,
        web_ca_file=authority,
        **documents_settings(tmp_path),
    )


@pytest.fixture
def kiosk_api(app, ground, database, tmp_path):
    """Give the API as a kiosk sees it: in a call, a document, a job and an upload there."""
    appointment = in_call(database)
    archive = archive_of(database, ground.url, tmp_path)
    document = add_document(archive, appointment, make_pdf())
    with database.write() as session:
        order = JobOrder(operation=Operation.PRINT, document=document.number)
        prepare_job(
            session,
            session.get_one(Appointment, appointment),
            order,
            "user:1",
            utc_now(),
        )
        kiosk = session.scalars(select(Kiosk).where(Kiosk.slug == WASSIGNY)).one()
        kiosk.machine_id, kiosk.rotation_wanted_at = MACHINE, utc_now()
        diagnosis, _rotation = (
            ask_kiosk(session, kiosk.id, kind, "user:1", utc_now()).id
            for kind in (OrderKind.DIAGNOSE, OrderKind.ROTATE)
        )
        hand_out(session, kiosk.id, utc_now())
    token = ground.kiosk_tokens[WASSIGNY]
    announced = app.test_client().post(
        f"{BASE}/appointments/{appointment}/scans",
        json={
            "job": str(uuid.uuid4()),
            "sha256": hashlib.sha256(b"never whole").hexdigest(),
            "size": 1_000_000,
            "pages": 1,
        },
        headers={"Authorization": f"Bearer {token}"},
    )
    known = {
        "appointment_id": (appointment,),
        "number": (1,),
        "order_id": (diagnosis,),
        "machine_id": (MACHINE,),
        "upload_id": (announced.json["upload"],),
        "Upload-Offset": ("0",),
    }
    return DescribedApi(app, DESCRIPTION, token, known)


def of_kiosks(api):
    """Give the operations that ask for a kiosk's token."""
    return [each for each in api.operations() if not each.path.startswith(ENROLMENT)]


def test_every_answer_is_one_that_the_description_knows(kiosk_api):
    seen = {each.label: kiosk_api.check(each) for each in of_kiosks(kiosk_api)}

    assert len(seen) >= 15
    # Each was asked in a way that it could do what it is for, and in other ways.
    unmet = [label for label, statuses in seen.items() if min(statuses) >= 300]
    assert unmet == []
    assert {401, 429} & set().union(*seen.values()) == set()


def test_without_a_right_token_nothing_is_told_of_any_operation(kiosk_api, app):
    client = app.test_client()
    for operation in of_kiosks(kiosk_api):
        path = operation.path.replace("{job}", str(uuid.uuid4()))
        for name in ("appointment_id", "number", "upload_id", "order_id"):
            path = path.replace(f"{{{name}}}", "1")
        for number, authorization in enumerate(WRONG_TOKENS):
            headers = {} if authorization is None else {"Authorization": authorization}
            answer = client.open(
                path,
                method=operation.method.upper(),
                headers=headers,
                # So few of each address are answered; more would have to wait.
                environ_base={"REMOTE_ADDR": f"192.0.2.{number}"},
            )

            assert answer.status_code == 401, (operation.label, authorization)
            assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_who_is_no_kiosk_yet_is_answered_as_the_description_says(
    kiosk_api, monkeypatch
):
    monkeypatch.setattr(enrolment_guesses, "PER_PLACE", 10_000)
    # What is asked in the address is any text: nothing can be wrong about it.
    [enrol] = [each for each in kiosk_api.operations() if each.path == ENROLMENT]
    # No invented code is a right one.
    assert {404, 422} <= kiosk_api.check(enrol)
