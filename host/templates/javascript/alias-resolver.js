// Which names are routed, and to which target.

import { lever } from "./ainfera.js";

const TARGETS = ["ainfera-inference"];

// The levers: every alias, its target, and the days where it has them, as in
// { target: "ainfera-inference", deprecated: { year: 2027, month: 1, day: 1 } }.
const ALIASES = new Map([
  ["ainfera-mithril", { target: "ainfera-inference" }],
  ["ainfera-auto", { target: "ainfera-inference" }],
  ["ainfera/auto", { target: "ainfera-inference" }],
]);

export function describe() {
  const levers = [];
  for (const [name, { target, deprecated, sunset }] of ALIASES) {
    levers.push(lever.text(name, "The target of this alias.", target));
    if (deprecated) {
      const summary = "Since when the alias is deprecated.";
      levers.push(lever.day(`${name}/deprecated`, summary, deprecated));
    }
    if (sunset) {
      levers.push(lever.day(`${name}/sunset`, "From when the alias is refused.", sunset));
    }
  }
  return { name: "@NAME@", version: "1.0.0", summary: "@SUMMARY@", levers };
}

export function listing() {
  return { targets: TARGETS, aliases: [...ALIASES.keys()] };
}

export function resolve(model, today) {
  if (TARGETS.includes(model)) {
    return { tag: "routed", val: { target: model, viaAlias: false } };
  }
  const alias = ALIASES.get(model);
  if (alias === undefined) {
    return { tag: "unknown" };
  }
  const { target, deprecated, sunset } = alias;
  if (sunset && number(sunset) <= number(today)) {
    return { tag: "sunset", val: target };
  }
  return { tag: "routed", val: { target, viaAlias: true, deprecated, sunset } };
}

// Days in calendar order.
const number = ({ year, month, day }) => (year * 100 + month) * 100 + day;
