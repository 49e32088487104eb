"""What a gateway tells those who run it: its metrics and its log."""

import json
import re


class Evidence:
    """Of the suite's first gateway."""

    def __init__(self, suite):
        self.suite = suite
        self.log = suite.data / "gateway.log"

    def metric(self, name, **labels):
        """The sum of the samples that have these labels; 0 if there are none."""
        metrics = self.suite.get("/metrics", gateway="gateway_operations").text
        samples = re.findall(rf"^{name}(?:\{{(.*)\}})? (\S+)$", metrics, re.M)
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        return sum(float(value) for its, value in samples if all(label in its.split(",") for label in wanted))

    def mark(self):
        """The place in the log where the next line will be."""
        return self.log.stat().st_size if self.log.exists() else 0

    def lines(self, mark, message, **fields):
        """The lines since the mark with this message and these fields."""
        with open(self.log, "rb") as log:
            log.seek(mark)
            lines = [json.loads(line) for line in log if line.startswith(b"{") and line.endswith(b"}\n")]
        return [line for line in lines
                if line["message"] == message and all(line.get(name) == value for name, value in fields.items())]
