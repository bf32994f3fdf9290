"""Errors: what the OpenAI SDK raises, and what it retries."""

import unittest

import openai
import openai_client as sdk
from openai_client import OPTIONS, ask
from stage import ANTHROPIC, BASIC, CHAT, ROUTED, SPARE, Model, pairings, text

# Statuses of a pinned provider that reach the client, and the SDK's class.
RELAYED = {
    400: ("invalid_request_error", openai.BadRequestError),
    413: ("request_too_large", openai.APIStatusError),
    422: ("invalid_request_error", openai.UnprocessableEntityError),
    429: ("rate_limit_error", openai.RateLimitError),
    500: ("api_error", openai.InternalServerError),
    503: ("api_error", openai.InternalServerError),
    529: ("overloaded_error", openai.InternalServerError),
}


class Errors(unittest.TestCase):
    WAYS = sdk.WAYS

    def assert_ours(self, raised, kind, code):
        """An error of the gateway's own, which carries our request id."""
        error = raised.exception
        self.assertTrue(error.request_id.startswith("req_"), error.request_id)
        self.assertEqual((error.type, error.code), (kind, code))
        self.assertEqual(error.response.json()["request_id"], error.request_id)
        self.assertTrue(error.body["message"])

    @pairings(CHAT)
    def test_a_bad_hint(self, _, call):
        for hint in ({"min_quality": "excellent"}, {"max_price": "1"}):
            with self.assertRaises(openai.BadRequestError) as raised:
                call(**ask(ROUTED), extra_body={"routing_hint": hint})
            self.assert_ours(raised, "invalid_request_error", "invalid_request_error")
            self.assertIn(next(iter(hint)), str(raised.exception))

    @pairings(CHAT)
    def test_an_unknown_model(self, _, call):
        with self.assertRaises(openai.NotFoundError) as raised:
            call(**ask("no-such-model"))
        self.assert_ours(raised, "not_found_error", "not_found_error")
        self.assertIn("no-such-model", str(raised.exception))

    @pairings(CHAT)
    def test_no_candidate(self, _, call):
        with self.assertRaises(openai.UnprocessableEntityError) as raised:
            call(**ask(ROUTED), extra_body={"routing_hint": {"min_quality": "0.99"}})
        self.assert_ours(raised, "invalid_request_error", "no_candidate")

    def test_a_wrong_key(self):
        for stream in (False, True):
            with openai.OpenAI(**OPTIONS | {"api_key": "ainf-wrong"}) as client:
                with self.assertRaises(openai.AuthenticationError) as raised:
                    client.chat.completions.create(**ask(ROUTED), stream=stream)
            self.assert_ours(raised, "authentication_error", "authentication_error")

    @pairings(ANTHROPIC)
    def test_what_has_no_counterpart_is_refused_by_name(self, model, call):
        for name, value in (("n", 2), ("logprobs", True)):
            model.answers(text("Never asked."))
            with self.assertRaises(openai.BadRequestError) as raised:
                call(**ask(model, **{name: value}))
            self.assert_ours(raised, "invalid_request_error", "invalid_request_error")
            self.assertIn(name, raised.exception.message)
            self.assertEqual(model.received(), [])

    @pairings()
    def test_a_pinned_providers_errors(self, model, call):
        for status, (kind, expected) in RELAYED.items():
            message = f"Scripted for {status}."
            model.fails(status, kind, message, headers=[["retry-after", "7"]])
            with self.assertRaises(expected) as raised:
                call(**ask(model))
            error = raised.exception
            self.assertEqual(error.status_code, status)
            self.assertEqual(error.response.headers["retry-after"], "7")
            self.assertIn(message, error.body["message"])
            self.assertTrue(error.request_id.startswith("req_"))
            if model.protocol == CHAT:
                self.assertEqual(error.response.json()["request_id"], "req_upstream", "its body, unmodified")

    @pairings()
    def test_a_pinned_provider_that_refuses_our_key(self, model, call):
        model.fails(401, "authentication_error", "Bad key.")
        with self.assertRaises(openai.InternalServerError) as raised:
            call(**ask(model))
        self.assertEqual((raised.exception.status_code, raised.exception.code), (502, "provider_error"))

    @pairings(ways=["streamed", "async streamed"])
    def test_an_error_as_the_first_event_is_an_http_error(self, model, call):
        model.fails_first("overloaded_error", "Overloaded.")
        with self.assertRaises(openai.InternalServerError) as raised:
            call(**ask(model))
        self.assertIn("Overloaded.", str(raised.exception))

    @pairings()
    def test_death_in_mid_answer_raises(self, model, call):
        for end in ("abort", "close"):
            model.answers(text("Never to be finished, not in this life."), end=end, frames=5)
            with self.assertRaises(openai.APIError) as raised:
                call(**ask(model))
            # A stream had begun well; an answer that is not streamed had not begun.
            begun = call in (self.WAYS["streamed"], self.WAYS["async streamed"])
            self.assertEqual(getattr(raised.exception, "status_code", None), None if begun else 502)

    @pairings(ways=["streamed", "async streamed"])
    def test_an_error_in_mid_stream_raises_with_its_message(self, model, call):
        error = {"type": "overloaded_error", "message": "Too much."}
        model.answers(text("Never to be finished, not in this life."), end={"error": error}, frames=5)
        with self.assertRaises(openai.APIError) as raised:
            call(**ask(model))
        self.assertIn("Too much.", str(raised.exception))

    @pairings(ways=["streamed"])
    def test_what_came_before_a_death_has_been_seen(self, model, _):
        model.answers(text("Seen before the death, all of this."), end="abort", frames=6)
        seen = ""
        with self.assertRaises(openai.APIError):
            for chunk in sdk.client.chat.completions.create(**ask(model), stream=True):
                seen += chunk.choices[0].delta.content or ""
        self.assertTrue(seen and "Seen before".startswith(seen[:11]), seen)

    @pairings(ways=["whole"])
    def test_the_sdk_retries(self, model, _):
        for status in (429, 529):
            model.answers(text("At last."))
            model.fails(status, once=True)
            with openai.OpenAI(**OPTIONS | {"max_retries": 1}) as client:
                completion = client.chat.completions.create(**ask(model))
            self.assertEqual(completion.choices[0].message.content, "At last.")
            self.assertEqual(len(model.received()), 2)

    @pairings(CHAT)
    def test_a_routed_call_falls_back(self, _, call):
        basic, spare = Model(BASIC), Model(SPARE)
        basic.fails(529, "overloaded_error")
        spare.answers(text("The second choice."))
        completion = call(**ask(ROUTED))
        self.assertEqual(completion.choices[0].message.content, "The second choice.")
        spare.fails(429, headers=[["retry-after", "3"]])
        basic.fails(429, headers=[["retry-after", "9"]])
        with self.assertRaises(openai.RateLimitError) as raised:
            call(**ask(ROUTED))
        self.assert_ours(raised, "rate_limit_error", "rate_limit_error")
        self.assertEqual(raised.exception.response.headers["retry-after"], "3")
        basic.answers(text("Back again."))


if __name__ == "__main__":
    unittest.main()
