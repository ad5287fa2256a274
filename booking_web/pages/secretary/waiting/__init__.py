# SPDX-License-Identifier: AGPL-3.0-or-later
"""The waiting list's pages."""
