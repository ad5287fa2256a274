# SPDX-License-Identifier: AGPL-3.0-or-later
"""How the site meets the world: its address, headers, proxies, whom to tell of a hole."""
