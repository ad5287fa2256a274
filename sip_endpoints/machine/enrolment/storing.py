# SPDX-License-Identifier: AGPL-3.0-or-later
"""Puts on the disk what a kiosk was granted, and what its programs read of it."""

from pathlib import Path

import tomli_w

from sip_endpoints.machine.enrolment.grant import (
    Grant,
    Table,
    grant_text,
    read_grant_file,
)
from sip_endpoints.machine.enrolment.local_bundle import (
    bridge_bundle,
    captions_bundle,
    local_bundle,
)
from sip_endpoints.machine.system.choices import Choices
from sip_endpoints.machine.system.errors import MachineError
from sip_endpoints.machine.system.kept_files import remove_file, shred_file, write_file
from sip_endpoints.machine.system.places import BRIDGE_USER, KIOSK_USER, Places


class NotEnrolled(MachineError):
    """This machine is no kiosk yet."""


def keep_grant(grant: Grant, places: Places) -> None:
    """Put the grant on the disk, whole; from then on it need not be asked for again."""
    write_file(places.grant, grant_text(grant), mode=0o600)


def kept_grant(places: Places) -> Grant:
    """Give the grant that is on the disk; raise NotEnrolled where there is none."""
    try:
        return read_grant_file(places.grant.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotEnrolled(
            "Ce PC n'est pas rattaché : tapez d'abord « guichet-kiosk enrol SERVEUR CODE »."
        ) from error
    except OSError as error:
        raise MachineError(f"{places.grant} : {error.strerror}.") from error


def is_enrolled(places: Places) -> bool:
    """Say whether this machine is a kiosk."""
    return places.grant.exists()


def write_bundles(grant: Grant, choices: Choices, places: Places) -> None:
    """Write what telephone and bridge read; each secret for the one user who needs it."""
    write_file(places.sip_authority, grant.sip_authority)
    if grant.web_authority is None:
        remove_file(places.web_authority)
    else:
        write_file(places.web_authority, grant.web_authority)
    bundle = local_bundle(grant, choices, places)
    _write(places.bridge_bundle, bridge_bundle(bundle), BRIDGE_USER)
    captions = captions_bundle(bundle, choices)
    if captions is None:
        remove_file(places.captions_bundle)
    else:
        _write(places.captions_bundle, captions, KIOSK_USER)
    _write(places.bundle, bundle, KIOSK_USER)


def forget_grant(places: Places) -> None:
    """Destroy the secrets and remove what came with them; the grant itself goes last."""
    for file in (places.sip_authority, places.web_authority, places.captions_bundle):
        remove_file(file)
    for secret in (places.bundle, places.bridge_bundle, places.grant):
        shred_file(secret)


def _write(path: Path, content: dict[str, Table], group: str) -> None:
    write_file(path, tomli_w.dumps(content), mode=0o640, group=group)
