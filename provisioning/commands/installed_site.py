# SPDX-License-Identifier: AGPL-3.0-or-later
"""The site that the packages installed on this machine, as the commands' defaults.

Whoever administers a server types neither its database nor how it is reached.
"""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SETTINGS_FILE = Path("/etc/guichet/guichet.toml")
# Keys of the settings, and the options of commands that mean the same.
_OPTIONS = {
    "sip_server": "sip_server",
    "sip_port": "sip_port",
    "sip_ca_file": "sip_ca",
    "sip_plain_port": "sip_plain_port",
    "site_url": "web_url",
    "web_ca_file": "web_ca",
    "kiosk_language": "language",
    "repository_uri": "repository_uri",
    "repository_suite": "repository_suite",
    "repository_key_file": "repository_key",
    "repository_pilots": "repository_pilots",
}


@dataclass(frozen=True)
class InstalledSite:
    """What its settings say; nothing where there is none that we may read."""

    database_url: str | None = None
    # What new tokens of kiosks are signed with; none where we may not read it.
    signing_key: str = field(default="", repr=False)
    options: dict[str, Any] = field(default_factory=dict)


def read_installed_site(path: Path) -> InstalledSite:
    """Read the settings of a site; whoever may not read them has none here."""
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return InstalledSite()
    options = {
        option: settings[key]
        for key, option in _OPTIONS.items()
        if settings.get(key) is not None
    }
    return InstalledSite(
        settings.get("database_url"), str(settings.get("secret_key", "")), options
    )
