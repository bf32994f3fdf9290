// Exact decimals and levers, as the contract in wit/policy.wit has them.

/** An exact decimal with the digits as written: decimal("0.10"). */
export function decimal(text) {
  const [, sign, whole, fraction = ""] = /^(-?)(\d+)(?:\.(\d{1,18}))?$/.exec(text) ?? [];
  if (whole === undefined) throw new Error(`write a decimal as in "0.10", not "${text}"`);
  return { units: BigInt(sign + whole + fraction), scale: fraction.length };
}

// Signed: a negative number arrives as its 64 bits.
const at = ({ units, scale }, to) => BigInt.asIntN(64, units) * 10n ** BigInt(to - scale);

/** The exact sum, at the larger of the two scales: 0.8 + 0.10 is 0.90. */
export function add(a, b) {
  const scale = Math.max(a.scale, b.scale);
  return { units: at(a, scale) + at(b, scale), scale };
}

/** Below 0, 0 or above 0, by value: 0.5 and 0.50 are equal. */
export function compare(a, b) {
  const difference = at(a, 18) - at(b, 18);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The smaller; of equal ones the first. */
export const min = (a, b) => (compare(b, a) < 0 ? b : a);

/** The larger; of equal ones the first. */
export const max = (a, b) => (compare(b, a) > 0 ? b : a);

export const lever = {
  /** A number that the founder may set from least to most. */
  number: (name, summary, value, [least, most]) => ({
    name,
    summary,
    value: { tag: "number", val: value },
    bounds: { least, most },
  }),
  /** A text, such as an alias's target. */
  text: (name, summary, val) => ({ name, summary, value: { tag: "text", val } }),
  /** A day in UTC, as { year, month, day }. */
  day: (name, summary, val) => ({ name, summary, value: { tag: "day", val } }),
};
