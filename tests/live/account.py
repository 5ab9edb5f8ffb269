# SPDX-License-Identifier: Apache-2.0
"""What explains that a message was dealt with twice.

A worker that is killed, a broker that restarts and an answer that does not
arrive leave a call unsettled: nobody can know whether what follows from it
was kept. Each call here is laid beside what its worker said of it. One that
is settled (its verdict was carried out well before anything broke) explains
nothing; an unsettled one explains one that comes later for each reason, and no
more. What is left over is a flaw of the worker.

Instants are seconds since 1970, by the one clock of this machine.
"""
import datetime

MARGIN = 0.4  # s: an ack or a copy that was on its way when something broke


def instant(text):
    """2026-11-24T20:52:31.167Z as seconds."""
    return datetime.datetime.fromisoformat(
        text.replace("Z", "+00:00")).timestamp()


class Life:
    """What one worker process said, and when it was killed, if it was."""

    def __init__(self, lines, killed=None):
        self.killed = killed
        self.calls = by_id(lines, "call")
        self.verdicts = by_id(lines, "verdict")


def by_id(lines, event):
    """Message id -> lines of that event, in order."""
    found = {}
    for line in lines:
        if line.get("event") == event:
            found.setdefault(line["id"], []).append(line)
    return found


class Outage:
    """When a broker was told to stop, was gone, and was there again."""

    def __init__(self, stopped, gone, back):
        self.stopped, self.gone, self.back = stopped, gone, back

    def touches(self, since, until):
        return since <= self.back and until >= self.stopped - MARGIN


class Call:
    """A request as the downstream saw it, and what its worker said of it.

    It is final if no other call should follow. `settled` is when the worker
    knew that its outcome was safe; None: it never did."""

    def __init__(self, request, life, line, verdict, is_final):
        self.at = request["at_ms"] / 1000
        self.is_final = is_final(request["answer"])
        self.life, self.line, self.verdict = life, line, verdict
        self.settled = instant(verdict["at"]) if verdict else None

    def was_interrupted(self, outage):
        """Whether the broker went away between the request and the end."""
        end = self.settled or self.life.killed or outage.back
        return self.at <= outage.gone and outage.touches(self.at, end)

    def came_back_in(self, outage):
        """Whether the broker went away as its copy left its delay queue."""
        if self.verdict is None or self.verdict["verdict"] != "retry":
            return False
        due = self.settled + self.verdict["delay_ms"] / 1000
        return outage.touches(due, due)

    def was_killed(self):
        """Whether its worker was, before the end or just after it."""
        killed = self.life.killed
        return killed is not None and (self.settled is None
                                       or self.settled > killed - MARGIN)

    def is_ambiguous(self):
        """Whether it was dealt with, and the worker could not know."""
        return (self.is_final and self.line is not None
                and self.line.get("class") == "ambiguous")

    def causes(self, outages):
        """Why others may follow from it, a word for each that may: a copy that
        is not known to be placed, or a delivery that is not known to be
        acked; and the retry of a call that has been carried out."""
        found = []
        if any(self.was_interrupted(one) or self.came_back_in(one)
               for one in outages):
            found.append("restart")
        elif self.was_killed():
            found.append("kill")
        if self.is_ambiguous():
            found.append("ambiguous")
        return found

    def __repr__(self):
        return (f"at {self.at}, final {self.is_final}, killed "
                f"{self.life.killed}, call {self.line}, then {self.verdict}")


def calls_of(requests, lives, worker_of, is_final):
    """Message id -> its calls, in the order in which they came. `worker_of`
    says which of the lives sent a request, `is_final` whether an answer
    ends the matter."""
    found = {}
    taken = {}
    for request in requests:
        name, message = worker_of(request), request["id"]
        life = lives[name]
        nth = taken.get((name, message), 0)
        taken[name, message] = nth + 1
        line = at(life.calls.get(message, []), nth)
        found.setdefault(message, []).append(
            Call(request, life, line, verdict_of(life, message, nth),
                 is_final))
    return found


def at(values, nth):
    return values[nth] if nth < len(values) else None


def verdict_of(life, message, nth):
    """The verdict that was carried out after the worker's nth call of it: a
    call that came to nothing (void) has none."""
    calls = life.calls.get(message, [])
    if nth >= len(calls) or calls[nth]["verdict"] == "void":
        return None
    earlier = sum(one["verdict"] != "void" for one in calls[:nth])
    made = [one for one in life.verdicts.get(message, [])
            if one.get("reason") not in ("delivered-before", "copied-before")]
    return at(made, earlier)


def explain(calls, outages):
    """The cause of each final call of a message that comes after another
    final one; None where there is no cause."""
    causes, found = [], []
    was_final = False
    for call in calls:
        if call.is_final and was_final:
            found.append(causes.pop() if causes else None)
        was_final |= call.is_final
        causes.extend(call.causes(outages))
    return found
