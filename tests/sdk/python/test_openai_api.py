"""What is not the answer itself: models, headers, hints, structured outputs, with
the OpenAI SDK."""

import unittest
import uuid

import openai
import pydantic
import openai_client as sdk
from openai_client import ask
from stage import ANTHROPIC, BASIC, CHAT, CONFIG, ROUTED, SPARE, Model, pairings, text


class Weather(pydantic.BaseModel):
    place: str
    degrees: int


class Api(unittest.TestCase):
    WAYS = sdk.WAYS

    def test_models(self):
        models = {model.id: model for model in sdk.client.models.list()}
        self.assertIn(ROUTED, models)
        for slug in CONFIG["pinned"].values():
            self.assertEqual(models[slug].object, "model")
            self.assertTrue(models[slug].owned_by)
        self.assertNotIn("ainfera/auto", models, "aliases are not listed")
        for id in (ROUTED, "ainfera/auto", "ainfera-mithril", "gpt", "gpt@openai-chat"):
            self.assertEqual(sdk.client.models.retrieve(id).object, "model")
        with self.assertRaises(openai.NotFoundError):
            sdk.client.models.retrieve("no-such-model")

    @pairings(ways=["whole"])
    def test_headers(self, model, _):
        model.answers(text("Yes."), headers=[["x-request-id", "req_theirs"]])
        raw = sdk.client.chat.completions.with_raw_response.create(**ask(model))
        with sdk.client.chat.completions.with_streaming_response.create(**ask(model), stream=True) as streamed:
            self.assertEqual(streamed.headers["x-ainfera-stream-mode"], "native")
            for headers in (raw.headers, streamed.headers):
                self.assertTrue(headers["x-request-id"].startswith("req_"))
                self.assertEqual(headers["x-request-id"], headers["request-id"])
                self.assertTrue(headers["x-ainfera-inference-id"].startswith("inf_"))
                self.assertEqual(headers["x-ainfera-model"], f"{model.name}@{model.protocol}")
        self.assertEqual(raw.parse()._request_id, raw.headers["x-request-id"])

    def test_a_routed_call_names_the_generation(self):
        raw = sdk.client.chat.completions.with_raw_response.create(**ask(ROUTED))
        self.assertTrue(raw.headers["x-ainfera-generation"].isdigit())
        self.assertIn("@", raw.headers["x-ainfera-model"])

    @pairings(CHAT)
    def test_routing_hint(self, _, call):
        for model, words in ((BASIC, "The cheapest."), (SPARE, "The allowed one.")):
            Model(model).answers(text(words))
        self.assertEqual(call(**ask(ROUTED)).choices[0].message.content, "The cheapest.")
        hint = {"routing_hint": {"allow_providers": ["openai-chat"], "min_quality": "good"}}
        completion = call(**ask(ROUTED), extra_body=hint)
        self.assertEqual(completion.choices[0].message.content, "The allowed one.")
        self.assertNotIn("routing_hint", Model(SPARE).received()[-1].body)

    @pairings(CHAT, ways=["whole"])
    def test_retries_with_an_idempotency_key_find_the_first_answer(self, model, _):
        # It gives up before there is an answer, and retries by itself: as long as
        # the first call runs it is told so, and until then there is no answer.
        for stream in (False, True):
            model.answers(text("Once."), held=True)
            http = openai.DefaultHttpxClient(event_hooks=model.released_by_a_409())
            hasty = sdk.client.with_options(timeout=0.5, max_retries=20, http_client=http)
            key = {"Idempotency-Key": str(uuid.uuid4())}
            raw = hasty.chat.completions.with_raw_response.create(
                **ask(model), stream=stream, extra_headers=key
            )
            answer = raw.parse()
            if stream:
                said = "".join(chunk.choices[0].delta.content or "" for chunk in answer)
            else:
                said = answer.choices[0].message.content
            self.assertEqual(said, "Once.")
            self.assertEqual(raw.headers["idempotency-replayed"], "true")
            self.assertEqual(len(model.received()), 1)

    @pairings(ways=["whole"])
    def test_structured_outputs(self, model, _):
        model.answers(text('{"place": "Oslo", "degrees": 7}'))
        request = ask(model, response_format=Weather)
        completion = sdk.client.chat.completions.parse(**request)
        self.assertEqual(completion.choices[0].message.parsed, Weather(place="Oslo", degrees=7))
        with sdk.client.chat.completions.stream(**request) as stream:
            final = stream.get_final_completion()
        self.assertEqual(final.choices[0].message.parsed, Weather(place="Oslo", degrees=7))
        for received in model.received():
            format = {
                ANTHROPIC: lambda body: body["output_config"]["format"],
                CHAT: lambda body: body["response_format"]["json_schema"],
            }.get(model.protocol, lambda body: body["text"]["format"])(received.body)
            self.assertEqual(sorted(format["schema"]["properties"]), ["degrees", "place"])


if __name__ == "__main__":
    unittest.main()
