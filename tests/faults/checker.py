"""The compiled parts as processes: the checker, the proxies, the front that is stale on purpose."""

import json
import subprocess


class Commanded:
    """A process that takes commands on its standard input, one a line, and answers each with a line."""

    def __init__(self, command, log):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
                                        bufsize=1)

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args[0]} ended with status {self.process.wait()}")
        return line.strip()

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        return self.answer()

    def tell(self, command):
        if (answer := self.ask(command)) != "ok":
            raise RuntimeError(f"{self.process.args[0]}: {command}: {answer}")

    def end(self):
        self.process.stdin.close()
        self.process.wait(20)


class Checker(Commanded):
    """freshness_checker, see its main file for the commands. Running when the constructor returns."""

    def __init__(self, binary, log, **flags):
        flags = [f"--{name}={','.join(value) if isinstance(value, list) else value}" for name, value in flags.items()]
        # Readers and editors are elsewhere in earnest: here they must not take the processors from what they watch.
        super().__init__(["nice", "-n", "5", str(binary), *flags], log)
        if (answer := self.answer()) != "running":
            raise RuntimeError(answer)

    def counts(self):
        """reads, publishes, withholds, violations"""
        return [int(count) for count in self.ask("counts").split()]

    def finish(self):
        report = json.loads(self.ask("finish"))
        self.end()
        return report


class Proxies(Commanded):
    """Fault proxies in front of local ports, by index; `ports` are where they listen."""

    def __init__(self, binary, log, ports):
        super().__init__([str(binary), *map(str, ports)], log)
        self.ports = [int(port) for port in self.answer().split()]


class StaleFront(Commanded):
    """A cache in front of an HTTP port that breaks the promise of freshness; `port` is where it listens."""

    def __init__(self, binary, log, port, milliseconds):
        super().__init__([str(binary), str(port), str(milliseconds)], log)
        self.port = int(self.answer())
