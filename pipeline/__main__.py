"""``python -m pipeline`` is ``koudai``."""

from pipeline.cli import main

if __name__ == "__main__":
    main()
