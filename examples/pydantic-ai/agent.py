"""pydantic-ai: its own instrumentation, switched on for every agent, and an exporter that leads to a bridge."""

import os
import sys

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from pydantic_ai import Agent, ModelRetry
from pydantic_ai.models.openai import OpenAIChatModel

# OTEL_EXPORTER_OTLP_ENDPOINT names the bridge. Spans are sent once they have ended: twice a second, not every five.
provider = TracerProvider(resource=Resource.create({"service.name": "pydantic-ai-example"}))
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(), schedule_delay_millis=500))
trace.set_tracer_provider(provider)
Agent.instrument_all()

QUESTION = "What is the weather in Lima? Check for alerts, and ask the historian how old the city is."
model = OpenAIChatModel(os.environ.get("OPENAI_MODEL", "gpt-5-mini"))

historian = Agent(model, name="historian", instructions="You know the history of cities.")
guide = Agent(model, name="guide", instructions="You help travellers.")


@guide.tool_plain
def get_weather(city: str) -> dict:
    """The weather of a city, now."""
    return {"city": city, "temperature": 21, "sky": "clear"}


@guide.tool_plain
def check_alerts(city: str) -> list[str]:
    """Storm and flood warnings for a city."""
    raise ModelRetry("the alert service is down")  # told to the model, which may go on without


@guide.tool_plain
async def ask_historian(question: str) -> str:
    """A colleague who knows the history of cities."""
    return (await historian.run(question)).output


print(guide.run_sync(sys.argv[1] if len(sys.argv) > 1 else QUESTION).output)
