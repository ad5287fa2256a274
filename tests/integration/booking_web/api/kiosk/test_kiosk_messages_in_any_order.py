# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whatever a kiosk tells, in whatever order and with whatever lost: each page works."""

import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from booking_web.domain.kiosks.orders import prepare_job
from booking_web.tables.appointment import Appointment
from booking_web.tables.device_jobs import JobOrder, Operation
from booking_web.tables.documents import DeviceJob
from stage.kiosk_ground import S, bring_to, documents_settings, in_call, make_pdf

API = "/api/kiosk/v1"
MSA = "conseiller@msa.example"
SCAN = make_pdf()
SHA256 = hashlib.sha256(SCAN).hexdigest()
# Longer than a kiosk may be silent of a job: each step makes a job look forgotten.
STEP = timedelta(seconds=10)
MESSAGES = (
    "pending",
    "processing",
    "completed",
    "announce",
    "deliver",
    "cue",
    "screen",
    "heartbeat",
    "wiped",
    "call_over",
)


class Clock:
    """The server's time, which goes on as the test wants."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def app(new_app, ground, tmp_path, clock):
    return new_app(ground, now=clock, **documents_settings(tmp_path))


@dataclass
class KioskStory:
    """A kiosk in call that tells of one scan, prepared at the console or keyed."""

    client: object
    token: str
    database: object
    appointment: int
    number: int | None = None
    job: str = field(default_factory=lambda: str(uuid.uuid4()))
    upload: str = "0" * 32

    def send(self, method, path, **values):
        headers = {"Authorization": f"Bearer {self.token}"} | values.pop("headers", {})
        return self.client.open(API + path, method=method, headers=headers, **values)

    def report(self, state, sequence, **changes):
        told = {
            "operation": "scan",
            "state": state,
            "sequence": sequence,
            "number": self.number,
            "sentence": "Numérisation.",
        }
        path = f"/appointments/{self.appointment}/reports/{self.job}"
        return self.send("PUT", path, json=told | changes)

    def announce(self):
        told = {"job": self.job, "sha256": SHA256, "size": len(SCAN), "pages": 1}
        path = f"/appointments/{self.appointment}/scans"
        answer = self.send("POST", path, json=told)
        self.upload = answer.json["upload"]
        return answer

    def deliver(self):
        headers = {
            "Upload-Offset": "0",
            "Content-Type": "application/offset+octet-stream",
        }
        path = f"/uploads/{self.upload}"
        return self.send("PATCH", path, data=SCAN, headers=headers)

    def tell(self, message):
        """Send one message of the story; whatever the answer, it is none of 500."""
        about = f"/appointments/{self.appointment}"
        device = {"state": "idle", "reasons": []}
        if message in ("pending", "processing", "completed"):
            return self.report(
                message, ("pending", "processing", "completed").index(message)
            )
        if message in ("announce", "deliver"):
            return getattr(self, message)()
        if message == "cue":
            return self.send("PUT", f"{about}/cue", json={"cue": "scanning"})
        if message == "screen":
            return self.send("PUT", f"{about}/screen", json={"document": 1})
        if message == "heartbeat":
            told = {"printer": device, "scanner": device}
            return self.send("POST", "/heartbeat", json=told)
        if message == "wiped":
            told = {"files": 1, "bytes": 2, "at": "2026-11-24T09:00:00Z"}
            return self.send("POST", f"{about}/wiped", json=told)
        assert message == "call_over"
        bring_to(self.database, self.appointment, S.DONE)
        return None


@pytest.fixture
def new_story(app, ground, database):
    """Give a function that begins a story in a call of its own."""
    open_calls = []

    def begin(*, is_prepared=False):
        for appointment in open_calls:
            bring_to(database, appointment, S.DONE)
        appointment = in_call(database)
        open_calls[:] = [appointment]
        number = None
        if is_prepared:
            with database.write() as session:
                found = session.get_one(Appointment, appointment)
                order = JobOrder(operation=Operation.SCAN)
                number = prepare_job(
                    session, found, order, "user:1", found.state_since
                ).number
        token = ground.kiosk_tokens["kiosk-wassigny"]
        return KioskStory(app.test_client(), token, database, appointment, number)

    return begin


@pytest.fixture
def counsellor(visitor):
    assert visitor.sign_in(MSA).status_code == 302
    return visitor


def jobs_of(database, appointment):
    with database.read() as session:
        return list(
            session.scalars(
                select(DeviceJob).where(DeviceJob.appointment_id == appointment)
            )
        )


def test_a_scan_that_came_without_any_report_is_on_the_page(
    new_story, counsellor, clock, database
):
    story = new_story()
    assert story.announce().status_code == 201
    assert story.deliver().status_code == 204
    clock.at += STEP
    page = counsellor.client.get(f"/rendez-vous/{story.appointment}")
    assert page.status_code == 200
    assert "Redemander à la borne" not in page.text
    [job] = jobs_of(database, story.appointment)
    assert (job.state, job.document) == ("completed", 1)


def test_a_prepared_scan_that_is_reported_late_is_one_job(new_story, database):
    story = new_story(is_prepared=True)
    story.announce()
    assert story.deliver().status_code == 204
    assert story.report("completed", 3).status_code == 204
    [job] = jobs_of(database, story.appointment)
    assert (job.number, job.uuid, job.state) == (1, story.job, "completed")
    assert (job.sequence, job.document) == (3, 1)


def test_a_report_with_odd_characters_is_taken_and_shown(
    new_story, counsellor, database
):
    story = new_story()
    odd = 'Fini\x00\x1b[31m \ud800 "<b>&'
    assert story.report("completed", 1, sentence=odd).status_code == 204
    [job] = jobs_of(database, story.appointment)
    assert job.sentence == 'Fini\ufffd\ufffd[31m \ufffd "<b>&'
    page = counsellor.client.get(f"/rendez-vous/{story.appointment}")
    assert page.status_code == 200
    assert "&lt;b&gt;" in page.text


def test_messages_in_any_order_and_with_losses_leave_pages_that_work(
    new_story, counsellor, clock
):
    @settings(
        max_examples=25,
    )
    @given(
        is_prepared=st.booleans(),
        order=st.permutations(MESSAGES),
        told=st.integers(1, len(MESSAGES)),
        repeated=st.sampled_from(MESSAGES),
    )
    def check(is_prepared, order, told, repeated):
        story = new_story(is_prepared=is_prepared)
        # What comes after the first `told` messages is lost; one comes twice.
        for message in [*order[:told], repeated]:
            answer = story.tell(message)
            assert answer is None or answer.status_code < 500, message
            clock.at += STEP
            page = counsellor.client.get(f"/rendez-vous/{story.appointment}")
            assert page.status_code == 200, message
        assert counsellor.client.get("/rendez-vous").status_code == 200

    check()
