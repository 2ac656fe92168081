"""`python -m segtool` is `segtool`."""

from segtool.cli.app import main

main()
