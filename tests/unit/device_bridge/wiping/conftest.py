# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk's places with something of an appointment in each, and its wiper."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from device_bridge.jobs.job import Job, JobState, Operation
from device_bridge.ledger.store import Store
from device_bridge.printing.print_work import TITLE_PREFIX
from device_bridge.printing.printer import PrintOptions
from device_bridge.printing.virtual_printer import VirtualPrinter
from device_bridge.wiping.places import PrintService, Spool, Temporary
from device_bridge.wiping.traces import Part
from device_bridge.wiping.wiper import Wiper


@dataclass
class Ground:
    """A kiosk that has an appointment's things everywhere."""

    folder: Path
    store: Store
    printer: VirtualPrinter
    wiper: Wiper
    # The appointment that is in call.
    current: int | None = None

    @property
    def spool(self) -> Path:
        return self.folder / "work"

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    def begin(self, appointment: int) -> None:
        """Enter a call; two scans, a print and a file for a moment come of it."""
        self.current = appointment
        self.wiper.owe(appointment)
        folder = self.spool / str(appointment) / "job"
        folder.mkdir(parents=True)
        for name in ("page-1.png", "scan.pdf"):
            (folder / name).write_bytes(b"personal")
        (self.temporary / "page.tmp").write_bytes(b"personal")
        uuid = f"print-{appointment}"
        job = Job(uuid=uuid, operation=Operation.PRINT, appointment=appointment)
        added = self.store.add_job(job)
        assert added is not None
        saved = self.store.save_job(added.move(JobState.PROCESSING))
        self.printer.submit(folder / "scan.pdf", TITLE_PREFIX + uuid, PrintOptions())
        ended = self.store.save_job(saved.move(JobState.COMPLETED))
        self.store.mark_reported(uuid, ended.sequence)

    def end(self, kept: int = 0) -> None:
        """Leave the call, the telephone remembering so much of it."""
        ended, self.current = self.current, None
        self.wiper.hear_telephone(kept, ended)

    def looked_at(self) -> list[dict[str, int]]:
        """Give what each proof says."""
        return [dict(wipe.looked_at) for wipe in self.store.unposted_wipes()]


@pytest.fixture
def make_ground(tmp_path):
    """Make kiosks whose second screen takes part, or not."""
    stores = []

    def make(has_screen: bool = False) -> Ground:
        store = Store(tmp_path / "bridge.db")
        stores.append(store)
        for name in ("work", "tmp"):
            (tmp_path / name).mkdir(exist_ok=True)
        printer = VirtualPrinter(tmp_path / "printer")
        companions = {Part.TELEPHONE} | ({Part.SCREEN} if has_screen else set())
        ground: Ground
        wiper = Wiper(
            store,
            Spool(tmp_path / "work"),
            (PrintService(printer, store.printed_jobs), Temporary(tmp_path / "tmp")),
            companions,
            lambda: ground.current,
        )
        ground = Ground(tmp_path, store, printer, wiper)
        return ground

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def ground(make_ground):
    """Give a kiosk without a second screen of its own."""
    return make_ground()
