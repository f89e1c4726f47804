"""Adds up what the test programs said, lists the failures, and ends with `N passed, N failed`.

A GoogleTest program counts each of its tests, and so does one that leaves a JUnit file, such as the
browser tests; any other program counts as one. A program that died
counts its unfinished work as one failure more. Nothing run at all is a failure.
"""

import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def googletest(path):
    """(passed, skipped, failures) of one program: a count, names, and (name, message)."""
    passed, skipped, failures = 0, [], []
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        failure = case.find("failure")
        if failure is not None:
            failures.append((name, failure.get("message", "").strip()))
        elif (
            case.get("result") == "skipped"
            or case.get("status") == "notrun"
            or case.find("skipped") is not None
        ):
            skipped.append(name)
        else:
            passed += 1
    return passed, skipped, failures


def main(results):
    summary = results / "ctest.junit"
    if not summary.exists():
        print("the tests did not run to the end\n0 passed, 1 failed")
        return 1
    passed, skipped, failures = 0, [], []
    for program in ElementTree.parse(summary).getroot().iter("testcase"):
        name, status = program.get("name"), program.get("status")
        report = results / f"{name}.xml"
        found = []
        if report.exists():
            try:
                p, s, found = googletest(report)
                passed, skipped = passed + p, skipped + s
            except ElementTree.ParseError:
                status = "fail"
            failures += found
        elif status == "run":
            passed += 1
        if status == "fail" and not found:
            failures.append((name, "the program failed; its output is above"))
        elif status in ("notrun", "disabled") and not report.exists():
            skipped.append(name)
    for name in skipped:
        print(f"skipped: {name}")
    for name, message in failures:
        first = message.splitlines()[:6]
        print(f"FAILED: {name}" + "".join(f"\n    {line}" for line in first))
    if skipped:
        print(f"{len(skipped)} skipped")
    if passed == 0 and not failures:
        failures.append(("tests", "nothing was run"))
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
