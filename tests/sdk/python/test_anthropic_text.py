"""Text, prompts, images, stop reasons, usage: the Anthropic SDK through every
pairing."""

import unittest

import anthropic_client as sdk
from anthropic_client import ask
from stage import ANTHROPIC, CHAT, PNG, RESPONSES, pairings, refusal, text, usage

TEXT = "Streamed through the gateway, word by word: Grüße, 世界 🌍."


def system_prompt(request, protocol):
    """The operator's words as the provider received them."""
    if protocol == ANTHROPIC:
        system = request.body["system"]
        return system if isinstance(system, str) else [block["text"] for block in system]
    turns = request.body["messages" if protocol == CHAT else "input"]
    said = [turn["content"] for turn in turns if turn.get("role") in ("system", "developer")]
    return [request.body["instructions"]] if "instructions" in request.body else said


class Text(unittest.TestCase):
    WAYS = sdk.WAYS

    @pairings()
    def test_text_and_usage(self, model, call):
        model.answers(text(TEXT))
        message = call(**ask(model))
        (block,) = message.content
        self.assertEqual((block.type, block.text), ("text", TEXT))
        self.assertEqual(message.role, "assistant")
        self.assertEqual((message.stop_reason, message.stop_sequence), ("end_turn", None))
        self.assertEqual((message.usage.input_tokens, message.usage.output_tokens), (25, 15))
        self.assertIn("Say it.", model.request().text)

    @pairings(ways=["streamed"])
    def test_the_text_comes_in_pieces(self, model, _):
        model.answers(text(TEXT))
        with sdk.client.messages.stream(**ask(model)) as stream:
            pieces = list(stream.text_stream)
        self.assertGreater(len(pieces), 3)
        self.assertEqual("".join(pieces), TEXT)

    @pairings(ways=["streamed"])
    def test_raw_events_follow_the_protocol(self, model, _):
        model.answers(text("One."), text("Two."))
        events = list(sdk.client.messages.create(**ask(model), stream=True))
        names = [event.type for event in events if event.type != "ping"]
        self.assertEqual((names[0], names[-2:]), ("message_start", ["message_delta", "message_stop"]))
        self.assertEqual(names.count("message_stop"), 1)
        open_block = None
        for event in events:
            if event.type == "content_block_start":
                self.assertIsNone(open_block, "the last block has stopped")
                open_block = event.index
            elif event.type in ("content_block_delta", "content_block_stop"):
                self.assertEqual(event.index, open_block)
                if event.type == "content_block_stop":
                    open_block = None
        starts = [event.index for event in events if event.type == "content_block_start"]
        self.assertEqual(starts, list(range(len(starts))))

    @pairings()
    def test_system_prompt_as_a_string_and_as_blocks(self, model, call):
        for system in (
            "Be brief.",
            [
                {"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
                {"type": "text", "text": "Be kind."},
            ],
        ):
            model.answers(text(TEXT))
            call(**ask(model, system=system))
            request = model.request()
            if model.protocol == ANTHROPIC:
                self.assertEqual(request.body["system"], system)
            received = str(system_prompt(request, model.protocol))
            self.assertIn("Be brief.", received)
            self.assertEqual("Be kind." in received, system != "Be brief.")

    @pairings()
    def test_images(self, model, call):
        model.answers(text(TEXT))
        url = "https://example.com/cat.jpg"
        content = [
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
            {"type": "image", "source": {"type": "url", "url": url}},
            {"type": "text", "text": "What is this?"},
        ]
        call(**ask(model, content))
        request = model.request()
        sent = {
            ANTHROPIC: lambda: content[:2],
            CHAT: lambda: [part["image_url"]["url"] for part in request.body["messages"][0]["content"][:2]],
            RESPONSES: lambda: [part["image_url"] for part in request.body["input"][0]["content"][:2]],
        }
        expected = content[:2] if model.protocol == ANTHROPIC else [f"data:image/png;base64,{PNG}", url]
        if model.protocol == ANTHROPIC:
            self.assertEqual(request.body["messages"][0]["content"], content)
        self.assertEqual(sent[model.protocol](), expected)

    @pairings()
    def test_max_tokens(self, model, call):
        model.answers(text("Cut"), stop_reason="max_tokens")
        message = call(**ask(model, max_tokens=17))
        self.assertEqual((message.stop_reason, message.content[0].text), ("max_tokens", "Cut"))
        body = model.request().body
        limits = [body.get(key) for key in ("max_tokens", "max_completion_tokens", "max_output_tokens")]
        self.assertEqual([limit for limit in limits if limit], [17])

    @pairings(ANTHROPIC, CHAT)
    def test_stop_sequences(self, model, call):
        model.answers(text("One, two"), stop_reason="stop_sequence", stop_sequence="three")
        message = call(**ask(model, stop_sequences=["three", "four"]))
        key = "stop_sequences" if model.protocol == ANTHROPIC else "stop"
        self.assertEqual(model.request().body[key], ["three", "four"])
        if model.protocol == ANTHROPIC:
            self.assertEqual((message.stop_reason, message.stop_sequence), ("stop_sequence", "three"))
        else:
            # Chat Completions does not tell a stop sequence from an end.
            self.assertEqual((message.stop_reason, message.stop_sequence), ("end_turn", None))

    @pairings()
    def test_a_refusal_by_the_stop_reason(self, model, call):
        model.answers(text("I"), stop_reason="refusal")
        message = call(**ask(model))
        self.assertEqual(message.stop_reason, "refusal")

    @pairings(CHAT, RESPONSES)
    def test_a_refusal_in_words(self, model, call):
        model.answers(refusal("I will not do that."), stop_reason="refusal")
        message = call(**ask(model))
        self.assertEqual(message.stop_reason, "refusal")
        self.assertEqual(message.content[0].text, "I will not do that.")

    @pairings()
    def test_usage_with_cached_tokens(self, model, call):
        model.answers(text(TEXT), usage=usage(input=20, output=9, cache_read=100, cache_write=40))
        got = call(**ask(model)).usage
        self.assertEqual((got.input_tokens, got.output_tokens), (20, 9))
        self.assertEqual((got.cache_read_input_tokens, got.cache_creation_input_tokens), (100, 40))

    @pairings()
    def test_sampling(self, model, call):
        model.answers(text(TEXT))
        call(**ask(model, extra_body={"temperature": 0.5, "top_p": 0.25}))
        body = model.request().body
        self.assertEqual((body["temperature"], body["top_p"]), (0.5, 0.25))


if __name__ == "__main__":
    unittest.main()
