# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is wanted, and what must change for it: inventories, snapshots, plans. No database."""
