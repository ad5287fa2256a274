# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where a counsellor's own bundle lies, so that nobody types its path, and how it gets there."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from sip_endpoints.settings import SettingsError, load_settings

FOLDER = "guichet-counsellor"
BUNDLE = "bundle.toml"
ROLE = "counsellor"


def own_bundle(environment: Mapping[str, str]) -> Path:
    """Return where the bundle of the person who runs the program lies, or would lie."""
    home = environment.get("HOME") or str(Path.home())
    settings = environment.get("XDG_CONFIG_HOME") or f"{home}/.config"
    return Path(settings) / FOLDER / BUNDLE


def put_in_place(received: Path, environment: Mapping[str, str]) -> Path:
    """Copy a bundle, and an authority beside it, to where the program finds them.

    Raise SettingsError where it is no counsellor's bundle, lacks its authority, or cannot be
    written; the bundle that was there before is then as it was.
    """
    settings = load_settings(received, ROLE, {})
    place = own_bundle(environment)
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        authority = settings.sip.ca_file
        beside = received.absolute().parent
        if authority and authority.is_relative_to(beside):
            _copy(authority, place.parent / authority.relative_to(beside))
        _copy(received, place)
    except OSError as error:
        raise SettingsError(
            f"cannot write to {place.parent}: {error.strerror}"
        ) from error
    return place


def _copy(source: Path, target: Path) -> None:
    """Replace the file at once, readable to its owner alone."""
    if target.exists() and source.samefile(target):
        return
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    partial.touch(mode=0o600)
    try:
        shutil.copyfile(source, partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
