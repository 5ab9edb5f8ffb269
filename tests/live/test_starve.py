# SPDX-License-Identifier: Apache-2.0
"""Workers that run out of memory, wherever that happens to them."""
import collections
import json
import random
import signal
import time

import rig
from stage import LAB, LiveTest

# One call in three fails: copies, headers and lanes are made under way.
HARD = ({"share": 0.1, "do": "reset"}, {"share": 0.1, "status": 503},
        {"share": 0.02, "status": 422}, {"share": 0.1, "status": 429},
        {"delay": 0.01})
SECRET = b"SECRET-OF-A-BODY"


class Starve(LiveTest):

    def environment(self, at, how_long):
        """Of a worker whose allocation number `at` fails, or None where the
        program has an allocator of its own."""
        program = self.program.path
        if any(name in program.read_bytes()
               for name in (b"__asan_init", b"__tsan_init")):
            return None
        library = program.parent / "tests/starve.so"
        self.assertTrue(library.exists(), "make check TESTS= builds it")
        return {"LD_PRELOAD": str(library), "STARVE_AT": str(at),
                "STARVE_FOR": how_long}

    def starve(self, stage, environment):
        """A worker that starves under load: its exit code, or None if it
        lives on, as it may where a library can do without."""
        worker = stage.start_any(environment=environment)
        worker.wait_ready()
        worker.signal(signal.SIGUSR2)
        due = time.monotonic() + 1.5
        while worker.process.poll() is None and time.monotonic() < due:
            time.sleep(0.02)
        code = worker.process.poll()
        worker.kill()
        said = worker.complaints()
        self.assertIn(code, (None, -signal.SIGABRT), said)
        self.assertEqual(len(said.splitlines()), 0 if code is None else 1)
        self.assertNotIn(SECRET.decode(), said + json.dumps(worker.lines))
        return code

    def settle(self, stage, ids):
        """A worker that does not starve finishes what is left."""
        stage.start()
        parked = set()

        def is_over():
            parked.update(one.id for one in stage.as_user("operator").drain(
                LAB + ".parking"))
            return ids <= parked | stage.ehr.accepted()
        rig.wait_until(is_over, 60, what=stage.story, every=0.2)
        stage.wait_empty()

    def starves(self, how_long, seed, count=25):
        """Workers that starve one after the other, early and late, each over
        a load of its own; how many of them that ended."""
        if self.environment(1, how_long) is None:
            self.remark = "a sanitizer allocates: there is nothing to show"
            return count
        stage = self.set_up(*HARD, policy={"max_attempts": 100},
                            pipeline={"prefetch": 20},
                            downstream={"concurrency": 10, "timeout": "3s"})
        stage.start().stop()  # it declares
        dice = random.Random(seed)
        ids, ends = set(), collections.Counter()
        for turn in range(count):
            names = [f"m{turn}-{i}" for i in range(100)]
            stage.publish([(name, SECRET) for name in names])
            ids.update(names)
            at = turn + 1 if turn < 3 else int(dice.lognormvariate(6, 2)) + 1
            ends[self.starve(stage, self.environment(at, how_long))] += 1
        self.settle(stage, ids)
        self.remark = (f"{len(ids)} messages, {ends[-signal.SIGABRT]} workers "
                       f"aborted, {ends[None]} lived on")
        return ends[-signal.SIGABRT]

    def test_one_allocation_that_fails_loses_nothing(self):
        self.assertGreaterEqual(self.starves("once", seed=1), 5)

    def test_memory_that_is_gone_ends_a_worker_and_loses_nothing(self):
        self.assertEqual(self.starves("ever", seed=2, count=25), 25)
