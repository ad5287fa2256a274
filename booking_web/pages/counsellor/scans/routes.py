# SPDX-License-Identifier: AGPL-3.0-or-later
"""Puts the pages of scans on the console's blueprint: they are there once imported."""

from booking_web.pages.counsellor.scans import acts, keeping, table

__all__ = ["acts", "keeping", "table"]
