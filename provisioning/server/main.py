# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-server`: the command line of the server's machine. Wiring only."""

from typing import Any

import click

from provisioning.log import configure_log
from provisioning.server.backup.commands import backup, backups
from provisioning.server.backup.first_passphrase import show_passphrase
from provisioning.server.backup.move_command import move_database
from provisioning.server.backup.restore_command import restore
from provisioning.server.errors import ServerError
from provisioning.server.front_settings import front_settings
from provisioning.server.install import install
from provisioning.server.looking import check, logs, status
from provisioning.server.machine import Machine
from provisioning.server.medium.command import kiosk_medium
from provisioning.server.proxy import use_proxy
from provisioning.server.repository.commands import (
    list_packages,
    promote,
    publish,
    withdraw,
)
from provisioning.server.upgrade import renew_certificate, upgrade
from provisioning.server.watch import watch


class _Group(click.Group):
    """Turns this package's errors into sentences on stderr and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ServerError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--verbose", is_flag=True, help="Log what is done, on stderr.")
def main(verbose: bool) -> None:
    """Make this machine a server of virtual counters, and look after it.

    Exit codes: 0 done, 1 refused or failed, 2 wrong usage.
    """
    configure_log(verbose=verbose)
    use_proxy(Machine())


for _command in (
    install,
    status,
    check,
    watch,
    logs,
    upgrade,
    renew_certificate,
    front_settings,
    backup,
    backups,
    show_passphrase,
    restore,
    move_database,
    publish,
    promote,
    withdraw,
    list_packages,
    kiosk_medium,
):
    main.add_command(_command)
