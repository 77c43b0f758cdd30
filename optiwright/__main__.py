"""`python -m optiwright`."""

from optiwright.cli import main

main()
