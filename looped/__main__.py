"""python -m looped list | results | trace | evaluate | experiment | train | convert | bench | export | …"""

from __future__ import annotations

import os
import sys

from looped.commands import parser
from looped.commands.form import known, shortened
from looped.settings import check


def main(arguments: list[str] | None = None) -> int:
    """Run a command line and return its exit status: 2 for wrong input, 1 for a training run that diverged."""
    args = parser().parse_args(arguments)
    try:
        check()
        with known(args.checkpoints):
            args.run(args)
    except ValueError as error:  # every complaint about input is a ValueError with one sentence
        print(f"looped: {shortened(str(error))}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # who read what is printed has gone, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:  # a disk that is full, a folder that went
        print(f"looped: {error.filename or 'a file'}: {error.strerror or error}.", file=sys.stderr)
        return 2
    except FloatingPointError as error:  # a training run that diverged
        print(f"looped: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
