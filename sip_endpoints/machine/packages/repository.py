# SPDX-License-Identifier: AGPL-3.0-or-later
"""The server's apt repository, as it told this kiosk; looked at before apt reads any of it."""

import json
import re
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from sip_endpoints.machine.system.errors import MachineError
from sip_endpoints.machine.system.kept_files import remove_file, write_file
from sip_endpoints.machine.system.places import Places

# What becomes a line of apt's settings holds nothing that would begin another.
_URI = re.compile(r"https://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9._~/-]*)?")
_SUITE = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")
_KEY_BEGINS = "-----BEGIN PGP PUBLIC KEY BLOCK-----"
_MAX_KEY_CHARACTERS = 100_000


class RepositoryMalformed(MachineError):
    """What the server says of its repository is nothing that apt could read."""


class RepositoryKeyChanged(MachineError):
    """The server names another key than this kiosk has believed since it was enrolled."""

    def __init__(self) -> None:
        super().__init__(
            "Le serveur nomme une autre clé de dépôt : rien n'est installé tant que cette"
            " borne n'est pas rattachée de nouveau."
        )


@dataclass(frozen=True, slots=True)
class Repository:
    """An address, the ring of this kiosk, and the key that signs (armoured)."""

    uri: str
    suite: str
    key: str

    @property
    def host(self) -> str:
        """Give the host's name as apt's settings have it."""
        return urlsplit(self.uri).hostname or ""


def read_repository(content: Any) -> Repository | None:
    """Read what the server says; None where it has none. Raises RepositoryMalformed."""
    if content is None:
        return None
    if not isinstance(content, dict):
        raise RepositoryMalformed("Le dépôt du serveur n'est pas un objet JSON.")
    uri, suite, key = (content.get(name) for name in ("uri", "suite", "key"))
    if not (isinstance(uri, str) and _URI.fullmatch(uri)):
        raise RepositoryMalformed("L'adresse du dépôt du serveur n'est pas lisible.")
    if not (isinstance(suite, str) and _SUITE.fullmatch(suite)):
        raise RepositoryMalformed("La vague du dépôt du serveur n'est pas lisible.")
    if not (
        isinstance(key, str)
        and key.lstrip().startswith(_KEY_BEGINS)
        and len(key) <= _MAX_KEY_CHARACTERS
    ):
        raise RepositoryMalformed("La clé du dépôt du serveur n'en est pas une.")
    return Repository(uri, suite, key)


def keep_repository(repository: Repository | None, places: Places) -> bool:
    """Put it on the disk, its key believed from now on; say whether it is another one.

    For whoever enrols: by the code an administrator vouches for the server.
    """
    if repository is None:
        remove_file(places.trusted_key)
    else:
        write_file(places.trusted_key, repository.key)
    return _keep(repository, places)


def follow_repository(repository: Repository | None, places: Places) -> bool:
    """Put on the disk what the server says by and by; say whether it is another one.

    The key stays the first one. It lies with the server's root, while the pages tell of it:
    who has got hold of these alone must not have kiosks install what they like. Raises
    RepositoryKeyChanged.
    """
    trusted = _trusted_key(places)
    if repository is not None and trusted != repository.key:
        if trusted is not None:
            raise RepositoryKeyChanged
        write_file(places.trusted_key, repository.key)
    return _keep(repository, places)


def _trusted_key(places: Places) -> str | None:
    """Give the key that is believed; None where none was ever told."""
    try:
        return places.trusted_key.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise MachineError(
            f"{places.trusted_key} n'est pas lisible : {error}"
        ) from error


def _keep(repository: Repository | None, places: Places) -> bool:
    if repository == kept_repository(places):
        return False
    if repository is None:
        remove_file(places.repository)
    else:
        text = json.dumps(asdict(repository), indent=1)
        write_file(places.repository, text, mode=0o600)
    return True


def kept_repository(places: Places) -> Repository | None:
    """Give the one on the disk; None where there is none that can be read."""
    try:
        text = places.repository.read_text(encoding="utf-8")
        return read_repository(json.loads(text))
    except (OSError, ValueError, RepositoryMalformed):
        return None
