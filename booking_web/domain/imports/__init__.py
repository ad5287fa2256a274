# SPDX-License-Identifier: AGPL-3.0-or-later
"""Takes over appointments that were made elsewhere, from a CSV file (see docs/api.md)."""
