"""How values read on a page: money, days, moments and counts, each with the exact value where it is rounded."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import quote

from babel.dates import format_date
from markupsafe import Markup

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: From here on the date says more than how long ago it was.
_LONG_AGO = timedelta(days=14)


def money(cents_an_hour: int) -> str:
    """US dollars an hour."""
    return f"${cents_an_hour / 100:,.2f}"


def pay_range(least: int | None, most: int | None) -> str:
    """What an hour is paid with, in US dollars; empty when nothing is said."""
    if least is None and most is None:
        return ""
    if least is None or most is None:
        return f"{'from' if most is None else 'up to'} {money(least or most or 0)} an hour"
    return f"{money(least)} an hour" if least == most else f"{money(least)} to {money(most)} an hour"


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with what it counts: `1 opening`, `1,200 openings`."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def day(value: date) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), f"{value.day} {value:%b %Y}")


def moment(value: datetime, now: datetime, zone: tzinfo) -> Markup:
    """How long ago it was, with the exact time at hand."""
    exact = value.astimezone(zone)
    shown = f"{exact.day} {exact:%b %Y}" if now - value >= _LONG_AGO else _ago(now - value)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(value.isoformat(), f"{exact:%Y-%m-%d %H:%M:%S %Z}", shown)


def seconds(value: float) -> str:
    """How long something took or waits: milliseconds below a second, minutes and hours from two minutes on."""
    if 0 < value < 1:
        return f"{value * 1000:,.0f} ms"
    if value < 120:
        return f"{value:,.1f} s" if value else "0 s"
    return f"{value / 60:,.0f} min" if value < 7200 else f"{value / 3600:,.1f} h"


def lasting(value: timedelta) -> str:
    """How long something is of use, in the largest unit of which it is a whole number, from minutes on: `7 days`."""
    for unit, name in ((_DAY, "day"), (_HOUR, "hour")):
        if value >= unit and not value % unit:
            return count(value // unit, name)
    return count(value // _MINUTE, "minute")


def exact(value: datetime, zone: tzinfo) -> Markup:
    """A moment to the second."""
    shown = value.astimezone(zone)
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), f"{shown:%H:%M:%S %Z}, {shown.day} {shown:%b %Y}")


def day_in(language: str) -> Callable[[date], Markup]:
    """A day as readers of the language in the United States write it in a sentence: `27 de noviembre de 2026`."""

    def shown(value: date) -> Markup:
        text = format_date(value, "long", locale=f"{language}_US")
        return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), text)

    return shown


def mailto(address: str) -> str:
    """The URL that writes to an address, whatever is in the address (RFC 6068)."""
    return f"mailto:{quote(address, safe='@')}"


def filters(now: Callable[[], datetime], zone: tzinfo, language: str) -> Mapping[str, Callable[..., Any]]:
    """The filters of the templates."""
    return {
        "money": money,
        "pay_range": pay_range,
        "count": count,
        "day": day if language == "en" else day_in(language),
        "seconds": seconds,
        "mailto": mailto,
        "lasting": lasting,
        "exact": lambda at: exact(at, zone),
        "moment": lambda at: moment(at, now(), zone),
    }


def _ago(passed: timedelta) -> str:
    if passed < _MINUTE:
        return "just now"
    if passed < _HOUR:
        return f"{count(passed // _MINUTE, 'minute')} ago"
    if passed < _DAY:
        return f"{count(passed // _HOUR, 'hour')} ago"
    return f"{count(passed // _DAY, 'day')} ago"
