# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is looked at to tell whether a server works, and what to do where it does not."""
