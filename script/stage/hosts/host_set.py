# SPDX-License-Identifier: AGPL-3.0-or-later
"""A set of hosts on a network of their own; several sets stand side by side.

A set goes with its process, or is kept until somebody takes it down. What a process that was
killed has left is taken back by whoever makes the next set.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from stage.hosts.control_group import ControlGroup
from stage.hosts.host import Host
from stage.hosts.network import Network, check_tools, namespaces
from stage.hosts.root import base_root, forget_bases, one_at_a_time
from stage.hosts.router import LedIn, put_behind_router, take_from_behind_routers

# On a disk: a file system in memory would hold what each host installs.
SETS = Path("/var/tmp/guichet-hosts")
HOSTS = ("server", "kiosk", "counsellor")
SITE = "guichet.example.fr"
_FIRST_NUMBER, _NUMBERS_APART = 10, 10
NAME_LENGTH = 10
NUMBER_DIGITS = 5
_NAME = re.compile(rf"[a-z][a-z0-9-]{{0,{NAME_LENGTH - 1}}}")
_KEPT, _OWNER, _BASE, _NUMBER = "kept", "owner", "base", "number"


class NoSet(Exception):
    """The set cannot be made, or is not there; the text says why."""


class HostSet:
    """A set by its name; its hosts are those that were added."""

    def __init__(self, name: str, *, is_kept: bool) -> None:
        self.name = name
        self.folder = SETS / name
        self._is_kept = is_kept
        self._group = _groups().below(name)
        self.network = Network(name, self.folder, self._group.below("bridge"))
        self._lock: int | None = None
        self._hosts: dict[str, Host] = {}

    @classmethod
    def make(cls, name: str, *, is_kept: bool = False) -> "HostSet":
        """Make an empty set; take back what killed processes left of theirs."""
        check_name(name)
        check_tools()
        base = base_root()
        made = cls(name, is_kept=is_kept)
        SETS.mkdir(mode=0o755, exist_ok=True)
        with one_at_a_time(SETS / "lock"):
            remove_left_sets()
            if made.folder.exists():
                raise NoSet(
                    f"a set {name} is there: script/hosts down --set {name},"
                    " or choose another name"
                )
            made.folder.mkdir()
            (made.folder / (_KEPT if is_kept else _OWNER)).touch()
            if not is_kept:
                made._lock = _hold(made.folder / _OWNER)
            (made.folder / _BASE).write_text(str(base), encoding="utf-8")
            forget_bases([_base_of(each) for each in _folders()])
        made.network.start()
        return made

    @classmethod
    def find(cls, name: str) -> "HostSet":
        """Give the set of that name; raise NoSet."""
        found = cls(name, is_kept=(SETS / name / _KEPT).exists())
        if not (found.folder / _BASE).exists():
            raise NoSet(f"no set {name} is up: script/hosts up --set {name}")
        return found

    @property
    def hosts(self) -> list[str]:
        """Give the names of its hosts."""
        return sorted(file.parent.name for file in self.folder.glob(f"*/{_NUMBER}"))

    def add(self, name: str, *, above: str = "") -> Host:
        """Make a host of that name, connected and not yet booted: bare, or a copy.

        A copy begins with all that the host `above` which it stands wrote; that one is off,
        and stays so as long as its copies are there.
        """
        check_name(name)
        if name in self.hosts:
            raise NoSet(f"a host {name} is there already")
        taken = [self.number(each) for each in self.hosts]
        number = max(taken, default=_FIRST_NUMBER - _NUMBERS_APART) + _NUMBERS_APART
        folder = self.folder / name
        folder.mkdir()
        if above:
            layers = f"{self.folder / above / 'upper'}:{self.layers(above)}"
            (folder / _BASE).write_text(layers, encoding="utf-8")
        self.host(name).prepare()
        self.network.connect(name, number)
        self._remember(name, number)
        return self.host(name)

    def host(self, name: str) -> Host:
        """Give the host of that name."""
        if name not in self._hosts:
            folder = self.folder / name
            self._hosts[name] = Host(
                name,
                base=self.layers(name),
                folder=folder,
                group=self._group.below(name),
                network=self.network,
                is_kept=self._is_kept,
                is_copy=(folder / _BASE).exists(),
            )
        return self._hosts[name]

    def layers(self, name: str) -> str:
        """Give what a host stands on, uppermost first, as overlayfs takes it."""
        folder = self.folder / name
        own = folder if (folder / _BASE).exists() else self.folder
        return (own / _BASE).read_text(encoding="utf-8")

    def stand_on(self, name: str, layers: str = "") -> Host:
        """Pull a host's plug and have it begin anew above these layers; none: a bare machine."""
        self.host(name).pull_plug()
        del self._hosts[name]
        file = self.folder / name / _BASE
        if layers:
            file.write_text(layers, encoding="utf-8")
        else:
            file.unlink(missing_ok=True)
        self.host(name).forget()
        return self.host(name)

    def number(self, name: str) -> int:
        """Give the number of a host's address."""
        text = (self.folder / name / _NUMBER).read_text(encoding="ascii")
        return int(text)

    def move(self, name: str, number: int) -> None:
        """Give a host another address; names that lead to it follow."""
        self.network.give_address(name, number)
        self._remember(name, number)

    def put_behind_router(
        self, *names: str, lan: str, led_in: Sequence[LedIn] = ()
    ) -> None:
        """Put hosts behind one router, into the private network `lan`, as 192.168.77.

        The router has the first one's address, so that names lead to it, and what comes to
        these ports goes to the first one.
        """
        numbers = {name: self.number(name) for name in names}
        put_behind_router(self.network, numbers, lan, led_in)

    def take_from_behind_routers(self) -> None:
        """Have each host be on the network itself again, at its own address."""
        numbers = {name: self.number(name) for name in self.hosts}
        take_from_behind_routers(self.network, numbers)

    def pids(self) -> list[int]:
        """Give all processes of the set."""
        return self._group.pids()

    def remove(self) -> None:
        """End all hosts at once and give everything back."""
        self._group.kill()
        for host in self._hosts.values():
            host.pull_plug()
        self.network.remove()
        self._group.remove()
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _remember(self, name: str, number: int) -> None:
        (self.folder / name / _NUMBER).write_text(f"{number}\n", encoding="ascii")
        names = {each: self.number(each) for each in self.hosts}
        if HOSTS[0] in names:
            names[SITE] = names[HOSTS[0]]
        self.network.tell_names(names)


