# SPDX-License-Identifier: AGPL-3.0-or-later
"""The whole system on one machine, on free ports, in one folder: for demo, tests, bench."""
