# SPDX-License-Identifier: AGPL-3.0-or-later
"""Faults of real machines, across the hosts, and the state that each leaves."""
