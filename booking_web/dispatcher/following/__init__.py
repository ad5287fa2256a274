# SPDX-License-Identifier: AGPL-3.0-or-later
"""What Asterisk tells of calls, made facts: events, confirmation, comparison after silence."""
