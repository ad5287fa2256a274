# SPDX-License-Identifier: AGPL-3.0-or-later
"""From bare hosts to a village that works, by the commands of docs/install.md alone.

What is prepared before (packages in /root, the archives that apt would download, hardware)
and what people do at pages between the commands is no command of a machine's.
"""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sip_endpoints.control import ControlError
from stage.hosts.archives import fetch
from stage.hosts.documented import Effort, Tell, type_in
from stage.hosts.hardware import PRINTER, make_printer, put_hardware
from stage.hosts.host import Host
from stage.hosts.host_set import HOSTS, SITE, HostSet
from stage.hosts.packages import REPOSITORY
from stage.hosts.village import COUNSELLOR_HOME, SECRETS, HostPhone, Village
from stage.story import COUNSELLOR, KIOSK
from stage.waiting import wait_for

SERVER_PACKAGES = ("guichet-asterisk", "guichet-server")
INSTALL_SERVER = "apt install --yes " + " ".join(
    f"./{package}_*.deb" for package in SERVER_PACKAGES
)
# What others recommend to a PC with a desktop is not for a kiosk.
INSTALL_KIOSK = "apt install --yes --no-install-recommends ./guichet-kiosk_*.deb"
_INSTALL_COUNSELLOR = "apt install --yes ./guichet-counsellor_*.deb"
INVENTORY = REPOSITORY / "script" / "demo-inventory.toml"
READY_SECONDS = 60.0
_ANSWERS = """\
kiosks = 3

[administrator]
name = "Camille Martin"
email = "camille.martin@example.fr"
"""
# A person who sits at the desk, and what nobody has there: camera, sound card, screen.
_PERSON = "conseiller"
_WITHOUT_DEVICES = "--auto-answer --camera colorbar --audio null --display none"
# The person types `guichet-counsellor run FILE`; nobody sits here to type it.
_SIT_DOWN = (
    f"systemd-run --quiet --unit=guichet-counsellor --uid={_PERSON}"
    f" --working-directory={COUNSELLOR_HOME}"
    f" guichet-counsellor run {COUNSELLOR}.toml {_WITHOUT_DEVICES}"
)


class VillageInstallation:
    """Makes a set's hosts a server, a kiosk and a counsellor's PC, and measures it."""

    def __init__(
        self, host_set: HostSet, packages: Mapping[str, Path], tell: Tell
    ) -> None:
        self._set, self._packages, self._tell = host_set, packages, tell
        self.efforts = {name: Effort() for name in HOSTS}

    def install(self) -> None:
        """Do all of it and return once the kiosk and the counsellor are registered.

        Packages are installed on all machines at once, as by several people: dpkg waits for
        its disk, and what a machine needs of the server it needs after that.
        """
        self._boot()
        with ThreadPoolExecutor() as people:
            at_work = [
                people.submit(self._make_printer),
                people.submit(self._prepare_kiosk),
                people.submit(self._prepare_counsellor),
            ]
            self._install_server()
            self._open_village()
        for each in at_work:
            each.result()
        self._enrol_kiosk()
        self._seat_counsellor()
        await_telephones(self._set)

    def install_kiosk(self) -> None:
        """Make the bare host `kiosk` the kiosk, by the packages that it was handed."""
        self.type_in("kiosk", INSTALL_KIOSK)
        self._enrol_kiosk()

    def _boot(self) -> None:
        # By this thread: whoever boots a host is whom the host dies with.
        for name in (*HOSTS, PRINTER):
            self._set.add(name).boot()

    def _make_printer(self) -> None:
        make_printer(self._set.host(PRINTER), self._set.folder / PRINTER)

    def _prepare_kiosk(self) -> None:
        put_hardware(self._set.host("kiosk"), self._set.folder)
        self.hand("kiosk", "guichet-kiosk", is_sparing=True)
        self.type_in("kiosk", INSTALL_KIOSK)

    def _prepare_counsellor(self) -> None:
        self.hand("counsellor", "guichet-counsellor")
        self.type_in("counsellor", _INSTALL_COUNSELLOR)

    def hand(self, name: str, *packages: str, is_sparing: bool = False) -> None:
        """Put our packages on a host, and what its apt will ask for; count the bytes.

        `is_sparing`: it is told to leave out what packages recommend.
        """
        files = [self._packages[package] for package in packages]
        host = self._set.host(name)
        folder = self._set.folder / name
        fetched = fetch(host, files, folder, is_sparing=is_sparing)
        host.put(files, "/root")
        own = sum(file.stat().st_size for file in files)
        self.efforts[name].download_bytes = fetched.bytes + own
        self._tell(
            f"{name}: {fetched.packages} packages of Debian,"
            f" {(fetched.bytes + own) / 1e6:.0f} MB with ours"
        )

    def _install_server(self) -> None:
        self.hand("server", *SERVER_PACKAGES)
        server = self._set.host("server")
        server.write("/root/answers.toml", _ANSWERS.encode())
        self.type_in("server", INSTALL_SERVER)
        self.type_in("server", f"guichet-server install {SITE} --answers answers.toml")
        # Whose paper restores the server in the end: see `restoring`.
        server.run("guichet-server", "passphrase", "--written-down")

    def _open_village(self) -> None:
        server = self._set.host("server")
        server.write("/root/village.toml", INVENTORY.read_bytes())
        provision(
            server,
            f"apply village.toml --secrets-dir {SECRETS}",
        )

    def _enrol_kiosk(self) -> None:
        made = provision(self._set.host("server"), f"enrolment-code {KIOSK} --json")
        code = json.loads(made)["code"]
        self.type_in("kiosk", f"guichet-kiosk enrol {SITE} {code}")

    def _seat_counsellor(self) -> None:
        host, server = self._set.host("counsellor"), self._set.host("server")
        host.run("useradd", "--create-home", "--home-dir", COUNSELLOR_HOME, _PERSON)
        for name in (f"{COUNSELLOR}.toml", "ca.pem"):
            path = f"{COUNSELLOR_HOME}/{name}"
            host.write(path, server.read(f"{SECRETS}/{name}"), "600")
            host.run("chown", f"{_PERSON}:", path)
        self.type_in("counsellor", _SIT_DOWN)

    def type_in(self, name: str, line: str) -> str:
        """Type a documented line at a host, as its root."""
        return type_in(self._set.host(name), line, self.efforts[name], self._tell)


def sit_down(counsellor: Host) -> None:
    """Start the counsellor's telephone again, as the person does who comes back to it."""
    counsellor.run("sh", "-c", _SIT_DOWN)


def await_telephones(host_set: HostSet) -> None:
    """Return once the kiosk and the counsellor are registered."""
    village = Village(host_set)
    for phone in (village.kiosk(KIOSK), village.counsellor(COUNSELLOR)):
        wait_for(
            lambda: _is_registered(phone),
            f"{phone.slug} is registered",
            READY_SECONDS,
            0.2,
        )


def _is_registered(phone: HostPhone) -> bool:
    try:
        return bool(phone.status()["registered"])
    except ControlError:
        # It is being started.
        return False


def provision(server: Host, arguments: str) -> str:
    """Run `guichet-provision` on the server as its administrator does."""
    return server.run("sh", "-c", f"guichet-provision {arguments}")
