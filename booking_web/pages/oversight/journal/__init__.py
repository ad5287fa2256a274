# SPDX-License-Identifier: AGPL-3.0-or-later
"""The journal as the data protection officer reads it."""
