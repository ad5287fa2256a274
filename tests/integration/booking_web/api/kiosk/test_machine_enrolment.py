# SPDX-License-Identifier: AGPL-3.0-or-later
"""A machine becomes a kiosk by a code, over the API, and takes new secrets later."""

import hashlib
import hmac
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from booking_web.base.clock import utc_now
from booking_web.domain.fleet.machines_now import kiosk_machine
from booking_web.tables.appointment import JournalEntry
from booking_web.tables.fleet import MachineReport
from provisioning.asterisk.certificates import ensure_certificates
from provisioning.database.access import EndpointCut, FormerSecret, KioskEnrolment
from provisioning.database.engine import Database
from provisioning.database.models import Kiosk
from provisioning.database.realtime import PjsipAuth, PjsipEndpoint
from provisioning.directory.credentials import SipSecret, sip_password_digest
from provisioning.directory.machine_access import MachineAccess

BASE = "/api/kiosk/v1"
WASSIGNY = "kiosk-wassigny"
MACHINE = {"id": "ab" * 32, "hostname": "pc-mairie", "version": "1.0"}
ATTEMPT, OTHER_ATTEMPT = "0" * 32, "1" * 32


class Clock:
    """Says what time it is; may be moved."""

    def __init__(self) -> None:
        self.late = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.late


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    ensure_certificates(tmp_path, ["sip.example"])
    return tmp_path / "ca.pem"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("provisioning.directory.machine_access._now", clock)
    return clock


@pytest.fixture
def app(new_app, ground, authority, clock):
    """Give the application of a site whose pages have a certificate of its own."""
    return new_app(ground, now=clock, **site(authority))


@pytest.fixture
def client(app) -> FlaskClient:
    return app.test_client()


def site(authority: Path) -> dict[str, object]:
    return {
        "sip_server": "sip.example",
        "sip_ca_file": str(authority),
        "web_ca_file": str(authority),
    }


def bring(client, code, attempt=ATTEMPT, machine=MACHINE, **options):
    told = {"code": code, "attempt": attempt, "machine": machine}
    return client.post(f"{BASE}/enrolment", json=told, **options)


def problem_of(answer) -> tuple[int, str]:
    assert answer.mimetype == "application/problem+json"
    return answer.status_code, answer.json["type"].rpartition(":")[2]


