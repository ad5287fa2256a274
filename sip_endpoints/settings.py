# SPDX-License-Identifier: AGPL-3.0-or-later
"""The settings of one endpoint, merged here: defaults < file < environment < command.

The file is the bundle that ``guichet-provision`` writes. Plain dataclasses rather than
pydantic: an endpoint that runs all day on a small PC should not carry its 20 MB.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

ENVIRONMENT_PREFIX = "GUICHET_"

AUTO = "auto"
COLORBAR, MOVING = "colorbar", "moving"
NULL_AUDIO = "null"
NO_DISPLAY = "none"
LEAST_LINE_KBPS, MOST_LINE_KBPS = 64, 1_000_000
DISPLAYS = (AUTO, "fullscreen", "window", NO_DISPLAY)


class SettingsError(Exception):
    """A setting is missing, unknown or impossible; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SipSettings:
    """Who we are, and where our Asterisk is."""

    user: str
    secret: str = field(repr=False)
    server: str
    # The authority of Asterisk's certificate: a file, or itself (PEM).
    ca_file: Path | None = None
    ca: str = ""
    display_name: str = ""
    port: int = 5061
    transport: str = "tls"


@dataclass(frozen=True, slots=True)
class Picture:
    """What a picture is sent with."""

    bitrate_kbps: int
    width: int
    height: int
    frames_per_second: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaSettings:
    """Devices, ports and picture. A virtual device is used only where named here."""

    # "auto": the first real camera; "colorbar", "moving": virtual ones; else a name.
    camera: str = AUTO
    # "auto": the system's default sound card; "null": none, in silence.
    audio: str = AUTO
    # "auto": full screen at a kiosk, a window at a counsellor's desk; "none": decode only.
    display: str = AUTO
    # 0: the system chooses the ports.
    rtp_port_first: int = 0
    rtp_port_count: int = 0
    width: int = 640
    height: int = 360
    frames_per_second: int = 20
    bitrate_kbps: int = 560
    # What the line carries each way, where that is known; 0: it is found out in the call.
    line_up_kbps: int = 0
    line_down_kbps: int = 0
    # Asterisk killed sends no BYE: without any RTP for so long, the call is over.
    silence_limit_seconds: float = 8.0
    # Picture agreed on but none decoded for so long: the media is negotiated anew.
    black_picture_seconds: float = 4.0

    @property
    def picture(self) -> Picture:
        """Give the picture that is sent where the line carries it."""
        return Picture(
            self.bitrate_kbps, self.width, self.height, self.frames_per_second
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSettings:
    """The Unix socket on which a running endpoint answers `status` and orders."""

    socket: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class KioskSettings:
    """What only a kiosk's bundle says."""

    slug: str
    screen_url: str = ""
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CounsellorSettings:
    """What only a counsellor's bundle says."""

    slug: str
    organisations: tuple[str, ...] = ()
    auto_answer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeSettings:
    """Where the kiosk's device bridge listens; the rest of its table is the bridge's."""

    socket: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionsSettings:
    """Captions at a kiosk whose site has brought a model: who is brought the voice."""

    socket: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSettings:
    """All settings of one endpoint: a kiosk's or a counsellor's.

    A kiosk whose bundle has no table [bridge] has no devices, and one without [captions] no
    captions.
    """

    sip: SipSettings
    media: MediaSettings
    control: ControlSettings
    kiosk: KioskSettings | None = None
    counsellor: CounsellorSettings | None = None
    bridge: BridgeSettings | None = None
    captions: CaptionsSettings | None = None


_TABLES: dict[str, type] = {
    "sip": SipSettings,
    "media": MediaSettings,
    "control": ControlSettings,
    "kiosk": KioskSettings,
    "counsellor": CounsellorSettings,
    "bridge": BridgeSettings,
    "captions": CaptionsSettings,
}


def load_settings(
    bundle: Path,
    role: str,
    environment: Mapping[str, str],
    options: Mapping[str, Any] | None = None,
) -> EndpointSettings:
    """Return the settings of a `kiosk` or `counsellor` (the role) from its bundle.

    ``options`` are those of the command line, keyed "table.key". Relative paths are
    relative to the bundle. Raise SettingsError with a sentence that names the key.
    """
    wanted = ["sip", "media", "control", role]
    values = _read(
        bundle, (*wanted, "bridge", "captions") if role == "kiosk" else wanted
    )
    if "captions" in values:
        wanted.append("captions")
    if "bridge" in values:
        wanted.append("bridge")
        values["bridge"] = _ours_of_bridge(values["bridge"])
    for table in wanted:
        told = _from_environment(table, environment)
        values.setdefault(table, {}).update(
            _ours_of_bridge(told) if table == "bridge" else told
        )
    for name, value in (options or {}).items():
        table, key = name.split(".")
        if value is not None:
            values[table][key] = value
    parts = {table: _build(table, values[table], bundle.parent) for table in wanted}
    _check(parts["sip"], parts["media"])
    return EndpointSettings(**parts)


def _ours_of_bridge(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key == "socket"}


def _read(bundle: Path, wanted: Sequence[str]) -> dict[str, dict[str, Any]]:
    try:
        with bundle.open("rb") as file:
            values = tomllib.load(file)
    except OSError as error:
        raise SettingsError(
            f"cannot read the bundle {bundle}: {error.strerror}"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{bundle} is not TOML: {error}") from error
    for table, content in values.items():
        if table not in wanted:
            raise SettingsError(f"unknown table [{table}] in {bundle}")
        if not isinstance(content, dict):
            raise SettingsError(f"{table} in {bundle} must be a table")
    return values


def _from_environment(table: str, environment: Mapping[str, str]) -> dict[str, Any]:
    prefix = f"{ENVIRONMENT_PREFIX}{table.upper()}_"
    return {
        name.removeprefix(prefix).lower(): value
        for name, value in environment.items()
        if name.startswith(prefix)
    }


def _build(table: str, values: Mapping[str, Any], folder: Path) -> Any:
    kinds = {item.name: item.type for item in fields(_TABLES[table])}
    for key in values:
        if key not in kinds:
            raise SettingsError(f"unknown key {table}.{key}")
    converted = {
        key: _convert(f"{table}.{key}", kinds[key], value, folder)
        for key, value in values.items()
    }
    try:
        return _TABLES[table](**converted)
    except TypeError as error:
        missing = [key for key in kinds if f"'{key}'" in str(error)]
        names = ", ".join(f"{table}.{key}" for key in missing)
        raise SettingsError(f"missing: {names}") from error


def _convert(name: str, kind: Any, value: Any, folder: Path) -> Any:
    """Turn a value of TOML, the environment or a command line into the field's type."""
    try:
        if kind in (Path, Path | None) and isinstance(value, (str, Path)):
            return folder.absolute() / value
        if kind is bool:
            return _to_bool(value)
        if kind is int and not isinstance(value, (bool, float)):
            return int(value)
        if kind is float and not isinstance(value, bool):
            return float(value)
        if kind is str and isinstance(value, str):
            return value
        if kind == tuple[str, ...]:
            parts = value.split(",") if isinstance(value, str) else value
            return tuple(str(part).strip() for part in parts)
    except (TypeError, ValueError) as error:
        raise SettingsError(f"{name} cannot be {value!r}") from error
    raise SettingsError(f"{name} cannot be {value!r}")


def _to_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False}
    words["no"] = False
    if not isinstance(value, str) or value.lower() not in words:
        raise ValueError(value)
    return words[value.lower()]


def _check(sip: SipSettings, media: MediaSettings) -> None:
    for name, value in (("sip.user", sip.user), ("sip.server", sip.server)):
        if not value or any(mark in value for mark in ' \t\r\n<>"@;'):
            raise SettingsError(f"{name} cannot be {value!r}")
    if sip.transport != "tls":
        raise SettingsError(
            f'sip.transport cannot be {sip.transport!r}: our own endpoints use "tls"'
        )
    if not sip.secret:
        raise SettingsError("missing: sip.secret")
    if bool(sip.ca) == bool(sip.ca_file):
        raise SettingsError("one of sip.ca_file and sip.ca is needed, and one only")
    if sip.ca_file and not sip.ca_file.is_file():
        raise SettingsError(f"sip.ca_file: there is no file {sip.ca_file}")
    if media.display not in DISPLAYS:
        allowed = ", ".join(DISPLAYS)
        raise SettingsError(f"media.display must be one of {allowed}")
    if media.audio not in (AUTO, NULL_AUDIO):
        raise SettingsError("media.audio must be one of auto, null")
    for name in ("rtp_port_first", "rtp_port_count"):
        if not 0 <= getattr(media, name) <= 65535:
            raise SettingsError(f"media.{name} must lie between 0 and 65535")
    for name in ("line_up_kbps", "line_down_kbps"):
        value = getattr(media, name)
        if value and not LEAST_LINE_KBPS <= value <= MOST_LINE_KBPS:
            raise SettingsError(
                f"media.{name} must lie between {LEAST_LINE_KBPS} and {MOST_LINE_KBPS},"
                " or be 0"
            )
    for name, low, high in (
        ("width", 160, 1920),
        ("height", 120, 1080),
        ("frames_per_second", 1, 60),
        ("bitrate_kbps", 64, 8000),
        ("silence_limit_seconds", 1, 300),
        ("black_picture_seconds", 1, 300),
    ):
        if not low <= getattr(media, name) <= high:
            raise SettingsError(f"media.{name} must lie between {low} and {high}")
