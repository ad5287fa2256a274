# SPDX-License-Identifier: AGPL-3.0-or-later
"""The waiting list: who is offered a slot that was freed."""
