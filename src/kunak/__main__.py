"""`python -m kunak` is `kunak`."""

from kunak.cli import main

main()
