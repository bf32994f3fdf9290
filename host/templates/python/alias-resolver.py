"""Which names are routed, and to which target."""

from dataclasses import dataclass

from ainfera import day, text
from wit_world.imports.types import (
    Date,
    Description,
    Listing,
    Resolution,
    Resolution_Routed,
    Resolution_Sunset,
    Resolution_Unknown,
    Routed,
)


@dataclass
class Alias:
    target: str
    deprecated: Date | None = None
    sunset: Date | None = None


TARGETS = ["ainfera-inference"]

# The levers: every alias, its target, and the days where it has them, as in
# Alias("ainfera-inference", deprecated=Date(2027, 1, 1), sunset=Date(2027, 7, 1)).
ALIASES = {
    "ainfera-mithril": Alias("ainfera-inference"),
    "ainfera-auto": Alias("ainfera-inference"),
    "ainfera/auto": Alias("ainfera-inference"),
}


class WitWorld:
    def describe(self) -> Description:
        levers = []
        for name, alias in ALIASES.items():
            levers.append(text(name, "The target of this alias.", alias.target))
            if alias.deprecated:
                summary = "Since when the alias is deprecated."
                levers.append(day(f"{name}/deprecated", summary, alias.deprecated))
            if alias.sunset:
                levers.append(day(f"{name}/sunset", "From when the alias is refused.", alias.sunset))
        return Description("@NAME@", "1.0.0", "@SUMMARY@", levers)

    def listing(self) -> Listing:
        return Listing(TARGETS, list(ALIASES))

    def resolve(self, model: str, today: Date) -> Resolution:
        if model in TARGETS:
            return Resolution_Routed(Routed(model, False, None, None))
        alias = ALIASES.get(model)
        if alias is None:
            return Resolution_Unknown()
        if alias.sunset and _number(alias.sunset) <= _number(today):
            return Resolution_Sunset(alias.target)
        return Resolution_Routed(Routed(alias.target, True, alias.deprecated, alias.sunset))


def _number(date: Date) -> tuple[int, int, int]:
    """Days in calendar order."""
    return (date.year, date.month, date.day)
