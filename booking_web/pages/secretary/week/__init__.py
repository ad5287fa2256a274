# SPDX-License-Identifier: AGPL-3.0-or-later
"""The week, lists for paper and spreadsheets, calendar feeds."""
