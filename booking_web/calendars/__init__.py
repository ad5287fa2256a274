# SPDX-License-Identifier: AGPL-3.0-or-later
"""Appointments as calendars: feeds, the week, lists for paper and spreadsheets."""
