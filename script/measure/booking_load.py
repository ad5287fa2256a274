# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sends prepared forms from many browsers at once, in a process of its own.

Reads one JSON object from stdin: the port, and per browser the forms that it sends one after
the other on one open connection. Writes how long all took and each answer's milliseconds.
The client is as cheap as Python allows, because it shares the cores with the server.
"""

import http.client
import json
import sys
import threading
import time
from typing import TypedDict


class Post(TypedDict):
    """A form as it goes over the wire."""

    path: str
    headers: dict[str, str]
    body: str


class Load(TypedDict):
    """Where to send, and what each browser sends."""

    port: int
    browsers: list[list[Post]]


class Measured(TypedDict):
    """How it went; `refused` holds the statuses that were no redirect."""

    seconds: float
    answers_ms: list[float]
    refused: list[int]


def run(load: Load) -> Measured:
    """Send everything and give the times."""
    start = threading.Barrier(len(load["browsers"]) + 1)
    answers_ms: list[float] = []
    refused: list[int] = []

    def browse(posts: list[Post]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", load["port"], timeout=60)
        connection.connect()
        start.wait()
        for post in posts:
            sent_at = time.perf_counter()
            connection.request("POST", post["path"], post["body"], post["headers"])
            answer = connection.getresponse()
            answer.read()
            answers_ms.append((time.perf_counter() - sent_at) * 1000)
            if answer.status not in (302, 303):
                refused.append(answer.status)
        connection.close()

    threads = [
        threading.Thread(target=browse, args=(posts,)) for posts in load["browsers"]
    ]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "answers_ms": answers_ms, "refused": refused}


if __name__ == "__main__":
    print(json.dumps(run(json.load(sys.stdin))))
