# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-provision softphone`: sets up a counsellor's softphone, in one of three ways."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy.orm import Session

from provisioning.bundles.baresip import baresip_files, mode_of
from provisioning.bundles.softphone import (
    SoftphoneServer,
    SoftphoneSettings,
    link_address,
    own_authority,
    settings_as_lines,
)
from provisioning.bundles.staged_files import staged_files
from provisioning.commands.context import (
    CommandContext,
    dry_run_option,
    json_option,
    print_json,
)
from provisioning.commands.delivery import FILE
from provisioning.commands.options import web_url_option
from provisioning.database.models import SipTransport, SoftphoneKind
from provisioning.directory.entries import nothing
from provisioning.directory.errors import DirectoryError, UnknownEntry
from provisioning.directory.service import Directory, Outcome
from provisioning.directory.softphone_links import (
    LINK_LASTS,
    make_link,
    require_softphone,
)
from provisioning.inventory.plan import Kind

Command = TypeVar("Command", bound=Callable[..., Any])
PORT = click.IntRange(1, 65535)
SHEET = "sheet"

_SERVER_OPTIONS = (
    click.option(
        "--sip-server",
        envvar="GUICHET_SIP_SERVER",
        help="Asterisk's host, as counsellors reach it.",
    ),
    click.option(
        "--sip-port",
        envvar="GUICHET_SIP_PORT",
        type=PORT,
        default=5061,
        show_default=True,
        help="Its TLS port.",
    ),
    click.option(
        "--sip-plain-port",
        envvar="GUICHET_SIP_PLAIN_PORT",
        type=click.IntRange(0, 65535),
        default=0,
        help="Its UDP and TCP port, where the site opens one.",
    ),
    click.option(
        "--sip-ca",
        envvar="GUICHET_SIP_CA_FILE",
        type=FILE,
        help="The authority of its certificate, where not everybody knows it.",
    ),
    web_url_option,
    click.option(
        "--transport",
        type=click.Choice([str(each) for each in SipTransport]),
        default=str(SipTransport.TLS),
        show_default=True,
        help="How the softphone comes; all but tls are in clear (see --in-clear).",
    ),
)


@dataclass(frozen=True)
class Wish:
    """What is asked for, of whom, and how the softphone reaches Asterisk."""

    slug: str
    transport: SipTransport
    server: SoftphoneServer | None
    web_url: str | None

    def required_server(self) -> SoftphoneServer:
        """Give the server, or end with a usage error."""
        if self.server is None:
            raise click.UsageError(
                "a softphone needs Asterisk's host: give --sip-server or set"
                " GUICHET_SIP_SERVER"
            )
        return self.server

    def settings_of(self, outcome: Outcome) -> SoftphoneSettings:
        """Give what the softphone is told with the new secret of the outcome."""
        [secret] = outcome.sip_secrets
        fields = outcome.directory[Kind.COUNSELLOR][self.slug]
        return SoftphoneSettings(
            self.slug,
            str(fields["name"]),
            self.required_server(),
            self.transport,
            bool(fields["in_clear"]),
            secret=secret.secret,
        )


def server_options(command: Command) -> Command:
    """Add the options that say how softphones reach Asterisk and the pages."""
    for option in reversed(_SERVER_OPTIONS):
        command = option(command)
    return command


@click.command("softphone")
@click.argument("counsellor")
@click.option("--linphone", is_flag=True, help="Make a link for Linphone (default).")
@click.option(
    "--baresip",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write baresip's folder here, readable by you alone.",
)
@click.option(
    "--sheet", is_flag=True, help="Print the settings, for any other softphone."
)
@server_options
@dry_run_option
@json_option
@click.pass_obj
def softphone(
    context: CommandContext,
    /,
    counsellor: str,
    linphone: bool,
    baresip: Path | None,
    sheet: bool,
    dry_run: bool,
    as_json: bool,
    **access: Any,
) -> None:
    """Set up the softphone of the counsellor COUNSELLOR, whose old secret ends with it.

    A link for Linphone changes nothing until it is opened, once, within seven days;
    --baresip and --sheet replace the secret at once.
    """
    if sum((linphone, baresip is not None, sheet)) > 1:
        raise click.UsageError("give one of --linphone, --baresip DIR and --sheet")
    wish = _wish(counsellor, **access)
    if dry_run:
        _print_dry_run(context, wish, as_json)
    elif baresip is not None:
        _write_folder(context, wish, baresip, as_json)
    elif sheet:
        _print_sheet(context, wish, as_json)
    else:
        _print_link(context, wish, as_json)


