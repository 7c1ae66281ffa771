"""Counts the tests of xunit files by target: count_tests.py FILE... -- TARGET... prints "TARGET PASSED FAILED" for each target."""

import sys
from xml.etree import ElementTree


def main() -> None:
    arguments = sys.argv[1:]
    separator = arguments.index("--")
    files, targets = arguments[:separator], arguments[separator + 1 :]
    passed = dict.fromkeys(targets, 0)
    failed = dict.fromkeys(targets, 0)
    for file in files:
        for case in ElementTree.parse(file).getroot().iter("testcase"):
            target = case.get("classname", "").split(".")[0]
            broken = case.find("failure") is not None or case.find("error") is not None
            if case.find("skipped") is None:
                counts = failed if broken else passed
                counts[target] = counts.get(target, 0) + 1
    for target in sorted({*passed, *failed}):
        print(target, passed.get(target, 0), failed.get(target, 0))


main()
