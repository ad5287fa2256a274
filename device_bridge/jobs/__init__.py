# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a device job is, how far it is and why: the words that every room of the bridge uses."""
