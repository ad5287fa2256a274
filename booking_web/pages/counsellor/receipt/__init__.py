# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counsellor's page of the receipt that the resident takes home."""
