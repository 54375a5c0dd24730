"""All classes of a server: started, found by their codes, and forgotten when nobody has used them for two hours."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from looped.classes.invitation import new_code, read_code
from looped.classes.session import ENDED, Bounds, ClassError, ClassSession

IDLE = 2 * 3600.0  # seconds
MOST_WRONG = 60  # codes of no class that one address may try in a minute: a class that mistypes, not one that searches
MINUTE = 60.0
MOST_ADDRESSES = 10_000  # that are remembered for their wrong codes
NO_CODE = "This is no code of a class: it has six letters and digits; the teacher's screen shows it."
NO_CLASS = (
    "There is no class with this code: it is mistyped, or its class has ended, or the server has forgotten its classes "
    "in a restart. Ask your teacher for a code."
)
MOST_ENDED = 10_000  # classes whose codes are remembered, to say that they have ended


class Classes:
    """The classes of a server.

    most    how many there may be at once; one address may start half of them
    bounds  of each of them
    now     a clock in seconds
    """

    def __init__(self, most: int, bounds: Bounds, now: Callable[[], float] = time.monotonic) -> None:
        self.most, self.bounds, self.now = most, bounds, now
        self.guard = threading.RLock()
        self.sessions: dict[str, ClassSession] = {}
        self.ended: deque[str] = deque(maxlen=MOST_ENDED)  # codes
        self.closing = False  # the server stops: pages hear no more
        self.wrong: dict[str, deque[float]] = {}  # by address: when a code was tried that is none

    def start(self, owner: str) -> ClassSession:
        """Start a class. Raises ClassError where there are too many."""
        with self.guard:
            self.sweep()
            if not self.most:
                raise ClassError("This server has no classes together; whoever runs it may set LOOPSCOPE_CLASSES.", 404)
            own = sum(one.owner == owner for one in self.sessions.values())
            if len(self.sessions) >= self.most or own >= max(1, -(-self.most // 2)):
                raise ClassError(
                    f"This server has as many classes as it takes ({self.most}, half of them from one address); "
                    "end one that is over, or come back later.",
                    503,
                )
            code = next(code for code in iter(new_code, "") if code not in self.sessions and code not in self.ended)
            session = self.sessions[code] = ClassSession(code, owner, self.now, self.bounds)
            return session

    def find(self, code: object, address: str) -> ClassSession:
        """Return a class by its code. Raises ClassError where there is none or it has ended, or after too many."""
        read = read_code(code)
        if not read:
            raise ClassError(NO_CODE, 404)
        with self.guard:
            self.sweep()
            tried = self.wrong.get(address, deque())
            while tried and tried[0] < self.now() - MINUTE:
                tried.popleft()
            if len(tried) >= MOST_WRONG:
                raise ClassError("Too many codes of no class came from your address; wait a minute.", 429)
            found = self.sessions.get(read)
            if found is not None:
                return found
            if read in self.ended:
                raise ClassError(ENDED, 410)
            while address not in self.wrong and len(self.wrong) >= MOST_ADDRESSES:
                self.wrong.pop(next(iter(self.wrong)))
            self.wrong[address] = tried
            tried.append(self.now())
            raise ClassError(NO_CLASS, 404)

    def end(self, session: ClassSession) -> None:
        """End a class."""
        with self.guard:
            if self.sessions.pop(session.code, None) is not None:
                self.ended.append(session.code)
        session.end()

    def sweep(self) -> None:
        """End the classes that nobody has used for two hours."""
        with self.guard:
            for session in list(self.sessions.values()):
                if self.now() - session.used > IDLE:
                    self.end(session)

    def close(self) -> None:
        """Let all pages go that listen, so that the server can stop."""
        self.closing = True
        for session in list(self.sessions.values()):
            session.changed()

    def told(self) -> tuple[int, int]:
        """Return how many classes there are, and how many students are in them now."""
        with self.guard:
            self.sweep()
            return len(self.sessions), sum(session.here() for session in self.sessions.values())
