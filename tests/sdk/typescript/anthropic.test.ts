// The official Anthropic SDK for TypeScript: only `baseURL` and `apiKey` are set.

import assert from "node:assert/strict";
import { test } from "node:test";

import Anthropic from "@anthropic-ai/sdk";

import { Model, ROUTED, apiKey, baseURL, pairings, schema, text, thinking, tool } from "./stage.ts";

const TEXT = "Streamed through the gateway, word by word: Grüße, 世界 🌍.";
const client = new Anthropic({ baseURL, apiKey, maxRetries: 0, timeout: 60_000 });
const tools: Anthropic.Tool[] = [{ name: "get_weather", input_schema: schema }];

function ask(model: string, more: object = {}): Anthropic.MessageCreateParamsNonStreaming {
  return { model, max_tokens: 2000, messages: [{ role: "user", content: "Say it." }], ...more };
}

// The ways to get a whole message.
const ways = [
  (request: Anthropic.MessageCreateParamsNonStreaming) => client.messages.create(request),
  (request: Anthropic.MessageCreateParamsNonStreaming) => client.messages.stream(request).finalMessage(),
];

pairings("text", async (model) => {
  await model.answers([text(TEXT)]);
  for (const call of ways) {
    const message = await call(ask(model.name, { system: "Be brief." }));
    assert.equal(message.content[0].type === "text" && message.content[0].text, TEXT);
    assert.equal(message.stop_reason, "end_turn");
    assert.equal(message.usage.input_tokens, 25);
    assert.equal(message.usage.output_tokens, 15);
  }
});

pairings("request ids", async (model) => {
  await model.answers([text(TEXT)], { headers: [["request-id", "req_theirs"]] });
  for (const stream of [false, true]) {
    const { request_id } = await client.messages.create({ ...ask(model.name), stream }).withResponse();
    assert.match(request_id ?? "", /^req_(?!theirs)/);
  }
});

pairings("events", async (model) => {
  await model.answers([text(TEXT)]);
  const names: string[] = [];
  let seen = "";
  for await (const event of await client.messages.create({ ...ask(model.name), stream: true })) {
    names.push(event.type);
    if (event.type === "content_block_delta" && event.delta.type === "text_delta") seen += event.delta.text;
  }
  assert.equal(names[0], "message_start");
  assert.equal(names.indexOf("message_stop"), names.length - 1);
  assert.equal(seen, TEXT);
});

pairings("thinking", async (model) => {
  await model.answers([thinking("A capital."), text("Oslo.")]);
  for (const call of ways) {
    const request = ask(model.name, { thinking: { type: "enabled", budget_tokens: 1024 } });
    const [first, second] = (await call(request)).content;
    assert.equal(first.type === "thinking" && first.thinking, "A capital.");
    assert.equal(second.type === "text" && second.text, "Oslo.");
  }
});

pairings("tools and their results", async (model) => {
  for (const call of ways) {
    await model.answers([tool("call_1", "Oslo"), tool("call_2", "Rome")]);
    const request = ask(model.name, { tools, tool_choice: { type: "any" } });
    const message = await call(request);
    assert.equal(message.stop_reason, "tool_use");
    const uses = message.content.filter((block) => block.type === "tool_use");
    assert.deepEqual(uses.map((use) => use.input), [{ place: "Oslo" }, { place: "Rome" }]);
    const results = uses.map((use) => ({ type: "tool_result" as const, tool_use_id: use.id, content: "rain" }));
    await model.answers([text("Rain in both.")]);
    const final = await call({
      ...request,
      messages: [
        ...request.messages,
        { role: "assistant", content: message.content },
        { role: "user", content: results },
      ],
    });
    assert.equal(final.content[0].type === "text" && final.content[0].text, "Rain in both.");
    const [body] = await model.received();
    assert.equal(JSON.stringify(body).split('"rain"').length - 1, 2);
  }
});

pairings("a provider's errors", async (model) => {
  const classes: [number, string, Function][] = [
    [400, "invalid_request_error", Anthropic.BadRequestError],
    [429, "rate_limit_error", Anthropic.RateLimitError],
    [529, "overloaded_error", Anthropic.InternalServerError],
  ];
  for (const [status, type, expected] of classes) {
    await model.fails(status, type, "Scripted.");
    for (const call of ways) {
      await assert.rejects(call(ask(model.name)), (error: InstanceType<typeof Anthropic.APIError>) => {
        assert.ok(error instanceof expected, error.constructor.name);
        assert.equal(error.status, status);
        assert.match(error.requestID ?? "", /^req_/);
        assert.match(error.message, /Scripted\./);
        return true;
      });
    }
  }
});

pairings("death in mid-stream", async (model) => {
  await model.answers([text("Never to be finished, not in this life.")], { end: "abort", frames: 5 });
  let seen = "";
  const stream = client.messages.stream(ask(model.name)).on("text", (piece) => (seen += piece));
  await assert.rejects(stream.finalMessage(), Anthropic.APIError);
  assert.ok(seen.length > 0 && "Never to be finished, not in this life.".startsWith(seen), seen);
});

pairings("retries", async (model) => {
  await model.answers([text("At last.")]);
  await model.fails(529, "overloaded_error", "Once.", { once: true });
  const message = await client.messages.create(ask(model.name), { maxRetries: 1 });
  assert.equal(message.content[0].type === "text" && message.content[0].text, "At last.");
});

pairings("counting", async (model) => {
  const { max_tokens, ...request } = ask(model.name);
  assert.ok((await client.messages.countTokens(request)).input_tokens > 0);
});

test("errors of the gateway", async () => {
  await assert.rejects(client.messages.create(ask("no-such-model")), Anthropic.NotFoundError);
  const stranger = new Anthropic({ baseURL, apiKey: "ainf-wrong", maxRetries: 0 });
  await assert.rejects(stranger.messages.create(ask(ROUTED)), Anthropic.AuthenticationError);
});

test("models", async () => {
  const ids: string[] = [];
  for await (const model of client.models.list()) ids.push(model.id);
  assert.ok(ids.includes(ROUTED) && ids.includes("claude"), String(ids));
  assert.equal((await client.models.retrieve("ainfera/auto")).type, "model");
});

test("a routing hint", async () => {
  await new Model("spare").answers([text("The allowed one.")]);
  const request = ask(ROUTED, { routing_hint: { allow_providers: ["openai-chat"] } });
  for (const call of ways) {
    const [block] = (await call(request)).content;
    assert.equal(block.type === "text" && block.text, "The allowed one.");
  }
});
