# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each alert is written to the accounts whom it concerns, and to nobody who left it off."""

import html

import pytest
from sqlalchemy import select

from booking_web.domain.fleet.alerts.people import Ways, leave_off
from booking_web.tables.alerts import AlertNotice, NoticeChannel
from booking_web.telling.alerts.notices import PAUSES
from booking_web.telling.alerts.personal_mails import PersonalMailer
from booking_web.telling.messages.smtp_mailer import SmtpMailer
from provisioning.database.models import User
from tests.factories.second_factors import send
from tests.integration.booking_web.conftest import SECRETARY, Desk
from tests.integration.booking_web.telling.alerts import alerts_ground
from tests.integration.booking_web.telling.alerts.alerts_ground import (
    NOW,
    K,
    end_all,
    notices,
    raise_all,
)

ADMIN, OFFICER = "admin@guichet.example", "rgpd@guichet.example"
SUPERVISOR, MANAGER = "supervision@guichet.example", "responsable@msa.example"
GUISE, WASSIGNY = "mairie@guise.example", "mairie@wassigny.example"
OF_ORGANISATION = {MANAGER, SUPERVISOR}
# The alerts of the ground, each about Guise, the MSA or the site.
WHOM = {
    K.RELAY_UNUSED: {GUISE, SUPERVISOR},
    K.KIOSK_UNREACHABLE: {GUISE, SUPERVISOR, ADMIN},
    K.PAPER_UNCHECKED: {GUISE},
    K.KIOSK_SILENT: {WASSIGNY, ADMIN},
    K.NO_COUNSELLOR: {*OF_ORGANISATION, ADMIN},
    K.CALLS_MISSED: OF_ORGANISATION,
    K.JOURNAL_BROKEN: {OFFICER, ADMIN},
    K.DISK_LOW: {ADMIN},
}


@pytest.fixture
def either_ground(ground):
    """Give one of the two: of this both make the same."""
    return ground


@pytest.fixture
def people(database, ground, post, clock, new_app):
    """Give the sender of the e-mails to people, in French as its command has it."""
    settings = ground.settings(
        smtp_host="127.0.0.1",
        smtp_port=post.port,
        smtp_security="none",
        mail_from="guichet@mairie.example",
    )
    with new_app(ground).app_context():
        yield PersonalMailer(
            database,
            SmtpMailer(settings),
            mail_from=str(settings.mail_from),
            site_url="https://guichet.example/",
            now=clock,
        )


def told(post) -> dict[str, str]:
    """Give what each was written last."""
    return {
        address: mail.get_content().replace("\xa0", " ") for address, mail in post.mails
    }


def test_each_alert_goes_to_whom_it_concerns_in_one_mail_that_says_how_to_stop(
    database, people, post, monkeypatch
) -> None:
    nobody_repairs = Ways({NoticeChannel.PERSON}, (SUPERVISOR.upper(),))
    monkeypatch.setattr(alerts_ground, "WAYS", nobody_repairs)
    raise_all(database, *WHOM)
    with database.read() as session:
        rows = session.execute(
            select(AlertNotice, User).join(User, User.id == AlertNotice.user_id)
        )
        found = {kind: set() for kind in WHOM}
        for notice, user in rows:
            found[notice.alert.kind].add(user.email)
    # Whoever reads the site's own mailbox is written to no second time.
    assert found == {kind: whom - {SUPERVISOR} for kind, whom in WHOM.items()}
    assert people.send_due() == 5
    assert set(told(post)) == {GUISE, WASSIGNY, MANAGER, OFFICER, ADMIN}
    text = told(post)[GUISE]
    assert text.count("ALERTE – ") == 3 and "Relais de Guise" in text
    assert "Vos pages : https://guichet.example/bureau" in text
    assert "« Mon compte », https://guichet.example/mon-compte" in text
    assert "2 lignes changées, retirées ou ajoutées" in told(post)[OFFICER]
    assert "avant la ligne 42 tout est en ordre" in told(post)[OFFICER]
    assert people.send_due() == 0


def test_that_it_is_over_goes_to_whom_its_beginning_went_who_still_wants_it(
    database, people, post
) -> None:
    raise_all(database, K.RELAY_UNUSED)
    assert people.send_due() == 2
    with database.write() as session:
        users = {each.email: each for each in session.scalars(select(User))}
        leave_off(session, users[SUPERVISOR].id, NOW, is_off=True)
    end_all(database)
    with database.write() as session:
        # She is away for good by the time that it would go out.
        session.get_one(User, users[GUISE].id).active = False
    assert people.send_due() == 0
    assert len(post.mails) == 2
    assert len(notices(database, NoticeChannel.PERSON)) == 2


def test_fault_one_whom_no_mail_reaches_keeps_none_from_the_others(
    database, people, post, clock
) -> None:
    raise_all(database, K.CALLS_MISSED)
    post.stop()
    assert people.send_due() == 0
    reasons = {each.reason for each in notices(database, NoticeChannel.PERSON)}
    assert reasons == {"server_unreachable"}
    post.start()
    clock.now += PAUSES[0]
    assert people.send_due() == 2
    assert set(told(post)) == OF_ORGANISATION


def test_a_person_leaves_them_off_and_has_them_again(new_app, ground) -> None:
    app = new_app(ground, smtp_host="127.0.0.1", mail_from="guichet@mairie.example")
    client = app.test_client()
    assert Desk(client, ground.passwords).sign_in(SECRETARY).status_code == 302
    page = "/mon-compte"
    assert "une borne de votre relais est éteinte" in read(client.get(page))
    send(client, f"{page}/alertes", page, courriels="non")
    assert "Vous n'en recevez pas" in read(client.get(page))
    send(client, f"{page}/alertes", page, courriels="oui")
    assert "une borne de votre relais est éteinte" in read(client.get(page))


def read(answer) -> str:
    return html.unescape(answer.text)
