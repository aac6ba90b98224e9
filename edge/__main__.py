"""`python -m edge` and the command `edge`: every error that Edge raises on purpose becomes one line."""

import os
import sys

from edge.cli import app
from edge.errors import EdgeError


def main() -> None:
    """Run the command line; exit 1 on an error, 130 on Ctrl-C."""
    try:
        app()
    except EdgeError as error:
        sys.stderr.write(f"edge: {error}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if os.environ.get("EDGE_DEBUG"):
            raise
        sys.stderr.write(
            f"edge: something broke that should not have ({type(error).__name__}). "
            "Please report it with what EDGE_DEBUG=1 edge ... prints.\n"
        )
        sys.exit(1)


if __name__ == "__main__":
    main()
