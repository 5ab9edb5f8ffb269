# SPDX-License-Identifier: Apache-2.0
"""What becomes of tests: each is told as it ends, and counted. For the
programs that run tests in an order of their own."""
import fnmatch
import time
import unittest


class Told(unittest.TestResult):
    """Tells each result as it comes."""

    def __init__(self, tell):
        super().__init__()
        self.tell = tell

    def startTest(self, test):
        super().startTest(test)
        self.begun = time.monotonic()
        self.trouble = "it was interrupted"

    def addSuccess(self, test):
        self.trouble = None

    def addError(self, test, err):
        self.trouble = self._exc_info_to_string(err, test)
        getattr(test, "keep_evidence", lambda: None)()

    addFailure = addError

    def addSkip(self, test, reason):
        self.trouble = f"skipped: {reason}"

    def stopTest(self, test):
        super().stopTest(test)
        name = test.id().split(".", 1)[1]
        self.tell((name, self.trouble, time.monotonic() - self.begun,
                   getattr(test, "remark", None)))


class Count:
    """Prints results and counts them."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def add(self, result):
        name, trouble, seconds, remark = result
        if trouble is None:
            self.passed += 1
            note = f"  [{remark}]" if remark else ""
            print(f"ok    {seconds:5.1f} s  {name}{note}", flush=True)
        else:
            self.failed += 1
            print(f"FAIL  {seconds:5.1f} s  {name}\n{trouble}", flush=True)


def find_tests(folder, patterns):
    """The tests of a folder whose names hold one of the patterns, or all."""
    found = []
    for whole in unittest.defaultTestLoader.discover(
            str(folder), pattern="test_*.py"):
        for module in whole:
            if not isinstance(module, unittest.TestSuite):
                raise SystemExit(f"a test file cannot be read: {module}")
            for suite in module:
                found += list(suite) if isinstance(
                    suite, unittest.TestSuite) else [suite]
    return [test for test in found
            if not patterns or any(fnmatch.fnmatch(test.id(), f"*{pattern}*")
                                   for pattern in patterns)]


def run_tests(tests, tell):
    for test in tests:
        result = Told(tell)
        test.run(result)
