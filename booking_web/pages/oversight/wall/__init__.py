# SPDX-License-Identifier: AGPL-3.0-or-later
"""How the site is now, on a screen on a wall, and who lets such a screen in."""
