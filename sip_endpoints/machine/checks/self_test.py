# SPDX-License-Identifier: AGPL-3.0-or-later
"""The whole self-test: every check in its order, never during a call, kept as a file."""

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sip_endpoints.control import ControlError, send_order
from sip_endpoints.log import Log
from sip_endpoints.machine.checks.again import look_again
from sip_endpoints.machine.checks.camera import check_camera
from sip_endpoints.machine.checks.check import Check, CheckName, CheckReason, failed
from sip_endpoints.machine.checks.devices import check_printer, check_scanner
from sip_endpoints.machine.checks.here import check_disk, check_phone, check_screens
from sip_endpoints.machine.checks.line import Line, certificate_ends, measure_line
from sip_endpoints.machine.checks.media import check_media
from sip_endpoints.machine.checks.network import (
    check_certificate,
    check_clock,
    check_network,
)
from sip_endpoints.machine.checks.sound import check_sound
from sip_endpoints.machine.devices.cameras import find_cameras
from sip_endpoints.machine.server.address import site_of
from sip_endpoints.machine.server.faults import SiteUnreachable
from sip_endpoints.machine.server.site import Site, web_authority
from sip_endpoints.machine.session.outputs import Session
from sip_endpoints.machine.system.choices import Choices
from sip_endpoints.machine.system.errors import InCall, MachineError
from sip_endpoints.machine.system.kept_files import (
    give_to_folder,
    read_of_another,
    write_file,
)
from sip_endpoints.machine.system.places import Places
from sip_endpoints.machine.system.version import product_version
from sip_endpoints.media_test import MEDIA_TEST

log = Log(__name__)

Found = TypeVar("Found")

# A self-test is a tenth of it.
_MOST_BYTES = 500_000
_STATUS_SECONDS = 5.0
# The telephone ends it by itself after twelve and a half.
_MEDIA_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Tested:
    """A self-test that was made."""

    at: str
    reason: CheckReason
    checks: tuple[Check, ...]

    def to_json(self) -> dict[str, Any]:
        """Give it as the server takes it; the order is the agent's to name."""
        return {
            "at": self.at,
            "version": product_version(),
            "reason": self.reason.value,
            "order": None,
            "checks": [each.to_json() for each in self.checks],
        }


def phone_status(places: Places) -> dict[str, Any] | None:
    """Give what the running telephone says; None where none runs."""
    try:
        return send_order(places.phone_socket, "status", "", _STATUS_SECONDS)
    except (ControlError, ValueError):
        return None


def is_in_call(places: Places) -> bool:
    """Say whether a call is up at this kiosk."""
    return bool((phone_status(places) or {}).get("call"))


def let_phone_end(places: Places) -> bool:
    """Have the telephone end, to begin anew by its unit; say no where a call is up.

    The telephone itself looks and ends: between a question and a restart a call may come.
    """
    try:
        send_order(places.phone_socket, "quit", "idle", _STATUS_SECONDS)
    except (ControlError, ValueError):
        return not is_in_call(places)
    return True


class SelfTest:
    """Makes the self-test of an enrolled machine."""

    def __init__(self, places: Places, choices: Choices) -> None:
        self._places = places
        self._devices = choices.devices
        self._screens = choices.screens.count
        try:
            bundle = tomllib.loads(places.bundle.read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise MachineError(
                f"{places.bundle} n'est pas lisible : {error}"
            ) from error
        self._sip, self._media = bundle["sip"], bundle.get("media", {})
        self._site = site_of(str(bundle["kiosk"]["screen_url"]))

    def make(self, reason: CheckReason) -> Tested:
        """Look at everything; raise InCall where a call is up, or comes meanwhile."""
        if is_in_call(self._places):
            raise InCall("Un appel est en cours : l'essai attend la fin de l'appel.")
        at = datetime.now(UTC).isoformat(timespec="seconds")
        checks = [
            self._guarded(name, look) for name, look in self._first_checks().items()
        ]
        checks += self._server_checks()
        checks += [
            self._guarded(name, look) for name, look in self._last_checks().items()
        ]
        order = list(CheckName)
        checks.sort(key=lambda each: order.index(each.name))
        return Tested(at, reason, tuple(checks))

    def _first_checks(self) -> dict[CheckName, Callable[[], Check]]:
        devices, runtime = self._devices, self._places.runtime
        return {
            CheckName.CAMERA: lambda: check_camera(
                devices.camera, self._media.get("camera", "auto"), find_cameras
            ),
            CheckName.SOUND: lambda: check_sound(
                devices, self._media.get("audio", "auto"), runtime
            ),
            CheckName.SCREENS: lambda: look_again(
                lambda: check_screens(Session(self._places.sway_socket), self._screens)
            ),
        }

    def _last_checks(self) -> dict[CheckName, Callable[[], Check]]:
        devices = self._devices
        return {
            CheckName.PRINTER: lambda: look_again(
                lambda: check_printer(devices.printer)
            ),
            CheckName.SCANNER: lambda: look_again(
                lambda: check_scanner(devices.scanner, devices.sane_config_dir)
            ),
            CheckName.DISK: lambda: check_disk(self._places.home),
            CheckName.PHONE: lambda: check_phone(phone_status(self._places)),
            CheckName.MEDIA: lambda: check_media(
                phone_status(self._places),
                lambda: send_order(
                    self._places.phone_socket, MEDIA_TEST, "", _MEDIA_SECONDS
                ),
            ),
        }

    def _server_checks(self) -> list[Check]:
        places = self._places
        host, port = str(self._sip["server"]), int(self._sip.get("port", 5061))
        line = _or_fault(lambda: measure_line(host, port, places.sip_authority))
        site = Site(self._site, web_authority(places))
        date = _or_fault(site.knock)
        site_ends = _or_fault(
            lambda: certificate_ends(site.host, site.port, web_authority(places))
        )
        sip_ends = line.certificate_ends if isinstance(line, Line) else line
        return [
            check_network(line),
            check_clock(date),
            check_certificate([sip_ends, site_ends]),
        ]

    def _guarded(self, name: CheckName, look: Callable[[], Check]) -> Check:
        """Have one check that breaks not hide what the others found."""
        try:
            return look()
        except InCall:
            raise
        except Exception as error:
            log.exception("a check broke", check=name.value)
            return failed(name, "check_broke", why=str(error))


def _or_fault(look: Callable[[], Found]) -> Found | SiteUnreachable:
    try:
        return look()
    except SiteUnreachable as fault:
        return fault


def keep(tested: Tested, path: Path) -> None:
    """Keep it for the agent, who tells the server."""
    write_file(path, json.dumps(tested.to_json(), indent=1), mode=0o640)
    give_to_folder(path)


def read_kept(path: Path) -> dict[str, Any] | None:
    """Give the last self-test as it is sent; None where there is none that can be read."""
    try:
        # The browser runs as the same user, and the agent, who reads it, is root.
        kept = json.loads(read_of_another(path, _MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    return kept if isinstance(kept, dict) else None
