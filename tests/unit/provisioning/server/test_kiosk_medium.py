# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a medium that makes kiosks says to Debian's installer, and that it is written whole."""

import errno
import os
import re
import stat
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result

from provisioning.server.answers import Answers, answers_text
from provisioning.server.errors import ServerError
from provisioning.server.medium import command
from provisioning.server.medium.contents import (
    DISK,
    GRUB_SETTINGS,
    LATE,
    PRESEED,
    README,
    Release,
    Wishes,
    medium_texts,
    read_ssh_keys,
)
from provisioning.server.medium.installer import PACKAGE
from provisioning.server.programs import Ran
from provisioning.server.repository.places import RepositoryPlaces
from tests.unit.provisioning.server.machines import machine_in, some_answers

RELEASE = Release(date(2026, 12, 2), "20250803+deb13u8", "0.9.0")
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1ZPmVNTS4fXkTTYhP0BzzwHkRoYZwB3rbdPPyNhOxp it"
AUTHORITY = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
SOURCES = "Types: deb\nURIs: https://guichet.example.fr/depot/\n"
PROXY = {"url": "http://proxy.example.fr:3128"}
CLOSED_PROXY = {"url": "http://camille:geheim@proxy.example.fr:3128"}


def texts(
    answers: Answers | None = None, wishes: Wishes | None = None, authority: str = ""
) -> dict[str, str]:
    return medium_texts(
        answers or some_answers(),
        wishes or Wishes(),
        RELEASE,
        authority=authority,
        sources=SOURCES,
    )


def preseeded(text: str) -> dict[str, str]:
    """Read what the installer is answered: by its question, without the type."""
    lines = (line.split(maxsplit=3) for line in text.splitlines())
    return {
        line[1]: (*line, "")[3] for line in lines if len(line) > 2 and line[0] != "#"
    }


@pytest.mark.parametrize(
    ("changes", "mirror", "security", "proxy"),
    [
        ({}, "deb.debian.org", "security.debian.org", ""),
        (
            {"proxy": PROXY},
            "deb.debian.org",
            "security.debian.org",
            "http://proxy.example.fr:3128/",
        ),
        # Its password is on no medium: the installer asks.
        ({"proxy": CLOSED_PROXY}, "deb.debian.org", "security.debian.org", None),
        (
            {"updates": {"debian": True}, "proxy": CLOSED_PROXY},
            "guichet.example.fr",
            "guichet.example.fr",
            "",
        ),
    ],
    ids=["alone", "proxy", "proxy with a password", "this server"],
)
def test_debian_comes_from_where_the_site_has_it(
    changes: dict[str, object], mirror: str, security: str, proxy: str | None
) -> None:
    every = texts(some_answers(**changes))
    told = preseeded(every[PRESEED])
    assert told["mirror/http/hostname"] == mirror
    assert told["apt-setup/security_host"] == security
    assert told.get("mirror/http/proxy") == proxy
    assert not any("geheim" in text for text in every.values())


def test_who_comes_in_by_a_key_types_no_password_and_who_has_none_is_asked() -> None:
    alone, keyed = (
        texts(),
        texts(wishes=Wishes(ssh_keys=(KEY,), ssh_from=("10.0.0.0/8",))),
    )
    question = "passwd/root-password-crypted"
    assert question not in preseeded(alone[PRESEED])
    assert preseeded(keyed[PRESEED])[question] == "!"
    assert "openssh-server" in preseeded(keyed[PRESEED])["pkgsel/include"]
    assert "mot de passe de root" in alone[README]
    assert "mot de passe de root" not in keyed[README]


def test_a_medium_that_is_left_in_its_pc_installs_nothing() -> None:
    before, first, *others = texts()[GRUB_SETTINGS].split("menuentry")
    assert "set default=0" in before
    assert "linux" not in first
    assert [each.count("    linux /guichet/linux") for each in others] == [1, 1]
    # The kernel unpacks them at the root of what it starts from, where the installer looks.
    for name, place in ((PRESEED, "preseed.cfg"), (DISK, DISK), (LATE, LATE)):
        assert (
            f"newc:{place}:/{name}" in texts()[GRUB_SETTINGS].replace('"', " ").split()
        )


