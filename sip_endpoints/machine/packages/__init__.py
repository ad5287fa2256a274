# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where this machine's packages come from, which are there, and what became of the last update."""
