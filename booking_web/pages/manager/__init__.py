# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages on which an organisation's manager publishes hours: see docs/availability.md."""
