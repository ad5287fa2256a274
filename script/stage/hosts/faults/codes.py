# SPDX-License-Identifier: AGPL-3.0-or-later
"""Enrolment codes that are good for nothing: used, too late, guessed."""

import json
from collections import Counter

from stage.hosts.faults.ground import Ground
from stage.hosts.faults.kiosk_api import status_of_code
from stage.hosts.faults.server_database import run_in_database
from stage.hosts.host_set import SITE
from stage.hosts.installing import provision
from stage.story import KIOSK

ENROL_SECONDS = 240.0
GUESSES = 25
ATTEMPT = "/var/lib/guichet-kiosk/machine/attempt.json"
_TOO_LATE = """
from datetime import UTC, datetime, timedelta
from provisioning.database.access import KioskEnrolment
past = datetime.now(UTC) - timedelta(minutes=1)
session.execute(update(KioskEnrolment).values(expires_at=past))
"""


def codes_worth_nothing(ground: Ground) -> None:
    """Codes come twice, too late and guessed: each is refused in words, the kiosk stays."""
    # Another place than the kiosk's: who guesses there must not shut the relay out.
    guesser = ground.hosts.host("counsellor")
    answers = Counter(
        status_of_code(guesser, f"{number:05d}") for number in range(GUESSES)
    )
    ground.expect(answers[429], f"whoever guesses is not slowed down: {answers}")
    ground.seen["guessed"] = dict(answers)

    code = _code(ground)
    with ground.timed("enrolled_seconds"):
        ground.kiosk.run(
            *("guichet-kiosk", "enrol", SITE, code), timeout_seconds=ENROL_SECONDS
        )
    ground.kiosk.run("rm", "--force", ATTEMPT)
    ground.seen["used"] = _refused(ground, code)

    code = _code(ground)
    run_in_database(ground.server, _TOO_LATE)
    ground.seen["late"] = _refused(ground, code)
    ground.seen["wrong"] = _refused(ground, "23456-789AB-CDEFG-HJKMN")


def _code(ground: Ground) -> str:
    made = provision(ground.server, f"enrolment-code {KIOSK} --json")
    return str(json.loads(made)["code"])


def _refused(ground: Ground, code: str) -> str:
    done = ground.kiosk.ask("guichet-kiosk", "enrol", SITE, code)
    said = (done.stdout + done.stderr).decode().strip()
    ground.expect(done.returncode == 1, f"the code was taken: {said}")
    registered = ground.kiosk_phone.status()["registered"]
    ground.expect(registered, f"after {said}, the kiosk is registered no longer")
    return said.splitlines()[-1]
