# SPDX-License-Identifier: AGPL-3.0-or-later
"""Scanners, as SANE's own program lists them."""

from sip_endpoints.machine.devices.found import Found, Kind
from sip_endpoints.machine.system.programs import Run, run

_LOOK_SECONDS = 40.0


def sane_environment(config_dir: str) -> dict[str, str]:
    """Give the variables by which SANE's programs find our settings; none: Debian's own."""
    return {"SANE_CONFIG_DIR": config_dir} if config_dir else {}


def find_scanners(config_dir: str, run: Run = run) -> list[Found]:
    """Give the scanners of the backends that the configuration names."""
    ran = run(
        ["scanimage", "--formatted-device-list=%d\t%v %m%n"],
        limit_seconds=_LOOK_SECONDS,
        environment=sane_environment(config_dir),
        may_fail=True,
    )
    found = []
    for line in ran.output.splitlines():
        name, separator, title = line.partition("\t")
        if separator and name:
            found.append(Found(Kind.SCANNER, name, title.strip()))
    return found