@pytest.mark.parametrize("name", [DISK, LATE])
def test_what_the_installer_runs_is_a_program_of_the_shell(name: str) -> None:
    wishes = Wishes("Indian/Reunion", "ntp.example.fr", (KEY,), ("10.0.0.0/8",))
    for text in (texts()[name], texts(wishes=wishes, authority=AUTHORITY)[name]):
        looked = subprocess.run(
            ["sh", "-n"], input=text, text=True, capture_output=True, check=False
        )
        assert looked.returncode == 0, looked.stderr


class Installer:
    """A folder in the place of the installer's root, whose programs write down their call."""

    PROGRAMS = ("in-target", "list-devices", "debconf-set-selections")

    def __init__(self, root: Path) -> None:
        self.root, self.calls = root, root / "calls"
        self.programs = root / "programs"
        for folder in (
            "programs",
            "tmp",
            "target/etc",
            "sys/block",
            "sys/class/net/eth0",
        ):
            (root / folder).mkdir(parents=True)
        (root / "target/etc/hosts").write_text(
            "127.0.0.1\tlocalhost\n127.0.1.1\tborne\n"
        )
        (root / "sys/class/net/eth0/address").write_text("02:42:ac:1a:2b:3c\n")
        (root / "proc").mkdir()
        self.started_with("quiet")
        for name in self.PROGRAMS:
            self.program(name, "")

    def program(self, name: str, body: str) -> None:
        file = self.programs / name
        text = f'#!/bin/sh\necho "{name} $*" >>{self.calls}\n{body}\n'
        file.write_text(text)
        file.chmod(0o755)

    def started_with(self, words: str) -> None:
        """Have these words been given to the kernel."""
        (self.root / "proc/cmdline").write_text(f"BOOT_IMAGE=/guichet/linux {words}\n")

    def disk(self, name: str, place: str, *, removable: bool = False) -> None:
        """Have a disk there, at a place of the machine's tree of devices."""
        device = self.root / "sys/devices" / place / name
        device.mkdir(parents=True)
        (device / "removable").write_text(f"{int(removable)}\n")
        (self.root / "sys/block" / name).symlink_to(device)

    def chip(self, version: str) -> None:
        folder = self.root / "sys/class/tpm/tpm0"
        folder.mkdir(parents=True)
        (folder / "tpm_version_major").write_text(f"{version}\n")

    def run(self, text: str) -> None:
        text = re.sub(r"/(target|tmp|sys|proc)/", rf"{self.root}/\1/", text)
        path = f"{self.programs}:{os.environ['PATH']}"
        subprocess.run(["sh", "-c", text], env={"PATH": path}, check=True)

    def called(self) -> list[str]:
        return self.calls.read_text().splitlines() if self.calls.exists() else []


@pytest.fixture
def installer(tmp_path: Path) -> Installer:
    return Installer(tmp_path)


def answered(installer: Installer, devices: str) -> dict[str, str]:
    """Give what the script of disks answers, where these are listed."""
    kept = installer.root / "answers"
    installer.program("list-devices", f"echo '{devices}'")
    installer.program("debconf-set-selections", f'cat "$1" >{kept}')
    installer.run(texts()[DISK])
    assert not (installer.root / "tmp/guichet-disk").exists()
    return preseeded(kept.read_text())


def test_the_stick_is_never_the_disk_that_is_erased(installer: Installer) -> None:
    installer.disk("nvme0n1", "pci0000:00/nvme/nvme0")
    installer.disk("sda", "pci0000:00/0000:00:14.0/usb2/2-1/host0")
    installer.disk("mmcblk0", "pci0000:00/mmc0", removable=True)
    told = answered(installer, "/dev/sda /dev/nvme0n1 /dev/mmcblk0")
    assert told == {
        "partman-auto/disk": "/dev/nvme0n1",
        "partman-auto/method": "regular",
    }


