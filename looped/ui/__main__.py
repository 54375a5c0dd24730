"""Start the app from any folder: `loopscope`, or `python -m looped.ui`. What follows goes to `streamlit run`."""

from __future__ import annotations

import sys

from streamlit.web.cli import main as streamlit

from looped.places import resource


def main() -> None:
    """Run `streamlit run app.py` with the arguments of this command, for example `--server.port 8600`."""
    streamlit(["run", str(resource("app.py")), *sys.argv[1:]], prog_name="streamlit")


if __name__ == "__main__":
    main()
