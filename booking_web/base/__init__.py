# SPDX-License-Identifier: AGPL-3.0-or-later
"""What every floor stands on: settings, transactions, the clock, regular text; knows nothing of ours."""
