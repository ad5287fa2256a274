# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may do what: the one room in which access is decided."""
