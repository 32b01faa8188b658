"""Run `python -m annotate.cli` as `pairloop`."""

from annotate.cli import main

if __name__ == "__main__":
    main()
