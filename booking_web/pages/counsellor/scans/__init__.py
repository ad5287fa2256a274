# SPDX-License-Identifier: AGPL-3.0-or-later
"""Scans looked at together: their pages laid on a table, named, kept."""
