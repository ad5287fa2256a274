# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command `guichet-web front`: writes nginx's configuration and becomes nginx."""

import os
import shutil
import stat
from pathlib import Path

import click

from booking_web.base.listening import BehindTheFront, is_loopback
from booking_web.base.settings import Settings, SettingsError
from booking_web.commands.front.configuration import front_of, written
from booking_web.commands.settings import with_settings_or_none

FOLDER_MODE = 0o700
# Debian keeps nginx from an ordinary user's path.
PROGRAM_FOLDERS = ":/usr/local/sbin:/usr/sbin:/sbin"


@click.command()
@click.option(
    "--listen",
    multiple=True,
    default=("127.0.0.1:8080",),
    show_default=True,
    help="HOST:PORT for browsers and kiosks; may be given again.",
)
@click.option(
    "--redirect-from",
    multiple=True,
    help="HOST:PORT of plain HTTP that only leads to site_url; may be given again.",
)
@click.option(
    "--web",
    type=BehindTheFront(),
    default="127.0.0.1:8000",
    show_default=True,
    help="Where `serve` listens.",
)
@click.option(
    "--live",
    type=BehindTheFront(),
    default="127.0.0.1:8001",
    show_default=True,
    help="Where `live` listens.",
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("front"),
    show_default=True,
    help="Of the front alone: its configuration and what it holds for a moment.",
)
@click.option(
    "--certificate",
    type=click.Path(dir_okay=False, path_type=Path),
    help="PEM, with the chain; with it and --key HTTPS and HTTP/2.",
)
@click.option(
    "--key",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The certificate's key, PEM.",
)
@click.option(
    "--packages",
    type=click.Path(file_okay=False, path_type=Path),
    help="An apt repository for kiosks, given out below /depot/.",
)
@click.option(
    "--archive",
    type=BehindTheFront(),
    help="Where a cache of Debian's packages answers, given out below /debian/ and"
    " /debian-security/.",
)
@click.option(
    "--challenges",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where an ACME client puts what an authority then asks of --redirect-from.",
)
@click.option("--nginx", default="nginx", show_default=True, help="The program.")
@click.option(
    "--access-log/--no-access-log",
    default=True,
    show_default=True,
    help="One line for each request, on standard output or into the journal.",
)
@click.option("--print", "is_print", is_flag=True, help="Print the configuration only.")
@with_settings_or_none
def front(
    settings: Settings,
    listen: tuple[str, ...],
    redirect_from: tuple[str, ...],
    web: str,
    live: str,
    folder: Path,
    certificate: Path | None,
    key: Path | None,
    challenges: Path | None,
    packages: Path | None,
    archive: str | None,
    nginx: str,
    access_log: bool,
    is_print: bool,
) -> None:
    """Serve browsers and kiosks with nginx, before `serve` and `live`.

    With a certificate and its key browsers come by HTTPS and HTTP/2; without, they come
    from this machine, or by a proxy that is named in trusted_proxies.
    """
    if (certificate is None) != (key is None):
        raise click.UsageError("a certificate and its key go together")
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    try:
        asked = front_of(
            settings,
            listen=listen,
            pages=web,
            live=live,
            folder=folder,
            certificate=certificate,
            key=key,
            access_log=_place_of_log() if access_log else "off",
            redirect_from=redirect_from,
            challenges=challenges,
            packages=packages,
            archive=archive,
        )
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    _check_plain_http(
        asked.certificate is not None or bool(asked.outer_proxies), listen
    )
    configuration = written(asked)
    if is_print:
        click.echo(configuration, nl=False)
        return
    file = asked.folder / "nginx.conf"
    file.write_text(configuration)
    program = shutil.which(nginx, path=os.environ.get("PATH", "") + PROGRAM_FOLDERS)
    if program is None:
        raise click.ClickException(f"{nginx} is not here: apt-get install nginx-core")
    os.execv(
        program, [program, "-e", "stderr", "-p", str(asked.folder), "-c", str(file)]
    )


def _place_of_log() -> str:
    # systemd's journal gives a socket, which nobody can open by a name, as nginx does.
    if stat.S_ISSOCK(os.fstat(1).st_mode):
        return "syslog:server=unix:/dev/log,nohostname,tag=guichet_front"
    return "/dev/stdout"


def _check_plain_http(is_covered: bool, listen: tuple[str, ...]) -> None:
    for address in listen:
        if not is_covered and not is_loopback(address):
            raise click.UsageError(
                f"{address} is on a network: give --certificate and --key, or name in "
                "trusted_proxies the proxy that ends TLS before this front"
            )
