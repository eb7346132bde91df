"""`python -m tracevet` is `tracevet`."""

from tracevet.cli import main

if __name__ == "__main__":
    main()
