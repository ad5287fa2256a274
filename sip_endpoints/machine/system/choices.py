# SPDX-License-Identifier: AGPL-3.0-or-later
"""What was chosen on this machine: kiosk.toml, which an administrator may edit too."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import tomli_w

from sip_endpoints.machine.system.errors import MachineError
from sip_endpoints.machine.system.kept_files import write_file
from sip_endpoints.machine.system.window import read_window
from sip_endpoints.settings import LEAST_LINE_KBPS, MOST_LINE_KBPS

# The only device of its kind; none at all; the one that only tests and demos have.
AUTO, NONE, VIRTUAL = "auto", "none", "virtual"
# The queue is always called so; which printer stands behind it is CUPS's to know.
QUEUE = "guichet"
_HEADING = """# Choices of this kiosk (docs/install.md); `guichet-kiosk apply` puts them in force.

"""


class ChoiceRefused(MachineError):
    """kiosk.toml says something that cannot be."""


@dataclass(frozen=True, slots=True)
class Devices:
    """Each "auto", "none", "virtual" where there is one, or a name of `guichet-kiosk devices`."""

    printer: str = AUTO
    scanner: str = AUTO
    camera: str = AUTO
    microphone: str = AUTO
    loudspeaker: str = AUTO
    # SANE's settings: ours name the driverless backend alone, which finds scanners at once.
    sane_config_dir: str = "/usr/share/guichet-kiosk/sane"


@dataclass(frozen=True, slots=True)
class Screens:
    """Which output shows the call and which the pages; empty: in the order they are found."""

    call: str = ""
    pages: str = ""
    # How many screens the kiosk has; with 1, a second one is not missed.
    count: int = 2


@dataclass(frozen=True, slots=True)
class Network:
    """From which networks an administrator may come in by SSH; nothing else listens."""

    ssh_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Updates:
    """Between which hours of the night this kiosk may be updated."""

    window: str = "02:00-05:00"


@dataclass(frozen=True, slots=True)
class Captions:
    """Where the site put the models and the library of captions; empty: there are none."""

    folder: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """What the relay's line carries, in kbit/s, where that is known; 0: found out in each call."""

    up_kbps: int = 0
    down_kbps: int = 0


@dataclass(frozen=True, slots=True)
class Choices:
    """All of it; every key has a default."""

    language: str = "fr"
    devices: Devices = field(default_factory=Devices)
    screens: Screens = field(default_factory=Screens)
    network: Network = field(default_factory=Network)
    updates: Updates = field(default_factory=Updates)
    captions: Captions = field(default_factory=Captions)
    line: Line = field(default_factory=Line)


_TABLES: dict[str, type] = {
    "devices": Devices,
    "screens": Screens,
    "network": Network,
    "updates": Updates,
    "captions": Captions,
    "line": Line,
}


def read_choices(path: Path) -> Choices:
    """Give the choices of a file, the defaults where there is none."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Choices()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ChoiceRefused(f"{path} n'est pas lisible : {error}") from error
    choices = Choices()
    for name, value in content.items():
        if name == "language":
            choices = replace(choices, language=_language(value))
        elif name in _TABLES and isinstance(value, dict):
            choices = replace(choices, **{name: _table(name, value)})
        else:
            raise ChoiceRefused(f"{path} : {name} est inconnu.")
    return choices


def write_choices(path: Path, choices: Choices) -> None:
    """Put the choices in place for the next start."""
    content = asdict(choices)
    content["network"]["ssh_from"] = list(choices.network.ssh_from)
    write_file(path, _HEADING + tomli_w.dumps(content))


def _table(name: str, values: Mapping[str, Any]) -> Any:
    kinds = {item.name: item.type for item in fields(_TABLES[name])}
    for key, value in values.items():
        if key not in kinds:
            raise ChoiceRefused(f"{name}.{key} est inconnu dans kiosk.toml.")
        if kinds[key] is int:
            _check_number(name, key, value)
        if kinds[key] is str and not (isinstance(value, str) and value.isprintable()):
            raise ChoiceRefused(f"{name}.{key} n'est pas un texte.")
    if name == "updates" and "window" in values:
        try:
            read_window(values["window"])
        except ValueError as error:
            raise ChoiceRefused(f"updates.window : {error}") from error
    if name == "captions" and not (values.get("folder") or "/").startswith("/"):
        raise ChoiceRefused("captions.folder commence par /.")
    if name == "network":
        return Network(read_networks(values.get("ssh_from", [])))
    return _TABLES[name](**values)


def _check_number(name: str, key: str, value: Any) -> None:
    if name == "screens":
        if not (type(value) is int and value in (1, 2)):
            raise ChoiceRefused(f"{name}.{key} est 1 ou 2.")
    elif type(value) is not int or not (
        value == 0 or LEAST_LINE_KBPS <= value <= MOST_LINE_KBPS
    ):
        raise ChoiceRefused(
            f"{name}.{key} est 0, ou un nombre de kbit/s entre {LEAST_LINE_KBPS} et"
            f" {MOST_LINE_KBPS}."
        )


def _language(value: Any) -> str:
    if value not in ("fr", "en"):
        raise ChoiceRefused('language est "fr" ou "en".')
    return str(value)


def read_networks(values: Any) -> tuple[str, ...]:
    """Give networks in their one written form: nft reads them."""
    if not isinstance(values, list):
        raise ChoiceRefused("network.ssh_from est une liste de réseaux.")
    try:
        return tuple(str(ip_network(each)) for each in values)
    except ValueError as error:
        raise ChoiceRefused(f"network.ssh_from : {error}") from error
