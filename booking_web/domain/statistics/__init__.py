# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the relay is worth, in figures: how each is counted is in docs/statistics.md."""