def may_ask(client, token: str) -> bool:
    answer = client.get(f"{BASE}/call", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code == 200


def stands_in(database: Database, answer) -> bool:
    """Tell whether Asterisk takes this answer's SIP secret as the kiosk's own."""
    secret = SipSecret(WASSIGNY, answer.json["bundle"]["sip"]["secret"])
    with database.read() as session:
        auth = session.get_one(PjsipAuth, WASSIGNY)
    return auth.password_digest == sip_password_digest(secret, with_md5=False)


def kiosk_in(database: Database) -> Kiosk:
    with database.read() as session:
        return session.scalars(select(Kiosk).where(Kiosk.slug == WASSIGNY)).one()


def test_the_authority_is_proved_to_who_knows_the_code(client, database, authority):
    code = MachineAccess(database).make_code(WASSIGNY)
    told = client.get(f"{BASE}/enrolment/{code[:5].lower()}").json
    normalised = code.replace("-", "").encode()
    label = b"guichet enrolment authority"
    key = hmac.new(normalised, label, hashlib.sha256).digest()
    proof = hmac.new(key, told["authority"].encode(), hashlib.sha256).hexdigest()
    assert told == {"authority": authority.read_text(), "proof": proof}


def test_without_an_authority_of_its_own_the_site_proves_nothing_else(
    new_app, ground, database, authority
):
    client = new_app(ground, **site(authority) | {"web_ca_file": None}).test_client()
    code = MachineAccess(database).make_code(WASSIGNY)
    told = client.get(f"{BASE}/enrolment/{code[:5]}").json
    key = hmac.new(
        code.replace("-", "").encode(), b"guichet enrolment authority", hashlib.sha256
    ).digest()
    proof = hmac.new(key, b"", hashlib.sha256).hexdigest()
    assert told == {"authority": None, "proof": proof}
    enrolment = bring(client, code).json
    assert enrolment["authorities"]["web"] is None
    assert "server_ca_file" not in enrolment["bundle"]["bridge"]


@pytest.mark.parametrize("written", [str, str.lower, lambda c: c.replace("-", " ")])
def test_a_machine_gets_all_that_a_kiosk_needs(client, database, authority, written):
    code = MachineAccess(database).make_code(WASSIGNY)
    answer = bring(client, written(code))
    assert answer.status_code == 200
    pem = authority.read_text()
    assert answer.json["authorities"] == {"sip": pem, "web": pem}
    assert (answer.json["language"], answer.json["repository"]) == ("fr", None)
    bundle = answer.json["bundle"]
    assert bundle["sip"]["user"] == bundle["kiosk"]["slug"] == WASSIGNY
    assert (bundle["sip"]["server"], bundle["sip"]["port"]) == ("sip.example", 5061)
    assert bundle["bridge"]["token"] == bundle["kiosk"]["token"]
    assert bundle["bridge"]["server_ca_file"] == "web-ca.pem"
    assert {"printer", "scanner"}.isdisjoint(bundle["bridge"])
    assert may_ask(client, bundle["kiosk"]["token"])
    assert stands_in(database, answer)
    kiosk = kiosk_in(database)
    assert (kiosk.machine_id, kiosk.machine_name) == ("ab" * 32, "pc-mairie")
    assert kiosk.enrolled_at is not None


def test_the_repository_is_told_where_the_site_has_one(
    new_app, ground, database, authority, tmp_path
):
    key = tmp_path / "archive.asc"
    key.write_text("a public key")
    repository = {
        "repository_uri": "https://guichet.example/debian",
        "repository_suite": "trixie",
        "repository_key_file": str(key),
    }
    for pilots, suite in (("kiosk-marly", "trixie"), (WASSIGNY, "pilot")):
        settings = site(authority) | repository | {"repository_pilots": pilots}
        client = new_app(ground, **settings).test_client()
        enrolment = bring(client, MachineAccess(database).make_code(WASSIGNY)).json
        assert enrolment["repository"] == {
            "uri": "https://guichet.example/debian",
            "suite": suite,
            "key": "a public key",
        }


def test_who_was_this_kiosk_before_is_out(client, ground, database):
    ground.let_in(client, WASSIGNY)
    assert client.get("/borne").status_code == 200
    bring(client, MachineAccess(database).make_code(WASSIGNY))
    assert not may_ask(client, ground.kiosk_tokens[WASSIGNY])
    assert client.get("/borne").status_code == 303
    with database.read() as session:
        cut = session.get_one(EndpointCut, WASSIGNY)
    assert (cut.done_at, cut.is_revoked) == (None, False)


def test_a_code_is_good_once(client, database):
    code = MachineAccess(database).make_code(WASSIGNY)
    first = bring(client, code)
    assert problem_of(bring(client, code, OTHER_ATTEMPT)) == (410, "code-over")
    assert stands_in(database, first)


def test_the_same_attempt_is_answered_again_for_ten_minutes(client, database, clock):
    code = MachineAccess(database).make_code(WASSIGNY)
    first = bring(client, code)
    clock.late = timedelta(minutes=9)
    assert client.get(f"{BASE}/enrolment/{code[:5]}").status_code == 200
    again = bring(client, code)
    assert again.status_code == 200
    assert stands_in(database, again) and not stands_in(database, first)
    clock.late = timedelta(minutes=11)
    assert problem_of(bring(client, code)) == (410, "code-over")
    looked = client.get(f"{BASE}/enrolment/{code[:5]}")
    assert problem_of(looked) == (410, "code-over")
    assert stands_in(database, again)


def test_a_code_that_comes_too_late_lets_nobody_in(client, ground, database, clock):
    code = MachineAccess(database).make_code(WASSIGNY, timedelta(hours=1))
    clock.late = timedelta(minutes=61)
    assert problem_of(client.get(f"{BASE}/enrolment/{code[:5]}"))[0] == 410
    assert problem_of(bring(client, code)) == (410, "code-over")
    assert may_ask(client, ground.kiosk_tokens[WASSIGNY])
    assert kiosk_in(database).enrolled_at is None


def test_a_new_code_takes_the_place_of_the_former(client, database):
    access = MachineAccess(database)
    former, new = access.make_code(WASSIGNY), access.make_code(WASSIGNY)
    assert problem_of(bring(client, former)) == (404, "code-unknown")
    assert bring(client, new).status_code == 200


@pytest.mark.parametrize("code", ["", "ABCDE", "ILOU" * 5, "é" * 20, "A" * 60])
def test_what_is_no_code_is_not_found(client, code):
    assert problem_of(bring(client, code))[0] == 404


@pytest.mark.parametrize("public_id", ["ABCD", "ABCDEF", "ILOUU", "%00%00%00%00%00"])
def test_what_is_no_public_id_is_not_found(client, public_id):
    assert problem_of(client.get(f"{BASE}/enrolment/{public_id}"))[0] == 404


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"code": 5, "attempt": ATTEMPT, "machine": MACHINE},
        {"code": "A" * 20, "attempt": "0" * 31, "machine": MACHINE},
        {"code": "A" * 20, "attempt": ATTEMPT, "machine": {"id": "ab"}},
        {"code": "A" * 20, "attempt": ATTEMPT, "machine": None},
    ],
)
def test_what_is_badly_written_is_refused(client, told):
    answer = client.post(f"{BASE}/enrolment", json=told)
    assert problem_of(answer) == (422, "invalid")


