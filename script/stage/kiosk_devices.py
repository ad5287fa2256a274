# SPDX-License-Identifier: AGPL-3.0-or-later
"""The devices of a stage's kiosk: a CUPS with its printer, a scanner, and their bridge."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from device_bridge.call.link import LinkError, ask_bridge
from device_bridge.settings import BridgeSettings, load_settings
from provisioning.inventory.toml_text import to_toml
from stage.cups import CupsServer
from stage.endpoint import BINARIES
from stage.files_below import files_below
from stage.processes import Program
from stage.scanner import PaperScanner, ScannerConfiguration

BRIDGE_PREFIX = "bridge-"


class KioskDevices:
    """Printer, scanner and `guichet-bridge` of one kiosk; `program` is the bridge.

    The devices live as long as the stage: starting and killing the part is starting and
    killing the bridge. `settings` go to the table [bridge] of the kiosk's bundle.
    """

    def __init__(
        self,
        kiosk: str,
        bundle: Path,
        *,
        directory: Path,
        ports: tuple[int, int],
        settings: Mapping[str, float],
        scans_paper: bool = False,
    ) -> None:
        self.name = BRIDGE_PREFIX + kiosk.removeprefix("kiosk-")
        self.cups = CupsServer(
            directory, cups_port=ports[0], printer_port=ports[1], queue=kiosk
        )
        scanner = PaperScanner if scans_paper else ScannerConfiguration
        self.scanner = scanner(directory / "sane" / kiosk)
        devices = {
            "printer": self.cups.queue,
            "cups_host": "127.0.0.1",
            "cups_port": self.cups.port,
            "scanner": self.scanner.device,
            "sane_config_dir": str(self.scanner.directory),
        }
        _write_bridge_table(bundle, {**devices, **settings})
        self.settings: BridgeSettings = load_settings(bundle, {})
        self._are_plugged_in = False
        self.program = Program(
            self.name,
            [str(BINARIES / "guichet-bridge"), "run", str(bundle)],
            directory=directory,
            log=directory / "log" / f"{self.name}.log",
            environment=self.scanner.environment,
        )

    def plug_in(self) -> None:
        """Start printer and CUPS; does nothing when they were started before."""
        if not self._are_plugged_in:
            self._are_plugged_in = True
            self.cups.start()

    def unplug(self) -> None:
        """Stop printer and CUPS for good, with what was printed."""
        self.cups.stop()

    def is_ready(self) -> bool:
        """Tell whether the bridge serves."""
        try:
            ask_bridge(self.settings.socket, "status", 5)
        except LinkError:
            return False
        return True

    def is_idle(self) -> bool:
        """Tell whether the bridge has no job and nothing left to deliver."""
        status = ask_bridge(self.settings.socket, "status", 5)
        return not status["jobs"] and not any(status["undelivered"].values())

    def printed_files(self) -> list[Path]:
        """Give what came out of the printer, in order."""
        return self.cups.printed_files()

    def scans(self) -> set[Path]:
        """Give what was scanned and is still there."""
        work = files_below(self.settings.data_dir / "work")
        return {file for file in work if file.name == "scan.pdf"}

    def files_left(self) -> list[Path]:
        """Give the files of appointments that are still at the kiosk."""
        work = self.settings.data_dir / "work"
        spool = self.cups.base / "spool"
        return [
            *files_below(work),
            # CUPS names a job's document d00001-001 and its record c00001.
            *(file for file in spool.glob("[cd][0-9]*")),
        ]


def _write_bridge_table(bundle: Path, values: Mapping[str, object]) -> None:
    document = tomllib.loads(bundle.read_text(encoding="utf-8"))
    document["bridge"].update(values)
    bundle.write_text(to_toml(document), encoding="utf-8")
