"""Reasoning: the OpenAI SDK through every pairing."""

import unittest

import openai_client as sdk
from openai_client import ask
from stage import ANTHROPIC, CHAT, RESPONSES, pairings, text, thinking

THOUGHTS = "The place is a capital, so I know it."


class Reasoning(unittest.TestCase):
    WAYS = sdk.WAYS

    @pairings()
    def test_thoughts_beside_the_answer(self, model, call):
        model.answers(thinking(THOUGHTS), text("Oslo."))
        message = call(**ask(model, reasoning_effort="high")).choices[0].message
        self.assertEqual(message.content, "Oslo.")
        # No field of the SDK's own: what most providers and clients call it.
        self.assertEqual(message.model_extra["reasoning_content"], THOUGHTS)

    @pairings()
    def test_thoughts_of_a_model_that_always_thinks(self, model, call):
        model.answers(thinking(THOUGHTS), text("Oslo."))
        message = call(**ask(model)).choices[0].message
        self.assertEqual((message.content, message.model_extra["reasoning_content"]), ("Oslo.", THOUGHTS))

    @pairings()
    def test_effort(self, model, call):
        for effort in ("low", "medium", "high"):
            model.answers(text("Oslo."))
            call(**ask(model, reasoning_effort=effort))
            body = model.request().body
            if model.protocol == CHAT:
                self.assertEqual(body["reasoning_effort"], effort)
            elif model.protocol == RESPONSES:
                self.assertEqual(body["reasoning"]["effort"], effort)
            else:
                self.assertIn(body["thinking"]["type"], ("enabled", "adaptive"))

    @pairings(ways=["streamed"])
    def test_thoughts_come_in_pieces(self, model, _):
        model.answers(thinking(THOUGHTS), text("Oslo."))
        request = ask(model, reasoning_effort="high", stream=True)
        deltas = [chunk.choices[0].delta for chunk in sdk.client.chat.completions.create(**request)]
        pieces = [delta.model_extra.get("reasoning_content") for delta in deltas]
        pieces = [piece for piece in pieces if piece]
        self.assertGreater(len(pieces), 3)
        self.assertEqual("".join(pieces), THOUGHTS)
        self.assertEqual("".join(delta.content or "" for delta in deltas), "Oslo.")

    @pairings(ANTHROPIC, RESPONSES)
    def test_thoughts_of_an_earlier_turn_are_not_sent_on(self, model, call):
        model.answers(text("Rome."))
        turns = [
            {"role": "user", "content": "The capital of Norway?"},
            {"role": "assistant", "content": "Oslo.", "reasoning_content": THOUGHTS},
            {"role": "user", "content": "And of Italy?"},
        ]
        call(**ask(model, messages=turns))
        self.assertNotIn(THOUGHTS, model.request().text)
        self.assertIn("Oslo.", model.request().text)


if __name__ == "__main__":
    unittest.main()
