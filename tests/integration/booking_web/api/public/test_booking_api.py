# SPDX-License-Identifier: AGPL-3.0-or-later
"""The booking API, asked as other software does."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from booking_web.api.public import access
from booking_web.tables.appointment import Appointment, JournalEntry, Resident
from booking_web.tables.clients import ApiClient
from booking_web.tables.postal_address import AppointmentAddress
from booking_web.tables.webhooks import Webhook, WebhookEvent
from provisioning.database.models import Relay, User

# A Tuesday, 10:02 in Paris.
NOW = datetime(2026, 11, 24, 9, 2, tzinfo=UTC)
NINE = "2026-11-25T09:00:00+01:00"
BASE = "/api/v1"


def type_of(answer) -> str:
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == answer.status_code
    return answer.json["type"].removeprefix("urn:guichet-virtuel:problem:")


def acts_of(database) -> list[tuple[str, str]]:
    with database.read() as session:
        entries = session.scalars(select(JournalEntry).order_by(JournalEntry.id))
        return [(each.actor, each.act) for each in entries]


def test_a_free_slot_is_found_booked_shown_moved_and_cancelled(msa, database) -> None:
    slots = msa.get("/slots", organisation="msa", relay="wassigny", limit=2).json
    assert [each["starts_at"] for each in slots["slots"]] == [
        "2026-11-24T09:30:00+00:00",
        "2026-11-24T10:00:00+00:00",
    ]
    assert (slots["why"], slots["next_opening"]) == (None, None)
    made = msa.book()
    assert made.status_code == 201
    assert made.json | {"id": 0} == {
        "id": 0,
        "organisation": "msa",
        "relay": "wassigny",
        "reason": None,
        "starts_at": "2026-11-25T08:00:00+00:00",
        "ends_at": "2026-11-25T08:30:00+00:00",
        "state": "booked",
        "state_reason": "",
        "sequence": 0,
        "source": "api",
        "resident_name": "Mme Lefèvre",
        "details": "",
        "language": "fr",
        "interpreter": None,
        "discreet": False,
    }
    path = f"/appointments/{made.json['id']}"
    assert made.headers["Location"] == BASE + path
    assert msa.get(path).json == made.json
    moved = msa.post(
        f"{path}/reschedule",
        {"starts_at": "2026-11-26T10:00:00+01:00", "relay": "guise"},
    )
    assert (moved.status_code, moved.json["relay"], moved.json["sequence"]) == (
        200,
        "guise",
        1,
    )
    assert moved.json["starts_at"] == "2026-11-26T09:00:00+00:00"
    gone = msa.post(f"{path}/cancel", {"reason": "illness"})
    assert (gone.json["state"], gone.json["state_reason"]) == ("cancelled", "illness")
    assert acts_of(database) == [
        ("api:msa-agenda", act) for act in ("booked", "viewed", "rescheduled", "moved")
    ]


def test_the_same_key_again_books_nothing_new(msa, database) -> None:
    first, second = msa.book(), msa.book()
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json == second.json
    other = msa.book(resident_name="M. Autre")
    assert (other.status_code, type_of(other)) == (422, "key-reused")
    with database.read() as session:
        [appointment] = session.scalars(select(Appointment)).all()
        user = session.get_one(User, appointment.created_by_id)
    assert user.email == "responsable@msa.example"


def test_a_taken_slot_is_answered_with_free_ones(msa) -> None:
    msa.book()
    answer = msa.book("other-key")
    assert (answer.status_code, type_of(answer)) == (409, "slot-taken")
    assert answer.json["slots"][0] == {
        "relay": "wassigny",
        "starts_at": "2026-11-25T08:30:00+00:00",
        "ends_at": "2026-11-25T09:00:00+00:00",
    }
    free = answer.json["slots"][0]["starts_at"]
    assert msa.book("other-key", starts_at=free).status_code == 201


@pytest.mark.parametrize(
    ("changes", "status", "problem"),
    [
        ({"starts_at": "2026-11-25T15:00:00+01:00"}, 422, "outside-hours"),
        ({"starts_at": "2026-11-23T09:00:00+01:00"}, 422, "too-early"),
        ({"starts_at": "2026-11-25T09:02:00+01:00"}, 422, "off-grid"),
        ({"starts_at": "2026-11-25T09:00:00"}, 422, "invalid"),
        ({"organisation": "sous-prefecture-vervins"}, 422, "unknown-organisation"),
        ({"relay": "nowhere"}, 422, "unknown-relay"),
        ({"reason": "nothing"}, 422, "unknown-reason"),
        ({"resident_name": "  "}, 422, "invalid-name"),
        ({"resident_name": "a\u202eb"}, 422, "unprintable"),
        ({"resident_name": ""}, 422, "invalid"),
        ({"colour": "red"}, 422, "invalid"),
    ],
)
def test_a_wrong_booking_is_refused_with_its_cause(
    msa, database, changes, status, problem
) -> None:
    answer = msa.book(**changes)
    assert (answer.status_code, type_of(answer)) == (status, problem)
    with database.read() as session:
        assert session.scalars(select(Appointment)).all() == []


def test_problems_are_told_in_the_callers_language(msa) -> None:
    told = {"organisation": "msa"}
    french = msa.post("/appointments", told, Idempotency_Key="k")
    english = msa.post(
        "/appointments", told, Idempotency_Key="k", Accept_Language="en-GB"
    )
    assert {"pointer": "/json/relay", "detail": "Cette valeur manque."} in french.json[
        "errors"
    ]
    assert {
        "pointer": "/json/relay",
        "detail": "Missing data for required field.",
    } in english.json["errors"]
    assert french.json["type"] == english.json["type"]


def test_a_relays_client_reaches_what_its_town_hall_booked_elsewhere(
    caller, msa, new_client, database
) -> None:
    guise = caller(new_client("town", "--relay", "guise"))
    made = msa.book().json
    assert guise.get(f"/appointments/{made['id']}").status_code == 404
    with database.write() as session:
        relay = session.scalar(select(Relay).where(Relay.slug == "guise"))
        session.get_one(Appointment, made["id"]).town_hall_id = relay.id
        client_id = session.scalar(select(ApiClient.id).where(ApiClient.name == "town"))
        session.add(
            Webhook(
                client_id=client_id,
                url="https://guise.example/",
                sealed_secret="",
                kinds="booked,changed,state",
                created_at=NOW,
            )
        )
    assert guise.get(f"/appointments/{made['id']}").json["id"] == made["id"]
    assert [each["id"] for each in guise.get("/appointments").json["appointments"]] == [
        made["id"]
    ]
    assert guise.post(f"/appointments/{made['id']}/cancel", {}).status_code == 200
    with database.read() as session:
        told = session.scalars(select(WebhookEvent)).all()
        assert [each.kind for each in told] == ["state"]


def test_a_client_reaches_its_own_appointments_only(
    caller, msa, new_client, database
) -> None:
    made = msa.book().json
    guise = caller(new_client("guise-town", "--relay", "guise"))
    prefecture = caller(
        new_client("prefecture", "--organisation", "sous-prefecture-vervins")
    )
    for stranger in (guise, prefecture):
        with capture_logs() as logs:
            hidden = stranger.get(f"/appointments/{made['id']}")
        assert hidden.status_code == 404
        assert [each["event"] for each in logs] == ["not theirs"]
        assert (
            stranger.post(f"/appointments/{made['id']}/cancel", {}).status_code == 404
        )
        assert stranger.get("/appointments").json == {"appointments": [], "next": None}
    assert [each["slug"] for each in guise.get("/relays").json] == ["guise"]
    assert [each["slug"] for each in prefecture.get("/organisations").json] == [
        "sous-prefecture-vervins"
    ]
    wassigny = caller(new_client("town", "--relay", "wassigny", "--read-only"))
    shown = wassigny.get(f"/appointments/{made['id']}").json
    assert shown["id"] == made["id"]
    # Without --residents, no name; without the right to write, no cancelling.
    assert "resident_name" not in shown and "details" not in shown
    answer = wassigny.post(f"/appointments/{made['id']}/cancel", {})
    assert (answer.status_code, type_of(answer)) == (403, "read-only")
    assert "Lefèvre" not in wassigny.get("/appointments").text


def test_the_list_goes_by_pages_and_by_what_changed(msa) -> None:
    made = [
        msa.book(f"key-{hour}", starts_at=f"2026-11-25T{hour:02}:00:00+01:00").json
        for hour in (9, 10, 11)
    ]
    ids = [each["id"] for each in made]
    page = msa.get("/appointments", limit=2).json
    assert [each["id"] for each in page["appointments"]] == ids[:2]
    rest = msa.get("/appointments", limit=2, after_id=page["next"]).json
    assert ([each["id"] for each in rest["appointments"]], rest["next"]) == (
        ids[2:],
        None,
    )
    on_day = msa.get("/appointments", day="2026-11-25", relay="wassigny").json
    assert [each["id"] for each in on_day["appointments"]] == ids
    assert msa.get("/appointments", day="2026-11-26").json["appointments"] == []
    since = (NOW + timedelta(seconds=1)).isoformat()
    msa.get(f"/appointments/{ids[0]}")
    changed = msa.get("/appointments", changed_since=since).json
    assert changed["appointments"] == []
    changed = msa.get("/appointments", changed_since=NOW.isoformat(), state="booked")
    assert [each["id"] for each in changed.json["appointments"]] == ids


def test_an_appointment_that_moved_on_is_not_moved(msa) -> None:
    path = f"/appointments/{msa.book().json['id']}"
    msa.post(f"{path}/cancel", {})
    for act, told in (("cancel", {}), ("reschedule", {"starts_at": NINE})):
        answer = msa.post(f"{path}/{act}", told)
        assert (answer.status_code, type_of(answer)) == (409, "moved-on")
        assert answer.json["state"] == "cancelled"


@pytest.mark.parametrize(
    "header", [None, "Bearer wrong", "Basic eDp5", "Bearer é", "Bearer "]
)
def test_without_a_good_token_nothing_is_told(app, hours, header) -> None:
    headers = {"Authorization": header} if header else {}
    answer = app.test_client().get(f"{BASE}/organisations", headers=headers)
    assert (answer.status_code, type_of(answer)) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_guessing_and_hurrying_are_slowed_down(caller, msa, monkeypatch) -> None:
    monkeypatch.setattr(access, "REFUSALS_PER_WINDOW", 2)
    monkeypatch.setattr(access, "REQUESTS_PER_MINUTE", 2)
    stranger = caller("gva_wrong")
    assert [stranger.get("/relays").status_code for _ in range(3)] == [401, 401, 429]
    answers = [msa.get("/relays") for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert answers[-1].headers["Retry-After"] == "60"


def test_a_removed_client_or_its_person_opens_nothing(
    caller, command, new_client, database
) -> None:
    token = new_client("short-lived", "--relay", "guise")
    program = caller(token)
    assert program.get("/relays").status_code == 200
    listed = command("api-client", "list").stdout
    assert "short-lived  relay guise  for mairie@guise.example: books" in listed
    assert token not in listed
    assert command("api-client", "remove", "short-lived").exit_code == 0
    assert program.get("/relays").status_code == 401
    again = command(
        *("api-client", "add", "short-lived", "--relay", "guise"),
        *("--user", "mairie@guise.example"),
    )
    assert again.exit_code == 1 and "journal" in again.output
    second = caller(new_client("second", "--relay", "guise"))
    with database.write() as session:
        for user in session.scalars(
            select(User).where(User.email == "mairie@guise.example")
        ):
            user.active = False
    assert second.get("/relays").status_code == 401


@pytest.mark.parametrize(
    "options",
    [
        ("--relay", "wassigny", "--user", "mairie@guise.example"),
        ("--organisation", "msa", "--user", "mairie@guise.example"),
        ("--organisation", "nothing", "--user", "responsable@msa.example"),
        ("--organisation", "msa", "--user", "admin@guichet.example"),
        ("--relay", "guise", "--user", "admin@guichet.example"),
        ("--user", "mairie@guise.example"),
        (
            "--relay",
            "guise",
            "--organisation",
            "msa",
            "--user",
            "mairie@guise.example",
        ),
        ("--relay", "guise", "--user", "nobody@guichet.example"),
    ],
)
def test_a_client_gets_no_right_that_its_person_has_not(command, options) -> None:
    result = command("api-client", "add", "greedy", *options)
    assert result.exit_code == 1
    assert "greedy" not in command("api-client", "list").stdout


def test_what_the_kiosk_speaks_is_told_shown_and_changed(msa) -> None:
    made = msa.book(language="en")
    number = made.json["id"]
    assert (made.status_code, made.json["language"]) == (201, "en")
    assert msa.book(language="en").status_code == 200
    assert type_of(msa.book()) == "key-reused"
    address = f"/appointments/{number}/language"
    assert msa.post(address, {"language": "fr"}).json["language"] == "fr"
    assert msa.get(f"/appointments/{number}").json["language"] == "fr"
    for wrong in ("xx", None):
        assert msa.post(address, {"language": wrong}).status_code == 422
        assert type_of(msa.book(language=wrong)) == "invalid"
    assert msa.get(f"/appointments/{number}").json["language"] == "fr"


ADDRESS = {"street": "12 rue des Lilas", "postcode": "02120", "commune": "Guise"}


def test_an_address_is_told_kept_for_this_appointment_and_shown_to_nobody(
    msa, database, secret
) -> None:
    made = msa.book(address=ADDRESS)
    assert made.status_code == 201
    with database.read() as session:
        [kept] = session.scalars(select(AppointmentAddress))
        assert (kept.appointment_id, kept.street) == (
            made.json["id"],
            ADDRESS["street"],
        )
        assert (kept.postcode, kept.commune, kept.country) == ("02120", "Guise", "")
        told = [each.content for each in session.scalars(select(WebhookEvent))]
        details = session.scalars(select(JournalEntry.detail)).all()
        # The town hall's register is not written by programs.
        assert session.scalars(select(Resident)).all() == []
    shown = msa.get(f"/appointments/{made.json['id']}").text
    listed = msa.get("/appointments").text
    for text in (made.text, shown, listed, f"{told}", f"{details}"):
        assert "Lilas" not in text and "02120" not in text
    assert told != []
    assert msa.book(address=ADDRESS).status_code == 200
    other = msa.book(address=ADDRESS | {"street": "3 rue Neuve"})
    assert type_of(other) == "key-reused"
    assert type_of(msa.book()) == "key-reused"


@pytest.mark.parametrize(
    ("address", "pointer"),
    [
        ({"commune": "Guise", "postcode": "2120"}, "/json/address/postcode"),
        ({"street": "12 rue des Lilas"}, "/json/address/commune"),
        ({"commune": "Guise", "street": "a\nb\nc"}, "/json/address/street"),
        ({"commune": "Guise", "country": "B\u202e"}, "/json/address/country"),
        ({"commune": "Guise", "town": "Guise"}, "/json/address/town"),
        ("12 rue des Lilas", "/json/address/_schema"),
    ],
)
def test_an_address_that_cannot_be_kept_is_refused_part_by_part(
    msa, database, address, pointer
) -> None:
    refused = msa.book(address=address)
    assert refused.status_code == 422
    assert type_of(refused) in ("invalid-address", "invalid")
    assert [each["pointer"] for each in refused.json["errors"]] == [pointer]
    assert "Lilas" not in refused.text
    with database.read() as session:
        assert session.scalars(select(Appointment)).all() == []
    assert msa.book(address=None).status_code == 201


@pytest.mark.parametrize(
    ("method", "path"),
    [
        # More than any row's number: no route takes it.
        ("POST", f"{BASE}/appointments/{2**40}/discretion"),
        ("GET", f"{BASE}/nothing"),
        ("GET", "/api/kiosk/v1/nothing"),
        ("GET", "/api/nothing"),
    ],
)
def test_an_address_that_leads_nowhere_is_a_problem_too(app, method, path) -> None:
    answer = app.test_client().open(path, method=method)
    assert (answer.status_code, type_of(answer)) == (404, "not-found")
