# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of messages that go out, and of reminders to telephone."""
