# SPDX-License-Identifier: AGPL-3.0-or-later
"""The agent: tells the server how this machine is, and does what the server asks of it."""
