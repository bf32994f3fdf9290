"""How far a caller's preference moves the quality floor."""

from ainfera import add, decimal, number
from wit_world.imports.types import Decimal, Description

# The levers: what each preference adds to the floor.
QUALITY = decimal("0.10")
COST = decimal("-0.10")


class WitWorld:
    def describe(self) -> Description:
        return Description(
            "@NAME@",
            "1.0.0",
            "@SUMMARY@",
            [
                number(
                    "quality",
                    "What the preference `quality` adds to the floor.",
                    QUALITY,
                    decimal("0"),
                    decimal("1"),
                ),
                number(
                    "cost",
                    "What the preference `cost` adds to the floor.",
                    COST,
                    decimal("-1"),
                    decimal("0"),
                ),
            ],
        )

    def apply(self, preference: str | None, base: Decimal, live: bool) -> Decimal:
        move = {"quality": QUALITY, "cost": COST}.get(preference) if live else None
        # What is not moved keeps its digits.
        if move is None or move.units == 0:
            return base
        return add(base, move)
