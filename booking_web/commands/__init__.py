# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command line `guichet-web`, one module for each command."""
