# SPDX-License-Identifier: AGPL-3.0-or-later
"""The hosts of a set as a ground for the story: what was installed there, from outside.

Telephones are asked at their control sockets, files are read where they lie, and the journal
by the server's own environment; nothing of it is changed.
"""

import io
import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pikepdf

from sip_endpoints.control import send_order
from stage.counsellor_desk import CounsellorDesk, signed_in_desk
from stage.endpoint import print_code
from stage.files_below import files_below
from stage.hosts.hardware import PRINTED, PRINTER
from stage.hosts.host import Host
from stage.hosts.host_set import SITE, HostSet
from stage.waiting import PATIENCE

SECRETS = "/root/secrets"
AUTHORITY = "/etc/guichet/tls/ca.pem"
SETTINGS = "/etc/guichet/guichet.toml"
KIOSK_BUNDLE = "/etc/guichet-kiosk/bundle.toml"
KIOSK_SOCKET = "/run/guichet-session/phone.sock"
COUNSELLOR_HOME = "/home/conseiller"
_SERVER_PYTHON = "/usr/lib/guichet-server/bin/python"
_ASK = """
import sys
from sqlalchemy import select
from booking_web.tables.appointment import Appointment, JournalEntry
from provisioning.database.engine import Database
number = int(sys.argv[2])
with Database(sys.argv[1]).read() as session:
    print(session.get(Appointment, number).state)
    asked = select(JournalEntry.act).where(JournalEntry.appointment_id == number)
    print(*session.scalars(asked))
"""


class HostPhone:
    """A telephone that runs on a host; `command` is its program with the bundle's place."""

    def __init__(
        self, slug: str, host: Host, socket: str, command: Sequence[str]
    ) -> None:
        self.slug = slug
        self._host, self._socket = host, socket
        self._program, self._bundle = command

    def status(self) -> dict[str, Any]:
        """Give what it sees, straight from its control socket."""
        return send_order(
            self._host.seen(self._socket), "status", timeout_seconds=20 * PATIENCE
        )

    def status_by_command(self) -> dict[str, Any]:
        """Give what `status --json` prints, as a person would ask there."""
        told = self._host.run(self._program, "status", self._bundle, "--json")
        answer: dict[str, Any] = json.loads(told)
        return answer

    def order(self, order: str, argument: str = "") -> dict[str, Any]:
        """Give it an order (`digits`, `hangup`, ...)."""
        return send_order(self._host.seen(self._socket), order, argument)

    def print_document(self, number: int) -> str:
        """Key the code that prints a document of the call; give that in words."""
        self.order("digits", print_code(number))
        return f"keys {print_code(number)}"

    def call(self) -> dict[str, Any] | None:
        """Give the call that it is in now, if any."""
        found: dict[str, Any] | None = self.status()["call"]
        return found


class HostDevices:
    """The devices of the kiosk: its bridge and CUPS, and the printer's own host.

    Sheets that lay in the printer before are another story's.
    """

    def __init__(self, kiosk: Host, printer: Host, folder: Path) -> None:
        self._kiosk, self._printer, self._folder = kiosk, printer, folder
        folder.mkdir(exist_ok=True)
        self._sheets_before = len(self._sheets())

    def printed_files(self) -> list[Path]:
        """Give copies of what came out of the printer since, in order."""
        found = []
        for sheet in self._sheets()[self._sheets_before :]:
            # Programs that look where a path leads to would leave the host.
            copy = self._folder / sheet.name
            with pikepdf.open(io.BytesIO(sheet.read_bytes())) as pages:
                # This printer lays sheets face up, and so CUPS sends the last one first.
                pages.pages.reverse()
                pages.save(copy)
            found.append(copy)
        return found

    def scans(self) -> set[Path]:
        """Give what was scanned and is still there."""
        return {each for each in files_below(self._work()) if each.name == "scan.pdf"}

    def files_left(self) -> list[Path]:
        """Give the files of appointments that are still at the kiosk."""
        spool = self._kiosk.seen("/var/spool/cups")
        return [
            *files_below(self._work()),
            *spool.glob("d[0-9]*"),
        ]

    def _sheets(self) -> list[Path]:
        return sorted(self._printer.seen(PRINTED).glob("*.pdf"))

    def _work(self) -> Path:
        return self._kiosk.seen("/var/lib/guichet-bridge") / "work"


class Village:
    """One server, one kiosk, one counsellor and a printer, installed and running."""

    def __init__(self, host_set: HostSet) -> None:
        self._set = host_set
        self.url = f"https://{SITE}"
        self.authority: str | bool = str(host_set.folder / "authority.pem")
        content = self._host("server").read(AUTHORITY)
        Path(self.authority).write_bytes(content)

    def passwords(self) -> dict[str, str]:
        """Give the web passwords by e-mail address."""
        accounts = self._host("server").read(f"{SECRETS}/accounts.toml")
        return tomllib.loads(accounts.decode())

    def kiosk(self, slug: str) -> HostPhone:
        """Give the kiosk, which has this slug."""
        command = ("guichet-kiosk", KIOSK_BUNDLE)
        return HostPhone(slug, self._host("kiosk"), KIOSK_SOCKET, command)

    def counsellor(self, slug: str) -> HostPhone:
        """Give the counsellor, who has this slug."""
        bundle = f"{COUNSELLOR_HOME}/{slug}.toml"
        return HostPhone(
            slug,
            self._host("counsellor"),
            f"{COUNSELLOR_HOME}/{slug}.sock",
            ("guichet-counsellor", bundle),
        )

    def console(self, _slug: str, email: str) -> CounsellorDesk:
        """Give the page beside the call of whoever has this account."""
        password = self.passwords()[email]
        return signed_in_desk(self.url, self.authority, email, password)

    def devices_of(self, kiosk: str) -> HostDevices:
        """Give the devices of the kiosk."""
        return HostDevices(
            self._host("kiosk"), self._host(PRINTER), self._set.folder / "printed"
        )

    def journal_tells(self, appointment: int, act: str) -> bool:
        """Tell whether the journal has this act of an appointment."""
        return act in self._ask(appointment)[1].split()

    def state_of(self, appointment: int) -> str:
        """Give the state of an appointment."""
        return self._ask(appointment)[0]

    def _ask(self, appointment: int) -> list[str]:
        server = self._host("server")
        settings = tomllib.loads(server.read(SETTINGS).decode())
        told = server.run(
            # As the pages' own user: nobody else is let in.
            *("runuser", "-u", "guichet", "--", _SERVER_PYTHON, "-c", _ASK),
            *(settings["database_url"], str(appointment)),
        )
        return [*told.splitlines(), ""]

    def _host(self, name: str) -> Host:
        return self._set.host(name)
