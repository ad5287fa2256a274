# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-provision list` and `show`: what exists. Neither can show a secret."""

from typing import Any

import click

from provisioning.commands.context import CommandContext, json_option, print_json
from provisioning.commands.output import cell, entries_as_lines, entry_as_json, key_name
from provisioning.directory.service import kind_of
from provisioning.inventory.plan import Fields, Kind
from provisioning.inventory.reading import TABLE_OF

KIND_OF = {table: kind for kind, table in TABLE_OF.items()}


@click.command("list")
@click.argument("kinds", type=click.Choice(list(KIND_OF)), nargs=-1)
@json_option
@click.pass_obj
def list_command(
    context: CommandContext, kinds: tuple[str, ...], as_json: bool
) -> None:
    """List what exists: everything, or the KINDS named."""
    wanted = [KIND_OF[name] for name in kinds or KIND_OF]
    with context.directory() as directory:
        snapshot = directory.snapshot()
    if as_json:
        print_json(
            {
                TABLE_OF[kind]: [
                    entry_as_json(kind, key, fields)
                    for key, fields in snapshot[kind].items()
                ]
                for kind in wanted
            }
        )
        return
    for position, kind in enumerate(wanted):
        if len(wanted) > 1:
            click.echo(("\n" if position else "") + f"{TABLE_OF[kind]}:")
        for line in entries_as_lines(kind, snapshot[kind]):
            click.echo(line)


@click.command("show")
@click.argument("slug")
@click.option("--sip-server", envvar="GUICHET_SIP_SERVER", help="Asterisk's host.")
@click.option("--sip-port", envvar="GUICHET_SIP_PORT", type=int, help="Its port.")
@json_option
@click.pass_obj
def show_command(
    context: CommandContext,
    slug: str,
    sip_server: str | None,
    sip_port: int | None,
    as_json: bool,
) -> None:
    """Show the entry SLUG (an e-mail for a user), and how its telephone signs in."""
    with context.directory() as directory:
        snapshot = directory.snapshot()
    kind = kind_of(snapshot, slug)
    fields = snapshot[kind][slug]
    sip = _sip_settings(kind, slug, fields, sip_server, sip_port)
    if as_json:
        entry = entry_as_json(kind, slug, fields)
        print_json({**entry, "sip": sip} if sip else entry)
        return
    click.echo(f"{kind} {slug}" if kind is not Kind.USER else f"user {slug}")
    for name, value in ({key_name(kind): slug} | dict(fields)).items():
        click.echo(f"  {name}: {cell(value)}")
    if sip:
        click.echo("telephone settings:")
        for name, value in sip.items():
            click.echo(f"  {name}: {cell(value)}")


def _sip_settings(
    kind: Kind, slug: str, fields: Fields, server: str | None, port: int | None
) -> dict[str, Any] | None:
    if kind not in (Kind.KIOSK, Kind.COUNSELLOR):
        return None
    if fields.get("browser"):
        return {
            "user": slug,
            "password": "a new one for each page that is opened, kept by nobody",
            "transport": "the site's own address, by HTTPS and WebSocket",
            "encryption": "DTLS-SRTP always",
        }
    in_clear = bool(fields.get("in_clear", False))
    host = server or "the host name of your Asterisk"
    return {
        "server": f"{host}:{port}" if port else host,
        "user": slug,
        "password": f'only once, by "guichet-provision rotate-secret {slug} --print"',
        "transport": "TLS, TCP or UDP, as the site allows" if in_clear else "TLS",
        "encryption": (
            "SRTP if the telephone can" if in_clear else "SRTP (SDES) always"
        ),
    }