def test_a_site_that_does_not_know_its_asterisk_says_so_and_the_code_stays_good(
    client, new_app, ground, database
):
    code = MachineAccess(database).make_code(WASSIGNY)
    bare = new_app(ground).test_client()
    assert problem_of(bring(bare, code)) == (503, "not-set-up")
    assert bring(client, code).status_code == 200


def test_an_authority_that_cannot_be_read_uses_no_code(
    client, new_app, ground, database, authority
):
    code = MachineAccess(database).make_code(WASSIGNY)
    wrong = site(authority) | {"web_ca_file": str(authority.with_suffix(".gone"))}
    broken = new_app(ground, **wrong).test_client()
    assert problem_of(broken.get(f"{BASE}/enrolment/{code[:5]}"))[1] == "not-set-up"
    assert problem_of(bring(broken, code))[1] == "not-set-up"
    assert bring(client, code).status_code == 200


def test_guesses_from_one_place_are_stopped_and_others_go_on(client, database):
    code = MachineAccess(database).make_code(WASSIGNY)
    for _ in range(20):
        assert bring(client, "A" * 20).status_code == 404
    assert problem_of(bring(client, code)) == (429, "too-many-guesses")
    assert problem_of(client.get(f"{BASE}/enrolment/{code[:5]}"))[0] == 429
    elsewhere = {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}
    assert bring(client, code, **elsewhere).status_code == 200


def test_guesses_from_everywhere_keep_nobody_out_who_has_a_code(client, database):
    code = MachineAccess(database).make_code(WASSIGNY)
    for each in range(250):
        address = {"REMOTE_ADDR": f"198.51.100.{each}"}
        assert bring(client, "A" * 20, environ_base=address).status_code == 404
    fresh = {"REMOTE_ADDR": "192.0.2.7"}
    assert bring(client, code, environ_base=fresh).status_code == 200


def test_a_line_with_many_addresses_is_one_place(client, database):
    for each in range(20):
        address = {"REMOTE_ADDR": f"2001:db8:0:1::{each:x}"}
        assert bring(client, "A" * 20, environ_base=address).status_code == 404
    for there, status in (("2001:db8:0:1:ffff::1", 429), ("2001:db8:0:2::1", 404)):
        answer = bring(client, "A" * 20, environ_base={"REMOTE_ADDR": there})
        assert answer.status_code == status


def test_the_attempt_of_one_machine_is_answered_to_no_other(client, database):
    code = MachineAccess(database).make_code(WASSIGNY)
    first = bring(client, code)
    copied = bring(client, code, machine=MACHINE | {"id": "cd" * 32})
    assert problem_of(copied) == (410, "code-over")
    assert stands_in(database, first)
    assert kiosk_in(database).machine_id == MACHINE["id"]


def test_who_brings_a_good_code_is_no_guesser(client, database):
    access = MachineAccess(database)
    for _ in range(25):
        assert bring(client, access.make_code(WASSIGNY)).status_code == 200


def test_of_four_machines_with_one_code_one_is_the_kiosk(
    new_app, either_ground, authority
):
    database = Database(either_ground.url)
    code = MachineAccess(database).make_code(WASSIGNY)
    application = new_app(either_ground, **site(authority))
    answers = race_for(application, code)
    assert sorted(each.status_code for each in answers) == [200, 410, 410, 410]
    [winner] = [each for each in answers if each.status_code == 200]
    assert stands_in(database, winner)
    database.dispose()


def race_for(application, code):
    barrier, answers = threading.Barrier(4), []

    def race(number: int) -> None:
        barrier.wait()
        answers.append(bring(application.test_client(), code, f"{number}" * 32))

    racers = [threading.Thread(target=race, args=(each,)) for each in range(4)]
    for each in racers:
        each.start()
    for each in racers:
        each.join()
    return answers


def ask_for_secrets(client, token, machine_id=MACHINE["id"]):
    headers = {"Authorization": f"Bearer {token}"}
    told = {"machine_id": machine_id}
    return client.post(f"{BASE}/secrets", json=told, headers=headers)


