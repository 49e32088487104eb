"""Adds up JUnit reports and prints one line: `N passed, N failed, N skipped`. Names what failed, with what it said, or was skipped.

Exit status 1 if anything failed or a report is missing; with --no-skips also if anything was skipped.
"""

import re
import sys
import xml.etree.ElementTree

SHOWN_LINES = 30


def excerpt(case):
    """The lines around the first thing that failed, from a test program's output or pytest's report; indented.

    Without what the services logged meanwhile, which would fill all of them."""
    texts = [element.text or "" for element in case if element.tag in ("failure", "error", "system-out")]
    lines = [line for line in max(texts, key=len, default="").splitlines() if not line.startswith('{"timestamp":')]
    said = [i for i, line in enumerate(lines) if re.search(r"Failure$|^E  |ERROR: |FAILED", line)]
    begin = max(0, said[0] - 2) if said else max(0, len(lines) - SHOWN_LINES)
    return "".join(f"\n    {line[:300]}" for line in lines[begin:begin + SHOWN_LINES])


def main(arguments):
    reports = [a for a in arguments if a != "--no-skips"]
    passed = failed = skipped = 0
    for report in reports:
        try:
            cases = list(xml.etree.ElementTree.parse(report).iter("testcase"))
        except (OSError, xml.etree.ElementTree.ParseError) as error:
            print(f"no report: {error}")
            failed += 1
            continue
        for case in cases:
            name = f'{case.get("classname")} {case.get("name")}'
            if case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail":
                failed += 1
                print("failed:", name + excerpt(case))
            elif case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
                skipped += 1
                print("skipped:", name)
            else:
                passed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed or (skipped and "--no-skips" in arguments) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
