# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-provision rotate-secret`: the one way to see a secret, once, on request."""

from pathlib import Path
from typing import Any

import click

from provisioning.bundles.bundle import bundle_of, renewed_bundle
from provisioning.bundles.staged_files import staged_files
from provisioning.commands.context import (
    CommandContext,
    dry_run_option,
    json_option,
    print_json,
)
from provisioning.commands.delivery import AccessOptions, access_options, stage_ca
from provisioning.directory.credentials import SipSecret
from provisioning.directory.errors import DirectoryError
from provisioning.directory.service import Outcome
from provisioning.inventory.plan import Kind
from provisioning.inventory.toml_text import to_toml


@click.command("rotate-secret")
@click.argument("slug")
@click.option("--print", "printed", is_flag=True, help="Print the new secret, once.")
@click.option(
    "--bundle",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it into this bundle, new or renewed in place.",
)
@click.option("--discard", is_flag=True, help="Tell nobody: SLUG is locked out.")
@access_options
@dry_run_option
@json_option
@click.pass_obj
def rotate_secret(
    context: CommandContext,
    /,
    slug: str,
    printed: bool,
    bundle: Path | None,
    discard: bool,
    dry_run: bool,
    as_json: bool,
    **access: Any,
) -> None:
    """Replace the secret of the kiosk or counsellor SLUG, or a user's password.

    The old one stops working at once: a kiosk needs its new bundle, a user is signed out.
    """
    if sum((printed, bundle is not None, discard)) != 1:
        raise click.UsageError("give one of --print, --bundle FILE and --discard")
    options = AccessOptions(**access)
    with context.directory() as directory, staged_files() as files:

        def deliver(outcome: Outcome) -> None:
            if bundle is None:
                return
            [secret] = outcome.sip_secrets or [None]
            if secret is None:
                raise DirectoryError(
                    f"{slug} is a user: use --print, there is no bundle"
                )
            files.add(bundle, _bundle_text(bundle, secret, outcome, options).encode())
            if not bundle.exists():
                stage_ca(files, bundle.parent, options.access())

        kind = directory.kind_with_secret(slug)
        if not discard and directory.snapshot()[kind][slug].get("browser"):
            raise DirectoryError(
                f"{slug} telephones in a page, which gets its secret by itself: with"
                " --discard the present one ends, and the page may get another"
            )
        if dry_run:
            _print_dry_run(slug, str(kind), as_json)
            return
        outcome = directory.rotate(slug, deliver)
        written = files.publish()
    _print(outcome, slug, printed, [str(path) for path in written], as_json)


def _bundle_text(
    bundle: Path, secret: SipSecret, outcome: Outcome, options: AccessOptions
) -> str:
    if bundle.exists():
        return to_toml(renewed_bundle(bundle, secret))
    return to_toml(
        bundle_of(secret, outcome.directory, options.access(), options.devices)
    )


def _print_dry_run(slug: str, kind: str, as_json: bool) -> None:
    if as_json:
        print_json({"rotated": None, "would_rotate": slug, "files": []})
    else:
        click.echo(f"would replace the secret of {kind} {slug} (dry run)")


def _print(
    outcome: Outcome, slug: str, printed: bool, files: list[str], as_json: bool
) -> None:
    shown: dict[str, Any] = {}
    if printed:
        for secret in outcome.sip_secrets:
            shown = {"user": secret.slug, "password": secret.secret}
            if secret.token:
                shown["token"] = secret.token
            if secret.screen_code:
                shown["screen_code"] = secret.screen_code
        for account in outcome.passwords:
            shown = {"user": account.email, "password": account.password}
    if as_json:
        print_json({"rotated": slug, **shown, "files": files})
        return
    for name, value in shown.items():
        click.echo(f"{name}: {value}")
    for path in files:
        click.echo(f"written: {path}")
    counsellor = outcome.directory[Kind.COUNSELLOR].get(slug, {})
    if counsellor.get("browser"):
        click.echo(f"the page of {slug} gets a new secret as soon as it asks for one")
    elif not shown and not files:
        click.echo(f"{slug} is locked out until its secret is rotated again")