@pytest.fixture
def renew(client, database):
    """Give a function by which the kiosk takes secrets that IT wants it to take."""

    def renew(token):
        assert may_ask(client, token)
        MachineAccess(database).want_rotation(WASSIGNY)
        assert report(client, token, MACHINE["id"]).status_code == 200
        answer = ask_for_secrets(client, token)
        assert answer.status_code == 200
        return answer

    return renew


def acts_in(database) -> list[tuple[str, str]]:
    query = select(JournalEntry.act, JournalEntry.actor).order_by(JournalEntry.id)
    with database.read() as session:
        return [(act, actor) for act, actor in session.execute(query)]


def is_misused(database) -> bool:
    with database.read() as session:
        machine = kiosk_machine(session, WASSIGNY, utc_now())
    assert machine is not None
    return machine.is_token_misused


def test_old_and_new_secrets_work_until_the_new_one_is_shown(
    client, ground, database, renew
):
    old = ground.kiosk_tokens[WASSIGNY]
    ground.let_in(client, WASSIGNY)
    answer = renew(old)
    new = answer.json["bundle"]["kiosk"]["token"]
    assert may_ask(client, old)
    assert client.get("/borne").status_code == 200
    assert stands_in(database, answer)
    assert kiosk_in(database).rotation_wanted_at is not None
    with database.read() as session:
        former = session.get_one(PjsipAuth, f"former-{kiosk_in(database).id}")
        auths = session.get_one(PjsipEndpoint, WASSIGNY).auth
    assert auths == f"{WASSIGNY},{former.id}"
    assert may_ask(client, new)
    assert kiosk_in(database).rotation_wanted_at is None
    assert not may_ask(client, old)
    with database.read() as session:
        left = session.get_one(FormerSecret, kiosk_in(database).id)
    assert left.ends_at - utc_now() < timedelta(minutes=11)
    assert acts_in(database) == [("secrets_renewed", f"kiosk:{WASSIGNY}")]


def test_who_read_a_token_gets_no_secrets_of_his_own_and_is_told(
    client, ground, database, renew
):
    token = ground.kiosk_tokens[WASSIGNY]
    for _ in range(3):
        assert ask_for_secrets(client, token, "ef" * 32).status_code == 410
    assert may_ask(client, token)
    # Nor is he the kiosk's machine by that.
    assert kiosk_in(database).machine_id is None
    assert is_misused(database)
    # Told once, however often it is tried.
    assert acts_in(database) == [("secrets_refused", f"kiosk:{WASSIGNY}")]
    with database.read() as session:
        told = session.get_one(MachineReport, kiosk_in(database).id)
    assert told.misused_address == "127.0.0.1"
    # The kiosk's own new secrets end it, once they are shown.
    new = renew(token).json["bundle"]["kiosk"]["token"]
    assert is_misused(database)
    assert may_ask(client, new)
    assert not is_misused(database)
    # An order is good for one rotation.
    assert ask_for_secrets(client, new).status_code == 410
    assert is_misused(database)


def test_another_machine_gets_no_secrets_though_they_are_ordered(
    client, ground, database
):
    token = ground.kiosk_tokens[WASSIGNY]
    MachineAccess(database).want_rotation(WASSIGNY)
    assert report(client, token, MACHINE["id"]).json["orders"]
    assert ask_for_secrets(client, token, "ef" * 32).status_code == 409
    with database.read() as session:
        told = session.get_one(MachineReport, kiosk_in(database).id)
    assert told.stranger_id == "ef" * 32
    assert ask_for_secrets(client, token).status_code == 200


def test_secrets_that_are_wanted_are_not_given_before_the_kiosk_was_told(
    client, ground, database
):
    token = ground.kiosk_tokens[WASSIGNY]
    assert report(client, token, MACHINE["id"]).json["orders"] == []
    MachineAccess(database).want_rotation(WASSIGNY)
    assert ask_for_secrets(client, token).status_code == 410
    assert not is_misused(database)


def test_secrets_are_asked_for_by_a_machine_that_says_which_it_is(client, ground):
    headers = {"Authorization": f"Bearer {ground.kiosk_tokens[WASSIGNY]}"}
    for told in ({}, {"machine_id": "ab"}, {"machine_id": None}):
        answer = client.post(f"{BASE}/secrets", json=told, headers=headers)
        assert answer.status_code == 422


def test_a_kiosk_that_did_not_hear_the_answer_asks_again_with_what_it_has(
    client, ground, database, renew
):
    old = ground.kiosk_tokens[WASSIGNY]
    lost = renew(old).json["bundle"]["kiosk"]["token"]
    new = ask_for_secrets(client, old)
    assert may_ask(client, old)
    assert not may_ask(client, lost)
    assert stands_in(database, new)
    assert may_ask(client, new.json["bundle"]["kiosk"]["token"])
    assert not may_ask(client, old)


