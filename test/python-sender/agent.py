"""A small agent as a Python application traces it: the OpenTelemetry SDK, its OTLP exporter, GenAI attributes."""

import json
import sys

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

url, compression = sys.argv[1:3]
provider = TracerProvider(resource=Resource.create({"service.name": "python-agent"}))
exporter = OTLPSpanExporter(endpoint=f"{url}/v1/traces", compression=Compression(compression))
provider.add_span_processor(BatchSpanProcessor(exporter))
tracer = provider.get_tracer("python-agent")


def attributes(operation, **more):
    named = {"gen_ai." + key.replace("__", "."): value for key, value in more.items()}
    return {"gen_ai.operation.name": operation, **named}


with tracer.start_as_current_span("GET /ask") as root:
    print(format(root.get_span_context().trace_id, "032x"))
    with tracer.start_as_current_span(
        "invoke_agent Researcher", attributes=attributes("invoke_agent", agent__name="Researcher")
    ):
        arguments = json.dumps({"q": "größe", "limit": 3})
        with tracer.start_as_current_span(
            "execute_tool search",
            attributes=attributes(
                "execute_tool", tool__name="search", tool__call__id="call-1", tool__call__arguments=arguments
            ),
        ) as tool:
            tool.set_attribute("gen_ai.tool.call.result", json.dumps(["hit", 1.5, None]))
        with tracer.start_as_current_span("POST /v1/chat"):
            with tracer.start_as_current_span(
                "chat gpt", attributes=attributes("chat", request__model="gpt", provider__name="openai")
            ) as chat:
                chat.set_attribute("gen_ai.usage.input_tokens", 12)
                chat.set_attribute("gen_ai.usage.output_tokens", 30)
        try:
            with tracer.start_as_current_span(
                "execute_tool broken", attributes=attributes("execute_tool", tool__name="broken")
            ):
                raise ValueError("no such page")
        except ValueError:
            pass

provider.shutdown()
