# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of statistics: tables with drawings, a spreadsheet, a sheet for the council."""
