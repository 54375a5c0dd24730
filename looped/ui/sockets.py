"""The sockets of the server send what is written at once."""

from __future__ import annotations

import gc
import socket

FAMILIES = {socket.AF_INET, socket.AF_INET6}


def send_at_once() -> None:
    """Set TCP_NODELAY on the TCP sockets of this process; connections take it over from the socket they arrive at.

    asyncio sets it only where a socket names its protocol, which the one that Streamlit binds does not. Without it an
    answer of several small writes waits until the browser has acknowledged the first one: up to 40 ms each time.
    """
    known = [one for one in gc.get_objects() if issubclass(type(one), socket.socket)]
    for one in known:
        if one.fileno() >= 0 and one.family in FAMILIES and one.type == socket.SOCK_STREAM:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
