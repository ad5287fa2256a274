# SPDX-License-Identifier: AGPL-3.0-or-later
"""Everything that is held about a resident, gathered for them (GDPR, articles 15 and 20)."""
