# SPDX-License-Identifier: AGPL-3.0-or-later
"""Machines for tests: bare Debian roots that boot with a systemd of their own, on one machine."""
