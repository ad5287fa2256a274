# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk as a machine: enrolled, watched, tested, and given back.

Subcommands of `guichet-kiosk` for an installed PC; the telephone itself knows nothing of this.
"""
