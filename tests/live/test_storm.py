# SPDX-License-Identifier: Apache-2.0
"""Everything at once, for as long as it takes: nothing is lost, and what is
delivered twice has a reason."""
import collections
import datetime
import signal
import time

import account
import rig
from stage import LAB, LiveTest

MESSAGES = 2000
WORKERS = 3
PERIOD = 1.0  # s between kills

# One call in five fails, in each of the ways in which calls do. What takes
# longer than the timeout is accepted all the same, and the worker cannot know.
STORM = (
    {"share": 0.06, "status": 503},
    {"share": 0.03, "status": 429, "retry_after": 1},
    {"share": 0.01, "status": 422},
    {"share": 0.03, "do": "reset"},
    {"share": 0.02, "do": "close"},
    {"share": 0.02, "do": "cut", "at": "body"},
    {"share": 0.02, "delay": 2.5},
    {"delay": 0.07},
)


def is_final(answer):
    """Accepted, or refused for good."""
    return answer == 422 or isinstance(answer, int) and 200 <= answer <= 299


class Storm(LiveTest):
    has_own_node = True
    is_long = True

    def set_up_storm(self):
        stage = self.set_up(*STORM, policy={"max_attempts": 50},
                            downstream={"concurrency": 8, "timeout": "2s"},
                            shutdown_grace="1s")
        self.stage = stage
        self.lives = {}  # name of a worker -> the worker
        self.killed = {}  # name -> when
        return stage

    def start_worker(self):
        """One more, that says in each request who it is."""
        stage = self.stage
        name = f"w{len(self.lives)}"
        ehr = {**stage.settings["downstreams"]["ehr"],
               "headers": {"X-Worker": name}}
        stage.write(downstreams={"ehr": ehr})
        own = stage.folder / f"{name}.cfg"
        own.write_text(stage.config.read_text())
        worker = rig.Worker(self.program, own)
        stage.workers.append(worker)
        self.lives[name] = worker
        return name

    def replace(self, name):
        """Kills a worker as a power failure would; the name of another."""
        self.killed[name] = time.time()
        self.lives[name].signal(signal.SIGKILL)
        self.lives[name].wait_end()
        return self.start_worker()

    def accepted(self):
        return self.stage.ehr.stats()["accepted"]

    def rage(self):
        """Kills a worker a second, in turn; restarts the broker when half of
        the messages are through; until nearly all are."""
        at_work = [self.start_worker() for _ in range(WORKERS)]
        outage = {}
        for turn in range(90):
            time.sleep(PERIOD)
            at_work[turn % WORKERS] = self.replace(at_work[turn % WORKERS])
            if not outage and self.accepted() >= MESSAGES / 2:
                outage["stopped"] = time.time()
                self.broker.process.terminate()
            elif outage and "gone" not in outage:
                if self.broker.process.poll() is not None:
                    outage["gone"] = time.time()
                    self.broker.launch()
            elif outage and "back" not in outage:
                if self.broker.is_up():
                    outage["back"] = time.time()
            elif outage and self.accepted() >= MESSAGES * 0.95:
                return account.Outage(**outage)
        raise AssertionError("the storm did not move: " + self.stage.story())

    def wait_calm(self, ids):
        """Until each message is accepted or parked; the parked."""
        stage = self.stage
        parked = []

        def is_over():
            parked.extend(stage.as_user("operator").drain(LAB + ".parking"))
            return ids <= stage.ehr.accepted() | {one.id for one in parked}

        def is_empty():
            # What comes twice may be parked after all others have ended.
            return is_over() and stage.in_all() == 0
        rig.wait_until(is_over, 90, every=0.5, what=lambda: (
            f"{len(ids - stage.ehr.accepted())} messages; "
            f"{stage.vhost.depths()}; {stage.story()}"))
        rig.wait_until(is_empty, 60, every=0.5, what=lambda: (
            f"empty queues; {stage.vhost.depths()}; {stage.story()}"))
        return parked

    def causes(self, outage):
        """How many final calls came after a final one, by cause; and how
        many calls might explain one."""
        requests = self.stage.ehr.requests()
        self.assertLess(len(requests), 5000, "the downstream kept them all")
        lives = {name: account.Life(worker.said(), self.killed.get(name))
                 for name, worker in self.lives.items()}
        calls = account.calls_of(requests, lives,
                                 lambda one: one["headers"]["x-worker"],
                                 is_final)
        found = {message: account.explain(those, [outage])
                 for message, those in calls.items()}
        for message, why in found.items():
            self.assertNotIn(None, why, f"{message}: {calls[message]}")
        unsettled = sum(call.causes([outage]) != []
                        for those in calls.values() for call in those)
        return collections.Counter(sum(found.values(), [])), unsettled

    def test_a_storm_loses_nothing_and_what_comes_twice_is_explained(self):
        stage = self.set_up_storm()
        stage.start().stop()  # it declares
        ids = stage.publish_many(MESSAGES)
        outage = self.rage()
        parked = self.wait_calm(ids)
        self.assertLessEqual(
            {one.headers["rebound-parked-reason"] for one in parked},
            {"permanent", "suspect"})
        causes, unsettled = self.causes(outage)
        for message in stage.ehr.messages().values():
            self.assertEqual(len(message["keys"]), 1)
        self.assertGreaterEqual(len(self.killed), 10)
        said = ", ".join(f"{n} by {why}" for why, n in causes.items())
        self.remark = (
            f"{MESSAGES} messages, {len(self.killed)} kills, "
            f"{stage.ehr.stats()['requests']} calls, {unsettled} of them "
            f"unsettled, {len(parked)} parked, {causes.total()} dealt with "
            f"twice: {said}, none unexplained")


