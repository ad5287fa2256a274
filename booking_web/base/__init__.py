# SPDX-License-Identifier: AGPL-3.0-or-later
"""What every floor stands on, which knows nothing of ours: settings, transactions, text."""
