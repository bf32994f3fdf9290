"""What is not the answer itself: models, counting, headers, hints, betas,
structured outputs, with the Anthropic SDK."""

import unittest
import uuid

import anthropic
import pydantic
import anthropic_client as sdk
from anthropic_client import ask
from stage import ANTHROPIC, BASIC, CHAT, CONFIG, RESPONSES, ROUTED, SPARE, Model, pairings, text


class Weather(pydantic.BaseModel):
    place: str
    degrees: int


class Api(unittest.TestCase):
    WAYS = sdk.WAYS

    def test_models(self):
        models = {model.id: model for model in sdk.client.models.list()}
        self.assertIn(ROUTED, models)
        for slug in CONFIG["pinned"].values():
            self.assertEqual(models[slug].type, "model")
        self.assertNotIn("ainfera/auto", models, "aliases are not listed")
        for id in (ROUTED, "ainfera/auto", "ainfera-mithril", "claude", "claude@anthropic"):
            model = sdk.client.models.retrieve(id)
            self.assertEqual(model.type, "model")
            self.assertTrue(model.display_name)
        with self.assertRaises(anthropic.NotFoundError):
            sdk.client.models.retrieve("no-such-model")

    @pairings(ways=["whole", "async"])
    def test_count_tokens(self, model, call):
        counter = sdk.client if call is self.WAYS["whole"] else sdk.async_client
        request = ask(model, "A question of some length, to be counted.")
        del request["max_tokens"]
        counted = counter.messages.count_tokens(**request)
        if counter is sdk.async_client:
            counted = sdk.loop.run_until_complete(counted)
        self.assertGreater(counted.input_tokens, 5)

    @pairings(ways=["whole"])
    def test_headers(self, model, _):
        model.answers(text("Yes."), headers=[["request-id", "req_theirs"]])
        raw = sdk.client.messages.with_raw_response.create(**ask(model))
        with sdk.client.messages.with_streaming_response.create(**ask(model), stream=True) as streamed:
            self.assertEqual(streamed.headers["x-ainfera-stream-mode"], "native")
            for headers in (raw.headers, streamed.headers):
                self.assertTrue(headers["request-id"].startswith("req_"))
                self.assertNotEqual(headers["request-id"], "req_theirs")
                self.assertTrue(headers["x-ainfera-inference-id"].startswith("inf_"))
                self.assertEqual(headers["x-ainfera-model"], f"{model.name}@{model.protocol}")
        self.assertEqual(raw.parse()._request_id, raw.headers["request-id"])

    @pairings(ANTHROPIC, ways=["whole"])
    def test_retries_with_an_idempotency_key_find_the_first_answer(self, model, _):
        # It gives up before there is an answer, and retries by itself: as long as
        # the first call runs it is told so, and until then there is no answer.
        for stream in (False, True):
            model.answers(text("Once."), held=True)
            http = anthropic.DefaultHttpxClient(event_hooks=model.released_by_a_409())
            hasty = sdk.client.with_options(timeout=0.5, max_retries=20, http_client=http)
            key = {"Idempotency-Key": str(uuid.uuid4())}
            raw = hasty.messages.with_raw_response.create(**ask(model), stream=stream, extra_headers=key)
            answer = raw.parse()
            if stream:
                deltas = (event.delta for event in answer if event.type == "content_block_delta")
                said = "".join(delta.text for delta in deltas)
            else:
                said = answer.content[0].text
            self.assertEqual(said, "Once.")
            self.assertEqual(raw.headers["idempotency-replayed"], "true")
            self.assertEqual(len(model.received()), 1)

    def test_a_routed_call_names_the_generation(self):
        raw = sdk.client.messages.with_raw_response.create(**ask(ROUTED))
        self.assertTrue(raw.headers["x-ainfera-generation"].isdigit())
        self.assertIn("@", raw.headers["x-ainfera-model"])

    @pairings(ANTHROPIC)
    def test_routing_hint(self, _, call):
        for model, words in ((BASIC, "The cheapest."), (SPARE, "The allowed one.")):
            Model(model).answers(text(words))
        self.assertEqual(call(**ask(ROUTED)).content[0].text, "The cheapest.")
        hint = {"routing_hint": {"allow_providers": ["openai-chat"], "min_quality": "good"}}
        message = call(**ask(ROUTED), extra_body=hint)
        self.assertEqual(message.content[0].text, "The allowed one.")
        self.assertNotIn("routing_hint", Model(SPARE).received()[-1].body)

    @pairings(ANTHROPIC, CHAT, RESPONSES, ways=["whole"])
    def test_betas(self, model, _):
        model.answers(text("Yes."))
        betas = ["context-1m-2025-08-07", "a-beta-from-the-future"]
        request = ask(model) | {"betas": betas}
        message = sdk.client.beta.messages.create(**request)
        self.assertEqual(message.content[0].text, "Yes.")
        with sdk.client.beta.messages.stream(**request) as stream:
            self.assertEqual(stream.get_final_text(), "Yes.")
        for received in model.received():
            if model.protocol == ANTHROPIC:
                self.assertEqual(received.headers["anthropic-beta"], ",".join(betas))
                self.assertEqual(received.headers["anthropic-version"], sdk.client.default_headers["anthropic-version"])
            else:
                self.assertFalse([name for name in received.headers if name.startswith("anthropic-")])

    @pairings(ways=["whole"])
    def test_structured_outputs(self, model, _):
        model.answers(text('{"place": "Oslo", "degrees": 7}'))
        message = sdk.client.messages.parse(**ask(model), output_format=Weather)
        self.assertEqual(message.parsed_output, Weather(place="Oslo", degrees=7))
        body = model.request().body
        schema = {
            ANTHROPIC: lambda: body["output_config"]["format"]["schema"],
            CHAT: lambda: body["response_format"]["json_schema"]["schema"],
            RESPONSES: lambda: body["text"]["format"]["schema"],
        }[model.protocol]()
        self.assertEqual(sorted(schema["properties"]), ["degrees", "place"])


if __name__ == "__main__":
    unittest.main()
