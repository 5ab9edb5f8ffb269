/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_retry_after.c - from a Retry-After field to a wait, and to the trips
   through delay queues. Input: 8 bytes of seconds, 4 of dice, 2 of a status and
   of the bounds, and the value of the field. */
#include <string.h>

#include "policy/lanes.h"
#include "policy/policy.h"
#include "tests/fuzz/fuzz.h"
#include "worker/http_exchange.h"

static const struct schedule schedule = {.kind = SCHEDULE_FIXED, .first = 1000};
static const struct downstream_rules downstream = {.name = "d"};

static millis asked_for(struct text value, int64_t seconds)
{
	char line[1024] = "Retry-After: ";
	size_t prefix = strlen(line);
	struct http_exchange exchange = {0};

	if (value.len > sizeof(line) - prefix)
		value.len = sizeof(line) - prefix;
	if (value.len > 0)
		memcpy(line + prefix, value.at, value.len);
	http_exchange_start(&exchange, TEXT(""), 0);
	(void)http_exchange_request(&exchange);
	http_exchange_line(&exchange, TEXT("HTTP/1.1 503 \r\n"));
	http_exchange_line(&exchange, (struct text){.at = line,
						    .len = prefix + value.len});
	http_exchange_line(&exchange, TEXT("\r\n"));
	millis wait = http_exchange_retry_after(&exchange, seconds);

	http_exchange_fini(&exchange);
	return wait;
}

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
	int64_t seconds = (int64_t)feed_number(&feed, 8);
	uint32_t dice = (uint32_t)feed_number(&feed, 4);
	int status = (int)feed_number(&feed, 2);
	millis wait = asked_for(feed.rest, seconds);

	fuzz_expect(wait >= -1, "a wait is positive, none or -1");
	fuzz_expect(wait < 0 || seconds <= 0 || wait / 1000 >= seconds ||
			    wait == INT64_MAX,
		    "nothing is cut from what was asked for");
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
