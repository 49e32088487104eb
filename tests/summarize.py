"""Adds up JUnit reports and prints one line: `N passed, N failed, N skipped`. Names what failed or was skipped.

Exit status 1 if anything failed or a report is missing; with --no-skips also if anything was skipped.
"""

import sys
import xml.etree.ElementTree


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
                print("failed:", name)
            elif case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
                skipped += 1
                print("skipped:", name)
            else:
                passed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed or (skipped and "--no-skips" in arguments) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
