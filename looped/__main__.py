"""python -m looped list | results | trace | evaluate | experiment | train | bench | export | theory"""

from __future__ import annotations

import sys

from looped.commands import parser


def main(arguments: list[str] | None = None) -> int:
    """Run a command line and return its exit status: 2 for wrong input, 1 for a training run that diverged."""
    args = parser().parse_args(arguments)
    try:
        args.run(args)
    except ValueError as error:  # every complaint about input is a ValueError with one sentence
        print(f"looped: {error}", file=sys.stderr)
        return 2
    except FloatingPointError as error:  # a training run that diverged
        print(f"looped: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
