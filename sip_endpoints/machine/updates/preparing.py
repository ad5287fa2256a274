# SPDX-License-Identifier: AGPL-3.0-or-later
"""All of an update that changes nothing yet: a power cut here costs nothing.

At its end the step is written by which `update-steps` installs: from then on it is that
program's, also after a power cut.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sip_endpoints.log import Log
from sip_endpoints.machine.checks.check import Check
from sip_endpoints.machine.packages.apt import Apt, NotPrepared
from sip_endpoints.machine.packages.outcome import (
    forget_unread_lists,
    refused_versions,
    write_failure,
)
from sip_endpoints.machine.packages.source import write_source
from sip_endpoints.machine.system.kept_files import write_file
from sip_endpoints.machine.system.places import Places
from sip_endpoints.machine.updates.judging import Before
from sip_endpoints.machine.updates.missed_night import note_lists_read

log = Log(__name__)

# A call by night is rare, and it ends.
CALL_SECONDS, _EVERY_SECONDS = 3 * 3600.0, 5.0


@dataclass(frozen=True, slots=True)
class Looks:
    """What is seen of the kiosk before its version changes."""

    is_in_call: Callable[[], bool]
    self_test: Callable[[], Sequence[Check]]
    running_units: Callable[[], frozenset[str]]


def prepare(apt: Apt, places: Places, looks: Looks) -> str:
    """Make a new version ready to be installed; give it, or nothing where there is none."""
    if places.update_step.exists():
        log.info("an update is under way already")
        return ""
    places.updates.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not write_source(places):
        log.info("the server has named no repository")
        note_lists_read(places)
        return ""
    before = apt.installed()
    _read_lists(apt, places, before)
    version = apt.offered()
    if not version:
        log.info("no newer version is offered", installed=before)
        return ""
    if version in refused_versions(places):
        log.info("this version was put back before", version=version)
        return ""
    try:
        _make_ready(apt, places, looks, version, before)
    except NotPrepared as error:
        log.error("no update", why=str(error), cause=error.cause)
        write_failure(places, before, version, error.cause)
        raise
    log.info("ready to be installed", version=version, installed=before)
    return version


def _read_lists(apt: Apt, places: Places, before: str) -> None:
    try:
        apt.refresh()
    except NotPrepared as error:
        log.error("no update", why=str(error), cause=error.cause)
        write_failure(places, before, "", error.cause)
        raise
    note_lists_read(places)
    forget_unread_lists(places)


def await_no_call(
    is_in_call: Callable[[], bool], limit_seconds: float = CALL_SECONDS
) -> bool:
    """Wait for the end of a call; say whether there is none now."""
    end = time.monotonic() + limit_seconds
    while is_in_call():
        if time.monotonic() > end:
            return False
        time.sleep(_EVERY_SECONDS)
    return True


def _checks_without_call(looks: Looks) -> Sequence[Check]:
    """Test it while no call is up, and anew where one came into the test."""
    while True:
        if not await_no_call(looks.is_in_call):
            raise NotPrepared("in_call", "Un appel est en cours depuis des heures.")
        checks = looks.self_test()
        if checks or not looks.is_in_call():
            return checks


def _make_ready(
    apt: Apt, places: Places, looks: Looks, version: str, before: str
) -> None:
    if not before:
        raise NotPrepared(
            "not_whole", "guichet-kiosk n'est pas installé entièrement : dpkg --audit."
        )
    apt.refresh_debian()
    apt.download(version)
    apt.keep_installed()
    seen = Before.of(_checks_without_call(looks), looks.running_units())
    write_file(places.before_update, seen.to_text(), mode=0o600)
    # Read by update-steps: the step, both versions, how often it was begun, the cause.
    write_file(places.update_step, f"installing {before} {version} 0 -\n", mode=0o600)
