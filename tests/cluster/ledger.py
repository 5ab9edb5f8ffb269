# SPDX-License-Identifier: Apache-2.0
"""What became of each message, from what the downstream received and what the
workers said; and why some were delivered twice.

Pure: it only reads what it is given.
"""
import collections
import datetime

# An ack that was ordered so many seconds before its worker was killed, or its
# connection was found to be lost (heartbeats take their time), may not have
# reached the broker.
KILL_IS_SEEN = 2.0
LOSS_IS_SEEN = 15.0

WHEN = {
    "call": "during the call",
    "copy": "while a copy was under way, or its ack",
    "ack": "between a success and its ack",
}
WHAT = {"killed": "a worker was killed", "lost": "a connection was lost"}
CAUSES = {(what, when): f"{spelled} {WHEN[when]}"
          for what, spelled in WHAT.items() for when in WHEN}
CAUSES["broker"] = "the broker itself sent it twice"


def seconds(at):
    """What a line says in "at", as seconds since 1970."""
    utc = at.replace("Z", "+00:00")
    return datetime.datetime.fromisoformat(utc).timestamp()


class Call:
    """One that a worker has said something of."""

    def __init__(self, worker, line):
        self.worker = worker
        self.at = seconds(line["at"])
        self.attempt = line.get("attempt")  # None: void
        self.verdict = line["verdict"]
        self.acked = None  # when the ack was ordered


def calls_of(workers):
    """Message id -> its calls, the earliest first."""
    found = collections.defaultdict(list)
    for worker in workers:
        for line in worker.lines:
            if line.get("event") == "call":
                found[line["id"]].append(Call(worker, line))
            elif line.get("event") == "verdict" and "attempt" in line:
                note_ack(found[line["id"]], worker, line)
    for calls in found.values():
        calls.sort(key=lambda call: call.at)
        number_void(calls)
    return found


def number_void(calls):
    """A void call was of the attempt that the next one makes again."""
    attempt = max((call.attempt for call in calls if call.attempt), default=1)
    for call in reversed(calls):
        attempt = call.attempt = call.attempt or attempt


def note_ack(calls, worker, line):
    """To the earliest that has none."""
    for call in calls:
        if (call.worker is worker and call.attempt == line["attempt"]
                and call.acked is None):
            call.acked = seconds(line["at"])
            return


def was_killed(worker):
    return getattr(worker, "killed_at", None) is not None


def loses_connection(worker, begin, end):
    """Whether it said so between these two moments."""
    return any(line.get("state") in ("down", "cut")
               and begin <= seconds(line["at"]) <= end
               for line in worker.lines if line.get("event") == "state")


def cause_of(first):
    """Why the message came again although `first` had been called."""
    worker = first.worker
    when = {"void": "call", "done": "ack"}.get(first.verdict, "copy")
    if first.acked is None:
        what = "killed" if was_killed(worker) and when != "call" else "lost"
        return what, when
    if loses_connection(worker, first.at, first.acked + LOSS_IS_SEEN):
        return "lost", when
    if was_killed(worker) and worker.killed_at < first.acked + KILL_IS_SEEN:
        return "killed", when
    return "broker"


def first_cause(calls):
    """Where two ways of one message parted."""
    by_attempt = collections.defaultdict(list)
    for call in calls:
        by_attempt[call.attempt].append(call)
    for attempt in sorted(by_attempt):
        if len(by_attempt[attempt]) > 1:
            return cause_of(by_attempt[attempt][0])
    return "killed", "call"  # of one call nothing was said any more


class Ledger:
    """`received`: what downstream.py has noted of each message. `parked`: ids.
    `calls`: how many a message takes that meets no trouble."""

    def __init__(self, ids, received, parked, workers, calls):
        self.ids = set(ids)
        self.accepted = {name for name, one in received.items()
                         if one["accepted"]}
        self.parked = set(parked)
        self.lost = self.ids - self.accepted - self.parked
        self.strange = (set(received) | self.parked) - self.ids
        self.twice = {name: one["accepted"] - 1
                      for name, one in received.items() if one["accepted"] > 1}
        self.more_keys = {name for name, one in received.items()
                          if len(one["keys"]) != 1 or len(one["sha256"]) != 1}
        self.calls = sum(one["seen"] for one in received.values())
        self.calls_more = self.calls - calls * len(self.ids)
        said = calls_of(workers)
        self.causes = collections.Counter(
            first_cause(said[name]) for name in self.twice)

    @property
    def duplicates(self):
        """How many deliveries there were beyond one of each message."""
        return sum(self.twice.values())

    def summary(self):
        return (f"{len(self.ids)} messages, {self.calls} calls: "
                f"{len(self.lost)} lost, {len(self.parked)} parked, "
                f"{self.duplicates} duplicates")

    def explanation(self):
        """A line for each cause of duplicates."""
        return [f"{count:6d}  {CAUSES[name]}"
                for name, count in self.causes.most_common()]
