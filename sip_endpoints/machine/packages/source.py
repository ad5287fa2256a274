# SPDX-License-Identifier: AGPL-3.0-or-later
"""What apt and its timers read of the server's repository and of the nightly window."""

from sip_endpoints.machine.packages.repository import Repository, kept_repository
from sip_endpoints.machine.system.choices import Choices
from sip_endpoints.machine.system.kept_files import (
    empty_folder,
    remove_file,
    write_file,
)
from sip_endpoints.machine.system.places import Places
from sip_endpoints.machine.system.window import read_window

_SOURCE = """# Written by guichet-kiosk, as the server says: where, and which ring is this kiosk's.
Types: deb
URIs: {uri}
Suites: {suite}
Components: main
Signed-By: {key}
Check-Date: yes
Check-Valid-Until: yes
Valid-Until-Max: {seconds}
"""
# The server signs its lists anew each evening. Older ones are those of before, which somebody
# holds still so that what mends a hole is never seen.
_LISTS_LAST_SECONDS = 7 * 24 * 3600
# Debian's own updates are made by Debian's own tool, in the same window.
_SETTINGS = """// Written by guichet-kiosk.
APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
"""


def write_source(places: Places) -> bool:
    """Have apt read the repository that the server named last; say whether there is one."""
    repository = kept_repository(places)
    settings = _SETTINGS
    if repository is None:
        remove_file(places.apt_source)
        remove_file(places.repository_key)
    else:
        # A Web proxy that Debian's packages come by is not asked for the server's own.
        settings += f'Acquire::https::Proxy::{repository.host} "DIRECT";\n'
        if places.web_authority.exists():
            settings += (
                f'Acquire::https::{repository.host}::CaInfo "{places.web_authority}";\n'
            )
        # apt reads it as a user of its own.
        write_file(places.repository_key, repository.key)
        write_file(places.apt_source, source_text(repository, places))
    write_file(places.apt_settings, settings)
    return repository is not None


def source_text(repository: Repository, places: Places) -> str:
    """Give apt's source (sources.list(5), deb822)."""
    return _SOURCE.format(
        uri=repository.uri,
        suite=repository.suite,
        key=places.repository_key,
        seconds=_LISTS_LAST_SECONDS,
    )


def write_timers(choices: Choices, places: Places) -> None:
    """Put both updates into the window, ours first, spread over the site's kiosks."""
    window = read_window(choices.updates.window)
    for number, file in enumerate(places.update_timers.values()):
        write_file(file, window.timer_text(is_second_half=number > 0))


def remove_source(places: Places) -> None:
    """Take all of it away, with what updates have left."""
    files = (places.apt_source, places.apt_settings, places.repository)
    for file in (
        *files,
        places.repository_key,
        places.trusted_key,
        *places.update_timers.values(),
    ):
        remove_file(file)
    for file in places.update_timers.values():
        if file.parent.is_dir() and not any(file.parent.iterdir()):
            file.parent.rmdir()
    empty_folder(places.updates)
