// Run by `ainfera plugin build`, in the project: SLOT OUT.
import { writeFile } from "node:fs/promises";

const [slot, out] = process.argv.slice(-2);
const { componentize } = await import("@bytecodealliance/componentize-js").catch((error) => {
  console.error(error.message);
  process.exit(3);
});
const { component } = await componentize({
  sourcePath: "policy.js",
  witPath: "wit",
  worldName: slot,
  // Nothing is imported: a policy is a function of its arguments.
  disableFeatures: ["stdio", "random", "clocks", "http", "fetch-event"],
});
await writeFile(out, component);
