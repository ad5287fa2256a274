# SPDX-License-Identifier: AGPL-3.0-or-later
"""The fleet's pages: how each machine is, and what it is asked to do. No resident is here."""