def passing_name(what: str) -> str:
    """Give a name for a set that ends with this process, of letters that tell what it is for."""
    number = str(os.getpid())[-NUMBER_DIGITS:]
    return what[: NAME_LENGTH - NUMBER_DIGITS] + number


def check_name(name: str) -> None:
    """Raise NoSet unless it can be part of a network's line's name."""
    if not _NAME.fullmatch(name):
        raise NoSet(f"{name}: ten small letters, digits or hyphens at most")


def names_of_sets() -> list[str]:
    """Give the sets that are there."""
    return [folder.name for folder in _folders()]


def remove_left_sets() -> list[str]:
    """Give back what sets without a process hold; name them."""
    left = {folder.name for folder in _folders() if _is_left(folder)}
    # What a removal that was itself killed has left: no folder, but what it stood for.
    known = {folder.name for folder in _folders()}
    left |= {each.split(".")[1] for each in namespaces() if _is_ours(each)} - known
    left |= {group.name for group in _groups().path.glob("*/")} - known
    for name in sorted(left):
        HostSet(name, is_kept=False).remove()
    return sorted(left)


def _is_ours(namespace: str) -> bool:
    return namespace.startswith(f"{SETS.name}.")


def _is_left(folder: Path) -> bool:
    if (folder / _KEPT).exists():
        return False
    try:
        os.close(_hold(folder / _OWNER))
    except BlockingIOError:
        return False
    return True


def _hold(file: Path) -> int:
    lock = os.open(file, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise
    return lock


def _folders() -> list[Path]:
    return sorted(each for each in SETS.glob("*/") if each.is_dir())


def _base_of(folder: Path) -> Path:
    return Path((folder / _BASE).read_text(encoding="utf-8"))


def _groups() -> ControlGroup:
    return ControlGroup.of_machine().below(SETS.name)
