# SPDX-License-Identifier: Apache-2.0
"""How long a message waits, beside how long it was asked to wait: what a
schedule gives takes one trip, what a server asks for goes through the ladder."""
import collections
import os
import statistics

from stage import LiveTest

SCHEDULE = [250, 1000, 2000, 5000]      # ms
ASKED = [2, 3, 5, 9]                    # s, by Retry-After
ASKED_LONG = [13, 17, 47, 100, 250]     # with REBOUND_LONG set
EACH = 5                                # messages of each
BROKER = 500                            # ms that the broker may be late itself


def spelt(wait):
    """A delay as schedules and lanes spell it."""
    return f"{wait}ms" if wait % 1000 else f"{wait // 1000}s"


class Delays(LiveTest):
    is_alone = True

    def setUp(self):
        super().setUp()
        self.rows = []

    def row(self, kind, asked, trips, had, most):
        """One line of the table; every wait is within its promise."""
        self.rows.append(f"{kind} {asked / 1000:g} s: {min(had) / 1000:.3f}.."
                         f"{max(had) / 1000:.3f} s"
                         f" (median {statistics.median(had) / 1000:.3f}),"
                         f" {trips} trip{'s' if trips > 1 else ''}")
        # Both instants are rounded down to a millisecond.
        self.assertGreaterEqual(min(had), asked - 1, self.rows[-1])
        self.assertLessEqual(max(had), most, self.rows[-1])

    def trips(self, worker):
        """Message -> how often it went into a lane."""
        return collections.Counter(
            line["id"] for line in worker.said(event="verdict")
            if line.get("verdict") == "retry")

    def test_what_a_schedule_gives_is_had_in_one_trip(self):
        stage, worker = self.running(
            {"seen": "1-%d" % len(SCHEDULE), "status": 503},
            policy={"max_attempts": len(SCHEDULE) + 1, "schedule": {
                "kind": "custom", "delays": [spelt(d) for d in SCHEDULE]}})
        ids = stage.publish_many(EACH)
        stage.wait_accepted(ids, timeout=30)
        calls = [m["at_ms"] for m in stage.ehr.messages().values()]
        for i, asked in enumerate(SCHEDULE):
            self.row("schedule", asked, 1,
                     [at[i + 1] - at[i] for at in calls], asked + BROKER)
        stage.wait_empty()
        self.assertEqual(set(self.trips(worker).values()), {len(SCHEDULE)})
        self.remark = "; ".join(self.rows)

    def test_what_a_server_asks_for_is_had_within_an_eighth_or_a_second(self):
        asked = ASKED + (ASKED_LONG if os.environ.get("REBOUND_LONG") else [])
        rules = [{"seen": "1", "id": f"ask{s}-*", "status": 429,
                  "retry_after": s} for s in asked]
        stage, worker = self.running(
            *rules, policy={"retry_after_ceiling": "7d"})
        ids = [f"ask{s}-{n}" for s in asked for n in range(EACH)]
        stage.publish([(i, b"{}") for i in ids])
        stage.wait_accepted(ids, timeout=1.2 * max(asked) + 20)
        stage.wait_empty()
        trips, seen = self.trips(worker), stage.ehr.messages()
        for s in asked:
            mine = [f"ask{s}-{n}" for n in range(EACH)]
            most = max(trips[i] for i in mine)
            self.assertLessEqual(most, 4)
            self.row("Retry-After", 1000 * s, most,
                     [seen[i]["at_ms"][1] - seen[i]["at_ms"][0] for i in mine],
                     1000 * s + max(1000, 125 * s) + BROKER)
        self.remark = "; ".join(self.rows)
