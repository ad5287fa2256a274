# SPDX-License-Identifier: AGPL-3.0-or-later
"""When and where there is a place: hours, what is held, what is free (docs/availability.md)."""
