# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the front is told of the settings, which hold secrets that it must not read.

Written as an environment file (systemd.exec(5)) each time the front is started.
"""

import tomllib
from pathlib import Path

import click

from provisioning.asterisk.certificates import write_private
from provisioning.server.archive import ADDRESS, is_given_out
from provisioning.server.errors import ServerError
from provisioning.server.machine import Machine

FILE = Path("/run/guichet-front.env")
FOR_THE_FRONT = (
    "site_url",
    "trusted_proxies",
    "documents_max_megabytes",
    "secure_cookies",
    "ws_port",
)
INTERNET_6 = Path("/proc/net/if_inet6")


@click.command("front-settings", hidden=True)
def front_settings() -> None:
    """Write /run/guichet-front.env; the unit of the front runs this."""
    machine = Machine()
    text = front_environment(
        machine.layout.settings,
        has_ipv6=INTERNET_6.exists(),
        archive=ADDRESS if is_given_out(machine) else "",
    )
    write_private(FILE, text.encode())


def front_environment(settings_file: Path, *, has_ipv6: bool, archive: str = "") -> str:
    """Give the lines of the environment file. Raises ServerError.

    `archive` is where that answers which keeps Debian's packages, where they are given out.
    """
    try:
        settings = tomllib.loads(settings_file.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ServerError(
            f"{settings_file} cannot be read ({error}): run guichet-server install"
        ) from error
    hosts = ["0.0.0.0", "[::]"] if has_ipv6 else ["0.0.0.0"]
    listen = [f"--listen {host}:443 --redirect-from {host}:80" for host in hosts]
    if archive:
        listen.append(f"--archive {archive}")
    lines = [f'GUICHET_FRONT_LISTEN="{" ".join(listen)}"']
    for key in FOR_THE_FRONT:
        if key in settings:
            lines.append(f'GUICHET_{key.upper()}="{_plain(settings[key])}"')
    return "\n".join(lines) + "\n"


def _plain(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
