"""The rule for text: one line, all visible, in one form."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makersync.text import UnfitText, name_key, one_line


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  CNC  machinist \n", "CNC machinist"),
        ("Soudeur, e\u0301quipe de nuit", "Soudeur, \u00e9quipe de nuit"),
        ("Schweißer\u00a0(m/w/d)", "Schweißer (m/w/d)"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("溶接工", "溶接工"),
        ("C++ / 5-axis – ±0.01 mm ✓", "C++ / 5-axis – ±0.01 mm ✓"),
        (" \t\r\n", ""),
        ("", ""),
    ],
)
def test_a_text_is_kept_in_one_form(text: str, kept: str) -> None:
    assert one_line(text) == kept


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("a\ud800b", "unpaired_surrogate"),
        ("\udc00", "unpaired_surrogate"),
        ("a\0b", "nul_character"),
        ("a\x07b", "control_character"),
        ("a\nb", "control_character"),
        ("a\u2028b", "control_character"),
        ("a\x85b", "control_character"),
        ("Welder \u202egnp.exe", "bidi_control"),
        ("a\u2066b\u2069", "bidi_control"),
        ("\u200fa", "bidi_control"),
        ("a\u200bb", "invisible_character"),
        ("\ufeffWelder", "invisible_character"),
        ("Wel\u00adder", "invisible_character"),
        ("\u200d", "invisible_character"),
        ("Welder\u200d", "invisible_character"),
        ("a\U000e0041b", "invisible_character"),
        ("a" + "\u0301" * 31, "too_many_marks"),
        ("\u0344" * 16, "too_many_marks"),
        ("a" + "\u0301" * 100_000 + "\u0327" * 100_000, "too_many_marks"),
        ("\u3164", "nothing_visible"),
        ("\u2800 \u2800", "nothing_visible"),
        ("\u0301", "nothing_visible"),
        ("Welder \u3164", "invisible_character"),
        ("CNC\u2800machinist", "invisible_character"),
        ("Wel\u200dder", "invisible_character"),
        ("Caf\ufffd", "replacement_character"),
        ("\ue000", "not_printable"),
        ("\U0010ffff", "not_printable"),
    ],
)
def test_a_text_that_is_invisible_or_changes_direction_is_refused(text: str, rule: str) -> None:
    with pytest.raises(UnfitText) as refusal:
        one_line(text)
    assert refusal.value.rule == rule


@given(st.text())
def test_an_accepted_text_stays_unchanged_and_can_be_stored_everywhere(text: str) -> None:
    try:
        kept = one_line(text)
    except UnfitText:
        return
    assert one_line(kept) == kept == unicodedata.normalize("NFC", kept)
    assert "\0" not in kept
    kept.encode()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SENSE Level I, Entry Welder", "sense level i - entry welder"),
        ("Lincoln Tech", "LINCOLN  TECH."),
        ("Straße", "STRASSE"),
        ("Café", "Cafe"),
        ("\uff21\uff22\uff23", "ABC"),
    ],
)
def test_names_that_differ_only_in_case_or_punctuation_are_the_same(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


def test_names_with_different_letters_differ() -> None:
    assert name_key("SENSE Level I") != name_key("SENSE Level II")
    assert name_key("+++") != name_key("---")
