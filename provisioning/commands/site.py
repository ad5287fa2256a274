# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-provision site`: writes the files of one running system."""

import json
from contextlib import ExitStack
from pathlib import Path

import click
from sqlalchemy import func, make_url, select
from sqlalchemy.exc import SQLAlchemyError

from provisioning.asterisk.capacity import FIRST_PORT, Capacity
from provisioning.asterisk.layout import SiteLayout
from provisioning.asterisk.site import (
    CONFIGURATION,
    AsteriskProgram,
    SiteError,
    SiteOptions,
    write_site,
)
from provisioning.database.engine import Database
from provisioning.database.models import Kiosk

PORT = click.IntRange(0, 65535)


@click.command("site")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--bind", default="127.0.0.1", show_default=True, help="Address of SIP.")
@click.option(
    "--name",
    "names",
    multiple=True,
    help="Host name or address by which endpoints reach the server (certificate).",
)
@click.option(
    "--sip-tls-port", type=PORT, default=5061, show_default=True, help="SIP over TLS."
)
@click.option(
    "--sip-port", type=PORT, default=0, help="UDP and TCP for softphones; 0: off."
)
@click.option(
    "--ws-port", type=PORT, default=0, help="SIP in WebSockets, on the loopback."
)
@click.option(
    "--ami-port",
    type=PORT,
    default=5038,
    show_default=True,
    help="The manager interface, on the loopback.",
)
@click.option(
    "--kiosks",
    type=click.IntRange(0),
    help="How many kiosks to be ready for; else the directory's, 100 at least.",
)
@click.option(
    "--rtp-first",
    type=PORT,
    default=FIRST_PORT,
    show_default=True,
    help="First UDP port of sound and picture.",
)
@click.option(
    "--rtp-last",
    type=PORT,
    help="The last one, 8 ports a call; else what the kiosks take.",
)
@click.option(
    "--database-url",
    envvar="GUICHET_DATABASE_URL",
    required=True,
    help="SQLAlchemy address of the database.",
)
@click.option(
    "--asterisk",
    "asterisk_file",
    type=click.Path(path_type=Path),
    default=Path(".setup/asterisk.json"),
    show_default=True,
    help="What script/setup found out about Asterisk.",
)
@click.option(
    "--configuration",
    type=click.Path(file_okay=False, path_type=Path),
    default=CONFIGURATION,
    help="Another folder of templates than our asterisk-config.",
)
@click.option("--insecure-cookies", is_flag=True, help="For plain http on loopback.")
@click.option(
    "--site-url",
    default="",
    help="How browsers name the web application, such as https://guichet.example.",
)
@click.option("--renew-certificate", is_flag=True, help="Sign the server anew.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print the changed files as JSON."
)
def site(
    directory: Path,
    asterisk_file: Path,
    configuration: Path,
    names: tuple[str, ...],
    insecure_cookies: bool,
    renew_certificate: bool,
    as_json: bool,
    bind: str,
    sip_tls_port: int,
    sip_port: int,
    ws_port: int,
    ami_port: int,
    kiosks: int | None,
    rtp_first: int,
    rtp_last: int | None,
    database_url: str,
    site_url: str,
) -> None:
    """Write Asterisk's configuration, certificates and settings into DIRECTORY.

    Secrets are made once and kept; running it again changes only what the options change.
    """
    if kiosks is None:
        kiosks = count_kiosks(database_url)
    if rtp_last is None:
        rtp_last = Capacity.for_kiosks(kiosks, rtp_first).rtp_last
    options = SiteOptions(
        bind=bind,
        names=names,
        sip_tls_port=sip_tls_port,
        sip_port=sip_port,
        ws_port=ws_port,
        ami_port=ami_port,
        rtp_first=rtp_first,
        rtp_last=rtp_last,
        database_url=database_url,
        kiosks=kiosks,
        secure_cookies=not insecure_cookies,
        site_url=site_url,
    )
    try:
        changed = write_site(
            SiteLayout.single(directory),
            options,
            AsteriskProgram.read(asterisk_file),
            configuration=configuration,
            renew_certificate=renew_certificate,
        )
    except SiteError as error:
        raise click.ClickException(str(error)) from error
    capacity = options.capacity
    if as_json:
        told = {
            "changed": [str(path) for path in changed],
            "calls_at_once": capacity.calls_at_once,
        }
        click.echo(json.dumps(told))
    else:
        for path in changed:
            click.echo(path)
    click.echo(f"this server {capacity}", err=True)
    if kiosks > capacity.calls_at_once:
        click.echo(
            f"there are {kiosks} kiosks: with --rtp-last left out, each could be in a"
            " call at once",
            err=True,
        )


def count_kiosks(database_url: str) -> int:
    """Count the directory's kiosks; 0 where there is no directory yet."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return 0
    try:
        with ExitStack() as stack:
            database = Database(database_url)
            stack.callback(database.dispose)
            session = stack.enter_context(database.read())
            return session.scalar(select(func.count()).select_from(Kiosk)) or 0
    except SQLAlchemyError:
        return 0
