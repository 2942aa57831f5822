"""``python -m koudai`` is ``koudai``."""

from koudai.cli import main

if __name__ == "__main__":
    main()
