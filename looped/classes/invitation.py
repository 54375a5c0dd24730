"""What brings a class together: a short code, the teacher's key, and the link of the class as a QR code."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

import segno

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # without those that are read as another: 0 o, 1 l i
LENGTH = 6  # 31 ** 6 codes: 887 million
LONGEST = 300  # characters of an address


def new_code() -> str:
    """Return a code that nobody can guess from those before.

    >>> len(new_code()), set(new_code()) <= set(LETTERS)
    (6, True)
    """
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def new_key() -> str:
    """Return what proves that somebody is the teacher, or the same student as before: 128 random bits."""
    return secrets.token_urlsafe(16)


def read_code(text: object) -> str:
    """Return a code as it was typed, in any case and with spaces or hyphens; "" for what is none.

    >>> read_code(" K7M-2PQ "), read_code("no code"), read_code(7)
    ('k7m2pq', '', '')
    """
    if not isinstance(text, str) or len(text) > 2 * LENGTH:
        return ""
    code = "".join(text.lower().replace("-", " ").split())
    return code if len(code) == LENGTH and set(code) <= set(LETTERS) else ""


def link_of(root: object, code: str) -> str:
    """Return the link of a class on the app at the address `root`. Raises ValueError with one sentence.

    >>> link_of("https://scope.example/lab/", "k7m2pq")
    'https://scope.example/lab/?class=k7m2pq'
    """
    parts = urlsplit(root) if isinstance(root, str) and len(root) <= LONGEST else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError("The address of this page did not arrive; reload it and start the class again.")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/?class={code}"


def qr(link: str) -> list[str]:
    """Return the QR code of a link: its rows, "1" where it is dark, with a quiet border of four.

    >>> rows = qr("https://scope.example/?class=k7m2pq")
    >>> len(rows) == len(rows[0]), rows[0] == "0" * len(rows)
    (True, True)
    """
    matrix = segno.make_qr(link, error="m").matrix_iter(border=4)
    return ["".join("1" if dark else "0" for dark in row) for row in matrix]
