# SPDX-License-Identifier: AGPL-3.0-or-later
"""The secretary's page: the booking form and the day's appointments, live."""
