// The stage that the tests play on: where the gateway is, and the provider behind
// it, which a test tells what to do and asks what it received.

import { test } from "node:test";

const config = JSON.parse(process.env.AINFERA_SDK_TEST!);

export const baseURL: string = config.base_url;
export const apiKey: string = config.api_key;
export const ROUTED = "ainfera-inference";

export const text = (words: string) => ({ text: words });
export const thinking = (words: string) => ({ thinking: { text: words, signature: "c2lnbmVk" } });
export const tool = (id: string, place: string) => ({ tool: { id, name: "get_weather", input: { place } } });

export const schema = {
  type: "object" as const,
  properties: { place: { type: "string" } },
  required: ["place"],
};

/** A model of the gateway's catalog, and what its provider does. */
export class Model {
  readonly name: string;
  readonly protocol: string;

  constructor(name: string, protocol = "") {
    this.name = name;
    this.protocol = protocol;
  }

  /** Answers with these blocks from now on. */
  answers(blocks: object[], how: object = {}) {
    return this.script({ blocks, ...how });
  }

  /** Answers with an HTTP error from now on. */
  fails(status: number, type: string, message: string, how: object = {}) {
    return this.script({ status, error: { type, message }, ...how });
  }

  /** The bodies that came since the last script. */
  async received(): Promise<any[]> {
    const answer = await fetch(`${config.control}/received/${this.name}`);
    return ((await answer.json()) as { text: string }[]).map((request) => JSON.parse(request.text));
  }

  private async script(script: object) {
    const body = JSON.stringify({ model: this.name, ...script });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${config.control}/script`, { method: "POST", body, headers });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  }
}

/** A test for the provider of each protocol. */
export function pairings(name: string, run: (model: Model) => Promise<void>) {
  for (const [protocol, model] of Object.entries<string>(config.pinned)) {
    test(`${name}: ${protocol}`, () => run(new Model(model, protocol)));
  }
}
