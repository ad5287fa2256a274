# SPDX-License-Identifier: AGPL-3.0-or-later
"""One host: a machine that is booted, used, switched off in order or by its plug."""

import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from stage.hosts.control_group import ControlGroup
from stage.hosts.network import GATEWAY, Network
from stage.processes import DIE_WITH_STAGE
from stage.waiting import PATIENCE, wait_for

BOOT_SECONDS = 60.0
SHUT_DOWN_SECONDS = 120.0
COMMAND_SECONDS = 120.0
_BOOT = Path(__file__).with_name("boot.sh")
_NAMESPACES = ("--mount", "--uts", "--ipc", "--pid", "--propagation", "private")
# What the kernel has once for all hosts and for this machine: its clock above all. Who enters
# a host from outside leaves these powers behind as well.
_POWERS = ",".join(
    f"-{power}"
    for power in (
        *("sys_time", "wake_alarm", "sys_module", "sys_rawio", "syslog"),
        *("mac_admin", "mac_override", "block_suspend", "perfmon"),
    )
)
_WITHOUT = ("setpriv", f"--bounding-set={_POWERS}", f"--inh-caps={_POWERS}")
# What somebody who signs in at the machine has.
_ENVIRONMENT = {
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "TERM": "xterm",
    "USER": "root",
}


class HostFailed(Exception):
    """A host does not boot or end, or a command on it failed; the text says how."""


