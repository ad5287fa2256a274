# SPDX-License-Identifier: AGPL-3.0-or-later
"""Calls that are handed over: the kiosk is sent to somebody else's telephone."""
