/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_retry_after.c - from a Retry-After field to a wait. Input: 8 bytes of
   seconds, 4 of dice, 2 of a status, and the value of the field. */
#include <string.h>

#include "policy/lanes.h"
#include "policy/policy.h"
#include "tests/fuzz/fuzz.h"
#include "worker/http_exchange.h"

static const struct schedule schedule = {.kind = SCHEDULE_FIXED, .first = 1000};
static const struct policy policy = {
	.name = "p",
	.own = {.give_up_after = POLICY_UNLIMITED_TIME, .schedule = &schedule},
};
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
	struct verdict verdict = policy_decide(&policy, &downstream, &facts,
					       &step, &outcome, dice);

	fuzz_expect(verdict.kind != VERDICT_RETRY ||
			    (verdict.delay >= 1 &&
			     verdict.delay <= ladder_round(MILLIS_PER_HOUR)),
		    "a retry waits at least 1 ms and at most the rung of the "
		    "ceiling");
}
