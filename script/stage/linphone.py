# SPDX-License-Identifier: AGPL-3.0-or-later
"""linphonec as the softphone of a counsellor: set up by the link that the product hands out.

It has no camera, no sound card and no screen here; it sends its own still picture and
answers by itself.
"""

import shutil
import subprocess
from pathlib import Path

from stage.processes import Program
from stage.waiting import wait_for

# Debian's Linphone looks for public authorities here.
PUBLIC_AUTHORITIES = Path("/usr/share/linphone/rootca.pem")
SYSTEM_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")


class LinphoneMissing(Exception):
    """This machine has no linphonec; the text says what to install."""


class LinphonePhone:
    """One linphonec with a folder of its own, whose settings come from `settings_url`."""

    def __init__(
        self, directory: Path, settings_url: str, name: str = "linphone"
    ) -> None:
        if shutil.which("linphonec") is None:
            raise LinphoneMissing("apt-get install linphone-cli")
        folder = directory / name
        # linphonec starts without making it.
        (folder / ".local/share/linphone").mkdir(parents=True)
        self.settings = folder / "linphonerc"
        self.settings.write_text(f"[misc]\nconfig-uri={settings_url}\n")
        self.trace = folder / "trace.log"
        self.program = Program(
            "linphonec",
            # It ends where its standard input does.
            [
                *("sh", "-c", 'sleep infinity | exec "$@"', "sh"),
                *("linphonec", "-a", "-V", "-d", "5"),
                *("-l", str(self.trace), "-c", str(self.settings)),
            ],
            directory=directory,
            log=directory / "log" / f"{name}.log",
            environment={"HOME": str(folder)},
        )

    def start(self) -> None:
        """Start it; its trace begins anew."""
        self.trace.unlink(missing_ok=True)
        self.program.start()

    def wait_traced(self, text: str) -> None:
        """Return once its trace holds this text."""
        wait_for(lambda: text in self.trace_text(), f"Linphone traces {text!r}", 30)

    def stop(self) -> None:
        """End it with all it started."""
        self.program.kill()

    def trace_text(self) -> str:
        """Give its own trace of what it did."""
        return self.trace.read_text(errors="replace") if self.trace.exists() else ""


def trust(authority: Path, folder: Path, *files: Path) -> None:
    """Have these lists hold the authority too, in this mount namespace alone."""
    for file in files:
        merged = folder / f"merged-{file.name}"
        merged.write_text(file.read_text() + authority.read_text())
        subprocess.run(["mount", "--bind", merged, file], check=True)
