# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-provision site`: writes the files of one running system."""

import json
from pathlib import Path

import click

from provisioning.asterisk_site import (
    CONFIGURATION,
    AsteriskProgram,
    SiteError,
    SiteOptions,
    write_site,
)

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
@click.option("--sip-tls-port", type=PORT, default=5061, show_default=True)
@click.option(
    "--sip-port", type=PORT, default=0, help="UDP and TCP for softphones; 0: off."
)
@click.option("--ws-port", type=PORT, default=0, help="SIP in WebSockets; 0: off.")
@click.option("--ami-port", type=PORT, default=5038, show_default=True)
@click.option("--rtp-first", type=PORT, default=10000, show_default=True)
@click.option("--rtp-last", type=PORT, default=10999, show_default=True)
@click.option("--database-url", envvar="GUICHET_DATABASE_URL", required=True)
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
    help="The asterisk-config folder, where it is not beside this program.",
)
@click.option("--insecure-cookies", is_flag=True, help="For plain http on loopback.")
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
    rtp_first: int,
    rtp_last: int,
    database_url: str,
) -> None:
    """Write Asterisk's configuration, certificates and settings into DIRECTORY.

    Secrets are made once and kept; running it again changes only what the options change.
    """
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
        secure_cookies=not insecure_cookies,
    )
    try:
        changed = write_site(
            directory,
            options,
            AsteriskProgram.read(asterisk_file),
            configuration=configuration,
            renew_certificate=renew_certificate,
        )
    except SiteError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps({"changed": [str(path) for path in changed]}))
    else:
        for path in changed:
            click.echo(path)
