"""The OpenAI SDK: OpenInference tells of its calls, and of the agent and the tools that you wrote around it."""

import json
import os
import sys

from openai import OpenAI
from openinference.instrumentation import OITracer, TraceConfig
from openinference.instrumentation.openai import OpenAIInstrumentor
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

# OTEL_EXPORTER_OTLP_ENDPOINT names the bridge. Spans are sent once they have ended: twice a second, not every five.
provider = TracerProvider(resource=Resource.create({"service.name": "openai-python-example"}))
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(), schedule_delay_millis=500))
OpenAIInstrumentor().instrument(tracer_provider=provider)
tracer = OITracer(provider.get_tracer("openai-python-example"), TraceConfig())

QUESTION = "What is the weather in Lima? Please check for alerts, too."
MODEL = os.environ.get("OPENAI_MODEL", "gpt-5-mini")
client = OpenAI()


@tracer.tool
def get_weather(city: str) -> dict:
    """The weather of a city, now."""
    return {"city": city, "temperature": 21, "sky": "clear"}


@tracer.tool
def check_alerts(city: str) -> list[str]:
    """Storm and flood warnings for a city."""
    raise ConnectionError("the alert service is down")


TOOLS = {"get_weather": get_weather, "check_alerts": check_alerts}
OFFERED = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": tool.__doc__,
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
    for name, tool in TOOLS.items()
]


@tracer.agent(name="guide")
def guide(question: str) -> str:
    """Asks the model, does what it wants to have done, and asks again, until it answers."""
    messages = [{"role": "user", "content": question}]
    while True:
        message = client.chat.completions.create(model=MODEL, messages=messages, tools=OFFERED).choices[0].message
        if not message.tool_calls:
            return message.content
        messages.append(message)
        for call in message.tool_calls:
            messages.append({"role": "tool", "tool_call_id": call.id, "content": use(call.function)})


def use(function) -> str:
    """What a tool says, or what went wrong with it: the model can do without."""
    try:
        return json.dumps(TOOLS[function.name](**json.loads(function.arguments)))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


print(guide(sys.argv[1] if len(sys.argv) > 1 else QUESTION))
