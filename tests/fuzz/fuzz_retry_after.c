/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_retry_after.c - from a Retry-After field to a wait, and to the trips
   through delay queues. Input: 8 bytes of our clock, 4 of dice, 2 of a status and
   of the bounds, one for the length of the Date, that, and the value of the
   field. */
#include "policy/lanes.h"
#include "policy/policy.h"
#include "tests/fuzz/fuzz.h"
#include "worker/http_retry_after.h"

static const struct schedule schedule = {.kind = SCHEDULE_FIXED, .first = 1000};
static const struct downstream_rules downstream = {.name = "d"};

/* A floor up to 7 days and a ceiling that is no lower, from a number below
   132. */
static struct tuning bounds(int number)
{
	struct tuning own = {.give_up_after = POLICY_UNLIMITED_TIME,
			     .schedule = &schedule};

	own.retry_after_ceiling = MILLIS_PER_SECOND << number % 20;
	if (own.retry_after_ceiling > 7 * MILLIS_PER_DAY)
		own.retry_after_ceiling = 7 * MILLIS_PER_DAY;
	own.retry_after_floor = own.retry_after_ceiling / (1 + number / 20);
	return own;
}

/* The trips of a wait that a server asked for. */
static void make_trips(millis delay, millis ceiling)
{
	millis rungs[LADDER_RUNGS_MAX];
	size_t count = ladder_rungs(ceiling, rungs);
	millis waited = 0;
	millis rest = delay;
	int trips = 0;

	for (; rest > 0 && trips < 100; trips++)
		waited += ladder_next(rungs, count, rest, &rest);
	fuzz_expect(waited == delay, "the trips are as long as the wait");
	fuzz_expect(trips <= 4, "there are at most four trips");
}

static void look_at(const struct verdict *verdict, const struct tuning *own,
		    millis asked)
{
	millis least =
		asked < own->retry_after_floor ? own->retry_after_floor : asked;

	if (least > own->retry_after_ceiling)
		least = own->retry_after_ceiling;
	millis grace = least / 8 > 1000 ? least / 8 : 1000;
	fuzz_expect(verdict->delay >= least, "no retry is early");
	fuzz_expect(!verdict->by_server || verdict->delay - least < grace,
		    "a retry is late by less than an eighth or a second");
	if (verdict->by_server)
		make_trips(verdict->delay, own->retry_after_ceiling);
	else
		fuzz_expect(verdict->delay == schedule.first,
			    "else the schedule has its way");
}

void fuzz_retry_after(struct text input)
{
	struct feed feed = {.rest = input};
	millis now = (millis)(feed_number(&feed, 8) >> 20);
	uint32_t dice = (uint32_t)feed_number(&feed, 4);
	int status = (int)feed_number(&feed, 2);
	struct text date = feed_text(&feed, feed_byte(&feed));
	millis wait = http_retry_after(feed.rest, date, now);

	fuzz_expect(wait >= -1 && wait <= HTTP_RETRY_AFTER_MAX,
		    "a wait is within bounds, or -1");
	struct step step = {.name = TEXT("d")};
	struct outcome outcome = {.transport = TRANSPORT_COMPLETE,
				  .status = 100 + status % 500,
				  .retry_after = wait};
	struct message_facts facts = {.type = TEXT("t"), .age = 0};
	const struct policy policy = {.name = "p", .own = bounds(status / 500)};
	struct verdict verdict = policy_decide(&policy, &downstream, &facts,
					       &step, &outcome, dice);

	if (verdict.kind == VERDICT_RETRY && wait >= 0)
		look_at(&verdict, &policy.own, wait);
	fuzz_expect(verdict.kind != VERDICT_RETRY || verdict.delay >= 1,
		    "a retry waits at least 1 ms");
}
