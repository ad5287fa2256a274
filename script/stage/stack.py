# SPDX-License-Identifier: AGPL-3.0-or-later
"""The whole system on one machine: prepared, started, stopped and killed part by part."""

import signal
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import requests
from sqlalchemy import select

from booking_web.tables.appointment import JournalEntry
from provisioning.asterisk.site import AsteriskProgram
from provisioning.cli import main as guichet_provision
from provisioning.database.engine import Database
from stage.asterisk import AsteriskServer
from stage.counsellor_desk import CounsellorDesk, signed_in_desk
from stage.endpoint import BINARIES, Endpoint
from stage.kiosk_devices import BRIDGE_PREFIX, KioskDevices
from stage.new_tables import new_tables
from stage.ports import PortBlock
from stage.post import Post
from stage.processes import Program, processes_left, run_in_process, run_once

REPOSITORY = Path(__file__).resolve().parents[2]
ASTERISK_FILE = REPOSITORY / ".setup" / "asterisk.json"
INVENTORY = REPOSITORY / "script" / "demo-inventory.toml"
# Commands of guichet-web that send what waits.
SENDERS = ("messages", "webhooks")
# What stands before the pages and is started with them.
BEFORE_THE_PAGES = ("live", "front")


@dataclass(frozen=True)
class StageOptions:
    """What differs between the demo, the check and the tests.

    `bind` is where SIP and its media are offered; `web_port` 0 takes one of the stage's.
    """

    bind: str = "127.0.0.1"
    web_port: int = 0
    softphones: bool = False
    # Asterisk takes SIP over WebSocket as well.
    browsers: bool = False
    auto_answer: bool = True
    database_url: str | None = None
    inventory: Path = INVENTORY
    # Each kiosk has a printer, a scanner and their bridge.
    devices: bool = False
    # Kiosks whose scanner takes the papers that are laid on its glass.
    paper_scanners: tuple[str, ...] = ()
    # E-mail and SMS go out, into folders of this machine; webhooks are called.
    messages: bool = False
    # Settings of the bridges, such as `place_seconds`.
    bridge_settings: tuple[tuple[str, float], ...] = ()
    # Settings of the site beyond those that it needs, such as `territory_name`.
    site_settings: tuple[tuple[str, str], ...] = ()
    # Kiosks whose telephone draws its calls on a screen: see `stage.kiosk_screens`.
    drawing_kiosks: tuple[str, ...] = ()
    # `guichet-provision` runs in this process, which saves its start; a new database's tables
    # are made once in it, however many stages come after another.
    provisions_in_process: bool = False


