"""python -m finexl"""

from finexl.cli import main

if __name__ == "__main__":
    main()
