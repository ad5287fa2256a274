# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a kiosk meets its server for the first time, and how it leaves it."""
