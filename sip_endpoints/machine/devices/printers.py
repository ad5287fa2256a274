# SPDX-License-Identifier: AGPL-3.0-or-later
"""Printers on the network or the cable, and the one queue; through CUPS's own programs."""

from sip_endpoints.machine.devices.found import Found, Kind
from sip_endpoints.machine.system.choices import QUEUE
from sip_endpoints.machine.system.programs import Run, run

# Announcements are waited for; USB printers are announced too, by ipp-usb.
LOOK_SECONDS = 5
# CUPS asks the printer for all that it can do; a printer that wakes up takes its time.
_MAKE_SECONDS = 120.0
_SERVICES = ("_ipp._tcp", "_ipps._tcp")
_LINE = ("%s\\t%s\\n", "{service_name}", "{service_uri}")
# What a kiosk keeps of a print: docs/devices.md says why.
PRIVACY = (
    "PreserveJobFiles=No",
    "PreserveJobHistory=3600",
    "DirtyCleanInterval=0",
    "Browsing=No",
    "BrowseLocalProtocols=none",
)
_CLOSED = ("--no-share-printers", "--no-remote-admin", "--no-remote-any")


def find_printers(run: Run = run) -> list[Found]:
    """Give the driverless printers that announce themselves now.

    Those that print over TLS only are looked for where there are no others.
    """
    for service in _SERVICES:
        ran = run(
            [
                *("ippfind", "-T", str(LOOK_SECONDS), service),
                *("--exec", "printf", *_LINE, ";"),
            ],
            limit_seconds=LOOK_SECONDS + 20.0,
            # It says no where it found nothing.
            may_fail=True,
        )
        found = read_printers(ran.output)
        if found:
            return found
    return []


def read_printers(output: str) -> list[Found]:
    """Read what was found; a printer that offers IPP with and without TLS is one.

    The address holds the printer's name on its network, which stays when its number changes.
    """
    found: dict[str, Found] = {}
    for line in sorted(output.splitlines()):
        name, separator, address = line.partition("\t")
        if separator and address.startswith(("ipp://", "ipps://")):
            found.setdefault(name, Found(Kind.PRINTER, name, name, address))
    return sorted(found.values(), key=lambda each: each.name)


def make_queue(printer: Found, run: Run = run) -> None:
    """Have CUPS print on it without a driver, and try for ever: the bridge has the limits."""
    run(
        [
            *("lpadmin", "-p", QUEUE, "-E", "-v", printer.address, "-m", "everywhere"),
            *("-o", "printer-error-policy=retry-current-job"),
            *("-o", "printer-is-shared=false", "-D", printer.title),
        ],
        limit_seconds=_MAKE_SECONDS,
    )
    run(["cupsaccept", QUEUE])
    run(["cupsenable", QUEUE])


def queue_address(run: Run = run) -> str:
    """Give the address of the printer behind our queue; empty where there is no queue."""
    ran = run(["lpstat", "-v", QUEUE], may_fail=True)
    return ran.output.strip().partition(": ")[2] if not ran.code else ""


def remove_queue(run: Run = run) -> None:
    """Take our queue away, with what waits in it."""
    run(["lpadmin", "-x", QUEUE], may_fail=True)


def keep_nothing(run: Run = run) -> None:
    """Have CUPS keep no document and listen to this machine alone."""
    run(["cupsctl", *_CLOSED, *PRIVACY])
