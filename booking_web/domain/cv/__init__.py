# SPDX-License-Identifier: AGPL-3.0-or-later
"""The CV that a counsellor writes with a resident: kept field by field, sealed, and erased."""