class Host:
    """A host of a set. What it writes lies in its folder and outlives its plug."""

    def __init__(
        self,
        name: str,
        *,
        base: str,
        folder: Path,
        group: ControlGroup,
        network: Network,
        is_kept: bool,
        is_copy: bool = False,
    ) -> None:
        self.name = name
        self._base, self._folder = base, folder
        self._group, self._network = group, network
        self._is_kept, self._is_copy = is_kept, is_copy
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_up(self) -> bool:
        """Tell whether anything runs on it."""
        return bool(self._group.pids())

    @property
    def pid(self) -> int:
        """Give its systemd's process id on this machine; raises HostFailed."""
        found = self._first_pid()
        if found is None:
            raise HostFailed(f"{self.name} is not up")
        return found

    def prepare(self) -> None:
        """Give a new host its name and its name server, before it boots first.

        A copy has those of the host on which it stands: to its programs it is that host.
        """
        for name in ("upper/etc", "work", "root"):
            (self._folder / name).mkdir(parents=True)
        if self._is_copy:
            return
        etc = self._folder / "upper/etc"
        (etc / "hostname").write_text(f"{self.name}\n", encoding="ascii")
        (etc / "resolv.conf").write_text(f"nameserver {GATEWAY}\n", encoding="ascii")
        (etc / "hosts").write_text(
            f"127.0.0.1 localhost\n127.0.1.1 {self.name}\n::1 localhost\n",
            encoding="ascii",
        )

    def forget(self) -> None:
        """Pull its plug and forget all that it wrote: it is as on its first day."""
        self.pull_plug()
        for name in ("upper", "work"):
            shutil.rmtree(self._folder / name, ignore_errors=True)
        (self._folder / "root").rmdir()
        self.prepare()

    def boot(self) -> str:
        """Switch it on and return once it is `running` or `degraded`: give which."""
        if self.is_up:
            raise HostFailed(f"{self.name} is up already")
        self._group.remove()
        self._group.make()
        log = self._folder / "boot.log"
        # A host that is kept has no stage to die with.
        behind = () if self._is_kept else DIE_WITH_STAGE
        with log.open("wb") as written:
            started = self._process = subprocess.Popen(
                [
                    *(*behind, *self._network.enter(self.name)),
                    *("unshare", *_NAMESPACES, *_since_now()),
                    *("--fork", "--kill-child"),
                    *("sh", _BOOT, self._group.path, self._base, self._folder),
                    _POWERS,
                ],
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

        def is_running() -> int | None:
            if started.poll() is not None:
                raise HostFailed(f"{self.name} does not boot:\n{log.read_text()}")
            return self._first_pid()

        wait_for(is_running, f"{self.name} has a systemd", BOOT_SECONDS)
        return wait_for(self._state, f"{self.name} is running", BOOT_SECONDS, 0.1)

    def enter(self, *, directory: str = "/root") -> list[str]:
        """Give the command behind which a program runs on the host, as its root."""
        settings = [f"{name}={value}" for name, value in _ENVIRONMENT.items()]
        return [
            *("nsenter", f"--target={self.pid}", "--all", f"--wdns={directory}", "--"),
            *_WITHOUT,
            *("env", "-i", *settings),
        ]

    def ask(
        self,
        *command: str,
        directory: str = "/root",
        content: bytes = b"",
        timeout_seconds: float = COMMAND_SECONDS,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a command on the host to its end, whatever that is; raises HostFailed if late."""
        deadline = timeout_seconds * PATIENCE
        try:
            return subprocess.run(
                [*self.enter(directory=directory), *command],
                input=content,
                capture_output=True,
                timeout=deadline,
            )
        except subprocess.TimeoutExpired as error:
            raise HostFailed(
                f"{self.name}: {' '.join(command)}: not within {deadline:g} s"
            ) from error

    def run(
        self,
        *command: str,
        directory: str = "/root",
        timeout_seconds: float = COMMAND_SECONDS,
    ) -> str:
        """Run a command on the host and give what it said; raises HostFailed."""
        done = self.ask(*command, directory=directory, timeout_seconds=timeout_seconds)
        if done.returncode != 0:
            said = (done.stdout + done.stderr).decode(errors="replace")
            raise HostFailed(
                f"{self.name}: {' '.join(command)} ended with {done.returncode}:\n"
                + "\n".join(said.splitlines()[-40:])
            )
        return done.stdout.decode(errors="replace")

    def write(self, path: str, content: bytes, mode: str = "644") -> None:
        """Put a file on the host; its folder is made."""
        command = ("install", "-D", f"--mode={mode}", "/dev/stdin", path)
        self._expect(self.ask(*command, content=content), path)

    def read(self, path: str) -> bytes:
        """Give a file of the host."""
        done = self.ask("cat", "--", path)
        self._expect(done, path)
        return done.stdout

    def seen(self, path: str) -> Path:
        """Give where this machine sees a path of the running host: to read, or to connect to.

        Where a link on the way leads is this machine's affair: name the place itself.
        """
        return Path(f"/proc/{self.pid}/root") / path.lstrip("/")

    def put(self, files: Sequence[Path], directory: str) -> None:
        """Copy files of this machine into a folder of the host."""
        for file in files:
            self.write(f"{directory}/{file.name}", file.read_bytes())

    def pull_plug(self) -> None:
        """End it as a power cut does: nothing is told, nothing is written any more."""
        self._group.kill()
        self._see_end()

    def shut_down(self) -> None:
        """Switch it off in order; raises HostFailed when it does not end."""
        self.ask("systemctl", "poweroff")
        wait_for(lambda: not self.is_up, f"{self.name} is off", SHUT_DOWN_SECONDS, 0.1)
        self._see_end()

    def failed_units(self) -> list[str]:
        """Give the units that failed."""
        listed = self.run("systemctl", "--failed", "--plain", "--no-legend")
        return [line.split()[0] for line in listed.splitlines() if line.strip()]

    def _see_end(self) -> None:
        if self._process is not None:
            self._process.wait(SHUT_DOWN_SECONDS)
            self._process = None

    def _expect(self, done: subprocess.CompletedProcess[bytes], path: str) -> None:
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip()
            raise HostFailed(f"{self.name}: {path}: {said}")

    def _first_pid(self) -> int | None:
        # systemd moves itself there as soon as it is one. Who has just been begun by it is
        # there for a moment too, under any number.
        scope = self._group.below("init.scope")
        return next(filter(_is_first, scope.pids()), None)

    def _state(self) -> str | None:
        said = self.ask("systemctl", "is-system-running", "--wait").stdout.decode()
        state = said.strip()
        return state if state in ("running", "degraded") else None


def _is_first(pid: int) -> bool:
    """Tell whether it is the first process of its own namespace (NSpid of proc(5))."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        # It has ended since it was listed.
        return False
    numbers = re.search(r"(?m)^NSpid:(.*)$", status)
    return numbers is not None and numbers[1].split()[-1] == "1"


def _since_now() -> list[str]:
    # What counts since the boot (time_namespaces(7)) begins anew with each of the host's.
    passed = int(time.clock_gettime(time.CLOCK_BOOTTIME))
    return ["--time", f"--boottime=-{passed}"]
