// How much of a preference's move is let through.

import { compare, decimal, lever, max, min } from "./ainfera.js";

// The levers: the lowest and the highest floor that a move may reach.
const LOWER = decimal("0.50");
const UPPER = decimal("0.85");

export function describe() {
  const bounds = [decimal("0"), decimal("1")];
  return {
    name: "@NAME@",
    version: "1.0.0",
    summary: "@SUMMARY@",
    levers: [
      lever.number("lower", "The lowest floor that a move may reach.", LOWER, bounds),
      lever.number("upper", "The highest floor that a move may reach.", UPPER, bounds),
    ],
  };
}

// The median of base, dialled, and dialled put into the bounds: a move is
// shortened, and never reversed.
export function clamp(base, dialled) {
  const bounded = min(max(dialled, LOWER), UPPER);
  return compare(dialled, base) < 0
    ? max(min(base, bounded), dialled)
    : min(max(base, bounded), dialled);
}
