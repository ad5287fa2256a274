# SPDX-License-Identifier: AGPL-3.0-or-later
"""Interpreters in the appointments of others: who offers them, and how their calls stand."""
