# SPDX-License-Identifier: AGPL-3.0-or-later
"""Alerts reach who repairs by a real SMTP server: together, with what to do, never twice."""

import json
from datetime import UTC, datetime, timedelta

from click.testing import CliRunner
from sqlalchemy import select

from booking_web.commands.main import main as guichet_web
from booking_web.commands.messages import alert_mailer_of
from booking_web.tables.alerts import MAILED_FROM_OUTSIDE, NoticeChannel
from booking_web.tables.fleet import NodeReport
from booking_web.telling.alerts.notices import CLAIM, PAUSES, Notices
from tests.integration.booking_web.telling.alerts.alerts_ground import (
    IT,
    K,
    end_all,
    notices,
    raise_all,
)


def test_one_alert_is_one_mail_that_says_what_to_do_and_where(
    database, mailer, post
) -> None:
    raise_all(database, K.SELF_TEST_FAILED)
    assert mailer.send_due() == 1
    assert [address for address, _ in post.mails] == list(IT)
    mail = post.mails[0][1]
    assert mail["Subject"] == "Alerte – kiosk-guise : auto-test en panne"
    assert mail["Content-Language"] == "fr"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().splitlines() == [
        "ALERTE – kiosk-guise : auto-test en panne",
        "Le second écran est éteint : allumez-le. La borne signale un problème."
        " Prévenez l'administrateur. Caméra : quelque chose ne va pas. Prévenez"
        " l'administrateur.",
        "Depuis : 24 novembre 2026, 11 h 00.",
        "https://guichet.example/administration/parc/bornes/kiosk-guise",
        "",
        "Le parc : https://guichet.example/administration/parc",
    ]
    assert mailer.send_due() == 0


def test_thirty_at_once_are_one_mail(database, mailer, post) -> None:
    raise_all(database, *K)
    # The server's own comes past the database.
    mailed = len(K) - len(MAILED_FROM_OUTSIDE)
    assert mailer.send_due() == mailed
    assert len(post.mails) == len(IT)
    mail = post.mails[0][1]
    assert mail["Subject"] == f"{mailed} alertes"
    text = mail.get_content()
    for said in (
        "kiosk-wassigny : borne silencieuse",
        "Vue pour la dernière fois : 24 novembre 2026, 10 h 00.",
        "de l'adresse 198.51.100.9, et elle est refusée",
        "L'horloge de la borne retarde de",
        "0.3.1 essayée, puis retirée",
        "Il reste 800 Mo.",
        "Il finit : 29 novembre 2026, 12 h 00.",
        "Site : service d'appel arrêté",
        "La dernière : 20 novembre 2026, 4 h 00.",
        "Les écrans : ce qui doit l'effacer ne répond pas",
        "Relais de Guise : relais inutilisé",
        "Pas un rendez-vous honoré en 14 jours d'ouverture. Le dernier : mardi 3 nov",
        "Relais de Guise (kiosk-guise) : borne injoignable depuis un jour",
        "Personne n'a coché le papier en 5 jours d'ouverture.",
        "Caisse d'allocations familiales : aucun horaire publié",
        "3 jours d'ouverture sans un conseiller disponible. Le dernier l'était : merc",
        "Site : le journal n'est pas prouvé entier",
        "7 rendez-vous en une semaine : l'usager a attendu, personne n'a pris",
        "Pour : responsable de l'organisme, superviseur.",
    ):
        assert said in text.replace("\xa0", " "), said


def test_the_end_is_told_too(database, mailer, post) -> None:
    raise_all(database, K.DISPATCHER_SILENT)
    mailer.send_due()
    end_all(database)
    assert mailer.send_due() == 1
    mail = post.mails[-1][1]
    assert mail["Subject"] == "Fin d'alerte – Site : service d'appel arrêté"
    assert "Du 24 novembre 2026, 11 h 00 au 24 novembre 2026, 11 h 00." in (
        mail.get_content()
    )


def test_fault_a_mail_server_that_is_away_is_tried_again_then_given_up(
    database, mailer, post, clock
) -> None:
    raise_all(database, K.DISK_LOW)
    post.stop()
    for pause in PAUSES:
        assert mailer.send_due() == 0
        assert mailer.send_due() == 0
        [notice] = notices(database)
        assert (notice.state, notice.reason) == ("waiting", "server_unreachable")
        clock.now += pause
    assert mailer.send_due() == 0
    [notice] = notices(database)
    assert (notice.state, notice.attempts) == ("given_up", len(PAUSES) + 1)
    post.start()
    clock.now += timedelta(days=1)
    assert mailer.send_due() == 0
    assert post.mails == []


def test_fault_a_sender_that_is_killed_leaves_its_notices_to_the_next(
    database, mailer, post, clock
) -> None:
    raise_all(database, K.DISK_LOW)
    assert len(Notices(database, NoticeChannel.EMAIL, clock).take()) == 1
    # Killed here: for a while the other one believes that it is being sent.
    assert mailer.send_due() == 0
    clock.now += CLAIM
    assert mailer.send_due() == 1
    assert len(post.mails) == len(IT)


def test_the_command_that_sends_looks_after_the_fleet(
    either_ground, database, post, tmp_path
) -> None:
    """Also without anybody to tell: the page shows what is wrong all the same."""
    backup = tmp_path / "backup.json"
    old = datetime.now(UTC) - timedelta(days=3)
    backup.write_text(json.dumps({"last_ok_at": old.isoformat(), "ok": True}))
    watched = tmp_path / "watch.json"
    looked = {"looked_at": datetime.now(UTC).isoformat(), "believed": ["disk", "mail"]}
    watched.write_text(json.dumps(looked))
    environment = {
        "GUICHET_SECRET_KEY": "unused",
        "GUICHET_SMTP_HOST": "127.0.0.1",
        "GUICHET_SMTP_PORT": str(post.port),
        "GUICHET_SMTP_SECURITY": "none",
        "GUICHET_MAIL_FROM": "guichet@mairie.example",
        "GUICHET_ALERT_MAIL": " ".join(IT),
        "GUICHET_BACKUP_RESULT": str(backup),
        "GUICHET_WATCH_RESULT": str(watched),
    }
    arguments = ["--database-url", either_ground.url, "messages", "send"]
    for _ in range(2):
        result = CliRunner().invoke(guichet_web, arguments, env=environment)
        assert result.exit_code == 0, result.output
    assert [address for address, _ in post.mails] == list(IT)
    assert "sauvegarde trop vieille" in post.mails[0][1]["Subject"]
    with database.read() as session:
        [node] = session.scalars(select(NodeReport)).all()
    assert node.version and node.disk_bytes and node.is_backup_watched
    assert (node.backed_up_at, node.failing) == (old, "disk mail")
    # One that nobody can read, or that is old, says that nobody looks.
    looked = {**looked, "looked_at": old.isoformat()}
    for stale in (json.dumps(looked), "{", "[]", ""):
        watched.write_text(stale)
        assert (
            CliRunner().invoke(guichet_web, arguments, env=environment).exit_code == 0
        )
        with database.read() as session:
            assert session.scalars(select(NodeReport)).one().failing == "watch"


def test_without_an_address_nobody_is_told(either_ground, database) -> None:
    assert alert_mailer_of(either_ground.settings(), database) is None
