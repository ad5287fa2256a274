# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads what the console's buttons send; nothing of it is trusted."""

from collections.abc import Mapping

from booking_web.tables.device_jobs import (
    JobOrder,
    Operation,
    Preset,
    ScanColour,
)


class OrderNotUnderstood(ValueError):
    """The form holds what the page does not offer."""


def read_order(operation: Operation, form: Mapping[str, str]) -> JobOrder:
    """Give the order of a Print, Scan or Copy form; raises OrderNotUnderstood."""
    try:
        document = int(form["document"]) if operation is Operation.PRINT else None
        return JobOrder(
            operation=operation,
            document=document,
            copies=int(form.get("copies") or 1),
            colour=form.get("colour", "colour") == "colour",
            duplex=form.get("duplex") == "1",
            preset=Preset(form.get("preset") or Preset.AUTO),
            resolution_dpi=int(form.get("resolution") or 300),
            scan_colour=ScanColour(form.get("scan_colour") or ScanColour.COLOUR),
        )
    except (KeyError, ValueError) as error:
        raise OrderNotUnderstood(str(error)) from error
