# SPDX-License-Identifier: Apache-2.0
"""The account itself: what it calls lost, and what it says of duplicates."""
import unittest

from ledger import CAUSES, Ledger, seconds

AT = "2026-11-24T20:00:{:02d}.000Z"


class Said:
    """A worker, as far as the ledger looks at it."""

    def __init__(self, *lines, killed_at=None):
        self.lines = lines
        self.killed_at = killed_at and seconds(AT.format(killed_at))


def call(at, verdict="done", attempt=1):
    line = {"event": "call", "id": "m", "at": AT.format(at),
            "verdict": verdict}
    return line if verdict == "void" else {**line, "attempt": attempt}


def ack(at, attempt=1):
    return {"event": "verdict", "id": "m", "at": AT.format(at),
            "attempt": attempt}


def down(at):
    return {"event": "state", "state": "down", "at": AT.format(at)}


def received(accepted, seen=None, keys=1):
    return {"accepted": accepted, "seen": seen or accepted,
            "keys": ["k"] * keys, "sha256": ["s"]}


class Ledgers(unittest.TestCase):

    def cause(self, *workers):
        """Of the one duplicate that these workers have made."""
        ledger = Ledger({"m"}, {"m": received(2)}, set(), workers, 1)
        self.assertEqual(ledger.duplicates, 1)
        [cause] = ledger.causes
        self.assertIn(cause, CAUSES)
        return cause

    def test_what_is_neither_accepted_nor_parked_is_lost(self):
        found = {"a": received(1), "b": received(0, seen=3)}
        ledger = Ledger("abcd", found, {"c"}, (), 1)
        self.assertEqual(ledger.lost, {"b", "d"})
        self.assertEqual(ledger.twice, {})

    def test_what_nobody_published_and_changed_keys_are_told(self):
        ledger = Ledger("a", {"a": received(1, keys=2), "x": received(1)},
                        set(), (), 1)
        self.assertEqual(ledger.strange, {"x"})
        self.assertEqual(ledger.more_keys, {"a"})

    def test_a_killed_worker_is_the_cause(self):
        again = Said(call(9), ack(9))
        self.assertEqual(self.cause(again), ("killed", "call"))
        self.assertEqual(self.cause(Said(call(1), killed_at=2), again),
                         ("killed", "ack"))
        self.assertEqual(self.cause(Said(call(1), ack(1), killed_at=2), again),
                         ("killed", "ack"))
        self.assertEqual(
            self.cause(Said(call(1, "retry"), killed_at=2), again),
            ("killed", "copy"))

    def test_a_lost_connection_is_the_cause(self):
        again = Said(call(40), ack(40))
        self.assertEqual(self.cause(Said(call(1, "void")), again),
                         ("lost", "call"))
        self.assertEqual(self.cause(Said(call(1), ack(1), down(5)), again),
                         ("lost", "ack"))
        self.assertEqual(
            self.cause(Said(call(1, "retry"), down(3), ack(5)), again),
            ("lost", "copy"))

    def test_else_it_is_the_broker_even_if_a_worker_died_much_later(self):
        self.assertEqual(
            self.cause(Said(call(1), ack(1), down(30), killed_at=30),
                       Said(call(9), ack(9))), "broker")

    def test_one_worker_may_have_called_twice_before_it_acks(self):
        self.assertEqual(
            self.cause(Said(call(1), call(2), ack(3), ack(4))), "broker")

    def test_the_first_attempt_that_was_made_twice_counts(self):
        self.assertEqual(
            self.cause(Said(call(1, "retry", 1), ack(2, 1), killed_at=9),
                       Said(call(5, "retry", 2), killed_at=6),
                       Said(call(8, "retry", 2), ack(8, 2)),
                       Said(call(9, "done", 3), ack(9, 3)),
                       Said(call(10, "done", 3), ack(10, 3))),
            ("killed", "copy"))