def test_of_several_disks_the_installer_asks(installer: Installer) -> None:
    installer.disk("sda", "pci0000:00/ata1/host0")
    installer.disk("sdb", "pci0000:00/ata2/host1")
    told = answered(installer, "/dev/sda /dev/sdb")
    assert told == {"partman-auto/method": "regular"}


@pytest.mark.parametrize(("version", "method"), [("2", "crypto"), ("1", "regular")])
def test_a_pc_that_can_keep_the_key_has_its_disk_encrypted(
    installer: Installer, version: str, method: str
) -> None:
    installer.disk("sda", "pci0000:00/ata1/host0")
    installer.chip(version)
    told, key = answered(installer, "/dev/sda"), installer.root / "tmp/guichet-disk-key"
    assert told["partman-auto/method"] == method
    assert key.exists() == (method == "crypto")
    if method == "crypto":
        phrase = key.read_text()
        assert len(phrase) == 64
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        for question in ("passphrase", "passphrase-again"):
            assert told[f"partman-crypto/{question}"] == phrase


def test_the_new_system_knows_its_server_and_has_our_package(
    installer: Installer,
) -> None:
    wishes = Wishes("Indian/Reunion", "ntp.example.fr", (KEY,), ("10.0.0.0/8",))
    installer.run(texts(wishes=wishes, authority=AUTHORITY)[LATE])
    written = {
        str(file.relative_to(installer.root / "target")): file.read_text()
        for file in (installer.root / "target").rglob("*")
        if file.is_file()
    }
    assert written == {
        "etc/hostname": "borne-1a2b3c\n",
        "etc/hosts": "127.0.0.1\tlocalhost\n127.0.1.1\tborne-1a2b3c\n",
        "etc/guichet-kiosk/server": "guichet.example.fr\n",
        "etc/guichet-kiosk/web-ca.pem": AUTHORITY,
        "etc/guichet-kiosk/kiosk.toml": '[network]\nssh_from = ["10.0.0.0/8"]\n',
        "etc/apt/sources.list.d/guichet.sources": SOURCES,
        "etc/apt/apt.conf.d/80guichet-kiosk": (
            'Acquire::https::Proxy::guichet.example.fr "DIRECT";\n'
            "Acquire::https::guichet.example.fr::CaInfo"
            ' "/etc/guichet-kiosk/web-ca.pem";\n'
        ),
        "etc/systemd/timesyncd.conf.d/guichet.conf": "[Time]\nNTP=ntp.example.fr\n",
        "root/.ssh/authorized_keys": f"{KEY}\n",
    }
    keys = installer.root / "target/root/.ssh/authorized_keys"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    assert stat.S_IMODE(keys.parent.stat().st_mode) == 0o700
    called = installer.called()
    install = "in-target apt-get install --yes --no-install-recommends guichet-kiosk"
    assert called.index("in-target apt-get update") < called.index(install)
    assert "in-target systemctl enable guichet-enrolment.service" in called
    # No chip, no key: nothing is bound.
    assert not any("clevis" in call for call in called)


def test_who_says_so_has_no_disk_encrypted_whatever_chip_there_is(
    installer: Installer,
) -> None:
    installer.disk("sda", "pci0000:00/ata1/host0")
    installer.chip("2")
    installer.started_with("guichet=clear quiet")
    assert answered(installer, "/dev/sda")["partman-auto/method"] == "regular"
    assert "guichet=clear" in texts()[GRUB_SETTINGS]


