# SPDX-License-Identifier: AGPL-3.0-or-later
"""Measures ours beside a peer in one run. The rows are modules named after the row."""
