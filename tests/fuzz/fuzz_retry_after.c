/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_retry_after.c - from a Retry-After field to a wait. Input: 8 bytes of
   our clock, 4 of dice, 2 of a status, one for the length of the Date, that, and
   the value of the field. */
#include "policy/lanes.h"
#include "policy/policy.h"
#include "tests/fuzz/fuzz.h"
#include "worker/http_retry_after.h"

static const struct schedule schedule = {.kind = SCHEDULE_FIXED, .first = 1000};
static const struct policy policy = {
	.name = "p",
	.own = {.give_up_after = POLICY_UNLIMITED_TIME, .schedule = &schedule},
};
static const struct downstream_rules downstream = {.name = "d"};

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
	struct verdict verdict = policy_decide(&policy, &downstream, &facts,
					       &step, &outcome, dice);

	fuzz_expect(verdict.kind != VERDICT_RETRY ||
			    (verdict.delay >= 1 &&
			     verdict.delay <= ladder_round(MILLIS_PER_HOUR)),
		    "a retry waits at least 1 ms and at most the rung of the "
		    "ceiling");
}
