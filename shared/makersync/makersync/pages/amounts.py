"""Amounts of money as people type them into forms."""

import re
from decimal import Decimal

#: More characters than the greatest amount of any form has.
_LONGEST = 12
#: No exponents: nobody types them, and a few characters of them would be a number of a million digits.
_AMOUNT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)")
_CENTS = 100


def cents_of(text: str) -> int | None:
    """US cents of an amount of US dollars such as `25`, `25.50` or `$1,025.50`; None when it is no amount, is longer than 12
    characters, or has a part of a cent."""
    plain = text.strip().removeprefix("$").replace(",", "")
    if len(plain) > _LONGEST or not _AMOUNT.fullmatch(plain):
        return None
    cents = Decimal(plain) * _CENTS
    return int(cents) if cents == cents.to_integral_value() else None


def dollars_of(cents: int | None) -> str:
    """As it is typed, such as `25.50`; empty for None."""
    return "" if cents is None else f"{Decimal(cents) / _CENTS:.2f}"
