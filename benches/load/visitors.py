#!/usr/bin/env python3
"""Sends requests at a fixed mean rate from the outside: how long does a visitor wait, and does everyone get 200?

An open loop: requests are due at times drawn beforehand (exponential gaps, as independent visitors make them), and
a wait is counted from the due time, so a server that stalls is charged for everybody who came meanwhile. h2load
sends its share on a timer of 10 ms, so its requests come in bursts of one per connection: right for counting CPU
time, useless for waiting times. It also knows one Host only; here requests take the given ones in turn.

    visitors.py --port 8080 --host a.test --host b.test --rate 1000 --count 10000

Prints one JSON object: count, not_2xx, failed, seconds, waits in microseconds (p50, p90, p99, p999, max, mean), and how
late it was itself (late_p99).
It hardly ever sleeps: give it a core of its own.
"""

import argparse
import json
import random
import select
import socket
import sys
import time
from collections import deque

# Never waits longer than this for the last answers.
END_TIMEOUT_S = 10.0
READ_BYTES = 1 << 16
# How long before a request is due it stops sleeping: the system's timers are not exact.
SPIN_S = 0.001


class Connection:
    """One keep-alive connection, at most one request on it."""

    def __init__(self, address):
        self.address = address
        self.socket = None
        self.due = 0.0
        self.pending = b""
        self.left = -1
        self.head = b""
        self.closes = False

    def open(self, poll, by_fd):
        self.socket = socket.create_connection(self.address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        by_fd[self.socket.fileno()] = self
        poll.register(self.socket.fileno(), select.EPOLLIN)

    def close(self, poll, by_fd):
        if self.socket is not None:
            poll.unregister(self.socket.fileno())
            del by_fd[self.socket.fileno()]
            self.socket.close()
            self.socket = None

    def send(self, request, due, poll):
        self.due, self.left, self.head, self.closes = due, -1, b"", False
        sent = 0
        try:
            sent = self.socket.send(request)
        except BlockingIOError:
            pass
        self.pending = request[sent:]
        if self.pending:
            poll.modify(self.socket.fileno(), select.EPOLLIN | select.EPOLLOUT)

    def writable(self, poll):
        self.pending = self.pending[self.socket.send(self.pending) :]
        if not self.pending:
            poll.modify(self.socket.fileno(), select.EPOLLIN)

    def readable(self):
        """The status once the answer is complete, None before; an OSError when it broke off."""
        data = self.socket.recv(READ_BYTES)
        if not data:
            raise ConnectionResetError("closed")
        if self.left >= 0:
            self.left -= len(data)
            return self.status if self.left <= 0 else None
        self.head += data
        end = self.head.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = self.head[:end].lower()
        self.status = int(head[9:12])
        self.closes = b"\r\nconnection: close" in head
        at = head.find(b"\r\ncontent-length:")
        if at < 0:
            # Chunked: the guests that are asked here end in one piece, and its end is at the very end.
            return self.status if self.head.endswith(b"0\r\n\r\n") else None
        stop = head.find(b"\r\n", at + 2)
        length = int(head[at + 17 : stop if stop > 0 else end])
        self.left = length - (len(self.head) - end - 4)
        return self.status if self.left <= 0 else None


def requests(options):
    body = b"x" * options.body_bytes
    method = "POST" if body else "GET"
    length = f"content-length: {len(body)}\r\n" if body else ""
    made = []
    for host in options.host:
        text = f"{method} {options.path} HTTP/1.1\r\nhost: {host}\r\nuser-agent: visitors\r\naccept: */*\r\n{length}\r\n"
        made.append(text.encode() + body)
    return made


def run(options):
    made = requests(options)
    address = ("127.0.0.1", options.port)
    poll, by_fd = select.epoll(), {}
    connections = [Connection(address) for _ in range(options.connections)]
    for connection in connections:
        connection.open(poll, by_fd)
    free = deque(connections)
    gaps = random.Random(options.seed)
    waits, not_2xx, failed, sent = [], 0, 0, 0
    # How late requests were for no want of a connection: that is this program's own delay, not the server's.
    late, starved = [], False
    now = time.monotonic
    began = now()
    due = began
    end = None
    while len(waits) + failed < options.count:
        time_now = now()
        while sent < options.count and due <= time_now and free:
            connection = free.popleft()
            if not starved:
                late.append(now() - due)
            try:
                if connection.socket is None:
                    connection.open(poll, by_fd)
                connection.send(made[sent % len(made)], due, poll)
            except OSError:
                failed += 1
                connection.close(poll, by_fd)
                free.append(connection)
            sent += 1
            due += gaps.expovariate(options.rate)
        starved = not free
        if sent >= options.count:
            end = end or time_now + END_TIMEOUT_S
            if time_now > end:
                failed = options.count - len(waits)
                break
        # Where the next one is due much later, the core is left to others until shortly before.
        ahead = due - now() if sent < options.count else 0.01
        for fd, event in poll.poll(max(ahead - SPIN_S, 0)):
            connection = by_fd[fd]
            try:
                if event & select.EPOLLOUT:
                    connection.writable(poll)
                if not event & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR):
                    continue
                status = connection.readable()
            except BlockingIOError:
                continue
            except (OSError, ValueError):
                # A server may close an idle connection; one with a request on it has failed.
                if connection not in free:
                    failed += 1
                    free.append(connection)
                connection.close(poll, by_fd)
                continue
            if status is None:
                continue
            waits.append(now() - connection.due)
            not_2xx += not 200 <= status < 300
            if connection.closes:
                connection.close(poll, by_fd)
            free.append(connection)
    seconds = now() - began
    waits.sort()
    late.sort()
    at = lambda times, part: round(times[min(int(len(times) * part), len(times) - 1)] * 1e6, 1) if times else None
    us = lambda part: at(waits, part)
    return {
        "count": len(waits),
        "not_2xx": not_2xx,
        "failed": failed,
        "seconds": round(seconds, 3),
        "late_p99": at(late, 0.99),
        "p50": us(0.5),
        "p90": us(0.9),
        "p99": us(0.99),
        "p999": us(0.999),
        "max": us(1.0),
        "mean": round(sum(waits) / len(waits) * 1e6, 1) if waits else None,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", action="append", default=[], help="Host of the requests; more than one: in turn")
    parser.add_argument("--hosts", help="a file with one Host a line")
    parser.add_argument("--path", default="/")
    parser.add_argument("--body-bytes", type=int, default=0, help="POST a body of this length")
    parser.add_argument("--rate", type=float, default=1000.0, help="requests a second, on the mean")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.hosts:
        with open(options.hosts, encoding="ascii") as file:
            options.host += file.read().split()
    options.host = options.host or ["localhost"]
    json.dump(run(options), sys.stdout)
    print()


if __name__ == "__main__":
    main()
