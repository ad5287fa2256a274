# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the kiosk itself shows: its second screen, its help key."""