class Stage:
    """One running system in `directory`.

    Its parts are `asterisk`, `web`, `live`, `front`, `dispatcher`, the slugs of the kiosks
    and counsellors and, for a kiosk with devices, `bridge-RELAY`; with messages also `mail`
    and SENDERS.
    Use it as a context manager, or call `close`, else its ports stay taken.
    """

    def __init__(self, directory: Path, options: StageOptions = StageOptions()) -> None:
        self.directory = directory.resolve()
        self.options = options
        self.block = PortBlock()
        self.ports = self.block.ports
        self.web_port = options.web_port or self.ports.web
        self.url = f"http://127.0.0.1:{self.web_port}"
        # Without TLS nobody vouches for the pages.
        self.authority: str | bool = True
        self.database_url = (
            options.database_url or f"sqlite:///{self.directory / 'guichet.db'}"
        )
        self.settings_file = self.directory / "guichet.toml"
        self.bundles = self.directory / "bundles"
        self.asterisk = AsteriskServer(
            self.directory, AsteriskProgram.read(ASTERISK_FILE)
        )
        self.endpoints: dict[str, Endpoint] = {}
        self.devices: dict[str, KioskDevices] = {}
        self.post = Post(self.directory, self.ports.spare[len(self.ports.spare) // 2])
        self._programs: dict[str, Program] = {
            "asterisk": self.asterisk.program,
            "web": self._service("web", "guichet-web", "serve", *self._web_options()),
            "live": self._service("live", "guichet-web", *self._live_options()),
            # nginx alone ends those that it begins, which have its port too.
            "front": self._service(
                *("front", "guichet-web", *self._front_options()),
                death_signal=signal.SIGTERM,
            ),
            "dispatcher": self._service("dispatcher", "guichet-dispatcher", "run"),
        }
        if options.messages:
            self._programs["mail"] = self.post.program
            for name in SENDERS:
                self._programs[name] = self._service(
                    name, "guichet-web", name, "send", "--every", "2"
                )

    # Making it

    def prepare(self) -> None:
        """Write the site, make the database and apply the inventory."""
        self.write_site(self.ports.rtp_last)
        embedded = None if self.options.database_url else self.directory / "guichet.db"
        is_new = embedded is not None and not embedded.exists()
        if embedded and is_new and self.options.provisions_in_process:
            embedded.write_bytes(new_tables())
        else:
            self._run("guichet-web", "upgrade-database")
        self.apply(self.options.inventory)

    def write_site(self, rtp_last: int) -> None:
        """Write or refresh the site's files; media has the stage's ports up to this one."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.provision(
            "site",
            str(self.directory),
            *("--bind", self.options.bind),
            *("--sip-tls-port", str(self.ports.sip_tls)),
            *("--sip-port", str(self.ports.sip if self.options.softphones else 0)),
            *("--ws-port", str(self.ports.ws if self.options.browsers else 0)),
            *("--ami-port", str(self.ports.ami)),
            *("--rtp-first", str(self.ports.rtp_first)),
            *("--rtp-last", str(rtp_last)),
            *("--asterisk", str(ASTERISK_FILE)),
            *("--site-url", self.url),
            "--insecure-cookies",
        )

    def apply(self, inventory: Path) -> None:
        """Apply an inventory; bundles and passwords of what is new go to `bundles`."""
        self.provision(
            "apply",
            str(inventory),
            *("--secrets-dir", str(self.bundles)),
            *("--sip-server", self.options.bind),
            *("--sip-port", str(self.ports.sip_tls)),
            *("--sip-ca", str(self.directory / "tls" / "ca.pem")),
            *self._device_options(),
        )
        self.read_bundles()

    def read_bundles(self) -> None:
        """Learn the endpoints whose bundles are in `bundles`."""
        for bundle in sorted(self.bundles.glob("*.toml")):
            slug = bundle.stem
            if slug.startswith(("kiosk-", "counsellor-")):
                self._add_endpoint(slug, bundle)

    def provision(self, *arguments: str) -> str:
        """Run `guichet-provision` on this stage's database and give its output."""
        if self.options.provisions_in_process:
            return run_in_process(guichet_provision, arguments, self._environment())
        return self._run("guichet-provision", *arguments)

    def web(self, *arguments: str) -> str:
        """Run `guichet-web` on this stage's database and give its output."""
        return self._run("guichet-web", *arguments)

    # Running it

    @property
    def parts(self) -> list[str]:
        """Name every part, in the order in which they are started."""
        return list(self._programs)

    def start(self, *names: str) -> None:
        """Start these parts, or all, and return once each is ready."""
        before = BEFORE_THE_PAGES if "web" in names else ()
        wanted = self._choose((*names, *before))
        if "asterisk" in wanted:
            self.asterisk.start()
        for name in wanted:
            if name in self.devices:
                self.devices[name].plug_in()
            self._programs[name].start()
        for name in wanted:
            self.wait_ready(name)

    def wait_ready(self, name: str) -> None:
        """Return once the part does its work."""
        if name == "web":
            self._programs[name].wait_until(self._web_answers)
        elif name == "live":
            self._programs[name].wait_until(self._live_answers)
        elif name == "dispatcher":
            self._programs[name].wait_until(self._dispatcher_is_ready)
        elif name == "mail":
            self._programs[name].wait_until(self.post.is_open)
        elif name in self.endpoints:
            self._programs[name].wait_until(self.endpoints[name].is_registered)
        elif name in self.devices:
            self._programs[name].wait_until(self.devices[name].is_ready)

    def stop(self, *names: str) -> None:
        """Stop these parts, or all, in the reverse order; each may end by itself."""
        for group in _stop_order(self._choose(names)):
            for name in group:
                self._programs[name].ask_to_stop()
            for name in group:
                self._programs[name].stop()

    def kill(self, name: str) -> None:
        """Kill the part with its children at once (kill -9)."""
        self._programs[name].kill()

    def restart(self, name: str) -> None:
        """Kill the part and start it again."""
        self.kill(name)
        self.start(name)

    def program(self, name: str) -> Program:
        """Give the process of a part."""
        return self._programs[name]

    def dead_parts(self) -> list[str]:
        """Name the parts that were started and run no more."""
        return [
            name
            for name, program in self._programs.items()
            if program.was_started and not program.is_running
        ]

    def close(self) -> int:
        """Stop everything, give the ports back; give the number of processes left."""
        try:
            self.stop()
            for devices in self.devices.values():
                devices.unplug()
            return processes_left(self.directory)
        finally:
            self.block.release()

    def __enter__(self) -> "Stage":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Asking it

    def kiosk(self, slug: str) -> Endpoint:
        """Give a kiosk by its slug."""
        return self.endpoints[slug]

    def counsellor(self, slug: str) -> Endpoint:
        """Give a counsellor by their slug."""
        return self.endpoints[slug]

    def bundle_for_another(self, slug: str) -> Path:
        """Give the bundle of a telephone to another program that is to be it.

        Our own of that name is stopped: it would take the calls as soon as it registers anew.
        """
        self.stop(slug)
        return self.endpoints[slug].bundle

    def console(self, _slug: str, email: str) -> CounsellorDesk:
        """Give the page beside the call of whoever has this account."""
        password = self.passwords()[email]
        return signed_in_desk(self.url, self.authority, email, password)

    def devices_of(self, kiosk: str) -> KioskDevices:
        """Give the devices of a kiosk by its slug."""
        return self.devices[BRIDGE_PREFIX + kiosk.removeprefix("kiosk-")]

    def kiosks(self) -> list[Endpoint]:
        """Give every kiosk."""
        return [e for slug, e in self.endpoints.items() if slug.startswith("kiosk-")]

    def counsellors(self) -> list[Endpoint]:
        """Give every counsellor."""
        return [e for e in self.endpoints.values() if e not in self.kiosks()]

    def passwords(self) -> dict[str, str]:
        """Give the web passwords by e-mail address, as provisioning made them."""
        accounts: dict[str, str] = tomllib.loads(
            (self.bundles / "accounts.toml").read_text()
        )
        return accounts

    def database(self) -> Database:
        """Open the stage's database; the caller disposes of it."""
        return Database(self.database_url)

    def journal_tells(self, appointment: int, act: str) -> bool:
        """Tell whether the journal has this act of an appointment."""
        database = self.database()
        try:
            with database.read() as session:
                query = select(JournalEntry.id).where(
                    JournalEntry.appointment_id == appointment,
                    JournalEntry.act == act,
                )
                return session.scalar(query) is not None
        finally:
            database.dispose()

    # Inside

    def _service(
        self,
        name: str,
        command: str,
        *arguments: str,
        death_signal: signal.Signals = signal.SIGKILL,
    ) -> Program:
        return Program(
            name,
            [str(BINARIES / command), *arguments],
            directory=self.directory,
            log=self.directory / "log" / f"{name}.log",
            environment=self._environment(),
            death_signal=death_signal,
        )

    def _web_options(self) -> tuple[str, ...]:
        return ("--bind", self._web_socket)

    def _live_options(self) -> tuple[str, ...]:
        return ("live", "--bind", f"unix:{self.directory / 'live.sock'}")

    def _front_options(self) -> tuple[str, ...]:
        return (
            "front",
            *("--listen", f"127.0.0.1:{self.web_port}"),
            *("--web", self._web_socket),
            *("--live", f"unix:{self.directory / 'live.sock'}"),
            *("--folder", str(self.directory / "front")),
        )

    @property
    def _web_socket(self) -> str:
        return f"unix:{self.directory / 'web.sock'}"

    def _environment(self) -> dict[str, str]:
        return {
            "GUICHET_CONFIG": str(self.settings_file),
            "GUICHET_DATABASE_URL": self.database_url,
            **{
                f"GUICHET_{key.upper()}": value
                for key, value in self.options.site_settings
            },
            **(self.post.settings() if self.options.messages else {}),
        }

    def _device_options(self) -> tuple[str, ...]:
        if not self.options.devices:
            return ()
        return ("--web-url", self.url, "--scanner", "")

    def _run(self, command: str, *arguments: str) -> str:
        return run_once(
            [str(BINARIES / command), *arguments],
            directory=self.directory,
            environment=self._environment(),
        )

    def _add_endpoint(self, slug: str, bundle: Path) -> None:
        if slug in self.endpoints:
            return
        is_counsellor = slug.startswith("counsellor-")
        options: tuple[str, ...] = ()
        if is_counsellor and self.options.auto_answer:
            options = ("--auto-answer",)
        if slug in self.options.drawing_kiosks:
            options += ("--display", "fullscreen")
        endpoint = Endpoint(slug, bundle, directory=self.directory, options=options)
        self.endpoints[slug] = endpoint
        self._programs[slug] = endpoint.program
        if self.options.devices and not is_counsellor:
            self._add_devices(slug, bundle)

    def _add_devices(self, kiosk: str, bundle: Path) -> None:
        # From the end, since tests take theirs from the beginning.
        first = -2 * (len(self.devices) + 1)
        devices = KioskDevices(
            kiosk,
            bundle,
            directory=self.directory,
            ports=(self.ports.spare[first], self.ports.spare[first + 1]),
            settings=dict(self.options.bridge_settings),
            scans_paper=kiosk in self.options.paper_scanners,
        )
        self.devices[devices.name] = devices
        self._programs[devices.name] = devices.program

    def _choose(self, names: Iterable[str]) -> list[str]:
        wanted = set(names) or set(self._programs)
        return [name for name in self._programs if name in wanted]

    def _web_answers(self) -> bool:
        try:
            return requests.get(self.url, timeout=5).status_code < 500
        except (requests.ConnectionError, requests.Timeout):
            return False

    def _live_answers(self) -> bool:
        # By the front; whoever is not signed in is refused.
        try:
            return requests.get(f"{self.url}/direct", timeout=5).status_code == 401
        except (requests.ConnectionError, requests.Timeout):
            return False

    def _dispatcher_is_ready(self) -> bool:
        # Where Asterisk is down, the dispatcher can only wait for it.
        asterisk_is_up = self.asterisk.program.is_running
        said = "compared with asterisk" if asterisk_is_up else "dispatcher ready"
        return said in self._programs["dispatcher"].log_text()


def _stop_order(names: list[str]) -> list[list[str]]:
    """Group what may stop together: all say good-bye while Asterisk still hears."""
    others = [name for name in names if name != "asterisk"]
    return [group for group in (others, [n for n in names if n == "asterisk"]) if group]
