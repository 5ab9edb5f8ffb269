# SPDX-License-Identifier: Apache-2.0
"""What becomes of tests: each is told as it ends, and counted. For the
programs that run tests in an order of their own."""
import fnmatch
import time
import unittest


def name_of(test):
    """Without its module."""
    return test.id().split(".", 1)[1]


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
        self.tell((name_of(test), self.trouble, time.monotonic() - self.begun,
                   getattr(test, "remark", None)))


# So many that failed beside others are tried once more, alone. More than that
# is no accident of a busy machine.
AGAIN_MAX = 3


class Count:
    """Prints results and counts them."""

    def __init__(self, to=None):
        self.passed = 0
        self.failed = 0
        self.to = to
        self.troubled = []  # names of those that failed

    def add(self, result):
        name, trouble, seconds, remark = result
        if trouble is None:
            self.passed += 1
            note = f"  [{remark}]" if remark else ""
            self.say(f"ok    {seconds:5.1f} s  {name}{note}")
        else:
            self.failed += 1
            self.troubled.append(name)
            self.say(f"FAIL  {seconds:5.1f} s  {name}\n{trouble}")

    def say(self, line):
        print(line, file=self.to, flush=True)

    def try_again(self, tests):
        """Runs those of `tests` that have failed once more, one at a time,
        if they are few. One that passes then counts as passed, and stands in
        the output as what failed before."""
        failed = [test for test in tests if name_of(test) in self.troubled]
        if len(failed) > AGAIN_MAX:
            return
        for test in failed:
            self.say(f"AGAIN {name_of(test)}, alone")
            self.failed -= 1
            run_tests([test], self.add)


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
