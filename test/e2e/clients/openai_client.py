"""What OpenAI's own client for Python makes of a gateway, as one JSON document on stdout.

Usage: openai_client.py GATEWAY_URL GATEWAY_URL_WITHOUT_ENDPOINTS MODEL
"""

import json
import sys

import openai

base_url, nobody_url, model = sys.argv[1:]
messages = [{"role": "user", "content": "Say something."}]


def client_of(url):
    return openai.OpenAI(base_url=f"{url}/v1", api_key="not-a-key", max_retries=0)


def failure_of(call):
    try:
        call()
    except openai.APIStatusError as error:
        return {"class": type(error).__name__, "status": error.status_code}
    return None


client = client_of(base_url)
nobody = client_of(nobody_url)

whole = client.chat.completions.create(model=model, messages=messages, max_tokens=8, seed=1)
stream = client.chat.completions.create(model=model, messages=messages, max_tokens=8, seed=1, stream=True)
streamed = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
events = [event.type for event in client.responses.create(model=model, input="one", max_output_tokens=6, stream=True)]

json.dump(
    {
        "chat": whole.choices[0].message.content,
        "streamed": streamed,
        "completion": client.completions.create(model=model, prompt="one", max_tokens=4).choices[0].text,
        "embeddings": len(client.embeddings.create(model=model, input=["one", "two"]).data),
        "models": [one.id for one in client.models.list().data],
        "response": client.responses.create(model=model, input="one", max_output_tokens=6).output_text,
        "lastEvent": events[-1],
        "withoutMessages": failure_of(lambda: client.post("/chat/completions", body={"model": model}, cast_to=object)),
        "unknownModel": failure_of(lambda: client.chat.completions.create(model="no-such-model", messages=messages)),
        "withoutEndpoints": failure_of(lambda: nobody.chat.completions.create(model=model, messages=messages)),
    },
    sys.stdout,
)
