"""The official OpenAI SDK: only `base_url` and `api_key` are set."""

import asyncio

import openai

from stage import API_KEY, BASE_URL

OPTIONS = {"base_url": f"{BASE_URL}/v1", "api_key": API_KEY, "max_retries": 0, "timeout": 60}

client = openai.OpenAI(**OPTIONS)
async_client = openai.AsyncOpenAI(**OPTIONS)
loop = asyncio.new_event_loop()


# The helper for streams gives completions that did not end by themselves so.
CUT_OFF = openai.LengthFinishReasonError, openai.ContentFilterFinishReasonError


def ask(model, content="Say it.", **more):
    """A minimal request with one turn."""
    return {
        "model": getattr(model, "name", model),
        "messages": [{"role": "user", "content": content}],
    } | more


def whole(**request):
    return client.chat.completions.create(**request)


def streamed(**request):
    with client.chat.completions.stream(**with_usage(request)) as stream:
        try:
            return stream.get_final_completion()
        except CUT_OFF as error:
            return error.completion


def async_whole(**request):
    return loop.run_until_complete(async_client.chat.completions.create(**request))


def async_streamed(**request):
    async def run():
        async with async_client.chat.completions.stream(**with_usage(request)) as stream:
            try:
                return await stream.get_final_completion()
            except CUT_OFF as error:
                return error.completion

    return loop.run_until_complete(run())


def with_usage(request):
    return request | {"stream_options": {"include_usage": True}}


# The ways to get a whole completion.
WAYS = {
    "whole": whole,
    "streamed": streamed,
    "async": async_whole,
    "async streamed": async_streamed,
}
