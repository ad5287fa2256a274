# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-provision rename`: another slug, and all that belongs to the entry goes on."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from booking_web.base.clock import utc_now
from booking_web.domain.appointments.booking import book
from booking_web.tables.appointment import Appointment
from booking_web.tables.presence import EndpointPresence, Presence
from provisioning.asterisk.certificates import ensure_certificates
from provisioning.cli import main
from provisioning.database.access import FormerSecret
from provisioning.database.models import Counter, Kiosk, Relay
from provisioning.database.realtime import PjsipAor, PjsipAuth, PjsipEndpoint
from provisioning.directory.cutting import cuts_to_do
from provisioning.directory.kiosk_secrets import kiosk_of_token, rotate_secrets
from tests.factories.orders import an_order

KIOSK, NEW = "kiosk-wassigny", "kiosk-wassigny-mairie"
API = "/api/kiosk/v1"
BEFORE = datetime(2030, 12, 30, 9, 0, tzinfo=UTC)
STARTS_AT = datetime(2031, 1, 2, 13, 30, tzinfo=UTC)


@pytest.fixture
def run(either_ground):
    """Give a function that runs the command."""

    def invoke(*arguments, exit_code=0):
        given = ["--database-url", either_ground.url, "rename", *arguments]
        result = CliRunner().invoke(main, given)
        assert result.exit_code == exit_code, result.output
        return result

    return invoke


def endpoints(session) -> set[str]:
    tables = (PjsipEndpoint, PjsipAuth, PjsipAor)
    names = [set(session.scalars(select(table.id))) for table in tables]
    assert names[0] == names[1] == names[2]
    return names[0]


def test_a_kiosk_comes_for_its_new_name_with_the_token_that_it_has(
    run, either_ground, either_database
) -> None:
    now = utc_now()
    with either_database.write() as session:
        kiosk = session.scalars(select(Kiosk).where(Kiosk.slug == KIOSK)).one()
        number = kiosk.id
        # Secrets that were on their way: the kiosk still has the former ones.
        rotate_secrets(session, kiosk, now)
        session.add(EndpointPresence(slug=KIOSK, kind="kiosk", state=Presence.READY))
        order = an_order(starts_at=STARTS_AT)
        appointment = book(session, order, BEFORE).appointment.id
    told = run(KIOSK, NEW, "--repository-pilots", f"kiosk-guise {KIOSK}").stdout
    assert f"renamed: kiosk {KIOSK} -> {NEW}" in told and "is a pilot" in told
    with either_database.read() as session:
        kiosk = session.get_one(Kiosk, number)
        assert kiosk.slug == NEW and kiosk.rotation_wanted_at is not None
        assert session.get_one(Appointment, appointment).kiosk_id == number
        assert {KIOSK, NEW} & endpoints(session) == {NEW}
        assert f"<{NEW}>" in session.get_one(PjsipEndpoint, NEW).callerid
        assert session.scalars(select(FormerSecret)).all() == []
        assert session.get(EndpointPresence, KIOSK) is None
        # Its registration under the former name is ended.
        assert cuts_to_do(session) == [KIOSK]


def test_the_machine_is_told_and_given_secrets_of_the_new_name(
    run, either_ground, either_database, new_app, tmp_path
) -> None:
    ensure_certificates(tmp_path / "tls", ["sip.example"])
    authority = str(tmp_path / "tls" / "ca.pem")
    app = new_app(either_ground, sip_server="sip.example", sip_ca_file=authority)
    client = app.test_client()
    headers = {"Authorization": f"Bearer {either_ground.kiosk_tokens[KIOSK]}"}
    machine = {"version": "1.2.0", "machine_id": "a" * 64}
    run(KIOSK, NEW)
    told = client.put(f"{API}/machine", json=machine, headers=headers)
    assert [order["kind"] for order in told.json["orders"]] == ["rotate"]
    given = client.post(
        f"{API}/secrets", json={"machine_id": "a" * 64}, headers=headers
    )
    bundle = given.json["bundle"]
    assert bundle["sip"]["user"] == bundle["kiosk"]["slug"] == NEW
    with either_database.read() as session:
        found = kiosk_of_token(session, bundle["kiosk"]["token"], utc_now())
        assert found is not None and found[0].slug == NEW
        assert session.get_one(PjsipEndpoint, NEW).auth.startswith(f"{NEW},")


def test_relays_counters_and_reasons_are_renamed_with_nothing_else(
    run, either_database
) -> None:
    with either_database.read() as session:
        before = endpoints(session)
    run("wassigny", "wassigny-bourg")
    run("msa-1", "msa-accueil")
    told = json.loads(run("guise", "guise-ville", "--dry-run", "--json").stdout)
    assert told == {
        "kind": "relay",
        "slug": "guise",
        "new": "guise-ville",
        "renamed": False,
    }
    with either_database.read() as session:
        relays = set(session.scalars(select(Relay.slug)))
        assert relays == {"wassigny-bourg", "guise", "marly-gomont"}
        assert "msa-accueil" in set(session.scalars(select(Counter.slug)))
        assert endpoints(session) == before and not cuts_to_do(session)


REFUSED = (
    ("kiosk-gise", NEW, 'nothing is called "kiosk-gise"'),
    (KIOSK, "wassigny-2", 'must begin with "kiosk-"'),
    (KIOSK, "kiosk-Été", "is no slug"),
    (KIOSK, "kiosk-guise", '"kiosk-guise" is already the slug of a kiosk'),
    (KIOSK, KIOSK, "is already the slug"),
    ("wassigny", "msa", '"msa" is already the slug of a organisation'),
    ("msa", "mutualite", "organisation msa keeps its name"),
    ("counsellor-msa-1", "counsellor-msa-9", "keeps its name"),
    ("mairie@guise.example", "x", "keeps its name"),
)


def test_what_cannot_be_is_refused_and_changes_nothing(run, either_database) -> None:
    with either_database.read() as session:
        before = endpoints(session)
    for slug, new, said in REFUSED:
        assert said in run(slug, new, exit_code=1).stderr
    with either_database.read() as session:
        assert endpoints(session) == before and not cuts_to_do(session)


def test_a_kiosk_in_a_call_keeps_its_name_until_it_is_over(
    run, either_ground, either_database
) -> None:
    with either_database.write() as session:
        order = an_order(starts_at=STARTS_AT)
        appointment = book(session, order, BEFORE).appointment.id
        session.execute(
            update(Appointment)
            .where(Appointment.id == appointment)
            .values(state="in_call")
        )
    assert "is in a call" in run(KIOSK, NEW, exit_code=1).stderr
    run("kiosk-guise", "kiosk-guise-2")
