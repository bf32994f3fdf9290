// How far a caller's preference moves the quality floor.

import { add, decimal, lever } from "./ainfera.js";

// The levers: what each preference adds to the floor.
const QUALITY = decimal("0.10");
const COST = decimal("-0.10");

export function describe() {
  return {
    name: "@NAME@",
    version: "1.0.0",
    summary: "@SUMMARY@",
    levers: [
      lever.number("quality", "What the preference `quality` adds to the floor.", QUALITY, [
        decimal("0"),
        decimal("1"),
      ]),
      lever.number("cost", "What the preference `cost` adds to the floor.", COST, [
        decimal("-1"),
        decimal("0"),
      ]),
    ],
  };
}

export function apply(preference, base, live) {
  switch (live && preference) {
    case "quality":
      return moved(base, QUALITY);
    case "cost":
      return moved(base, COST);
    default:
      return base;
  }
}

// What is not moved keeps its digits.
const moved = (base, by) => (by.units === 0n ? base : add(base, by));
