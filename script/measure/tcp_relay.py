# SPDX-License-Identifier: AGPL-3.0-or-later
"""Hands TCP connections on: `python -m measure.tcp_relay FROM_HOST FROM_PORT TO_HOST TO_PORT`.

So a browser in a network of its own has the site at the address at which it is for everybody else:
camera and microphone are for pages of the machine itself, or behind TLS.
"""

import asyncio
import contextlib
import sys


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await source.read(65536):
            target.write(chunk)
            await target.drain()
    target.close()


async def _relay(from_host: str, from_port: str, to_host: str, to_port: str) -> None:
    async def pass_on(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(
                to_host, int(to_port)
            )
        except OSError:
            writer.close()
            return
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))

    server = await asyncio.start_server(pass_on, from_host, int(from_port))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_relay(*sys.argv[1:5]))
