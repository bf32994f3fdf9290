"""The stage that the tests play on: where the gateway is, and the provider behind
it, which a test tells what to do and asks what it received.
"""

import functools
import json
import os
import urllib.request

CONFIG = json.loads(os.environ["AINFERA_SDK_TEST"])
BASE_URL, API_KEY = CONFIG["base_url"], CONFIG["api_key"]
ROUTED = "ainfera-inference"
# What the engine gives routed calls, the cheapest first.
BASIC, SPARE = "basic", "spare"
ANTHROPIC, CHAT, RESPONSES = "anthropic", "openai-chat", "openai-responses"

# A red dot, 1 × 1.
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIA"
    "X8jx0gAAAABJRU5ErkJggg=="
)
SCHEMA = {
    "type": "object",
    "properties": {"place": {"type": "string"}},
    "required": ["place"],
    "additionalProperties": False,
}


def text(words):
    return {"text": words}


def thinking(words, signature="c2lnbmVk"):
    return {"thinking": {"text": words, "signature": signature}}


def refusal(words):
    return {"refusal": words}


def tool(id, place, name="get_weather"):
    return {"tool": {"id": id, "name": name, "input": {"place": place}}}


def usage(input=25, output=15, cache_read=0, cache_write=0):
    return {
        "input": input,
        "output": output,
        "cache_read": cache_read,
        "cache_write": cache_write,
    }


class Request:
    """A request as the provider received it."""

    def __init__(self, recorded):
        self.target = recorded["target"]
        self.headers = recorded["headers"]
        self.text = recorded["text"]
        self.body = json.loads(self.text)


class Model:
    """A model of the gateway's catalog, and what its provider does."""

    def __init__(self, name, protocol=None):
        self.name = name
        self.protocol = protocol

    @classmethod
    def pinned(cls, protocol):
        """The one whose provider speaks this protocol."""
        return cls(CONFIG["pinned"][protocol], protocol)

    def answers(self, *blocks, **how):
        """Answers with these blocks from now on."""
        self._script(blocks=blocks, **how)

    def fails(self, status, kind="api_error", message="Scripted.", **how):
        """Answers with an HTTP error from now on."""
        self._script(status=status, error={"type": kind, "message": message}, **how)

    def fails_first(self, kind, message):
        """Answers 200 from now on, and the first event is an error."""
        self._script(error_first={"type": kind, "message": message})

    def received(self):
        """What came since the last script."""
        with urllib.request.urlopen(f"{CONFIG['control']}/received/{self.name}", timeout=60) as answer:
            return [Request(recorded) for recorded in json.load(answer)]

    def request(self):
        """The one request that came since the last script."""
        (request,) = self.received()
        return request

    def released_by_a_409(self):
        """Event hooks of an HTTP client: they let go what the provider holds when the
        client was answered 409, and from then on the client is patient."""
        told = []

        def before(request):
            if told:
                request.extensions["timeout"] = dict.fromkeys(("connect", "read", "write", "pool"), 60)

        def after(response):
            if response.status_code == 409:
                self._post(f"release/{self.name}", {})
                told.append(response)

        return {"request": [before], "response": [after]}

    def _script(self, **script):
        self._post("script", {"model": self.name} | script)

    def _post(self, path, body):
        request = urllib.request.Request(
            f"{CONFIG['control']}/{path}",
            json.dumps(body).encode(),
            {"content-type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=60).close()


def pairings(*protocols, ways=None):
    """Runs a test for the provider of each protocol (all, if none is named) and in
    each of the client's ways to call (or those named): `test(self, model, call)`.
    """

    def decorate(test):
        @functools.wraps(test)
        def run(self):
            for protocol in protocols or (ANTHROPIC, CHAT, RESPONSES):
                for way in ways or self.WAYS:
                    with self.subTest(provider=protocol, way=way):
                        test(self, Model.pinned(protocol), self.WAYS[way])

        return run

    return decorate
