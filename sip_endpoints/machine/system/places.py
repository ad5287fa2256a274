# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where an enrolled kiosk keeps what. Pure."""

from dataclasses import dataclass
from pathlib import Path

KIOSK_USER, BRIDGE_USER = "guichet-kiosk", "guichet-bridge"


@dataclass(frozen=True, slots=True)
class Places:
    """Every file of ours, below a root that only tests move."""

    root: Path = Path("/")

    @property
    def settings(self) -> Path:
        """Give the folder of what enrolment brought and what was chosen here."""
        return self.root / "etc/guichet-kiosk"

    @property
    def grant(self) -> Path:
        """Give what the server granted, for root alone: all else is made from it."""
        return self.settings / "grant.json"

    @property
    def bundle(self) -> Path:
        """Give the telephone's bundle."""
        return self.settings / "bundle.toml"

    @property
    def bridge_bundle(self) -> Path:
        """Give the bridge's part of the bundle: the SIP secret is not in it."""
        return self.settings / "bridge.toml"

    @property
    def captions_bundle(self) -> Path:
        """Give what the captions' service starts from; none at a kiosk without captions."""
        return self.settings / "captions.toml"

    @property
    def sip_authority(self) -> Path:
        """Give the authority of Asterisk's certificate."""
        return self.settings / "ca.pem"

    @property
    def web_authority(self) -> Path:
        """Give the authority of the site's certificate; none where browsers know it."""
        return self.settings / "web-ca.pem"

    @property
    def choices(self) -> Path:
        """Give what was chosen on this machine: devices, screens, language."""
        return self.settings / "kiosk.toml"

    @property
    def screens(self) -> Path:
        """Give sway's lines that say which output shows what."""
        return self.settings / "screens.conf"

    @property
    def firewall(self) -> Path:
        """Give the addresses that may come in, as nft reads them."""
        return self.settings / "firewall.nft"

    @property
    def environment(self) -> Path:
        """Give the variables of the units, such as the language."""
        return self.settings / "environment"

    @property
    def sound_settings(self) -> Path:
        """Give PipeWire's lines of this kiosk, in the folder that it reads as its user's."""
        return self.settings / "session/pipewire/pipewire.conf.d/guichet-kiosk.conf"

    @property
    def links(self) -> dict[Path, Path]:
        """Give what systemd reads while the machine is a kiosk, and where it lies."""
        shared = Path("/usr/share/guichet-kiosk")
        systemd = self.root / "etc/systemd"
        return {
            systemd / "logind.conf.d/guichet-kiosk.conf": shared / "logind.conf",
            systemd / "journald.conf.d/guichet-kiosk.conf": shared / "journald.conf",
        }

    @property
    def policy(self) -> Path:
        """Give the browser's policies."""
        return self.root / "etc/chromium/policies/managed/guichet-kiosk.json"

    @property
    def server(self) -> Path:
        """Give the name of the server whose medium installed this PC; none by hand."""
        return self.settings / "server"

    @property
    def attempt(self) -> Path:
        """Give the attempt to enrol that has no answer on the disk yet."""
        return self.machine / "attempt.json"

    @property
    def repository(self) -> Path:
        """Give where this kiosk's packages come from, as the server said last."""
        return self.settings / "repository.json"

    @property
    def trusted_key(self) -> Path:
        """Give the key of packages that is believed since the enrolment."""
        return self.settings / "repository-trusted.asc"

    @property
    def repository_key(self) -> Path:
        """Give the key that signs those packages."""
        return self.settings / "repository.asc"

    @property
    def apt_source(self) -> Path:
        """Give apt's own words for it: the server's ring of this kiosk."""
        return self.root / "etc/apt/sources.list.d/guichet.sources"

    @property
    def apt_settings(self) -> Path:
        """Give how apt knows the server's certificate, and that it updates Debian too."""
        return self.root / "etc/apt/apt.conf.d/80guichet-kiosk"

    @property
    def update_timers(self) -> dict[str, Path]:
        """Give the lines that put timers into the nightly window, by the timers' names."""
        systemd = self.root / "etc/systemd/system"
        names = ("guichet-update.timer", "apt-daily-upgrade.timer")
        return {name: systemd / f"{name}.d/guichet-kiosk.conf" for name in names}

    @property
    def updates(self) -> Path:
        """Give the folder of updates: the step in hand, and the package of before."""
        return self.root / "var/lib/guichet-update"

    @property
    def kept_packages(self) -> Path:
        """Give the packages of the version before the last update."""
        return self.updates / "kept"

    @property
    def update_step(self) -> Path:
        """Give the step of an update that is under way; none where nothing is."""
        return self.updates / "step"

    @property
    def update_outcome(self) -> Path:
        """Give what became of the last update."""
        return self.updates / "last.json"

    @property
    def refused_versions(self) -> Path:
        """Give the versions that were put back and are not tried again."""
        return self.updates / "refused"

    @property
    def before_update(self) -> Path:
        """Give what worked just before the last update."""
        return self.updates / "before.json"

    @property
    def lists_read(self) -> Path:
        """Give the mark that the server's lists were read, as old as that is."""
        return self.updates / "lists-read"

    @property
    def apt_lists(self) -> Path:
        """Give what apt keeps of the lists that it read."""
        return self.root / "var/lib/apt/lists"

    @property
    def machine(self) -> Path:
        """Give what only root keeps between two starts."""
        return self.root / "var/lib/guichet-kiosk/machine"

    @property
    def upgraded(self) -> Path:
        """Give the mark that a new version waits for the end of the call."""
        return self.machine / "upgraded"

    @property
    def self_test(self) -> Path:
        """Give the result of the last self-test."""
        return self.root / "var/lib/guichet-kiosk/self-test/last.json"

    @property
    def self_test_before(self) -> Path:
        """Give the result of the self-test just before an update, of which nobody is told."""
        return self.root / "var/lib/guichet-kiosk/self-test/before-update.json"

    @property
    def self_test_owed(self) -> Path:
        """Give the mark that a self-test waits for the end of a call."""
        return self.root / "var/lib/guichet-kiosk/self-test/owed.json"

    @property
    def home(self) -> Path:
        """Give the home of the session's user: the browser's profile."""
        return self.root / "var/lib/guichet-kiosk/home"

    @property
    def bridge_data(self) -> Path:
        """Give the bridge's ledger and work."""
        return self.root / "var/lib/guichet-bridge"

    @property
    def runtime(self) -> Path:
        """Give where the session's programs meet: Wayland, PipeWire, the telephone."""
        return self.root / "run/guichet-session"

    @property
    def phone_socket(self) -> Path:
        """Give the running telephone's control socket."""
        return self.runtime / "phone.sock"

    @property
    def captions_socket(self) -> Path:
        """Give where the telephone brings the counsellor's voice to be written."""
        return self.runtime / "captions.sock"

    @property
    def bridge_socket(self) -> Path:
        """Give the running bridge's socket."""
        return self.root / "run/guichet-bridge/bridge.sock"

    @property
    def missing(self) -> Path:
        """Give what of the kiosk's own is unplugged now, as the session sees it."""
        return self.runtime / "missing"

    @property
    def help_wanted(self) -> Path:
        """Give until when a wish for help is kept that nobody was told of yet."""
        return self.runtime / "help-wanted"

    @property
    def sway_socket(self) -> Path:
        """Give the session's own socket."""
        return self.runtime / "sway.sock"
