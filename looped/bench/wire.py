"""A visitor without a browser: Streamlit's own messages over its websocket."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

LONGEST = 60.0  # seconds that a visitor waits for the end of a run
Websocket = Any  # `websockets` and Streamlit's messages are imported when a visitor comes


@dataclass
class Session:
    """One open page: what it is connected by, and what the server has told of the app.

    component: the id of the microscope, "" where it is not on the page. shown: what it was sent last.
    pages: title → code of every page.
    """

    socket: Websocket
    component: str = ""
    shown: bytes = b""
    pages: dict[str, str] = field(default_factory=dict)

    async def open(self, query: str = "") -> float:
        """Open the page that an address shows; return the seconds until its script has ended, as all of these do."""
        return await self._run(_script(query_string=query))

    async def turn_to(self, page: str) -> float:
        """Switch to another page, given by its title, lower case."""
        return await self._run(_script(page_script_hash=self.pages[page]))

    async def ask(self, **request: Any) -> float:
        """Have the microscope show something else."""
        message = _script()
        widget = message.rerun_script.widget_states.widgets.add()
        widget.id, widget.json_value = self.component, json.dumps({"request": request})
        return await self._run(message)

    async def _run(self, message: Any) -> float:
        """Send a message and read what comes until the script has ended. Raises RuntimeError where it failed."""
        begun = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        async with asyncio.timeout(LONGEST):
            await self._read()
        return time.perf_counter() - begun

    async def _read(self) -> None:
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        self.component, wrong = "", ""
        while True:
            reply = ForwardMsg()
            reply.ParseFromString(await self.socket.recv())
            kind = reply.WhichOneof("type")
            if kind == "delta":
                element = reply.delta.new_element
                if element.HasField("bidi_component"):
                    self.component, self.shown = element.bidi_component.id, element.bidi_component.bytes
                elif element.HasField("exception"):
                    wrong = element.exception.message or element.exception.type
            elif kind == "navigation":
                self.pages = {page.page_name.lower(): page.page_script_hash for page in reply.navigation.app_pages}
            elif kind == "script_finished":
                if reply.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:  # it runs once more by itself
                    continue
                if reply.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                    wrong = wrong or ForwardMsg.ScriptFinishedStatus.Name(reply.script_finished)
                break
        if wrong:
            raise RuntimeError(wrong)


async def connected(address: str) -> Session:
    """Connect to the app at an address, as its page in a browser does."""
    from websockets.asyncio.client import connect

    stream = address.replace("http", "ws", 1) + "/_stcore/stream"
    return Session(await connect(stream, subprotocols=["streamlit"], max_size=None))  # type: ignore[list-item]


def _script(**rerun: str) -> Any:
    """Return the message that has the page's script run again."""
    from streamlit.proto.BackMsg_pb2 import BackMsg

    message = BackMsg()
    message.rerun_script.SetInParent()
    for name, value in rerun.items():
        setattr(message.rerun_script, name, value)
    return message
