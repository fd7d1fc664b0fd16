"""`python -m rct` is `rct`."""

from rct.cli.main import main

if __name__ == "__main__":
    main()
