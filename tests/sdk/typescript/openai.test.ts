// The official OpenAI SDK for TypeScript: only `baseURL` and `apiKey` are set.

import assert from "node:assert/strict";
import { test } from "node:test";

import OpenAI from "openai";

import { Model, ROUTED, apiKey, baseURL, pairings, schema, text, thinking, tool } from "./stage.ts";

const TEXT = "Streamed through the gateway, word by word: Grüße, 世界 🌍.";
const client = new OpenAI({ baseURL: `${baseURL}/v1`, apiKey, maxRetries: 0, timeout: 60_000 });
const tools: OpenAI.ChatCompletionTool[] = [
  { type: "function", function: { name: "get_weather", parameters: schema } },
];

type Request = OpenAI.ChatCompletionCreateParamsNonStreaming;

function ask(model: string, more: object = {}): Request {
  return { model, messages: [{ role: "user", content: "Say it." }], ...more };
}

// The ways to get a whole completion.
const ways = [
  (request: Request) => client.chat.completions.create(request),
  (request: Request) => {
    const streamed = { ...request, stream: true as const, stream_options: { include_usage: true } };
    return client.chat.completions.stream(streamed).finalChatCompletion();
  },
];

pairings("text", async (model) => {
  await model.answers([text(TEXT)]);
  for (const call of ways) {
    const completion = await call(
      ask(model.name, {
        messages: [
          { role: "developer", content: "Be brief." },
          { role: "user", content: "Say it." },
        ],
      }),
    );
    assert.equal(completion.choices[0].message.content, TEXT);
    assert.equal(completion.choices[0].finish_reason, "stop");
    assert.equal(completion.usage?.total_tokens, 40);
  }
  for (const body of await model.received()) assert.match(JSON.stringify(body), /Be brief\./);
});

pairings("request ids", async (model) => {
  await model.answers([text(TEXT)], { headers: [["x-request-id", "req_theirs"]] });
  for (const stream of [false, true]) {
    const { request_id } = await client.chat.completions.create({ ...ask(model.name), stream }).withResponse();
    assert.match(request_id ?? "", /^req_(?!theirs)/);
  }
});

pairings("chunks", async (model) => {
  await model.answers([text(TEXT)]);
  let seen = "";
  const reasons = [];
  for await (const chunk of await client.chat.completions.create({ ...ask(model.name), stream: true })) {
    assert.equal(chunk.object, "chat.completion.chunk");
    assert.equal(chunk.usage ?? null, null, "not asked for");
    seen += chunk.choices[0].delta.content ?? "";
    reasons.push(chunk.choices[0].finish_reason ?? null);
  }
  assert.equal(seen, TEXT);
  assert.deepEqual(reasons.filter((reason) => reason !== null), ["stop"]);
});

pairings("reasoning", async (model) => {
  await model.answers([thinking("A capital."), text("Oslo.")]);
  const { choices } = await client.chat.completions.create(ask(model.name, { reasoning_effort: "high" }));
  const message = choices[0].message as OpenAI.ChatCompletionMessage & { reasoning_content?: string };
  assert.equal(message.reasoning_content, "A capital.");
  assert.equal(message.content, "Oslo.");
});

pairings("tools and their results", async (model) => {
  for (const call of ways) {
    await model.answers([tool("call_1", "Oslo"), tool("call_2", "Rome")]);
    const request = ask(model.name, { tools, tool_choice: "required" });
    const [choice] = (await call(request)).choices;
    assert.equal(choice.finish_reason, "tool_calls");
    const uses = (choice.message.tool_calls ?? []).filter((use) => use.type === "function");
    assert.deepEqual(
      uses.map((use) => JSON.parse(use.function.arguments)),
      [{ place: "Oslo" }, { place: "Rome" }],
    );
    const results = uses.map((use) => ({ role: "tool" as const, tool_call_id: use.id, content: "rain" }));
    await model.answers([text("Rain in both.")]);
    const final = await call({ ...request, messages: [...request.messages, choice.message, ...results] });
    assert.equal(final.choices[0].message.content, "Rain in both.");
    const [body] = await model.received();
    assert.equal(JSON.stringify(body).split('"rain"').length - 1, 2);
  }
});

pairings("the SDK's own loop", async (model) => {
  await model.answers([text("Rain in Oslo.")]);
  await model.answers([tool("call_1", "Oslo")], { once: true });
  const asked: string[] = [];
  const runner = client.chat.completions.runTools({
    ...ask(model.name),
    stream: true,
    tools: [
      {
        type: "function",
        function: {
          name: "get_weather",
          description: "The weather of a place.",
          parameters: schema,
          parse: JSON.parse,
          function: ({ place }: { place: string }) => {
            asked.push(place);
            return "rain";
          },
        },
      },
    ],
  });
  assert.equal(await runner.finalContent(), "Rain in Oslo.");
  assert.deepEqual(asked, ["Oslo"]);
});

pairings("a provider's errors", async (model) => {
  const classes: [number, string, Function][] = [
    [400, "invalid_request_error", OpenAI.BadRequestError],
    [429, "rate_limit_error", OpenAI.RateLimitError],
    [529, "overloaded_error", OpenAI.InternalServerError],
  ];
  for (const [status, type, expected] of classes) {
    await model.fails(status, type, "Scripted.");
    for (const call of ways) {
      await assert.rejects(call(ask(model.name)), (error: InstanceType<typeof OpenAI.APIError>) => {
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
  const stream = client.chat.completions
    .stream({ ...ask(model.name), stream: true })
    .on("content", (piece) => (seen += piece));
  await assert.rejects(stream.finalChatCompletion(), OpenAI.APIError);
  assert.ok(seen.length > 0 && "Never to be finished, not in this life.".startsWith(seen), seen);
});

pairings("retries", async (model) => {
  await model.answers([text("At last.")]);
  await model.fails(529, "overloaded_error", "Once.", { once: true });
  const completion = await client.chat.completions.create(ask(model.name), { maxRetries: 1 });
  assert.equal(completion.choices[0].message.content, "At last.");
});

test("errors of the gateway", async () => {
  await assert.rejects(client.chat.completions.create(ask("no-such-model")), OpenAI.NotFoundError);
  const stranger = new OpenAI({ baseURL: `${baseURL}/v1`, apiKey: "ainf-wrong", maxRetries: 0 });
  await assert.rejects(stranger.chat.completions.create(ask(ROUTED)), OpenAI.AuthenticationError);
});

test("models", async () => {
  const ids: string[] = [];
  for await (const model of client.models.list()) ids.push(model.id);
  assert.ok(ids.includes(ROUTED) && ids.includes("gpt"), String(ids));
  assert.equal((await client.models.retrieve("ainfera/auto")).object, "model");
});

test("a routing hint", async () => {
  await new Model("spare").answers([text("The allowed one.")]);
  const request = ask(ROUTED, { routing_hint: { allow_providers: ["openai-chat"] } });
  for (const call of ways) {
    assert.equal((await call(request)).choices[0].message.content, "The allowed one.");
  }
});
