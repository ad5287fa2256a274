# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the medium says to the machine that starts from it, and to Debian's installer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from provisioning.database.models import DEFAULT_TIME_ZONE
from provisioning.server.answers import Answers
from provisioning.server.archive import RELEASE
from provisioning.server.errors import ServerError
from provisioning.server.templated import render

# By which names the files stand on the medium; GRUB and the installer look for them there.
GRUB_SETTINGS = "debian-installer/amd64/grub/grub.cfg"
PRESEED, DISK, LATE = "guichet/preseed.cfg", "guichet/disk", "guichet/late"
README = "LISEZMOI.txt"
_TEMPLATES = {
    README: "medium-readme.txt.j2",
    GRUB_SETTINGS: "medium-grub.cfg.j2",
    PRESEED: "medium-preseed.cfg.j2",
    DISK: "medium-disk",
    LATE: "medium-late.j2",
}
_DEBIAN, _DEBIAN_SECURITY = "deb.debian.org", "security.debian.org"


@dataclass(frozen=True)
class Wishes:
    """What is chosen of the machines that the medium makes."""

    # IANA's name: by it go the nightly updates, for instance.
    zone: str = DEFAULT_TIME_ZONE
    # Empty: Debian's own.
    time_server: str = ""
    # Lines of authorized_keys(5): root comes in by SSH from these networks, by these keys alone.
    ssh_keys: tuple[str, ...] = ()
    ssh_from: tuple[str, ...] = ()


@dataclass(frozen=True)
class Release:
    """What is put on the medium: when, which installer of Debian's, which version of ours."""

    made: date
    installer: str
    version: str


def medium_texts(
    answers: Answers, wishes: Wishes, release: Release, *, authority: str, sources: str
) -> dict[str, str]:
    """Give the medium's texts by their names on it.

    `authority` vouches for the site (PEM), empty where every machine knows it; `sources` is
    what apt reads of the site's packages.
    """
    named = urlsplit(answers.site_url)
    is_ours = answers.updates.debian
    known = {
        "name": answers.name,
        "host": named.hostname,
        "mirror": named.netloc if is_ours else _DEBIAN,
        "security": named.netloc if is_ours else _DEBIAN_SECURITY,
        "proxy": "" if is_ours else _proxy(answers),
        "release": RELEASE,
        "zone": wishes.zone,
        "time_server": wishes.time_server,
        "has_key": bool(wishes.ssh_keys),
        "key": "\n".join(wishes.ssh_keys),
        "ssh_from": wishes.ssh_from,
        "authority": authority.strip(),
        "sources": sources.strip(),
        "made": release.made.strftime("%d/%m/%Y"),
        "installer": release.installer,
        "version": release.version,
    }
    return {name: render(template, known) for name, template in _TEMPLATES.items()}


def _proxy(answers: Answers) -> str | None:
    """Give the proxy that the installer goes by; None: it asks, for a password is needed."""
    if answers.proxy is None:
        return ""
    return None if urlsplit(answers.proxy.url).username else f"{answers.proxy.url}/"


def read_ssh_keys(text: str, where: str) -> tuple[str, ...]:
    """Read public keys as authorized_keys(5) has them; raises ServerError."""
    lines = [line.strip() for line in text.splitlines()]
    keys = tuple(line for line in lines if line and not line.startswith("#"))
    for key in keys or ("",):
        try:
            load_ssh_public_key(key.encode())
        except (ValueError, UnsupportedAlgorithm) as error:
            raise ServerError(
                f"{where}: this is no public key of SSH, such as ~/.ssh/id_ed25519.pub"
            ) from error
    return keys


def ssh_of(keys: Sequence[str], networks: Sequence[str]) -> None:
    """Refuse keys without networks, and networks without keys: neither lets anybody in."""
    if bool(keys) != bool(networks):
        raise ServerError(
            "--ssh-key and --ssh-from go together: who may come in, and from which network"
        )
