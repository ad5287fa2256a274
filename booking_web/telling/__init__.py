# SPDX-License-Identifier: AGPL-3.0-or-later
"""What leaves the house: messages, webhooks, calendars, papers."""
