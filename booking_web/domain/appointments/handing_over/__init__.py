# SPDX-License-Identifier: AGPL-3.0-or-later
"""Handing a resident in call over: to a colleague, or to another organisation's queue."""
