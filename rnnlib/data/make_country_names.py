"""Write country_names.csv again, from the Unicode CLDR data that Babel carries.

Run by hand, python rnnlib/data/make_country_names.py, with Babel installed: README.md beside this file names the
version. rnnlib itself does not need it.
"""

import csv
from pathlib import Path

from babel import Locale

# Two-letter codes of CLDR that no country or territory has: unions, the rest of Oceania, pseudo-locales, the unknown.
NO_COUNTRY = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}


def rows() -> list[tuple[str, str, str]]:
    """(code, English name, Spanish name), by code."""
    english, spanish = (Locale(language).territories for language in ("en", "es"))
    codes = sorted(code for code in english.keys() & spanish.keys() if len(code) == 2 and code not in NO_COUNTRY)
    return [(code, english[code], spanish[code]) for code in codes]


if __name__ == "__main__":
    with Path(__file__).with_name("country_names.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("code", "en", "es"), *rows()])