class NewSystem:
    """What is run in the new system as its disk is bound, by programs that write it down."""

    def __init__(self, installer: Installer) -> None:
        self.root, self._installer = installer.root, installer
        (self.root / "tmp/guichet-disk-key").write_text("a" * 64)
        # As in the installer: the root of what it runs is the new system's.
        inside = f'for each; do [ "$each" != /root/bind-disk ] || bind={self.root}/bind; done'
        copy = f'sed "s#/root/disk-key#{self.root}/target/root/disk-key#"'
        run = f'{copy} {self.root}/target/root/bind-disk >$bind && sh "$bind"'
        installer.program("in-target", f'{inside}\n[ -z "$bind" ] || {{ {run}; }}')
        installer.program("blkid", "echo /dev/sda3")
        installer.program("clevis", '[ "$2" != pass ] || echo of-the-chip')
        tried = f'echo "opened by $(cat; echo .)" >>{installer.calls}'
        installer.program("cryptsetup", f'[ "$1" != open ] || {tried}')
        installer.program("update-initramfs", "")

    def bind(self) -> list[str]:
        """Run the end of the installation; give what the disk's programs were asked."""
        self._installer.run(texts()[LATE])
        return self.asked()

    def asked(self) -> list[str]:
        return [
            call
            for call in self._installer.called()
            if call.startswith(("clevis", "cryptsetup", "update-initramfs"))
        ]

    def left(self) -> list[Path]:
        """Give the files with the key that are there."""
        return [each for each in self.root.rglob("*disk*") if each.is_file()]


def test_the_typed_key_goes_once_the_chip_has_given_its_own_back(
    installer: Installer,
) -> None:
    system = NewSystem(installer)
    key = f"{installer.root}/target/root/disk-key"
    asked = system.bind()
    bound, removed = asked[0], asked[-2]
    assert bound == f"clevis luks bind -y -k {key} -d /dev/sda3 tpm2 {{}}"
    assert removed == f"cryptsetup luksRemoveKey /dev/sda3 {key}"
    # Tried with what the chip gave, to the letter, before the other goes.
    called = installer.called()
    assert called.index("opened by of-the-chip.") < called.index(removed)
    assert system.left() == []


@pytest.mark.parametrize("refuses", ["clevis", "cryptsetup"])
def test_where_the_chip_gives_no_key_back_the_typed_one_stays_and_the_installer_says_so(
    installer: Installer, refuses: str
) -> None:
    system = NewSystem(installer)
    installer.program(refuses, "exit 1")
    with pytest.raises(subprocess.CalledProcessError):
        system.bind()
    assert not any("luksRemoveKey" in call for call in system.asked())


@pytest.mark.parametrize("text", ["", "# nothing\n", "secret", "ssh-ed25519 AAAA it"])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(ServerError, match=r"it\.pub: this is no public key"):
        read_ssh_keys(text, "it.pub")


def test_public_keys_are_read_as_authorized_keys_has_them() -> None:
    assert read_ssh_keys(f"# of two\n{KEY}\n\n {KEY}2\n", "it.pub") == (KEY, f"{KEY}2")


class Server:
    """An installed server in a folder, and the command on it."""

    FILES = ("bootnetx64.efi", "grubx64.efi", "linux", "initrd.gz")
    FOLDER = "usr/lib/debian-installer/images/13/amd64/text/debian-installer/amd64"

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        machine, self.told = machine_in(root)
        self.machine = machine
        for folder in ("/var/tmp", "/etc/guichet/tls"):
            machine.path(folder).mkdir(parents=True)
        machine.answers_file.write_text(answers_text(some_answers()))
        (machine.layout.tls / "ca.pem").write_text(AUTHORITY)
        places = RepositoryPlaces.of(machine)
        places.public_key.parent.mkdir(parents=True)
        places.configuration.write_text("{}")
        places.public_key.write_text("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ==\n")
        self.publish("guichet-kiosk_0.9.0_amd64")
        self.told.answer("dpkg-deb --field", "20250803+deb13u8\n")
        monkeypatch.setattr(command, "Machine", lambda: machine)
        monkeypatch.setattr(command, "require_root", lambda: None)
        monkeypatch.setattr(
            self.told, "try_to_run", self._bringing(self.told.try_to_run)
        )

    def publish(self, *packages: str) -> None:
        """Have these for all kiosks."""
        listed = "Packages:\n" + "".join(f"  {each}\n" for each in packages)
        configuration = RepositoryPlaces.of(self.machine).configuration
        self.told.answer(f"aptly -config={configuration} repo show", listed)

    def _bringing(self, told: Callable[..., Ran]) -> Callable[..., Ran]:
        def run(*arguments: str, user: str = "") -> Ran:
            ran = told(*arguments, user=user)
            if not ran.exit_code and "download" in arguments:
                folder = Path(arguments[1].removeprefix("--chdir="))
                (folder / f"{PACKAGE}_1_all.deb").write_text("")
            if not ran.exit_code and "--extract" in arguments:
                (Path(arguments[3]) / self.FOLDER).mkdir(parents=True)
                for name in self.FILES:
                    (Path(arguments[3]) / self.FOLDER / name).write_text(name)
            return ran

        return run

    def make(self, *arguments: str) -> Result:
        return CliRunner().invoke(command.kiosk_medium, arguments)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    return Server(tmp_path / "machine", monkeypatch)


