"""Tools: the OpenAI SDK through every pairing."""

import json
import unittest

import openai
import openai_client as sdk
from openai_client import ask
from stage import ANTHROPIC, CHAT, RESPONSES, SCHEMA, Model, pairings, text, tool


def function(name, **more):
    described = {"name": name, "parameters": SCHEMA, "strict": True} | more
    return {"type": "function", "function": described}


WEATHER = function("get_weather", description="The weather of a place.")
TIME = function("get_time")
QUESTION = {"role": "user", "content": "What is the weather in Oslo and Rome?"}


def choice_of(kind, name):
    """A `tool_choice` as each protocol has it."""
    anthropic = {"type": {"required": "any"}.get(kind, kind)}
    return {
        ANTHROPIC: {"type": "tool", "name": name} if name else anthropic,
        CHAT: {"type": "function", "function": {"name": name}} if name else kind,
        RESPONSES: {"type": "function", "name": name} if name else kind,
    }


class Tools(unittest.TestCase):
    WAYS = sdk.WAYS

    @pairings()
    def test_definitions_reach_the_provider(self, model, call):
        model.answers(tool("call_1", "Oslo"))
        (choice,) = call(**ask(model, tools=[WEATHER, TIME])).choices
        self.assertEqual((choice.finish_reason, choice.message.content or None), ("tool_calls", None))
        (use,) = choice.message.tool_calls
        self.assertEqual((use.type, use.function.name), ("function", "get_weather"))
        self.assertEqual(json.loads(use.function.arguments), {"place": "Oslo"})
        tools = model.request().body["tools"]
        if model.protocol == CHAT:
            self.assertEqual(tools, [WEATHER, TIME])
            return
        schema = "input_schema" if model.protocol == ANTHROPIC else "parameters"
        self.assertEqual([tool["name"] for tool in tools], ["get_weather", "get_time"])
        self.assertEqual(tools[0]["description"], "The weather of a place.")
        self.assertEqual([tool[schema] for tool in tools], [SCHEMA, SCHEMA])

    @pairings(ways=["whole", "streamed"])
    def test_tool_choice(self, model, call):
        for kind, name in (("auto", None), ("required", None), ("none", None), (None, "get_time")):
            model.answers(text("No."))
            expected = choice_of(kind, name)
            call(**ask(model, tools=[WEATHER, TIME], tool_choice=expected[CHAT]))
            self.assertEqual(model.request().body["tool_choice"], expected[model.protocol])

    @pairings(ways=["whole", "streamed"])
    def test_parallel_calls_can_be_forbidden(self, model, call):
        model.answers(tool("call_1", "Oslo"))
        call(**ask(model, tools=[WEATHER], parallel_tool_calls=False))
        body = model.request().body
        if model.protocol == ANTHROPIC:
            self.assertIs(body["tool_choice"]["disable_parallel_tool_use"], True)
        else:
            self.assertIs(body["parallel_tool_calls"], False)

    @pairings()
    def test_parallel_calls_and_their_results(self, model, call):
        model.answers(
            text("Let me see."),
            tool("call_1", "Oslo"),
            tool("call_2", "Rome"),
            # The SDK does not take pieces in turn, which go through where they are.
            interleave=model.protocol == RESPONSES,
        )
        request = ask(model, messages=[QUESTION], tools=[WEATHER])
        (choice,) = call(**request).choices
        self.assertEqual(choice.message.content, "Let me see.")
        uses = choice.message.tool_calls
        places = [json.loads(use.function.arguments)["place"] for use in uses]
        self.assertEqual(places, ["Oslo", "Rome"])
        self.assertNotEqual(uses[0].id, uses[1].id)

        model.answers(text("Rain and sun."))
        answer = {"role": "assistant", "content": choice.message.content}
        answer["tool_calls"] = [
            {
                "id": use.id,
                "type": "function",
                "function": {"name": use.function.name, "arguments": use.function.arguments},
            }
            for use in uses
        ]
        given = [
            {"role": "tool", "tool_call_id": use.id, "content": result}
            for use, result in zip(uses, ("rain", [{"type": "text", "text": "sun"}]))
        ]
        turns = [QUESTION, answer, *given]
        (final,) = call(**request | {"messages": turns}).choices
        self.assertEqual((final.finish_reason, final.message.content), ("stop", "Rain and sun."))
        body = model.request().body
        if model.protocol == CHAT:
            self.assertEqual(body["messages"], turns)
        elif model.protocol == ANTHROPIC:
            _, answer, results = body["messages"]
            self.assertEqual([block["type"] for block in answer["content"]], ["text", "tool_use", "tool_use"])
            self.assertEqual([block["input"]["place"] for block in answer["content"][1:]], places)
            # All results in one turn.
            self.assertEqual([block["type"] for block in results["content"]], ["tool_result"] * 2)
            answered = [block["tool_use_id"] for block in results["content"]]
            self.assertEqual(answered, [block["id"] for block in answer["content"][1:]])
            self.assertIn("rain", str(results["content"][0]["content"]))
            self.assertIn("sun", str(results["content"][1]["content"]))
        else:
            calls = [item for item in body["input"] if item.get("type") == "function_call"]
            outputs = [item for item in body["input"] if item.get("type") == "function_call_output"]
            self.assertEqual([json.loads(item["arguments"])["place"] for item in calls], places)
            self.assertEqual([item["call_id"] for item in outputs], [item["call_id"] for item in calls])
            self.assertIn("rain", str(outputs[0]["output"]))
            self.assertIn("sun", str(outputs[1]["output"]))

    @pairings()
    def test_a_call_without_arguments(self, model, call):
        model.answers({"tool": {"id": "call_1", "name": "get_time", "input": {}}})
        (use,) = call(**ask(model, tools=[TIME])).choices[0].message.tool_calls
        self.assertEqual(json.loads(use.function.arguments), {})

    @pairings(ways=["streamed"])
    def test_the_arguments_come_in_pieces(self, model, _):
        model.answers(tool("call_1", "Oslo"), tool("call_2", "Trondheim"))
        kind = "tool_calls.function.arguments"
        with sdk.client.chat.completions.stream(**ask(model, tools=[WEATHER])) as stream:
            events = [event for event in stream if event.type.startswith(kind)]
        for index, place in enumerate(["Oslo", "Trondheim"]):
            deltas = [event for event in events if event.type == f"{kind}.delta"]
            pieces = [event.arguments_delta for event in deltas if event.index == index]
            self.assertGreater(len(pieces), 1)
            self.assertEqual(json.loads("".join(pieces)), {"place": place})
        done = [event.index for event in events if event.type == f"{kind}.done"]
        self.assertEqual(done, [0, 1])

    def test_a_pinned_model_without_tools(self):
        for call in self.WAYS.values():
            with self.assertRaises(openai.UnprocessableEntityError) as raised:
                call(**ask(Model("plain"), tools=[WEATHER]))
            self.assertEqual(raised.exception.code, "tools_not_supported_by_backend")
            self.assertIn("plain@openai-chat", raised.exception.message)


if __name__ == "__main__":
    unittest.main()
