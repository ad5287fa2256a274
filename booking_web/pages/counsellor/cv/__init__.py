# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counsellor's page on which a CV is written with the resident."""
