# SPDX-License-Identifier: AGPL-3.0-or-later
"""When organisations are open, and the slots that are free: see docs/availability.md."""
