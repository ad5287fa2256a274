# SPDX-License-Identifier: AGPL-3.0-or-later
"""The two screens: what the browser may, what is where, and what is seen before the site is."""
