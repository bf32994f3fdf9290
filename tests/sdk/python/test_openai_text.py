"""Text, prompts, images, finish reasons, usage: the OpenAI SDK through every
pairing."""

import unittest

import openai_client as sdk
from openai_client import ask
from stage import ANTHROPIC, CHAT, PNG, RESPONSES, pairings, refusal, text, usage

TEXT = "Streamed through the gateway, word by word: Grüße, 世界 🌍."


class Text(unittest.TestCase):
    WAYS = sdk.WAYS

    @pairings()
    def test_text_and_usage(self, model, call):
        model.answers(text(TEXT))
        completion = call(**ask(model))
        (choice,) = completion.choices
        self.assertEqual((choice.index, choice.finish_reason), (0, "stop"))
        self.assertEqual((choice.message.role, choice.message.content), ("assistant", TEXT))
        self.assertFalse(choice.message.tool_calls)
        got = completion.usage
        self.assertEqual((got.prompt_tokens, got.completion_tokens, got.total_tokens), (25, 15, 40))
        self.assertIn("Say it.", model.request().text)

    @pairings(ways=["streamed"])
    def test_the_text_comes_in_pieces(self, model, _):
        model.answers(text(TEXT))
        with sdk.client.chat.completions.stream(**ask(model)) as stream:
            pieces = [event.delta for event in stream if event.type == "content.delta"]
        self.assertGreater(len(pieces), 3)
        self.assertEqual("".join(pieces), TEXT)

    @pairings(ways=["streamed"])
    def test_raw_chunks_follow_the_protocol(self, model, _):
        for options in ({}, {"stream_options": {"include_usage": True}}):
            model.answers(text(TEXT))
            chunks = list(sdk.client.chat.completions.create(**ask(model), **options, stream=True))
            self.assertEqual({chunk.object for chunk in chunks}, {"chat.completion.chunk"})
            self.assertEqual(len({chunk.id for chunk in chunks}), 1)
            self.assertEqual(chunks[0].choices[0].delta.role, "assistant")
            if options:
                *chunks, last = chunks
                self.assertEqual((last.choices, last.usage.total_tokens), ([], 40))
            self.assertFalse([chunk for chunk in chunks if chunk.usage], "not asked for, or not yet")
            reasons = [chunk.choices[0].finish_reason for chunk in chunks]
            self.assertEqual(reasons, [None] * (len(chunks) - 1) + ["stop"])

    @pairings()
    def test_system_and_developer_prompts(self, model, call):
        for role in ("system", "developer"):
            model.answers(text(TEXT))
            turns = [{"role": role, "content": "Be brief."}, {"role": "user", "content": "Why?"}]
            call(**ask(model, messages=turns))
            body = model.request().body
            if model.protocol == ANTHROPIC:
                self.assertIn("Be brief.", str(body["system"]))
                self.assertEqual([turn["role"] for turn in body["messages"]], ["user"])
            elif model.protocol == CHAT:
                self.assertEqual(body["messages"], turns)
            else:
                said = [item["content"] for item in body["input"] if item["role"] in ("system", "developer")]
                self.assertIn("Be brief.", str([body.get("instructions"), said]))

    @pairings()
    def test_images(self, model, call):
        model.answers(text(TEXT))
        urls = [f"data:image/png;base64,{PNG}", "https://example.com/cat.jpg"]
        content = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
        content.append({"type": "text", "text": "What is this?"})
        call(**ask(model, content))
        body = model.request().body
        if model.protocol == CHAT:
            self.assertEqual(body["messages"][0]["content"], content)
        elif model.protocol == RESPONSES:
            self.assertEqual([part["image_url"] for part in body["input"][0]["content"][:2]], urls)
        else:
            first, second = [block["source"] for block in body["messages"][0]["content"][:2]]
            self.assertEqual(first, {"type": "base64", "media_type": "image/png", "data": PNG})
            self.assertEqual(second, {"type": "url", "url": urls[1]})

    @pairings()
    def test_length(self, model, call):
        for key in ("max_tokens", "max_completion_tokens"):
            model.answers(text("Cut"), stop_reason="max_tokens")
            (choice,) = call(**ask(model, **{key: 17})).choices
            self.assertEqual((choice.finish_reason, choice.message.content), ("length", "Cut"))
            body = model.request().body
            limits = [body.get(key) for key in ("max_tokens", "max_completion_tokens", "max_output_tokens")]
            self.assertEqual([limit for limit in limits if limit], [17])

    @pairings()
    def test_no_limit_of_its_own(self, model, call):
        model.answers(text(TEXT))
        call(**ask(model))
        if model.protocol == ANTHROPIC:
            self.assertGreater(model.request().body["max_tokens"], 0, "Anthropic needs one")

    @pairings(ANTHROPIC, CHAT)
    def test_stop(self, model, call):
        for stop, sent in (("three", ["three"]), (["three", "four"], ["three", "four"])):
            model.answers(text("One, two"), stop_reason="stop_sequence", stop_sequence="three")
            (choice,) = call(**ask(model, stop=stop)).choices
            self.assertEqual((choice.finish_reason, choice.message.content), ("stop", "One, two"))
            body = model.request().body
            if model.protocol == ANTHROPIC:
                self.assertEqual(body["stop_sequences"], sent)
            else:
                self.assertEqual(body["stop"], stop)

    @pairings()
    def test_a_refusal(self, model, call):
        model.answers(text("I"), stop_reason="refusal")
        (choice,) = call(**ask(model)).choices
        self.assertEqual(choice.finish_reason, "content_filter")

    @pairings(CHAT, RESPONSES)
    def test_a_refusal_in_words(self, model, call):
        words = "I will not do that."
        model.answers(refusal(words), stop_reason="refusal")
        message = call(**ask(model)).choices[0].message
        self.assertIn(words, (message.refusal, message.content))

    @pairings()
    def test_usage_with_cached_tokens(self, model, call):
        model.answers(text(TEXT), usage=usage(input=20, output=9, cache_read=100, cache_write=40))
        got = call(**ask(model)).usage
        self.assertEqual((got.prompt_tokens, got.completion_tokens, got.total_tokens), (160, 9, 169))
        details = got.prompt_tokens_details
        self.assertEqual((details.cached_tokens, details.cache_write_tokens), (100, 40))

    @pairings()
    def test_sampling(self, model, call):
        model.answers(text(TEXT))
        call(**ask(model, temperature=0.5, top_p=0.25))
        body = model.request().body
        # Anthropic takes no two of them.
        top_p = None if model.protocol == ANTHROPIC else 0.25
        self.assertEqual((body["temperature"], body.get("top_p")), (0.5, top_p))


if __name__ == "__main__":
    unittest.main()
