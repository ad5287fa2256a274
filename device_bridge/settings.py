# SPDX-License-Identifier: AGPL-3.0-or-later
"""The bridge's settings, merged here: defaults < bundle < environment < command line.

The bundle is the file that `guichet-provision` writes for the whole kiosk; the bridge
reads its table `[bridge]` alone.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from device_bridge.errors import BridgeError

ENVIRONMENT_PREFIX = "GUICHET_BRIDGE_"
# Named as device, these are the virtual ones; nothing else ever falls back to them.
VIRTUAL = "virtual"
# The kiosk is to have no such device.
NONE = "none"


class SettingsError(BridgeError):
    """A setting is missing, unknown or impossible; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeSettings:
    """What one kiosk's bridge must know."""

    socket: Path
    data_dir: Path
    server_url: str = ""
    token: str = field(default="", repr=False)
    # The authority of the server's certificate; without it, the system's.
    server_ca_file: Path | None = None
    # A CUPS queue, "virtual", or "none"; "" was not said.
    printer: str = ""
    cups_host: str = "localhost"
    cups_port: int = 631
    # A SANE device, "virtual", "none", or "" for the only one that is found.
    scanner: str = ""
    sane_config_dir: str = ""
    # Between "Posez votre document" and the scan of the glass.
    place_seconds: float = 4.0
    # For turning a card over; the same code keyed again goes on at once.
    card_turn_seconds: float = 10.0
    # One page that takes longer means a hung scanner.
    scan_page_limit_seconds: float = 90.0
    # A document that cannot be fetched for longer is not printed.
    fetch_limit_seconds: float = 20.0
    # After a restart of the telephone or the bridge, for finding the call again.
    rejoin_seconds: float = 10.0
    # A print that waits longer for paper, or for anything else, is given up.
    print_limit_seconds: float = 600.0
    # Each sheet may take so much longer: a slow printer's minute holds six.
    print_sheet_seconds: float = 10.0
    # After the call nobody watches the printer: what is stuck is given up sooner.
    print_orphan_limit_seconds: float = 30.0
    # Less room than that on the disk: no job is begun.
    min_free_bytes: int = 200_000_000
    max_document_bytes: int = 50_000_000
    max_document_pages: int = 200
    heartbeat_seconds: float = 30.0
    # Where CUPS keeps its files: looked through for what a purge may have left.
    print_spool: Path | None = None
    # The second screen's own program wipes its browser and says so.
    has_screen: bool = False
    ocr: bool = False


def load_settings(
    bundle: Path | None,
    environment: Mapping[str, str],
    options: Mapping[str, Any] | None = None,
) -> BridgeSettings:
    """Give the settings; raise SettingsError with a sentence that names the key.

    `options` are those of the command line; None among them means not given.
    """
    folder = bundle.parent.absolute() if bundle else Path.cwd()
    values = _read(bundle) if bundle else {}
    for name, value in environment.items():
        if name.startswith(ENVIRONMENT_PREFIX):
            values[name.removeprefix(ENVIRONMENT_PREFIX).lower()] = value
    given = {key: value for key, value in (options or {}).items() if value is not None}
    values.update(given)
    if bundle is None:
        values.setdefault("socket", "bridge.sock")
        state = environment.get("XDG_STATE_HOME") or str(Path.home() / ".local/state")
        values.setdefault("data_dir", f"{state}/guichet-bridge")
    return _build(values, folder)


def _read(bundle: Path) -> dict[str, Any]:
    try:
        with bundle.open("rb") as file:
            content = tomllib.load(file)
    except OSError as error:
        raise SettingsError(f"cannot read {bundle}: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{bundle} is not TOML: {error}") from error
    table = content.get("bridge")
    if not isinstance(table, dict):
        raise SettingsError(f"{bundle} has no table [bridge]: this kiosk has no bridge")
    return dict(table)


def _build(values: Mapping[str, Any], folder: Path) -> BridgeSettings:
    kinds = {item.name: item.type for item in fields(BridgeSettings)}
    converted = {}
    for key, value in values.items():
        if key not in kinds:
            raise SettingsError(f"unknown key bridge.{key}")
        converted[key] = _convert(key, kinds[key], value, folder)
    missing = [key for key in ("socket", "data_dir") if key not in converted]
    if missing:
        names = ", ".join(f"bridge.{key}" for key in missing)
        raise SettingsError(f"missing: {names}")
    settings = BridgeSettings(**converted)
    _check(settings)
    return settings


def _convert(key: str, kind: Any, value: Any, folder: Path) -> Any:
    try:
        if kind in (Path, Path | None) and isinstance(value, (str, Path)) and value:
            return folder / value
        if kind == Path | None and value == "":
            return None
        if kind is bool:
            return _to_bool(value)
        if kind in (int, float) and not isinstance(value, bool):
            return kind(value)
        if kind is str and isinstance(value, str):
            return value
    except (TypeError, ValueError) as error:
        raise SettingsError(f"bridge.{key} cannot be {value!r}") from error
    raise SettingsError(f"bridge.{key} cannot be {value!r}")


def _to_bool(value: Any) -> bool:
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False}
    words["no"] = False
    if isinstance(value, bool):
        return value
    if not isinstance(value, str) or value.lower() not in words:
        raise ValueError(value)
    return words[value.lower()]


def _check(settings: BridgeSettings) -> None:
    if not 1 <= settings.cups_port <= 65535:
        raise SettingsError("bridge.cups_port must lie between 1 and 65535")
    for item in fields(BridgeSettings):
        value = getattr(settings, item.name)
        if item.type is float and not 0 <= value < 1e6:
            raise SettingsError(f"bridge.{item.name} must not be negative")
    if settings.server_url and not settings.server_url.startswith(
        ("https://", "http://127.0.0.1", "http://localhost")
    ):
        raise SettingsError(
            "bridge.server_url must be https (http only on this machine itself)"
        )
    if settings.server_url and not settings.token:
        raise SettingsError("missing: bridge.token")
