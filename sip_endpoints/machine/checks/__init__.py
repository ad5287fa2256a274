# SPDX-License-Identifier: AGPL-3.0-or-later
"""The self-test: one module for each thing that must work, and what is said of it."""
