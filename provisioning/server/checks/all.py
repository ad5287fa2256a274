# SPDX-License-Identifier: AGPL-3.0-or-later
"""All checks of a server, in the order in which one would look."""

import time
from collections.abc import Callable

from provisioning.server.answers import Answers
from provisioning.server.checks import (
    of_asterisk,
    of_debian,
    of_line,
    of_machine,
    of_media,
    of_network,
    of_notices,
    of_repository,
)
from provisioning.server.checks.check import Checked, State
from provisioning.server.machine import Machine

CHECKS: tuple[Callable[[Machine, Answers], Checked], ...] = (
    of_network.names,
    of_machine.clock,
    of_machine.disk,
    of_machine.units,
    of_machine.timed_work,
    of_network.ports,
    of_machine.database,
    of_machine.database_rights,
    of_asterisk.modules,
    of_asterisk.link_to_database,
    of_network.pages,
    of_media.media,
    of_network.certificate,
    of_network.mail,
    of_line.telephone_line,
    of_repository.depot,
    of_debian.debian,
    of_debian.archive,
    of_machine.passphrase,
    of_notices.public_pages,
)
# Services that were just started have so long to answer.
STARTED_WITHIN_SECONDS = 30.0
PAUSE_SECONDS = 0.3


def run_checks(machine: Machine, answers: Answers) -> list[Checked]:
    """Look at everything once."""
    return [check(machine, answers) for check in CHECKS]


def wait_until_serving(machine: Machine, answers: Answers) -> None:
    """Return once the pages and Asterisk answer, or after a while."""
    started = (of_network.ports, of_network.pages, of_asterisk.modules)
    deadline = time.monotonic() + STARTED_WITHIN_SECONDS
    while time.monotonic() < deadline:
        found = [check(machine, answers) for check in started]
        if all(check.state is State.OK for check in found):
            return
        time.sleep(PAUSE_SECONDS)
