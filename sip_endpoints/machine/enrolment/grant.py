# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the server grants a kiosk, by a code or as a file; checked before it is believed. Pure."""

import json
import ssl
from dataclasses import asdict, dataclass, field
from typing import Any

from sip_endpoints.machine.packages.repository import Repository, read_repository
from sip_endpoints.machine.server.address import site_of
from sip_endpoints.machine.system.errors import MachineError

Table = dict[str, Any]
_WANTED = {
    "sip": ("user", "secret", "server"),
    "kiosk": ("slug", "screen_url", "token"),
}
# Tables that a bundle may have; another one comes from a server that is newer than we.
_TABLES = ("sip", "media", "control", "kiosk", "bridge")


class GrantMalformed(MachineError):
    """The server's answer, or the file, is not what a kiosk starts from."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A bundle, the two authorities (None: browsers know it), the language, the packages."""

    bundle: dict[str, Table] = field(repr=False)
    sip_authority: str
    web_authority: str | None
    language: str
    # None: the server hands out no packages.
    repository: Repository | None = None

    @property
    def slug(self) -> str:
        """Give the kiosk's name on the server."""
        return str(self.bundle["kiosk"]["slug"])

    @property
    def site(self) -> str:
        """Give the address of the site."""
        return site_of(str(self.bundle["kiosk"]["screen_url"]))


def read_grant(content: Any) -> Grant:
    """Read the server's answer; raise GrantMalformed naming what is wrong with it."""
    if not isinstance(content, dict):
        raise GrantMalformed("La réponse du serveur n'est pas un objet JSON.")
    bundle = _tables(content.get("bundle"))
    for table, keys in _WANTED.items():
        for key in keys:
            if not isinstance(bundle.get(table, {}).get(key), str):
                raise GrantMalformed(
                    f"Il manque {table}.{key} dans la réponse du serveur."
                )
    authorities = content.get("authorities")
    if not isinstance(authorities, dict):
        raise GrantMalformed("Il manque les autorités dans la réponse du serveur.")
    sip_authority = _authority(authorities.get("sip"))
    if sip_authority is None:
        raise GrantMalformed(
            "Il manque l'autorité d'Asterisk dans la réponse du serveur."
        )
    language = content.get("language")
    grant = Grant(
        bundle,
        sip_authority,
        _authority(authorities.get("web")),
        language if language in ("fr", "en") else "fr",
        read_repository(content.get("repository")),
    )
    if not grant.site.startswith("https://"):
        raise GrantMalformed("L'adresse du second écran n'est pas en https.")
    return grant


def grant_text(grant: Grant) -> str:
    """Give the grant as the server wrote it, to be read again."""
    return json.dumps(
        {
            "bundle": grant.bundle,
            "authorities": {"sip": grant.sip_authority, "web": grant.web_authority},
            "language": grant.language,
            "repository": grant.repository and asdict(grant.repository),
        },
        indent=1,
    )


def read_grant_file(text: str) -> Grant:
    """Read a grant that was kept, or is given as a file where there is no network."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise GrantMalformed(
            "Ce fichier n'est pas un fichier de rattachement."
        ) from error
    return read_grant(content)


def _tables(bundle: Any) -> dict[str, Table]:
    if not isinstance(bundle, dict):
        raise GrantMalformed(
            "Il manque les réglages de la borne dans la réponse du serveur."
        )
    found: dict[str, Table] = {}
    for name in _TABLES:
        table = bundle.get(name, {})
        if not isinstance(table, dict) or not all(
            _is_plain(each) for each in table.values()
        ):
            raise GrantMalformed(f"La table {name} n'est pas lisible.")
        if table:
            found[name] = table
    return found


def _is_plain(value: Any) -> bool:
    return isinstance(value, (str, int, float, bool))


def _authority(text: Any) -> str | None:
    if text is None:
        return None
    try:
        ssl.create_default_context(cadata=text)
    except (ssl.SSLError, TypeError, ValueError) as error:
        raise GrantMalformed(
            "Une autorité du serveur n'est pas un certificat."
        ) from error
    return str(text)