class Accounts(LiveTest):
    """The account itself: what it takes for an explanation."""

    OUTAGE = account.Outage(stopped=200, gone=201, back=205)

    def why(self, *calls, killed=None):
        """Why the last of these calls, of one worker, came. A call is when it
        came and the verdict that followed it: (at, settled or None)."""
        def stamp(at):
            return datetime.datetime.fromtimestamp(
                at, datetime.timezone.utc).isoformat()
        lines = []
        for at, settled, verdict in calls:
            if settled is None:
                continue
            line = {"id": "a", "at": stamp(settled), "verdict": verdict,
                    "delay_ms": 1000}
            if verdict == "ambiguous":
                line |= {"verdict": "retry", "class": "ambiguous"}
            lines += [{**line, "event": "call"}, {**line, "event": "verdict"}]
        requests = [{"id": "a", "at_ms": at * 1000, "answer": 200}
                    for at, _, _ in calls]
        found = account.calls_of(requests, {"w": account.Life(lines, killed)},
                                 lambda _: "w", is_final)
        return account.explain(found["a"], [self.OUTAGE])

    def test_what_is_settled_explains_nothing(self):
        self.assertEqual(self.why((100, 101, "done")), [])
        self.assertEqual(self.why((100, 101, "done"), (110, 111, "done"),
                                  killed=150), [None])
        self.assertEqual(self.why((100, 101, "retry"), (110, 111, "done"),
                                  killed=150), [None])

    def test_what_is_not_explains_one(self):
        self.assertEqual(self.why((100, None, ""), (110, None, ""),
                                  killed=105), ["kill"])
        self.assertEqual(self.why((100, 101, "done"), (110, 111, "done"),
                                  killed=101.05), ["kill"])
        self.assertEqual(self.why((199, 202, "done"), (210, 211, "done")),
                         ["restart"])
        # One that was carried out is retried, and delivered again as well.
        self.assertEqual(
            self.why((199, 202, "ambiguous"), (210, 211, "done"),
                     (212, 213, "done"), (220, 221, "done")),
            ["ambiguous", "restart", None])
        # Its copy was due as the broker went.
        self.assertEqual(self.why((190, 199.5, "retry"), (210, 211, "done")),
                         ["restart"])
        self.assertEqual(
            self.why((199, 202, "done"), (210, 211, "done"),
                     (220, 221, "done")), ["restart", None])
