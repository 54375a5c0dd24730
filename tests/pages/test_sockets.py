"""The server sends what is written at once."""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import socket
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from looped.ui import state

ROOT = Path(__file__).resolve().parents[2]


def nodelay(one: socket.socket) -> bool:
    return bool(one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))


def test_connections_of_a_server_that_starts_do_not_wait_for_acknowledgements(monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket as Streamlit binds it, which names no protocol, before the app starts; sockets of other kinds stay."""
    monkeypatch.setattr(state, "engine", MagicMock())
    monkeypatch.setattr(state, "warm_up", lambda engine: None)
    monkeypatch.setattr(gc, "freeze", lambda: None)
    found = importlib.util.spec_from_file_location("started_app", ROOT / "app.py")
    assert found is not None
    assert found.loader is not None
    app = importlib.util.module_from_spec(found)
    found.loader.exec_module(app)

    async def start() -> None:
        async with app.warm(app.app):
            pass

    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as bound, socket.socket(socket.AF_UNIX) as other:
        bound.bind(("127.0.0.1", 0))
        bound.listen()
        closed = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        closed.close()
        assert not nodelay(bound)
        asyncio.run(start())
        with socket.create_connection(bound.getsockname()):
            accepted, _ = bound.accept()
            with accepted:
                assert nodelay(accepted)
        assert other.family == socket.AF_UNIX
