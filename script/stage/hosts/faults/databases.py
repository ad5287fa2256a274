# SPDX-License-Identifier: AGPL-3.0-or-later
"""PostgreSQL is killed, and then stays away: who is told, by which way, and what goes on."""

import json

from stage.hosts.faults.ground import Ground
from stage.hosts.faults.mail_taker import Mails, mail_taker
from stage.hosts.faults.server_database import run_in_database
from stage.hosts.village import SETTINGS

BACK_SECONDS = 30.0
POSTGRESQL = "postgresql.service"
WATCH = "guichet-watch.service"
_MAIL = """
smtp_host = "127.0.0.1"
smtp_port = {port}
smtp_security = "none"
mail_from = "guichet@example.fr"
alert_mail = "it@example.fr"
"""


def postgresql_killed(ground: Ground) -> None:
    """PostgreSQL is killed in a call and is back by itself; stopped, it is told by e-mail."""
    server = ground.server
    appointment = ground.begin_call()
    cluster = "postgresql@" + "-".join(server.run("pg_lsclusters", "-h").split()[:2])
    server.run("systemctl", "kill", "--signal=KILL", cluster)
    with ground.timed("back_seconds"):
        ground.wait(
            lambda: run_in_database(server, "print(session.scalar(text('SELECT 1')))"),
            "PostgreSQL answers again",
            BACK_SECONDS,
        )
    ground.expect_call(appointment)
    ground.end_call(appointment)
    with mail_taker(ground.hosts) as mails:
        _see_it_told(ground, mails)


def _see_it_told(ground: Ground, mails: Mails) -> None:
    server = ground.server
    settings = server.read(SETTINGS).decode()
    server.write(SETTINGS, (settings + _MAIL.format(port=mails.port)).encode(), "640")
    server.run("chgrp", "guichet", SETTINGS)
    # What else is to be seen to, such as a paper, is no news of this.
    before = _looked(ground)
    server.run("systemctl", "stop", POSTGRESQL)
    refused = server.ask("guichet-web", "fleet", "list")
    said = refused.stderr.decode().strip()
    ground.expect(
        refused.returncode == 1 and "Traceback" not in said,
        f"with the database away, fleet list says: {said}",
    )
    ground.seen["fleet_list"] = said.splitlines()[-1]
    believed = set(_looked(ground)) - set(before)
    ground.expect({"database", "pages"} <= believed, f"the watch believes {believed}")
    mail = mails.last()
    ground.expect("ALERTE \u2013 database" in mail, f"the e-mail says: {mail}")
    server.run("systemctl", "start", POSTGRESQL)
    ground.expect(_looked(ground) == before, "well again, the watch does not see it")
    mail = mails.last()
    ground.expect("FIN \u2013 database" in mail, f"the e-mail says: {mail}")


def _looked(ground: Ground) -> list[str]:
    """Have the server look twice, by its own unit, and give what it believes."""
    for _ in range(2):
        ground.server.run("systemctl", "start", WATCH)
    told = json.loads(ground.server.read("/var/lib/guichet/watch.json"))
    return sorted(told["believed"])
