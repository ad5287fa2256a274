# SPDX-License-Identifier: AGPL-3.0-or-later
"""What Asterisk is given: its rows, its configuration files, its certificates."""
