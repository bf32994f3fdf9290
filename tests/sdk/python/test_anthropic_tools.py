"""Tools: the Anthropic SDK through every pairing."""

import json
import unittest

import anthropic
import anthropic_client as sdk
from anthropic_client import ask
from stage import ANTHROPIC, CHAT, PNG, RESPONSES, SCHEMA, Model, pairings, text, tool

WEATHER = {"name": "get_weather", "description": "The weather of a place.", "input_schema": SCHEMA}
TIME = {"name": "get_time", "input_schema": SCHEMA}
QUESTION = {"role": "user", "content": "What is the weather in Oslo and Rome?"}


def results(message, *contents):
    """The next request's turns, with what the tools gave."""
    uses = [block for block in message.content if block.type == "tool_use"]
    given = [
        {"type": "tool_result", "tool_use_id": use.id, "content": content}
        for use, content in zip(uses, contents, strict=True)
    ]
    answer = {"role": "assistant", "content": [block.to_dict() for block in message.content]}
    return [QUESTION, answer, {"role": "user", "content": given}]


def choice_of(kind, name):
    """A `tool_choice` as each protocol has it."""
    openai = {"auto": "auto", "any": "required", "none": "none"}.get(kind)
    return {
        ANTHROPIC: {"type": kind} | ({"name": name} if name else {}),
        CHAT: openai or {"type": "function", "function": {"name": name}},
        RESPONSES: openai or {"type": "function", "name": name},
    }


class Tools(unittest.TestCase):
    WAYS = sdk.WAYS

    @pairings()
    def test_definitions_reach_the_provider(self, model, call):
        model.answers(tool("call_1", "Oslo"))
        message = call(**ask(model, tools=[WEATHER, TIME]))
        self.assertEqual(message.stop_reason, "tool_use")
        (use,) = message.content
        self.assertEqual((use.type, use.name, use.input), ("tool_use", "get_weather", {"place": "Oslo"}))
        tools = model.request().body["tools"]
        if model.protocol == ANTHROPIC:
            self.assertEqual(tools, [WEATHER, TIME])
            return
        functions = [tool["function"] for tool in tools] if model.protocol == CHAT else tools
        self.assertEqual([function["name"] for function in functions], ["get_weather", "get_time"])
        self.assertEqual(functions[0]["description"], WEATHER["description"])
        self.assertEqual([function["parameters"] for function in functions], [SCHEMA, SCHEMA])

    @pairings(ways=["whole", "streamed"])
    def test_tool_choice(self, model, call):
        for kind, name in (("auto", None), ("any", None), ("none", None), ("tool", "get_time")):
            model.answers(text("No."))
            expected = choice_of(kind, name)
            call(**ask(model, tools=[WEATHER, TIME], tool_choice=expected[ANTHROPIC]))
            self.assertEqual(model.request().body["tool_choice"], expected[model.protocol])

    @pairings(ways=["whole", "streamed"])
    def test_parallel_calls_can_be_forbidden(self, model, call):
        model.answers(tool("call_1", "Oslo"))
        choice = {"type": "auto", "disable_parallel_tool_use": True}
        call(**ask(model, tools=[WEATHER], tool_choice=choice))
        body = model.request().body
        if model.protocol == ANTHROPIC:
            self.assertEqual(body["tool_choice"], choice)
        else:
            self.assertIs(body["parallel_tool_calls"], False)

    @pairings()
    def test_parallel_calls_and_their_results(self, model, call):
        model.answers(
            text("Let me see."),
            tool("call_1", "Oslo"),
            tool("call_2", "Rome"),
            interleave=model.protocol != ANTHROPIC,
        )
        request = ask(model, tools=[WEATHER])
        message = call(**request)
        self.assertEqual([block.type for block in message.content], ["text", "tool_use", "tool_use"])
        uses = message.content[1:]
        self.assertEqual([use.input["place"] for use in uses], ["Oslo", "Rome"])
        self.assertNotEqual(uses[0].id, uses[1].id)

        model.answers(text("Rain and sun."))
        turns = results(message, "rain", [{"type": "text", "text": "sun"}])
        final = call(**request | {"messages": turns})
        self.assertEqual((final.stop_reason, final.content[0].text), ("end_turn", "Rain and sun."))
        body = model.request().body
        if model.protocol == ANTHROPIC:
            self.assertEqual(body["messages"], turns)
        elif model.protocol == CHAT:
            _, answer, *given = body["messages"]
            self.assertEqual(answer["content"], "Let me see.")
            calls = [(call["id"], json.loads(call["function"]["arguments"])) for call in answer["tool_calls"]]
            self.assertEqual(calls, [(use.id, use.input) for use in uses])
            self.assertEqual([turn["role"] for turn in given], ["tool", "tool"])
            self.assertEqual([turn["tool_call_id"] for turn in given], [use.id for use in uses])
            self.assertIn("rain", str(given[0]["content"]))
            self.assertIn("sun", str(given[1]["content"]))
        else:
            calls = [item for item in body["input"] if item.get("type") == "function_call"]
            given = [item for item in body["input"] if item.get("type") == "function_call_output"]
            self.assertEqual([json.loads(item["arguments"]) for item in calls], [use.input for use in uses])
            self.assertEqual([item["call_id"] for item in given], [item["call_id"] for item in calls])
            self.assertIn("rain", str(given[0]["output"]))
            self.assertIn("sun", str(given[1]["output"]))

    @pairings()
    def test_a_result_that_is_an_image(self, model, call):
        model.answers(tool("call_1", "Oslo"))
        request = ask(model, tools=[WEATHER])
        message = call(**request)
        model.answers(text("A red dot."))
        image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}
        call(**request | {"messages": results(message, [image])})
        self.assertEqual(model.request().text.count(PNG), 1)

    @pairings()
    def test_a_call_without_arguments(self, model, call):
        model.answers({"tool": {"id": "call_1", "name": "get_time", "input": {}}})
        message = call(**ask(model, tools=[TIME]))
        self.assertEqual(message.content[0].input, {})

    @pairings(ways=["streamed"])
    def test_the_arguments_come_in_pieces(self, model, _):
        model.answers(tool("call_1", "Trondheim in the north of Norway"))
        with sdk.client.messages.stream(**ask(model, tools=[WEATHER])) as stream:
            pieces = [event.partial_json for event in stream if event.type == "input_json"]
        self.assertGreater(len(pieces), 3)
        self.assertEqual(json.loads("".join(pieces)), {"place": "Trondheim in the north of Norway"})

    @pairings(ways=["whole"])
    def test_the_sdks_own_loop(self, model, _):
        asked = []

        @anthropic.beta_tool
        def get_weather(place: str) -> str:
            """The weather of a place."""
            asked.append(place)
            return "rain"

        for stream in (False, True):
            model.answers(text("Rain in Oslo."))
            model.answers(tool("call_1", "Oslo"), once=True)
            runner = sdk.client.beta.messages.tool_runner(**ask(model), tools=[get_weather], stream=stream)
            final = runner.until_done()
            self.assertEqual(final.content[0].text, "Rain in Oslo.")
            self.assertIn("rain", model.received()[1].text)
        self.assertEqual(asked, ["Oslo", "Oslo"])

    def test_a_pinned_model_without_tools(self):
        for call in self.WAYS.values():
            with self.assertRaises(anthropic.UnprocessableEntityError) as raised:
                call(**ask(Model("plain"), tools=[WEATHER]))
            error = raised.exception.body["error"]
            self.assertEqual(error["code"], "tools_not_supported_by_backend")
            self.assertIn("plain@openai-chat", error["message"])


if __name__ == "__main__":
    unittest.main()
