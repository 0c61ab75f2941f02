"""A language that only tests speak: English with words of two fifths more letters, and accents.

Spanish takes about a third more room than English. What has no words stays: {names}, formulas, code, functions. Each
word of it has an ñ, as nothing in English has.
"""

import re

from rnnlib import locale

LONGER = 1.4
MORE, ACCENTS = "ñiera", str.maketrans("aeiouAEIO", "áéíóúÁÉÍÓ")
WORD = re.compile(r"(\W*)([^\W\d_]{2,}(?:[-’][^\W\d_]+)*)([.,:;?!”)]*)")
NO_WORDS = re.compile(r"^en$|tanh|ln|dh|\B[A-Z]")  # “en” chooses English country names


def longer(said):
    """These words in the language; of a table, all of its words."""
    if isinstance(said, dict):
        return {name: longer(each) for name, each in said.items()}
    parts, wanted = re.split(r"(\s+)", said), 0.0
    for i, part in enumerate(parts):
        word = WORD.fullmatch(part)
        if word and "{" not in part and not NO_WORDS.search(word[2]):
            wanted += (LONGER - 1) * (len(part) + (i > 0))  # with the space before it
            more = max(1, round(wanted))
            wanted -= more
            parts[i] = f"{word[1]}{word[2].translate(ACCENTS)}{(MORE * more)[:more]}{word[3]}"
    return "".join(parts)


def speak(put=setattr):
    """Put the language "xx" beside English, and choose it."""
    english = locale._tables("en")
    put(locale, "_tables", {"en": english, "xx": longer(english)}.__getitem__)
    put(locale, "languages", lambda: ["en", "xx"])
    put(locale, "_language", "xx")
