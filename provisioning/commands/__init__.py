# SPDX-License-Identifier: AGPL-3.0-or-later
"""The subcommands of `guichet-provision` and what they share; `provisioning.cli` wires them."""
