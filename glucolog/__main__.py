"""`python -m glucolog`."""

from glucolog.cli import main

if __name__ == "__main__":
    main()
