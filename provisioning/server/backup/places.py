# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where the parts of a server lie on its machine. Pure."""

from dataclasses import dataclass
from pathlib import Path

# Whose recordings lie where they lay before there was another language.
FRENCH = "fr"


@dataclass(frozen=True)
class Places:
    """The folders of a server; elsewhere than below / only where it is tried out."""

    root: Path = Path("/")

    @property
    def settings(self) -> Path:
        """The settings, secrets, the authority and the answers that the site gave."""
        return self.root / "etc/guichet"

    @property
    def settings_file(self) -> Path:
        """What the web application and the dispatcher read."""
        return self.settings / "guichet.toml"

    @property
    def version_file(self) -> Path:
        """The version that the tables and settings are of; a newer one may be unpacked."""
        return self.settings / "version"

    @property
    def choices_file(self) -> Path:
        """What the site decided about its backups."""
        return self.settings / "backup.toml"

    @property
    def passphrase_file(self) -> Path:
        """The passphrase of the repository, for root alone."""
        return self.settings / "backup.passphrase"

    @property
    def unwritten_file(self) -> Path:
        """There while nobody has said that the passphrase is on paper.

        Of this machine alone: a backup that comes back was opened with the paper.
        """
        return self.work / "passphrase-unwritten"

    @property
    def state(self) -> Path:
        """What the programs write."""
        return self.root / "var/lib/guichet"

    @property
    def work(self) -> Path:
        """Where a backup is put together, and the lock of who does so."""
        return self.root / "var/lib/guichet-backup"

    @property
    def result_file(self) -> Path:
        """What came of the last backup, for `guichet-server status` and the metrics."""
        return self.state / "backup.json"

    @property
    def prompts(self) -> Path:
        """The sentences that callers hear, ours or a person's recordings; in French."""
        return self.prompts_in(FRENCH)

    def prompts_in(self, language: str) -> Path:
        """Give where the same lie in a language."""
        sounds = self.root / "var/lib/guichet-asterisk/data/sounds"
        return sounds / language / "guichet"

    @property
    def repository(self) -> Path:
        """Where backups go while the site names no better place."""
        return self.root / "var/backups/guichet"
