# SPDX-License-Identifier: AGPL-3.0-or-later
"""Alerts: what is wrong with the machines, told once when it begins and once when it is over."""
