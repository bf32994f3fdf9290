"""The official Anthropic SDK: only `base_url` and `api_key` are set."""

import asyncio

import anthropic

from stage import API_KEY, BASE_URL

OPTIONS = {"base_url": BASE_URL, "api_key": API_KEY, "max_retries": 0, "timeout": 60}

client = anthropic.Anthropic(**OPTIONS)
async_client = anthropic.AsyncAnthropic(**OPTIONS)
loop = asyncio.new_event_loop()


def ask(model, content="Say it.", **more):
    """A minimal request with one turn."""
    return {
        "model": getattr(model, "name", model),
        "max_tokens": 2000,
        "messages": [{"role": "user", "content": content}],
    } | more


def whole(**request):
    return client.messages.create(**request)


def streamed(**request):
    with client.messages.stream(**request) as stream:
        return stream.get_final_message()


def async_whole(**request):
    return loop.run_until_complete(async_client.messages.create(**request))


def async_streamed(**request):
    async def run():
        async with async_client.messages.stream(**request) as stream:
            return await stream.get_final_message()

    return loop.run_until_complete(run())


# The ways to get a whole message.
WAYS = {
    "whole": whole,
    "streamed": streamed,
    "async": async_whole,
    "async streamed": async_streamed,
}
