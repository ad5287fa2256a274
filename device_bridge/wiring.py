# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which adapter stands behind which port, by the settings."""

import os
from collections.abc import Callable
from pathlib import Path

from device_bridge.ledger.store import Store
from device_bridge.printing.cups_printer import CupsPrinter
from device_bridge.printing.no_printer import NoPrinter
from device_bridge.printing.pdf_check import Limits
from device_bridge.printing.print_work import PrintLimits
from device_bridge.printing.printer import Printer
from device_bridge.printing.virtual_printer import VirtualPrinter
from device_bridge.scanning.no_scanner import NoScanner
from device_bridge.scanning.sane_scanner import SaneScanner
from device_bridge.scanning.scan_work import ScanPauses
from device_bridge.scanning.scanner import Scanner
from device_bridge.scanning.virtual_scanner import VirtualScanner
from device_bridge.server.kiosk_api import KioskApi
from device_bridge.settings import NONE, VIRTUAL, BridgeSettings, SettingsError
from device_bridge.wiping.places import PrintService, Spool, Temporary
from device_bridge.wiping.traces import Part
from device_bridge.wiping.wiper import Wiper

WORK_FOLDER = "work"
TEMPORARY_FOLDER = "tmp"
DATABASE_NAME = "bridge.db"


def make_printer(settings: BridgeSettings) -> Printer:
    """Give the kiosk's printer; the virtual one, or none, only where it is named."""
    if settings.printer == VIRTUAL:
        return VirtualPrinter(settings.data_dir / "virtual-printer")
    if settings.printer == NONE:
        return NoPrinter()
    if not settings.printer:
        raise SettingsError("missing: bridge.printer (a CUPS queue, see `list`)")
    return CupsPrinter(
        settings.printer,
        settings.cups_host,
        settings.cups_port,
        settings.print_spool,
    )


def make_scanner(settings: BridgeSettings) -> Scanner:
    """Give the kiosk's scanner; the virtual one, or none, only where it is named."""
    if settings.scanner == VIRTUAL:
        return VirtualScanner(settings.data_dir / "virtual-scanner")
    if settings.scanner == NONE:
        return NoScanner()
    return make_sane_scanner(settings, settings.scanner)


def make_sane_scanner(settings: BridgeSettings, device: str) -> SaneScanner:
    """Give a SANE scanner by its name, or the one that will be found."""
    return SaneScanner(
        device,
        settings.sane_config_dir,
        settings.data_dir / "scanner-found",
        settings.scan_page_limit_seconds,
    )


def make_server(settings: BridgeSettings) -> KioskApi | None:
    """Give the server, or None where the bundle names none."""
    if not settings.server_url:
        return None
    return KioskApi(
        settings.server_url,
        settings.token,
        settings.server_ca_file,
        settings.max_document_bytes,
    )


def print_limits(settings: BridgeSettings) -> PrintLimits:
    """Give the limits of a print."""
    return PrintLimits(
        seconds=settings.print_limit_seconds,
        fetch_seconds=settings.fetch_limit_seconds,
        sheet_seconds=settings.print_sheet_seconds,
        orphan_seconds=settings.print_orphan_limit_seconds,
        document=Limits(settings.max_document_bytes, settings.max_document_pages),
    )


def scan_pauses(settings: BridgeSettings) -> ScanPauses:
    """Give the pauses of a scan."""
    return ScanPauses(
        place_seconds=settings.place_seconds,
        card_turn_seconds=settings.card_turn_seconds,
    )


def make_wiper(
    settings: BridgeSettings,
    store: Store,
    printer: Printer,
    current_appointment: Callable[[], int | None],
) -> Wiper:
    """Give what leaves nothing of an appointment at this kiosk."""
    companions = {Part.TELEPHONE}
    if settings.has_screen:
        companions.add(Part.SCREEN)
    places = (
        PrintService(printer, store.printed_jobs),
        Temporary(settings.data_dir / TEMPORARY_FOLDER),
    )
    spool = Spool(settings.data_dir / WORK_FOLDER)
    return Wiper(store, spool, places, companions, current_appointment)


def prepare_folder(settings: BridgeSettings) -> Path:
    """Make the data folder, for this user alone; give the folder of the jobs' files.

    What a program of the bridge writes for a moment goes into a folder that is wiped.
    """
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        work = settings.data_dir / WORK_FOLDER
        work.mkdir(mode=0o700, exist_ok=True)
        temporary = settings.data_dir / TEMPORARY_FOLDER
        temporary.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"bridge.data_dir: {error}") from error
    os.environ["TMPDIR"] = str(temporary)
    return work
