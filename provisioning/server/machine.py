# SPDX-License-Identifier: AGPL-3.0-or-later
"""The machine that is a server: where its files are, and what it is asked through."""

from dataclasses import dataclass, field
from pathlib import Path

from provisioning.asterisk.layout import SiteLayout
from provisioning.server.programs import Programs, SystemPrograms


@dataclass(frozen=True)
class Machine:
    """One machine; `root` is another folder than / in tests alone."""

    root: Path = Path("/")
    programs: Programs = field(default_factory=SystemPrograms)

    def path(self, absolute: str) -> Path:
        """Give where a file of the machine lies."""
        return self.root / absolute.lstrip("/")

    @property
    def layout(self) -> SiteLayout:
        """Give where the files of the site lie."""
        return SiteLayout.machine(self.root)

    @property
    def answers_file(self) -> Path:
        """Give what the administrator chose."""
        return self.path("/etc/guichet/server.toml")

    @property
    def asterisk_file(self) -> Path:
        """Give what the package of Asterisk says of it."""
        return self.path("/usr/lib/guichet-asterisk/asterisk.json")

    @property
    def sqlite_file(self) -> Path:
        """Give the database where it is a file."""
        return self.path("/var/lib/guichet/database/guichet.db")

    def is_active(self, unit: str) -> bool:
        """Tell whether a unit runs."""
        ran = self.programs.try_to_run("systemctl", "is-active", "--quiet", unit)
        return ran.exit_code == 0

    def ended_well(self, unit: str) -> bool:
        """Tell whether what a unit does ended well the last time, or was never begun."""
        ran = self.programs.try_to_run(
            "systemctl", "show", "--property=Result", "--value", unit
        )
        return ran.output.strip() in ("", "success")

    def asterisk(self, command: str) -> str:
        """Give what Asterisk's own console answers; raises ProgramFailed where it is away."""
        return self.programs.run(
            *("/usr/sbin/guichet-asterisk", "-C"),
            *(str(self.layout.asterisk / "asterisk.conf"), "-rx", command),
        )
