"""How much of a preference's move is let through."""

from ainfera import decimal, number, value
from wit_world.imports.types import Decimal, Description

# The levers: the lowest and the highest floor that a move may reach.
LOWER = decimal("0.50")
UPPER = decimal("0.85")


class WitWorld:
    def describe(self) -> Description:
        zero, one = decimal("0"), decimal("1")
        return Description(
            "@NAME@",
            "1.0.0",
            "@SUMMARY@",
            [
                number("lower", "The lowest floor that a move may reach.", LOWER, zero, one),
                number("upper", "The highest floor that a move may reach.", UPPER, zero, one),
            ],
        )

    def clamp(self, base: Decimal, dialled: Decimal) -> Decimal:
        """The median of base, dialled, and dialled put into the bounds: a move
        is shortened, and never reversed."""
        bounded = min(max(dialled, LOWER, key=value), UPPER, key=value)
        # Of equal values the first wins: a floor that stays keeps its digits.
        if value(dialled) < value(base):
            return max(min(base, bounded, key=value), dialled, key=value)
        return min(max(base, bounded, key=value), dialled, key=value)
