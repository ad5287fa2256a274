# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is ordered of Asterisk: which call is due, and codes keyed into calls."""
