# SPDX-License-Identifier: AGPL-3.0-or-later
"""Puts in force what was granted and chosen, and takes it away again; both may be repeated."""

from pathlib import Path

from sip_endpoints.machine.devices.found import ChoiceNeeded, Kind, meant
from sip_endpoints.machine.devices.printers import (
    find_printers,
    keep_nothing,
    make_queue,
    queue_address,
    remove_queue,
)
from sip_endpoints.machine.devices.sound import echo_settings
from sip_endpoints.machine.enrolment.grant import Grant
from sip_endpoints.machine.enrolment.storing import forget_grant, write_bundles
from sip_endpoints.machine.packages.source import (
    remove_source,
    write_source,
    write_timers,
)
from sip_endpoints.machine.session.outputs import screen_lines
from sip_endpoints.machine.session.policy import policy_text
from sip_endpoints.machine.session.start_page import start_page_of
from sip_endpoints.machine.system.choices import AUTO, NONE, VIRTUAL, Choices
from sip_endpoints.machine.system.errors import MachineError
from sip_endpoints.machine.system.firewall import firewall_text
from sip_endpoints.machine.system.kept_files import (
    empty_folder,
    remove_file,
    write_file,
)
from sip_endpoints.machine.system.places import Places
from sip_endpoints.machine.system.programs import Run, run
from sip_endpoints.machine.system.units import Units

# Before the kiosk; given back when it leaves.
CUPS_SETTINGS = Path("etc/cups/cupsd.conf")
_LOGIND, _JOURNALD = "systemd-logind.service", "systemd-journald.service"


def put_files(grant: Grant, choices: Choices, places: Places) -> None:
    """Write every file that our units and the browser read."""
    write_bundles(grant, choices, places)
    page = start_page_of(places.runtime)
    write_file(
        places.policy,
        policy_text(
            grant.site,
            page,
            grant.web_authority,
            choices.language,
            has_captions=bool(choices.captions.folder),
        ),
    )
    write_file(places.screens, screen_lines(choices.screens))
    language = choices.language
    write_file(places.environment, f"LANG=C.UTF-8\nLANGUAGE={language}\n")
    write_file(places.firewall, firewall_text(choices.network.ssh_from))
    devices = choices.devices
    write_file(
        places.sound_settings,
        echo_settings(_named(devices.microphone), _named(devices.loudspeaker)),
    )
    write_source(places)
    write_timers(choices, places)
    for link, target in places.links.items():
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(target)


def start(units: Units) -> None:
    """Give the screens and the machine to the kiosk, now and at each start."""
    units.enable()
    units.reload_manager(_LOGIND, _JOURNALD)
    units.start()


def set_up_printing(choices: Choices, places: Places, run: Run = run) -> str:
    """Have CUPS print for us and keep nothing; give a sentence that says on what."""
    choice = choices.devices.printer
    if choice in (NONE, VIRTUAL):
        return "Pas d'imprimante." if choice == NONE else "Imprimante d'essai."
    try:
        _remember_cups(places)
        keep_nothing(run)
        printer = meant(Kind.PRINTER, choice, find_printers(run))
        if printer is None and queue_address(run):
            return f"Imprimante : celle d'avant ({queue_address(run)})"
        if printer is None:
            return "Aucune imprimante ne s'annonce : allumez-la, puis guichet-kiosk devices."
        make_queue(printer, run)
    except ChoiceNeeded as error:
        return str(error)
    except MachineError as error:
        return f"L'imprimante n'est pas prête : {error}"
    return f"Imprimante : {printer.title}"


def take_away(places: Places, units: Units, run: Run = run) -> None:
    """Give the machine back: units, queue, rules, links; the secrets are destroyed."""
    units.disable()
    try:
        remove_queue(run)
        _give_cups_back(places, units)
    except MachineError:
        # CUPS was removed before: nothing of ours is left in it.
        pass
    for link in places.links:
        remove_file(link)
    written = (places.policy, places.screens, places.environment, places.firewall)
    for file in (*written, places.sound_settings, places.attempt, places.server):
        remove_file(file)
    remove_source(places)
    forget_grant(places)
    # The browser's cookie lets in as the token does; what the bridge had not delivered is a
    # resident's.
    kept = (places.home, places.bridge_data, places.self_test.parent, places.machine)
    for folder in kept:
        empty_folder(folder)
    units.reload_manager(_LOGIND, _JOURNALD)


def _named(choice: str) -> str:
    return "" if choice in (AUTO, NONE, VIRTUAL) else choice


def _remember_cups(places: Places) -> None:
    kept = places.machine / "cupsd.conf.before"
    if not kept.exists():
        text = (places.root / CUPS_SETTINGS).read_text(encoding="utf-8")
        write_file(kept, text, mode=0o600)


def _give_cups_back(places: Places, units: Units) -> None:
    kept = places.machine / "cupsd.conf.before"
    if kept.exists():
        write_file(
            places.root / CUPS_SETTINGS,
            kept.read_text(encoding="utf-8"),
            mode=0o640,
            group="lp",
        )
        remove_file(kept)
        units.reload_manager("cups.service")
