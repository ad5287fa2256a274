# SPDX-License-Identifier: AGPL-3.0-or-later
"""The settings file of a site, `guichet.toml`: written anew, with what was added by hand."""

import hmac
import json
import secrets
import tomllib
from collections.abc import Mapping
from typing import Any

from provisioning.asterisk.capacity import Capacity
from provisioning.asterisk.layout import SiteLayout

AMI_USERNAME = "guichet-dispatcher"


def site_settings(
    layout: SiteLayout,
    *,
    database_url: str,
    ami_port: int,
    capacity: Capacity,
    secure_cookies: bool,
    site_url: str,
    chosen: Mapping[str, Any],
) -> dict[str, Any]:
    """Give all settings; secrets are made the first time and kept afterwards.

    `chosen` are further settings; one that is None is taken out.
    """
    known: dict[str, Any] = {}
    if layout.settings.exists():
        known = tomllib.loads(layout.settings.read_text())
    settings = {
        # What the administrator added by hand stays.
        **known,
        "database_url": database_url,
        "secret_key": known.get("secret_key") or secrets.token_urlsafe(48),
        "ami_host": "127.0.0.1",
        "ami_port": ami_port,
        "ami_username": AMI_USERNAME,
        "ami_secret": known.get("ami_secret") or secrets.token_urlsafe(32),
        "calls_at_once": capacity.calls_at_once,
        "doorbell": str(layout.doorbell),
        # A folder or a key that was moved elsewhere by hand stays where it is.
        "documents_dir": known.get("documents_dir") or str(layout.documents),
        "documents_key_file": known.get("documents_key_file")
        or str(layout.documents_key),
        "secure_cookies": secure_cookies,
        # The front stands before the pages on the same machine.
        "trusted_proxies": known.get("trusted_proxies", "127.0.0.1 ::1 unix"),
        **({"site_url": site_url} if site_url else {}),
        **chosen,
    }
    return {key: value for key, value in settings.items() if value is not None}


def settings_text(settings: Mapping[str, Any]) -> str:
    """Write the settings as TOML."""
    lines = ["# SPDX-License-Identifier: AGPL-3.0-or-later"]
    lines += ["# Written by guichet-provision site; keys added here by hand are kept."]
    # JSON's strings, numbers and booleans are TOML's.
    lines += [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    return "\n".join(lines) + "\n"


def system_name(ami_secret: str) -> str:
    """Give a name that nobody can guess, and that stays as long as the secret does."""
    digest = hmac.digest(ami_secret.encode(), b"the system's name", "sha256")
    return f"guichet-{digest.hex()[:16]}"
