# SPDX-License-Identifier: AGPL-3.0-or-later
"""The server as a machine: installed, looked at, upgraded, kept. `guichet-server`.

Knows files, users, units and programs of Debian. What happens in the pages is not known here:
`guichet-web` and its like are run as programs.
"""
