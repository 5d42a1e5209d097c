"""A load on one port: GET requests over keep-alive connections, from a process of its own.

``python load.py PORT CONNECTIONS SECONDS`` prints requests per second. It keeps every connection
busy with one request and counts whole answers; each answer must end with BODY.
"""

import selectors
import socket
import sys
import time

BODY = b"served"
REQUEST = (
    b"GET /hello HTTP/1.1\r\nhost: example.test\r\nuser-agent: load\r\naccept: */*\r\n"
    b"x-debug: 1\r\nx-tag: zero\r\n\r\n"
)


def rate(port: int, connections: int, seconds: float) -> float:
    """Return the answers per second that came within ``seconds``."""
    selector = selectors.DefaultSelector()
    for _ in range(connections):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ)
        connection.sendall(REQUEST)
    done, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        for key, _ in selector.select(1):
            busy = key.fileobj
            if isinstance(busy, socket.socket) and busy.recv(65536).endswith(BODY):
                done += 1
                busy.sendall(REQUEST)
    return done / (time.perf_counter() - begun)


if __name__ == "__main__":
    print(rate(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