def test_the_former_token_ends_after_seven_days(client, ground, clock, renew):
    old = ground.kiosk_tokens[WASSIGNY]
    new = renew(old).json["bundle"]["kiosk"]["token"]
    clock.late = timedelta(days=6, hours=23)
    assert may_ask(client, old)
    clock.late = timedelta(days=7, minutes=1)
    assert not may_ask(client, old)
    assert may_ask(client, new)


def test_a_second_rotation_after_the_first_was_shown_ends_the_first(
    client, ground, renew
):
    first = ground.kiosk_tokens[WASSIGNY]
    second = renew(first).json["bundle"]["kiosk"]["token"]
    third = renew(second).json["bundle"]["kiosk"]["token"]
    assert not may_ask(client, first)
    assert may_ask(client, second)
    assert may_ask(client, third)
    assert not may_ask(client, second)


def test_a_revoked_kiosk_has_nothing_left(client, ground, database, renew):
    old = ground.kiosk_tokens[WASSIGNY]
    ground.let_in(client, WASSIGNY)
    new = renew(old).json["bundle"]["kiosk"]["token"]
    access = MachineAccess(database)
    code = access.make_code(WASSIGNY)
    access.revoke(WASSIGNY)
    assert not may_ask(client, old) and not may_ask(client, new)
    assert client.get("/borne").status_code == 303
    assert bring(client, code).status_code == 404
    with database.read() as session:
        assert session.get_one(EndpointCut, WASSIGNY).is_revoked
        assert session.get_one(PjsipEndpoint, WASSIGNY).auth == WASSIGNY
        assert session.scalars(select(FormerSecret)).all() == []
        assert session.scalars(select(KioskEnrolment)).all() == []


def test_a_revoked_kiosk_comes_back_by_a_new_code(client, database):
    access = MachineAccess(database)
    access.revoke(WASSIGNY)
    answer = bring(client, access.make_code(WASSIGNY))
    assert may_ask(client, answer.json["bundle"]["kiosk"]["token"])
    with database.read() as session:
        assert not session.get_one(EndpointCut, WASSIGNY).is_revoked
    assert kiosk_in(database).enrolled_at <= datetime.now(UTC)


def report(client, token, machine_id):
    told = {
        "version": "1.0",
        "machine_id": machine_id,
        "booted_at": utc_now().isoformat(),
        "address": "192.0.2.1",
        "clock": utc_now().isoformat(),
        "disk_free_bytes": 1,
        "disk_bytes": 2,
        "certificate_ends": None,
        "packages": {},
        "screens": [],
    }
    headers = {"Authorization": f"Bearer {token}"}
    return client.put(f"{BASE}/machine", json=told, headers=headers)


def test_another_machine_with_the_kiosks_token_is_refused_and_told(client, database):
    enrolled = bring(client, MachineAccess(database).make_code(WASSIGNY))
    token = enrolled.json["bundle"]["kiosk"]["token"]
    assert report(client, token, MACHINE["id"]).status_code == 200
    assert report(client, token, "ef" * 32).status_code == 409
    with database.read() as session:
        told = session.get_one(MachineReport, kiosk_in(database).id)
    assert (told.machine_id, told.stranger_id) == (MACHINE["id"], "ef" * 32)


def test_a_kiosk_by_file_is_the_first_machine_that_reports(client, ground, database):
    token = ground.kiosk_tokens[WASSIGNY]
    assert report(client, token, "ef" * 32).status_code == 200
    assert kiosk_in(database).machine_id == "ef" * 32
    assert report(client, token, MACHINE["id"]).status_code == 409


def test_a_wanted_rotation_is_ordered_until_the_new_token_was_shown(
    client, ground, database, clock
):
    token = ground.kiosk_tokens[WASSIGNY]
    MachineAccess(database).want_rotation(WASSIGNY)
    [order] = report(client, token, MACHINE["id"]).json["orders"]
    assert order["kind"] == "rotate"
    # The answer was lost: it is asked again.
    assert ask_for_secrets(client, token).status_code == 200
    clock.late = timedelta(minutes=11)
    assert report(client, token, MACHINE["id"]).json["orders"] == [order]
    new = ask_for_secrets(client, token).json["bundle"]["kiosk"]["token"]
    assert report(client, new, MACHINE["id"]).json["orders"] == []
    clock.late = timedelta(minutes=30)
    assert report(client, new, MACHINE["id"]).json["orders"] == []
