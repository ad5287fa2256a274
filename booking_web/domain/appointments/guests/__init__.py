# SPDX-License-Identifier: AGPL-3.0-or-later
"""A third person in an appointment's call, whom its counsellor invites by a one-time link."""
