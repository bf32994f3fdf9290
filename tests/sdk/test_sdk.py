"""The official Anthropic SDK, unmodified, against a gateway: only `base_url` and
`api_key` are set. Run by the black-box test `sdk`, which passes in where the
gateway is and which of its models does what.
"""

import asyncio
import json
import os
import unittest

import anthropic

CONFIG = json.loads(os.environ["AINFERA_SDK_TEST"])
TEXT = "Streamed through the gateway, word by word."
TOOL = {
    "name": "get_weather",
    "description": "The weather of a place.",
    "input_schema": {
        "type": "object",
        "properties": {"place": {"type": "string"}},
        "required": ["place"],
    },
}


def options(**changes):
    return {"base_url": CONFIG["base_url"], "api_key": CONFIG["api_key"], "max_retries": 0} | changes


def ask(model, **more):
    return {
        "model": model,
        "max_tokens": 200,
        "messages": [{"role": "user", "content": "Say it."}],
    } | more


class Sdk(unittest.TestCase):
    def setUp(self):
        self.client = anthropic.Anthropic(**options())
        self.addCleanup(self.client.close)

    def each_text_model(self):
        for model in CONFIG["text"]:
            with self.subTest(model=model):
                yield model

    def test_text(self):
        for model in self.each_text_model():
            message = self.client.messages.create(**ask(model))
            self.assertEqual(message.content[0].text, TEXT)
            self.assertEqual(message.stop_reason, "end_turn")
            self.assertEqual(message.usage.input_tokens, 25)
            self.assertEqual(message.usage.output_tokens, 15)
            self.assertTrue(message._request_id.startswith("req_"))

    def test_stream_helper(self):
        for model in self.each_text_model():
            with self.client.messages.stream(**ask(model)) as stream:
                pieces = list(stream.text_stream)
                final = stream.get_final_message()
            self.assertGreater(len(pieces), 1, "in pieces, not at once")
            self.assertEqual("".join(pieces), TEXT)
            self.assertEqual(final.content[0].text, TEXT)
            self.assertEqual(final.stop_reason, "end_turn")
            self.assertEqual(final.usage.output_tokens, 15)

    def test_raw_events(self):
        for model in self.each_text_model():
            events = self.client.messages.create(**ask(model), stream=True)
            names = [event.type for event in events]
            self.assertEqual(names[0], "message_start")
            self.assertEqual(names[-1], "message_stop")
            self.assertEqual(names.count("message_stop"), 1)

    def test_tools_round_trip(self):
        for model in CONFIG["tools"]:
            for stream in (False, True):
                with self.subTest(model=model, stream=stream):
                    self.tools_round_trip(model, stream)

    def tools_round_trip(self, model, stream):
        def call(messages):
            request = ask(model, tools=[TOOL], tool_choice={"type": "auto"}, messages=messages)
            if not stream:
                return self.client.messages.create(**request)
            with self.client.messages.stream(**request) as events:
                return events.get_final_message()

        messages = [{"role": "user", "content": "What is the weather in Oslo?"}]
        first = call(messages)
        self.assertEqual(first.stop_reason, "tool_use")
        use = first.content[-1]
        self.assertEqual((use.type, use.name, use.input), ("tool_use", "get_weather", {"place": "Oslo"}))
        messages.append({"role": "assistant", "content": [block.to_dict() for block in first.content]})
        result = {"type": "tool_result", "tool_use_id": use.id, "content": "rain"}
        messages.append({"role": "user", "content": [result]})
        second = call(messages)
        self.assertEqual(second.stop_reason, "tool_use")
        self.assertEqual(second.content[-1].input, {"place": "Oslo"})

    def test_headers(self):
        raw = self.client.messages.with_raw_response.create(**ask(CONFIG["routed"]))
        self.assertTrue(raw.headers["request-id"].startswith("req_"))
        self.assertTrue(raw.headers["x-ainfera-inference-id"].startswith("inf_"))
        self.assertIn("@", raw.headers["x-ainfera-model"])
        self.assertTrue(raw.headers["x-ainfera-generation"].isdigit())
        self.assertEqual(raw.parse().type, "message")
        with self.client.messages.with_streaming_response.create(
            **ask(CONFIG["routed"]), stream=True
        ) as streamed:
            self.assertEqual(streamed.headers["x-ainfera-stream-mode"], "native")

    def assert_error(self, raised, status):
        error = raised.exception
        self.assertEqual(error.status_code, status)
        self.assertTrue(error.request_id.startswith("req_"))
        self.assertEqual(error.body["request_id"], error.request_id)
        self.assertTrue(error.body["error"]["message"])

    def test_bad_request(self):
        for stream in (False, True):
            with self.assertRaises(anthropic.BadRequestError) as raised:
                hint = {"routing_hint": {"min_quality": "excellent"}}
                self.client.messages.create(**ask(CONFIG["routed"]), stream=stream, extra_body=hint)
            self.assert_error(raised, 400)

    def test_wrong_key(self):
        with anthropic.Anthropic(**options(api_key="ainf-wrong")) as client:
            with self.assertRaises(anthropic.AuthenticationError) as raised:
                client.messages.create(**ask(CONFIG["routed"]))
        self.assert_error(raised, 401)

    def test_unknown_model(self):
        for stream in (False, True):
            with self.assertRaises(anthropic.NotFoundError) as raised:
                self.client.messages.create(**ask("no-such-model"), stream=stream)
            self.assert_error(raised, 404)

    def test_death_in_the_middle_of_a_stream_is_an_error(self):
        with self.assertRaises(anthropic.APIError):
            with self.client.messages.stream(**ask(CONFIG["dying"])) as stream:
                stream.get_final_message()

    def test_retries_of_the_sdk_work(self):
        with anthropic.Anthropic(**options(max_retries=2)) as client:
            message = client.messages.create(**ask(CONFIG["busy_once"]))
        self.assertEqual(message.content[0].text, TEXT)

    def test_async_client(self):
        async def both():
            async with anthropic.AsyncAnthropic(**options()) as client:
                whole = await client.messages.create(**ask(CONFIG["routed"]))
                async with client.messages.stream(**ask(CONFIG["routed"])) as stream:
                    pieces = [piece async for piece in stream.text_stream]
            return whole.content[0].text, "".join(pieces)

        self.assertEqual(asyncio.run(both()), (TEXT, TEXT))


if __name__ == "__main__":
    unittest.main(verbosity=2)
