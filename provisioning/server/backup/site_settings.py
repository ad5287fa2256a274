# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a backup must know of the site's settings: where its database and documents are.

The whole of them is read by `booking_web/base/settings.py`.
"""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from provisioning.server.backup.errors import BackupError


@dataclass(frozen=True)
class SiteSettings:
    """Where the site's data lies."""

    database_url: str = field(repr=False)
    documents_dir: Path | None
    documents_key_file: Path | None

    @classmethod
    def read(cls, file: Path) -> "SiteSettings":
        """Read guichet.toml; raises BackupError."""
        try:
            values = tomllib.loads(file.read_text())
            url = str(values["database_url"])
        except OSError as error:
            raise BackupError(
                f"{file}: {error.strerror}: is this server installed?"
            ) from error
        except (ValueError, KeyError) as error:
            raise BackupError(f"{file}: {error}") from error
        return cls(
            url,
            _path(values.get("documents_dir")),
            _path(values.get("documents_key_file")),
        )


def _path(value: object) -> Path | None:
    return Path(value) if isinstance(value, str) and value else None
