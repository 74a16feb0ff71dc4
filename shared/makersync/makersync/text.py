"""The rule for text: one line, all visible, in one form (Unicode NFC)."""

import re
import unicodedata
from itertools import chain
from typing import Literal

_SPACES = re.compile(r"[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
#: Removed around a text; inside it they are line breaks, which are rejected.
_BREAKS = " \t\n\v\f\r\x85\u2028\u2029"
#: Letters, numbers, punctuation and symbols are visible, except those that fonts draw as blank.
_INK = "LNPS"
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
#: What programs write for a character that they could not read: the text was damaged before it arrived.
_DAMAGE = "\ufffd"
_INVISIBLE = "must not hold characters that cannot be seen"
#: Marks, embeddings, overrides and isolates of writing direction: they display text in another order than it is stored.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: Joiners are part of words in several scripts, between two visible characters, but not in plain Latin.
_JOINING = frozenset("\u200c\u200d")
#: Of accents and other marks on one character (the Stream-Safe Text Format of Unicode's UAX #15): no language has more, and
#: putting them in order takes the square of their number.
_MOST_MARKS = 30


class UnfitText(ValueError):
    """The text breaks the rule named `rule`; `detail` never repeats the text. The caller must correct it."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(detail)
        self.rule = rule
        self.detail = detail


def one_line(text: str) -> str:
    """The text in NFC, without outer space and with single inner spaces; possibly empty. Raises UnfitText."""
    if any(0xD800 <= ord(character) <= 0xDFFF for character in text):
        raise UnfitText("unpaired_surrogate", "must be Unicode text; half of a surrogate pair is none")
    if _has_many_marks(text):
        raise UnfitText("too_many_marks", f"must not hold more than {_MOST_MARKS} accents or other marks on one character")
    line = _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip(_BREAKS)
    for place, character in enumerate(line):
        _check(line, place, character)
    if line and not any(_shows(character) for character in line):
        raise UnfitText("nothing_visible", "must hold at least one character that can be seen")
    if not _BLANK.isdisjoint(line):
        raise UnfitText("invisible_character", _INVISIBLE)
    return line


def name_key(name: str) -> str:
    """The form in which names are compared: names that differ only in case, accents, punctuation or spaces are the same."""
    folded = normal_form("NFKD", name).casefold()
    return "".join(character for character in folded if character.isalnum()) or folded.strip()


def normal_form(form: Literal["NFC", "NFKC", "NFKD"], text: str) -> str:
    """The text in one of Unicode's forms, to be compared. A text that `one_line` refuses for its marks stays as it is."""
    return text if _has_many_marks(text) else unicodedata.normalize(form, text)


def _has_many_marks(text: str) -> bool:
    if text.isascii():
        return False
    marks = 0
    for part in chain.from_iterable(unicodedata.normalize("NFD", character) for character in text):
        marks = marks + 1 if unicodedata.combining(part) else 0
        if marks > _MOST_MARKS:
            return True
    return False


def _check(line: str, place: int, character: str) -> None:
    if character in _TURNING:
        raise UnfitText("bidi_control", "must not hold characters that turn the direction of writing")
    if character in _JOINING and 0 < place < len(line) - 1 and _joins(line[place - 1]) and _joins(line[place + 1]):
        return
    if character == "\0":
        raise UnfitText("nul_character", "must not contain NUL")
    if character == _DAMAGE:
        raise UnfitText("replacement_character", "must not hold U+FFFD: what stood there was lost on its way here")
    match unicodedata.category(character):
        case "Cc" | "Zl" | "Zp":
            raise UnfitText("control_character", "must be one line without control characters")
        case "Cf":
            raise UnfitText("invisible_character", _INVISIBLE)
        case "Co" | "Cn":
            raise UnfitText("not_printable", "must be characters that Unicode defines")


def _joins(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMS" and not character.isascii()


def _shows(character: str) -> bool:
    return unicodedata.category(character)[0] in _INK and character not in _BLANK
