"""Thinking: the Anthropic SDK through every pairing."""

import unittest

import anthropic_client as sdk
from anthropic_client import ask
from stage import ANTHROPIC, CHAT, RESPONSES, Model, pairings, text, thinking

THOUGHTS = "The place is a capital, so I know it."
ENABLED = {"type": "enabled", "budget_tokens": 1024}


def effort(request, protocol):
    """How much the provider was asked to think."""
    body = request.body
    return body["reasoning_effort"] if protocol == CHAT else body["reasoning"]["effort"]


class Thinking(unittest.TestCase):
    WAYS = sdk.WAYS

    @pairings()
    def test_thoughts_come_before_the_answer(self, model, call):
        model.answers(thinking(THOUGHTS), text("Oslo."))
        message = call(**ask(model, thinking=ENABLED))
        first, second = message.content
        self.assertEqual((first.type, first.thinking), ("thinking", THOUGHTS))
        # A signature is the provider's; none is invented.
        self.assertEqual(first.signature, "c2lnbmVk" if model.protocol == ANTHROPIC else "")
        self.assertEqual((second.type, second.text), ("text", "Oslo."))
        if model.protocol == ANTHROPIC:
            self.assertEqual(model.request().body["thinking"], ENABLED)
        else:
            self.assertIn(effort(model.request(), model.protocol), ("minimal", "low", "medium", "high"))

    @pairings(ways=["whole", "streamed"])
    def test_effort(self, model, call):
        for level in ("low", "high"):
            model.answers(text("Oslo."))
            config = {"effort": level}
            call(**ask(model, thinking={"type": "adaptive"}, output_config=config))
            if model.protocol == ANTHROPIC:
                self.assertEqual(model.request().body["output_config"], config)
            else:
                self.assertEqual(effort(model.request(), model.protocol), level)

    @pairings(CHAT, RESPONSES)
    def test_thoughts_that_nobody_asked_for_are_not_shown(self, model, call):
        model.answers(thinking(THOUGHTS), text("Oslo."))
        message = call(**ask(model))
        self.assertEqual([block.type for block in message.content], ["text"])

    @pairings(ways=["streamed"])
    def test_thoughts_come_in_pieces(self, model, _):
        model.answers(thinking(THOUGHTS), text("Oslo."))
        with sdk.client.messages.stream(**ask(model, thinking=ENABLED)) as stream:
            events = list(stream)
        pieces = [event.thinking for event in events if event.type == "thinking"]
        self.assertGreater(len(pieces), 3)
        self.assertEqual("".join(pieces), THOUGHTS)
        signatures = [event.signature for event in events if event.type == "signature"]
        self.assertEqual(signatures, ["c2lnbmVk"] if model.protocol == ANTHROPIC else [])

    @pairings(ways=["whole", "streamed"])
    def test_thoughts_go_only_to_the_provider_that_signed_them(self, model, call):
        model.answers(thinking(THOUGHTS), text("Oslo."))
        first = call(**ask(model, thinking=ENABLED))
        history = [
            {"role": "user", "content": "The capital of Norway?"},
            {"role": "assistant", "content": [block.to_dict() for block in first.content]},
            {"role": "user", "content": "And of Italy?"},
        ]
        for protocol in (ANTHROPIC, CHAT, RESPONSES):
            other = Model.pinned(protocol)
            other.answers(text("Rome."))
            answer = call(**ask(other, messages=history))
            self.assertEqual(answer.content[-1].text, "Rome.")
            request = other.request()
            signed = protocol == model.protocol == ANTHROPIC
            self.assertEqual(THOUGHTS in request.text, signed, protocol)
            self.assertIn("Oslo.", request.text)
            if signed:
                self.assertEqual(request.body["messages"], history)


if __name__ == "__main__":
    unittest.main()