def test_the_archive_has_what_a_pc_with_uefi_starts_from(
    server: Server, tmp_path: Path
) -> None:
    file = tmp_path / "bornes.zip"
    made = server.make(str(file))
    assert made.exit_code == 0, made.output
    with ZipFile(file) as archive:
        names = set(archive.namelist())
        assert archive.read("EFI/BOOT/BOOTX64.EFI") == b"bootnetx64.efi"
        assert "URIs: https://guichet.example.fr/depot/" in archive.read(LATE).decode()
        assert "guichet-kiosk 0.9.0" in archive.read(README).decode()
    assert names == {
        *("EFI/BOOT/BOOTX64.EFI", "EFI/BOOT/grubx64.efi", "guichet/linux"),
        *("guichet/initrd.gz", README, GRUB_SETTINGS, PRESEED, DISK, LATE),
    }
    assert list(server.machine.path("/var/tmp").iterdir()) == []
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == [file.name]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--time-zone", "Mars/Olympus"), "Mars/Olympus"),
        (("--time-server", "ntp example"), "neither a name"),
        (("--ssh-from", "10.0.0.0/99"), "no network"),
        (("--ssh-from", "10.0.0.0/8"), "go together"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_written(
    server: Server, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    file = tmp_path / "bornes.zip"
    refused = server.make(str(file), *arguments)
    told = refused.output + str(refused.exception)
    assert refused.exit_code != 0
    assert said in told
    assert not file.exists()


@pytest.mark.parametrize(
    "packages", [(), ("guichet-kiosk_0.9.0_arm64",), ("guichet-server_0.9.0_amd64",)]
)
def test_where_no_version_is_for_all_kiosks_it_says_what_to_publish(
    server: Server, tmp_path: Path, packages: tuple[str, ...]
) -> None:
    server.publish(*packages)
    refused = server.make(str(tmp_path / "bornes.zip"))
    assert "guichet-server publish" in str(refused.exception)
    assert not any("download" in asked for asked in server.told.asked)


def test_an_installer_that_cannot_be_fetched_leaves_nothing_behind(
    server: Server, tmp_path: Path
) -> None:
    server.told.answer("env --chdir", exit_code=100)
    refused = server.make(str(tmp_path / "bornes.zip"))
    assert "cannot be had" in str(refused.exception)
    assert list(server.machine.path("/var/tmp").iterdir()) == []
    assert not (tmp_path / "bornes.zip").exists()


def test_a_folder_that_is_not_there_is_named_before_anything_is_fetched(
    server: Server, tmp_path: Path
) -> None:
    refused = server.make(str(tmp_path / "away" / "bornes.zip"))
    assert "away is no folder" in str(refused.exception)
    assert not any("download" in asked for asked in server.told.asked)


def test_a_full_disk_keeps_the_archive_of_before(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    file = tmp_path / "bornes.zip"
    file.write_text("before")
    monkeypatch.setattr(command.ZipFile, "write", full)
    refused = server.make(str(file))
    assert "bornes.zip cannot be written: No space left" in str(refused.exception)
    assert file.read_text() == "before"
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == [file.name]
