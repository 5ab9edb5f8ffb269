# SPDX-License-Identifier: Apache-2.0
"""A test that fails beside others is tried once more, alone, and that is said."""
import io

from results import AGAIN_MAX, Count, name_of, run_tests
from stage import LiveTest


class Shaky(LiveTest):
    """Fails as often as it is told to. Its name is none that is found."""

    failures = 0

    def fail_as_often_as_told(self):
        if self.failures > 0:
            self.failures -= 1
            self.fail("as it was told to")


def shaky(failures, name="fail_as_often_as_told"):
    test = Shaky(name)
    test.failures = failures
    return test


class TriedAgain(LiveTest):

    @staticmethod
    def outcome(*tests):
        """(passed, failed, what was printed) of these, and of trying again."""
        said = io.StringIO()
        count = Count(said)
        run_tests(tests, count.add)
        count.try_again(tests)
        return count.passed, count.failed, said.getvalue()

    def test_what_passes_is_not_tried_again(self):
        passed, failed, said = self.outcome(shaky(0))
        self.assertEqual((passed, failed), (1, 0))
        self.assertNotIn("AGAIN", said)

    def test_what_fails_once_passes_and_both_are_printed(self):
        one = shaky(1)
        passed, failed, said = self.outcome(one)
        self.assertEqual((passed, failed), (1, 0))
        self.assertIn(f"AGAIN {name_of(one)}", said)
        self.assertEqual([line[:4] for line in said.splitlines()
                          if name_of(one) in line and "AGAIN" not in line
                          and line[:4].strip() in ("ok", "FAIL")],
                         ["FAIL", "ok  "])

    def test_what_fails_twice_has_failed(self):
        self.assertEqual(self.outcome(shaky(2))[:2], (0, 1))

    def test_many_failures_are_no_accident(self):
        tests = [shaky(1) for _ in range(AGAIN_MAX + 1)]
        passed, failed, said = self.outcome(*tests)
        self.assertEqual((passed, failed), (0, AGAIN_MAX + 1))
        self.assertNotIn("AGAIN", said)
