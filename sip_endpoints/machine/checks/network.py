# SPDX-License-Identifier: AGPL-3.0-or-later
"""Network, clock and certificates: all that lies between this kiosk and its server."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from device_bridge.server.clock import TOLERANCE_SECONDS
from sip_endpoints.machine.checks.check import Check, CheckName, failed, passed
from sip_endpoints.machine.checks.line import Line
from sip_endpoints.machine.server.faults import Cause, SiteUnreachable

# What a call bears: docs/endpoints.md.
LOSS_LIMIT, JITTER_LIMIT_MS, ROUND_TRIP_LIMIT_MS = 0.05, 60.0, 400.0
# A site renews its certificates weeks before; a week before the end nobody did.
WARN_BEFORE = timedelta(days=7)
# Faults of time and of certificates have a check of their own.
_OTHERS = frozenset(
    {Cause.CLOCK_OFF, Cause.CERTIFICATE_ENDED, Cause.CERTIFICATE_UNKNOWN}
)

Now = Callable[[], datetime]


def utc_now() -> datetime:
    """Give the time of this machine."""
    return datetime.now(UTC)


def check_network(measured: Line | SiteUnreachable) -> Check:
    """Judge the line to Asterisk."""
    name = CheckName.NETWORK
    if isinstance(measured, SiteUnreachable):
        if measured.cause in _OTHERS:
            return passed(name)
        return failed(name, measured.cause.value, why=str(measured))
    details = {
        "round_trip_ms": measured.round_trip_ms,
        "jitter_ms": measured.jitter_ms,
        "loss_percent": round(measured.loss_fraction * 100, 1),
    }
    if measured.loss_fraction > LOSS_LIMIT:
        return failed(name, "loss", **details)
    if measured.jitter_ms > JITTER_LIMIT_MS:
        return failed(name, "jitter", **details)
    if measured.round_trip_ms > ROUND_TRIP_LIMIT_MS:
        return failed(name, "slow", **details)
    return passed(name, **details)


def check_clock(
    server_says: datetime | SiteUnreachable | None, now: Now = utc_now
) -> Check:
    """Compare the clock with the date of the site's answer."""
    name = CheckName.CLOCK
    if isinstance(server_says, SiteUnreachable):
        if server_says.cause is Cause.CLOCK_OFF:
            return failed(name, "clock_off", why=str(server_says))
        return failed(name, "no_answer")
    if server_says is None:
        return failed(name, "no_answer")
    ahead = round((now() - server_says).total_seconds())
    if abs(ahead) > TOLERANCE_SECONDS:
        return failed(name, "clock_off", ahead_seconds=ahead)
    return passed(name, ahead_seconds=ahead)


def check_certificate(
    ends: list[datetime | SiteUnreachable], now: Now = utc_now
) -> Check:
    """Judge the certificates of Asterisk and of the site by the one that ends first."""
    name = CheckName.CERTIFICATE
    faults = [each for each in ends if isinstance(each, SiteUnreachable)]
    for fault in faults:
        if fault.cause in (Cause.CERTIFICATE_ENDED, Cause.CERTIFICATE_UNKNOWN):
            return failed(name, fault.cause.value, why=str(fault))
    known = [each for each in ends if isinstance(each, datetime)]
    if any(fault.cause is Cause.CLOCK_OFF for fault in faults):
        # By this clock no certificate is good; the server that was asked is there.
        return failed(name, Cause.CLOCK_OFF.value)
    if not known:
        return failed(name, "no_answer")
    first = min(known)
    details = {"ends": first.isoformat()}
    if first - now() < WARN_BEFORE:
        return failed(name, "ends_soon", **details)
    return passed(name, **details)
