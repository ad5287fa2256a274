# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a site decided about its backups: where they go and how long they are kept.

Read from `backup.toml`, made with its defaults where it is missing. The passphrase has a file
of its own.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from provisioning.asterisk.certificates import write_private
from provisioning.directory.credentials import new_code
from provisioning.server.backup.errors import BackupError
from provisioning.server.backup.places import Places

# restic's kinds of repositories that are no folder of this machine.
_REMOTE = re.compile(r"(sftp|rest|s3|b2|azure|gs|swift|rclone):")
_TEXT = """\
# SPDX-License-Identifier: AGPL-3.0-or-later
# Where backups go: a folder, best of another machine's disk, or what restic calls a
# repository, such as sftp:guichet@nas.example:/backups or s3:https://s3.example/guichet.
repository = "{repository}"

# How many are kept. What is older than longest_days goes in any case, so that a resident who
# was forgotten is forgotten here too by then.
keep_daily = 7
keep_weekly = 5
keep_monthly = 12
longest_days = 366

# What the repository's kind asks for, such as AWS_ACCESS_KEY_ID.
[environment]
"""


@dataclass(frozen=True)
class Choices:
    """A site's decisions about its backups."""

    repository: str
    keep_daily: int = 7
    keep_weekly: int = 5
    keep_monthly: int = 12
    # No backup stays longer: residents must not be kept for ever.
    longest_days: int = 366
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Refuse what would keep nothing."""
        numbers = [getattr(self, name) for name in _NUMBERS]
        if any(type(each) is not int or each < 0 for each in numbers):
            raise BackupError("backup.toml: how many are kept is a whole number")
        if self.keep_daily + self.keep_weekly + self.keep_monthly == 0:
            raise BackupError("backup.toml: keep at least one daily backup")
        if self.longest_days < 1:
            raise BackupError("backup.toml: longest_days is a day at least")


_NUMBERS = ("keep_daily", "keep_weekly", "keep_monthly", "longest_days")


def read_choices(places: Places) -> Choices:
    """Give the site's decisions, or the usual ones; raises BackupError naming the key."""
    file = places.choices_file
    if not file.exists():
        return Choices(str(places.repository))
    try:
        values = tomllib.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise BackupError(f"{file}: {error}") from error
    known = {each.name for each in fields(Choices)}
    if unknown := sorted(values.keys() - known):
        raise BackupError(f"{file}: unknown key {unknown[0]!r}")
    environment = values.pop("environment", {})
    return Choices(
        repository=str(values.pop("repository", places.repository)),
        environment={key: str(value) for key, value in environment.items()},
        **values,
    )


def prepare_backups(places: Places) -> str | None:
    """Make what is missing of choices and passphrase; give the passphrase if it is new.

    A new one is to be shown at once and kept on paper: without it no backup can be opened.
    Until somebody says that it is, `guichet-server check` asks for it.
    """
    if not places.choices_file.exists():
        text = _TEXT.format(repository=places.repository)
        write_private(places.choices_file, text.encode())
    if places.passphrase_file.exists():
        return None
    passphrase = new_code()
    places.work.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(places.unwritten_file, b"")
    write_private(places.passphrase_file, f"{passphrase}\n".encode())
    return passphrase


def is_remote(repository: str) -> bool:
    """Tell whether the repository lies elsewhere than in a folder of this machine."""
    return _REMOTE.match(repository) is not None


def without_secrets(repository: str) -> str:
    """Give a repository's name as it may be shown: without a password in its address."""
    return re.sub(r"(//[^/:@]*):[^/@]*@", r"\1@", repository)
