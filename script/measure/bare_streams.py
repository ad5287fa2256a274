# SPDX-License-Identifier: AGPL-3.0-or-later
"""The peer of our live pages: streams that beat, and nothing else, behind a bare nginx.

No sign-in, no database, no news: what is left is what so many open lines cost by themselves.
"""

import asyncio
import os
import shutil
import sys
from contextlib import ExitStack
from pathlib import Path

from stage.ports import HeldPort
from stage.processes import Program

# As ours.
BEAT_SECONDS = 15.0
_BEGIN = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    b"event: hello\n\n"
)
_NGINX = """
daemon off;
{user}pid {folder}/nginx.pid;
error_log stderr error;
worker_processes {workers};
worker_rlimit_nofile 8192;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/unused;
    uwsgi_temp_path {folder}/unused;
    scgi_temp_path {folder}/unused;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {tls}/server.pem;
        ssl_certificate_key {tls}/server.key;
        location / {{
            proxy_pass http://unix:{folder}/streams.sock;
            proxy_http_version 1.1;
            proxy_buffering off;
        }}
    }}
}}
"""


class BareStreams:
    """Both programs, started; the stack ends them."""

    def __init__(self, folder: Path, tls: Path, workers: int, stack: ExitStack) -> None:
        held = HeldPort()
        self.url = f"https://127.0.0.1:{held.number}"
        user = "user root;\n" if os.geteuid() == 0 else ""
        configuration = folder / "nginx.conf"
        configuration.write_text(
            _NGINX.format(
                folder=folder, tls=tls, port=held.number, workers=workers, user=user
            )
        )
        socket = folder / "streams.sock"
        nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx"
        commands = {
            "streams": [sys.executable, __file__, str(socket)],
            "nginx": [
                nginx,
                "-e",
                "stderr",
                "-p",
                str(folder),
                "-c",
                str(configuration),
            ],
        }
        self.programs = [
            Program(name, command, directory=folder, log=folder / f"{name}.log")
            for name, command in commands.items()
        ]
        for program in self.programs:
            program.start()
            stack.callback(program.kill)
        self.programs[0].wait_until(socket.exists)
        self.programs[1].wait_until((folder / "nginx.pid").exists)


async def _stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(_BEGIN)
        while not reader.at_eof():
            await writer.drain()
            await asyncio.sleep(BEAT_SECONDS)
            writer.write(b": beat\n\n")
    except (OSError, asyncio.IncompleteReadError):
        return
    finally:
        writer.close()


async def _serve(socket: str) -> None:
    server = await asyncio.start_unix_server(_stream, socket, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
