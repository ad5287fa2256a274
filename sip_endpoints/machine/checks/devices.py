# SPDX-License-Identifier: AGPL-3.0-or-later
"""Printer and scanner: they are asked themselves, not the queue that knows them from before."""

import re

from sip_endpoints.machine.checks.check import Check, CheckName, absent, failed, passed
from sip_endpoints.machine.devices.found import ChoiceNeeded, Kind, meant
from sip_endpoints.machine.devices.printers import queue_address
from sip_endpoints.machine.devices.scanners import find_scanners, sane_environment
from sip_endpoints.machine.system.choices import NONE, VIRTUAL
from sip_endpoints.machine.system.errors import ProgramFailed
from sip_endpoints.machine.system.programs import Run, run

_ASK_SECONDS, _OPEN_SECONDS = 20.0, 40.0
_STATE = re.compile(r"^\s*printer-state \(enum\) = (\S+)", re.MULTILINE)
_REASONS = re.compile(r"^\s*printer-state-reasons \(.*?\) = (\S+)", re.MULTILINE)
# RFC 8011, 5.4.12: what keeps a printer from printing; each may end in -error or -warning.
_CAUSES = {
    "media-empty": "no_paper",
    "media-needed": "no_paper",
    "media-jam": "paper_jam",
    "cover-open": "door_open",
    "door-open": "door_open",
    "toner-empty": "toner_empty",
    "marker-supply-empty": "toner_empty",
    "shutdown": "printer_away",
    "timed-out": "printer_away",
    "offline": "printer_away",
}


def check_printer(choice: str, run: Run = run) -> Check:
    """Ask the printer behind our queue how it is."""
    name = CheckName.PRINTER
    if choice == NONE:
        return absent(name)
    if choice == VIRTUAL:
        return passed(name, virtual=True)
    if run(["lpstat", "-r"], may_fail=True).code:
        return failed(name, "print_service_down")
    address = queue_address(run)
    if not address:
        return failed(name, "no_printer")
    told = _ask_printer(address, run)
    if told is None:
        return failed(name, "printer_away", printer=address)
    state, reasons = told
    details = {"printer": address, "state": state, "reasons": reasons}
    cause = _cause(state, reasons)
    return failed(name, cause, **details) if cause else passed(name, **details)


def _ask_printer(address: str, run: Run) -> tuple[str, str] | None:
    """Give the printer's state and its reasons, in IPP's words; None where it is away."""
    words = ["ipptool", "-T", "10", "-tv", address, "get-printer-attributes.test"]
    try:
        ran = run(words, limit_seconds=_ASK_SECONDS, may_fail=True)
    except ProgramFailed:
        return None
    state, reasons = _STATE.search(ran.output), _REASONS.search(ran.output)
    if state is None:
        return None
    return state[1], reasons[1] if reasons else "none"


def _cause(state: str, reasons: str) -> str:
    for word in reasons.split(","):
        plain = re.sub(r"-(error|warning|report)$", "", word)
        if plain in _CAUSES and not word.endswith("-report"):
            return _CAUSES[plain]
    return "printer_fault" if state == "stopped" else ""


def check_scanner(choice: str, config_dir: str, run: Run = run) -> Check:
    """Open the scanner, without a scan."""
    name = CheckName.SCANNER
    if choice == NONE:
        return absent(name)
    if choice == VIRTUAL:
        return passed(name, virtual=True)
    try:
        scanner = meant(Kind.SCANNER, choice, find_scanners(config_dir, run))
    except ChoiceNeeded:
        return failed(name, "choice_needed")
    if scanner is None:
        return failed(name, "no_scanner")
    why = _why_shut(scanner.name, config_dir, run)
    if why:
        return failed(name, "scanner_away", scanner=scanner.name, why=why)
    return passed(name, scanner=scanner.name)


def _why_shut(scanner: str, config_dir: str, run: Run) -> str:
    """Open the scanner and shut it; give why it does not open, empty where it does."""
    try:
        ran = run(
            ["scanimage", "--dont-scan", "--device-name", scanner],
            limit_seconds=_OPEN_SECONDS,
            environment=sane_environment(config_dir),
            may_fail=True,
        )
    except ProgramFailed as error:
        return str(error)
    return ran.errors[-200:] or f"code {ran.code}" if ran.code else ""