def _wish(
    slug: str,
    *,
    sip_server: str | None,
    sip_port: int,
    sip_plain_port: int,
    sip_ca: Path | None,
    web_url: str | None,
    transport: str,
) -> Wish:
    server = None
    if sip_server is not None:
        try:
            authority = own_authority(str(sip_ca) if sip_ca else None)
        except (OSError, UnicodeDecodeError) as error:
            raise DirectoryError(f"{sip_ca} cannot be read: {error}") from error
        server = SoftphoneServer(sip_server, sip_port, sip_plain_port, authority)
        server.port_of(SipTransport(transport))
    return Wish(slug, SipTransport(transport), server, web_url)


def _print_link(context: CommandContext, wish: Wish, as_json: bool) -> None:
    if not wish.web_url:
        raise click.UsageError(
            "a link needs the address of the web application: give --web-url or set"
            " GUICHET_WEB_URL"
        )
    now = datetime.now(UTC)
    tokens: list[str] = []

    def make(session: Session, _outcome: Outcome) -> None:
        kind = SoftphoneKind.LINPHONE
        tokens.append(make_link(session, wish.slug, kind, wish.transport, now))

    with context.directory() as directory:
        directory.apply(nothing, _keep, make)
    address = link_address(wish.web_url, tokens[-1])
    if as_json:
        print_json(
            {
                "counsellor": wish.slug,
                "kind": str(SoftphoneKind.LINPHONE),
                "link": address,
                "expires_at": (now + LINK_LASTS).isoformat(timespec="seconds"),
            }
        )
        return
    click.echo(f"link: {address}")
    click.echo(f"good once, until {now + LINK_LASTS:%Y-%m-%d %H:%M} UTC")


def _write_folder(
    context: CommandContext, wish: Wish, folder: Path, as_json: bool
) -> None:
    wish.required_server()
    with context.directory() as directory, staged_files() as files:
        _require_softphone(directory, wish)

        def deliver(outcome: Outcome) -> None:
            for name, content in baresip_files(wish.settings_of(outcome)).items():
                files.add(folder / name, content, mode_of(name))

        directory.rotate(wish.slug, deliver)
        written = [str(path) for path in files.publish()]
    if as_json:
        kind = str(SoftphoneKind.BARESIP)
        print_json({"counsellor": wish.slug, "kind": kind, "files": written})
        return
    for path in written:
        click.echo(f"written: {path}")


def _print_sheet(context: CommandContext, wish: Wish, as_json: bool) -> None:
    wish.required_server()
    with context.directory() as directory:
        _require_softphone(directory, wish)
        outcome = directory.rotate(wish.slug, _keep)
    lines = settings_as_lines(wish.settings_of(outcome))
    if as_json:
        settings = {key: value for key, value in lines}
        print_json({"counsellor": wish.slug, "kind": SHEET, "settings": settings})
        return
    for key, value in lines:
        click.echo(f"{key}: {value}")


def _print_dry_run(context: CommandContext, wish: Wish, as_json: bool) -> None:
    with context.directory() as directory:
        _require_softphone(directory, wish)
    if as_json:
        print_json({"counsellor": None, "would_set_up": wish.slug})
    else:
        click.echo(f"would set up the softphone of {wish.slug} (dry run)")


def _require_softphone(directory: Directory, wish: Wish) -> None:
    fields = directory.snapshot()[Kind.COUNSELLOR].get(wish.slug)
    if fields is None:
        raise UnknownEntry(wish.slug)
    require_softphone(wish.slug, fields, wish.transport)


def _keep(_outcome: Outcome) -> None:
    """Write no file: what is new is printed."""
