# SPDX-License-Identifier: AGPL-3.0-or-later
"""Leaves nothing of an appointment at the kiosk: wiped, looked after, proven, or told."""
