"""What every answer says to the browser of how its page may be used, of the app's routes and of Streamlit's alike."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = {
    "default-src": "'self'",
    # The component's first script comes as text of the page (blob:). Vega turns the expressions of a chart into
    # functions and Streamlit's page has a script of its own, so neither "unsafe-…" can be left out.
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval' blob:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "media-src": "'self' data: blob:",
    "frame-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}


def policy(embed: tuple[str, ...]) -> str:
    """Return the content security policy. embed: sites whose pages may show the app in a frame.

    >>> policy(("https://moodle.example",)).rpartition("; ")[2]
    "frame-ancestors 'self' https://moodle.example"
    """
    rules = POLICY | {"frame-ancestors": " ".join(["'self'", *embed])}
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())


class Headers:
    """ASGI middleware: every answer says that its type is what it says, who may frame it and what its page may load.

    Nothing of an address is told to other sites: a link holds what somebody typed.
    """

    def __init__(self, app: ASGIApp, embed: tuple[str, ...] = ()) -> None:
        self.app = app
        self.added = {
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Content-Security-Policy": policy(embed),
            "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        }
        if not embed:  # the older way to say so knows no list of sites
            self.added["X-Frame-Options"] = "SAMEORIGIN"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to every answer over HTTP that does not say otherwise itself."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.added.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, guarded if scope["type"] == "http" else send)
