# SPDX-License-Identifier: Apache-2.0
"""A pool of workers that are killed now and then, and outages of nodes beside
it. All of it happens in one thread: who starts a process must outlive it."""
import math
import time

PATIENCE = 120  # seconds that a node may take to come back
HANGS = 30      # seconds after which an operator would restart it


class Crowd:
    """Some workers. Where one is killed, another takes its place at once."""

    def __init__(self, stage, size, dice):
        self.stage = stage
        self.dice = dice
        self.kills = 0
        self.living = [stage.start_any() for _ in range(size)]
        for worker in self.living:
            worker.wait_ready()

    def kill_one(self):
        """SIGKILL, whatever it is doing."""
        place = self.dice.randrange(len(self.living))
        worker = self.living[place]
        worker.kill()
        worker.killed_at = time.time()
        self.kills += 1
        self.living[place] = self.stage.start_any()

    def pause(self):
        """From one kill to the next."""
        time.sleep(self.dice.uniform(1, 2))

    def assert_alive(self):
        """Nobody ended who was not killed."""
        for worker in self.living:
            if worker.process.poll() is not None:
                raise AssertionError(worker.story())


class Outage:
    """A node is taken away and comes back. step() does what is due and never
    waits, so that workers can be killed meanwhile.

    A node that was cut off, and paused itself, sometimes hangs when it starts
    again (RabbitMQ 3.10; Mnesia believes that it is still cut off). It is then
    killed and started, as its operator would.
    """

    def __init__(self, node, take, give_back, seconds=math.inf):
        """`take` and `give_back` are called with the node. Without `seconds`
        it lasts until end()."""
        self.node = node
        self.give_back = give_back
        take(node)
        self.due = time.monotonic() + seconds
        self.is_given_back = False
        self.was_restarted = False
        self.is_over = False

    def end(self):
        """Now, and waits until the node is back."""
        self.due = time.monotonic()
        while not self.is_over:
            self.step()
            time.sleep(0.5)

    def step(self):
        late = time.monotonic() - self.due
        if late >= 0 and not self.is_given_back:
            self.give_back(self.node)
            self.is_given_back = True
        if not self.is_given_back:
            return
        cluster = self.node.cluster
        self.is_over = all(node.sees_all() for node in cluster.nodes)
        if self.is_over:
            return
        if late >= HANGS and not self.was_restarted:
            self.was_restarted = True
            self.node.kill()
            self.node.launch()
        if late >= PATIENCE:
            raise AssertionError("the cluster does not become whole again: "
                                 + cluster.story())


def kill(node):
    """As if its machine had lost power."""
    node.kill()


def stop(node):
    """In order, by SIGTERM."""
    node.stop()


def start(node):
    node.launch()


def stop_app(node):
    """In order, by its administrator; its Erlang node goes on."""
    node.ctl("stop_app")


def start_app(node):
    node.ctl("start_app")


def cut(node):
    node.cut()


def mend(node):
    node.mend()
