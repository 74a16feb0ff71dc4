"""What operators see of a record that nobody could read, whatever it holds."""

import json
from typing import Any

import pytest

from makersync.http.problems import ValidationProblem
from makersync.runtime.operating.masking import MASK, as_json, masked, masked_record, masked_text, unmasked

SHOWN = frozenset({"data", "title", "items"})


@pytest.mark.parametrize(
    "text",
    ["a" * 300_000, "1" * 300_000, "1:" * 150_000, "@" * 300_000, "a@" * 150_000, "+1 " * 100_000, "0" * 300_000],
    ids=["letters", "digits", "times", "signs", "addresses", "telephones", "zeros"],
)
def test_a_text_of_any_length_is_looked_at_in_no_time(text: str) -> None:
    """Guards: an expression that takes the square of the length stops the service for minutes, and the test with it."""
    assert masked({"title": text}, SHOWN) == {"title": MASK}
    assert len(masked_text(text)) < 10_000


@pytest.mark.parametrize("text", ["call 3125551234", "13125551234", "3125551234", "(312) 555-1234", "ann@example.org"])
def test_what_reaches_a_person_is_hidden(text: str) -> None:
    assert masked({"title": text}, SHOWN) == {"title": MASK}
    assert "555" not in masked_text(f"said {text}") and "example" not in masked_text(f"said {text}")


@pytest.mark.parametrize("text", ["2026-11-22T09:00:00.000Z", "00000000000000000042", "version 17 of 18", "123456789012"])
def test_what_only_looks_like_a_telephone_number_is_shown(text: str) -> None:
    assert masked({"title": text}, SHOWN) == {"title": text}


def test_a_record_with_half_of_a_surrogate_pair_is_shown_with_an_escape() -> None:
    """Guards: such a record is what operators must open, and no answer could be sent."""
    shown = masked_record(b'{"title": "\\ud800"}', SHOWN)
    assert shown is not None and "\\ud800" in shown
    assert as_json({"title": "\ud800"}).encode() == b'{"title": "\\ud800"}'
    assert as_json({"title": "é"}) == '{"title": "é"}'


def test_a_record_that_is_nested_too_deeply_is_not_shown() -> None:
    assert masked_record(b'{"data":' * 600 + b"1" + b"}" * 600, frozenset({"data"})) is None


@pytest.mark.parametrize("sent", [[MASK], [MASK, MASK, MASK], [{"deep": [MASK]}]])
def test_hidden_values_of_a_list_are_not_put_back_once_its_length_has_changed(sent: list[Any]) -> None:
    """Guards: without the first item, the second would have got the hidden value of the first."""
    with pytest.raises(ValidationProblem) as refusal:
        unmasked({"items": sent}, {"items": ["ann", "bob"]})
    assert refusal.value.errors[0].rule == "hidden_value"


def test_a_list_may_change_its_length_when_all_of_it_is_written() -> None:
    assert unmasked({"items": ["cho"]}, {"items": ["ann", "bob"]}) == {"items": ["cho"]}
    assert unmasked(json.loads(json.dumps({"items": [MASK, "cho"]})), {"items": ["ann", "bob"]}) == {"items": ["ann", "cho"]}
