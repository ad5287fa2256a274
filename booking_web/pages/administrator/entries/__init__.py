# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages of every kind of entry have in common: list, form, change, history."""
