"""Exact decimals and levers, as the contract in wit/policy.wit has them."""

import re

from wit_world.imports.types import (
    Bounds,
    Date,
    Decimal,
    Lever,
    LeverValue_Day,
    LeverValue_Number,
    LeverValue_Text,
)


def decimal(text: str) -> Decimal:
    """An exact decimal with the digits as written: decimal("0.10")."""
    parts = re.fullmatch(r"(-?\d+)(?:\.(\d{1,18}))?", text, re.ASCII)
    if parts is None:
        raise ValueError(f'write a decimal as in "0.10", not "{text}"')
    whole, fraction = parts[1], parts[2] or ""
    return Decimal(int(whole + fraction), len(fraction))


def add(a: Decimal, b: Decimal) -> Decimal:
    """The exact sum, at the larger of the two scales: 0.8 + 0.10 is 0.90."""
    scale = max(a.scale, b.scale)
    return Decimal(_at(a, scale) + _at(b, scale), scale)


def value(a: Decimal) -> int:
    """What to compare decimals by: of 0.5 and 0.50 it is the same."""
    return _at(a, 18)


def _at(a: Decimal, scale: int) -> int:
    return a.units * 10 ** (scale - a.scale)


def number(name: str, summary: str, value: Decimal, least: Decimal, most: Decimal) -> Lever:
    """A lever that the founder may set from least to most."""
    return Lever(name, summary, LeverValue_Number(value), Bounds(least, most))


def text(name: str, summary: str, value: str) -> Lever:
    """A lever that is a text, such as an alias's target."""
    return Lever(name, summary, LeverValue_Text(value), None)


def day(name: str, summary: str, value: Date) -> Lever:
    """A lever that is a day in UTC."""
    return Lever(name, summary, LeverValue_Day(value), None)
