# SPDX-License-Identifier: AGPL-3.0-or-later
"""Asterisk's manager interface: the port to it, and the connection of a real one."""
