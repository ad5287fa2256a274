# SPDX-License-Identifier: AGPL-3.0-or-later
"""Appointments as calendars and spreadsheets read them."""
