/* SPDX-License-Identifier: Apache-2.0 */
/* test_breaker.c - the promises of policy/breaker.h, in pretended time. */
#include "policy/breaker.h"

#include <stdio.h>

#include "tests/policy_suites.h"

static const struct breaker_rules rules = {
	.window = 10000,
	.calls = 20,
	.share_pct = 50,
	.row = 10,
	.open = 5000,
	.open_max = 60000,
	.jitter_pct = 0,
	.probes = 1,
	.storm = 20,
};

static uint64_t next_message;

/* One call, from its beginning to its answer. */
static bool call(struct breaker *b, enum breaker_answer answer,
		 const char *error, millis now)
{
	struct breaker_ticket ticket;

	ck_assert_uint_ge(breaker_room(b, 0), 1);
	ticket = breaker_take(b);
	return breaker_answered(b, ticket, answer, text_of(error),
				next_message++, now, 0);
}

static void succeed(struct breaker *b, millis now)
{
	ck_assert(!call(b, BREAKER_SUCCESS, NULL, now));
}

static void failure(struct breaker *b, millis now)
{
	ck_assert(!call(b, BREAKER_FAILURE, "maintenance", now));
}

static bool refuse(struct breaker *b, const char *error, millis now)
{
	return call(b, BREAKER_PERMANENT, error, now);
}

static struct breaker closed(uint32_t full)
{
	struct breaker b;

	breaker_init(&b, &rules, full, 0);
	return b;
}

static struct breaker opened(uint32_t full)
{
	struct breaker b = closed(full);

	for (int i = 0; i < 10; i++)
		failure(&b, 0);
	ck_assert_int_eq(b.state, BREAKER_OPEN);
	return b;
}

static struct breaker ramping(uint32_t full)
{
	struct breaker b = opened(full);

	ck_assert(breaker_tick(&b, 5000));
	succeed(&b, 5000);
	ck_assert_int_eq(b.state, BREAKER_RAMP);
	return b;
}

/* --- closed -------------------------------------------------------------- */

START_TEST(it_lets_as_many_through_as_it_is_told)
{
	struct breaker b = closed(3);

	ck_assert_int_eq(b.state, BREAKER_CLOSED);
	ck_assert_uint_eq(breaker_room(&b, 0), 3);
	ck_assert_uint_eq(breaker_room(&b, 2), 1);
	ck_assert_uint_eq(breaker_room(&b, 3), 0);
	ck_assert_uint_eq(breaker_room(&b, 9), 0);
	ck_assert_int_eq(breaker_next(&b), -1);
}
END_TEST

START_TEST(failures_in_a_row_open_it)
{
	struct breaker b = closed(4);

	for (int i = 0; i < 9; i++)
		failure(&b, 60000 * i); /* however far apart */
	succeed(&b, 600000);
	for (int i = 0; i < 9; i++)
		failure(&b, 600000 + 60000 * i);
	ck_assert_int_eq(b.state, BREAKER_CLOSED);
	failure(&b, 1200000);
	ck_assert_int_eq(b.state, BREAKER_OPEN);
	ck_assert_int_eq(b.cause, BREAKER_BY_ROW);
	ck_assert_int_eq(b.since, 1200000);
	ck_assert_uint_eq(breaker_room(&b, 0), 0);
}
END_TEST

START_TEST(a_share_of_failures_opens_it_once_there_are_calls_enough)
{
	struct breaker b = closed(4);

	for (int i = 0; i < 9; i++) {
		failure(&b, i);
		succeed(&b, i);
	}
	failure(&b, 10);
	ck_assert_int_eq(b.state, BREAKER_CLOSED); /* 10 of 19 */
	succeed(&b, 10);
	ck_assert_int_eq(b.state, BREAKER_CLOSED); /* a success opens none */
	failure(&b, 11);
	ck_assert_int_eq(b.state, BREAKER_OPEN); /* 11 of 21 */
	ck_assert_int_eq(b.cause, BREAKER_BY_SHARE);
}
END_TEST

START_TEST(what_left_the_window_does_not_count)
{
	struct breaker b = closed(4);

	for (int i = 0; i < 9; i++) {
		failure(&b, 0);
		succeed(&b, 0);
	}
	succeed(&b, 9999);
	failure(&b, 9999); /* 10 of 20, were it all in one window */
	ck_assert_int_eq(b.state, BREAKER_OPEN);

	b = closed(4);
	for (int i = 0; i < 9; i++) {
		failure(&b, 0);
		succeed(&b, 0);
	}
	succeed(&b, 10000);
	failure(&b, 10000);
	ck_assert_int_eq(b.state, BREAKER_CLOSED);
}
END_TEST

START_TEST(what_says_nothing_about_health_does_not_count)
{
	struct breaker b = closed(4);

	for (int i = 0; i < 100; i++) {
		ck_assert(!call(&b, BREAKER_EXEMPT, "schema", i));
		if (i % 19 == 0) /* no storm */
			ck_assert(!refuse(&b, "gone", i));
	}
	for (int i = 0; i < 9; i++)
		failure(&b, 100);
	ck_assert(!refuse(&b, "schema", 100));
	ck_assert_int_eq(b.state, BREAKER_CLOSED);
	failure(&b, 100); /* the tenth in a row all the same */
	ck_assert_int_eq(b.state, BREAKER_OPEN);
}
END_TEST

START_TEST(one_that_is_off_stays_closed)
{
	struct breaker_rules off = rules;
	struct breaker b;

	off.is_off = true;
	breaker_init(&b, &off, 4, 0);
	for (int i = 0; i < 100; i++)
		failure(&b, i);
	ck_assert(!breaker_hear_open(&b, 1000, TEXT(""), 100));
	ck_assert_int_eq(b.state, BREAKER_CLOSED);
	for (int i = 0; i < 20; i++)
		(void)refuse(&b, "auth", 200);
	ck_assert_int_eq(b.state, BREAKER_STORM); /* which it still sees */
}
END_TEST

/* --- open ---------------------------------------------------------------- */

START_TEST(its_time_doubles_with_each_reopening_up_to_the_cap)
{
	static const millis waits[] = {5000, 10000, 20000, 40000, 60000, 60000};
	struct breaker b = opened(4);
	millis now = 0;

	for (size_t i = 0; i < COUNT(waits); i++) {
		ck_assert_int_eq(breaker_next(&b), now + waits[i]);
		ck_assert(!breaker_tick(&b, now + waits[i] - 1));
		now += waits[i];
		ck_assert(breaker_tick(&b, now));
		ck_assert_int_eq(b.state, BREAKER_HALF_OPEN);
		ck_assert_int_eq(b.cause, BREAKER_BY_TIME);
		failure(&b, now);
		ck_assert_int_eq(b.state, BREAKER_OPEN);
		ck_assert_int_eq(b.cause, BREAKER_BY_PROBE);
	}
}
END_TEST

START_TEST(jitter_comes_off_after_the_cap)
{
	struct breaker_rules r = rules;
	struct breaker b;

	r.open = 60000;
	r.jitter_pct = 20;
	for (int i = 0; i < 3; i++) {
		static const uint32_t dice[] = {0, UINT32_MAX / 2 + 1,
						UINT32_MAX};
		static const millis ends[] = {60000, 54000, 48001};
		struct breaker_ticket ticket;

		breaker_init(&b, &r, 4, 0);
		for (int n = 0; n < 10; n++) {
			ticket = breaker_take(&b);
			(void)breaker_answered(&b, ticket, BREAKER_FAILURE,
					       TEXT("x"), 0, 0, dice[i]);
		}
		ck_assert_int_eq(breaker_next(&b), ends[i]);
	}
}
END_TEST

START_TEST(once_closed_it_opens_for_the_first_time_again)
{
	struct breaker b = opened(1);

	(void)breaker_tick(&b, 5000);
	failure(&b, 5000);
	(void)breaker_tick(&b, 15000);
	succeed(&b, 15000);
	succeed(&b, 15000);
	ck_assert_int_eq(b.state, BREAKER_CLOSED);
	for (int i = 0; i < 10; i++)
		failure(&b, 16000);
	ck_assert_int_eq(breaker_next(&b), 21000);
}
END_TEST

START_TEST(answers_to_calls_from_before_change_nothing)
{
	struct breaker b = closed(20);
	struct breaker_ticket old = breaker_take(&b);

	for (int i = 0; i < 10; i++)
		failure(&b, 0);
	ck_assert(
		!breaker_answered(&b, old, BREAKER_SUCCESS, TEXT(""), 1, 1, 0));
	ck_assert_int_eq(b.state, BREAKER_OPEN);
	(void)breaker_tick(&b, 5000);
	ck_assert(!breaker_answered(&b, old, BREAKER_FAILURE, TEXT("x"), 1,
				    5000, 0));
	ck_assert_int_eq(b.state, BREAKER_HALF_OPEN);
	ck_assert(!breaker_answered(&b, old, BREAKER_SUCCESS, TEXT(""), 1, 5000,
				    0));
	ck_assert_int_eq(b.state, BREAKER_HALF_OPEN);
}
END_TEST

/* --- half open ----------------------------------------------------------- */

START_TEST(half_open_lets_its_probes_through_and_no_more)
{
	struct breaker_rules r = rules;
	struct breaker b;
	struct breaker_ticket tickets[3];

	r.probes = 3;
	breaker_init(&b, &r, 8, 0);
	for (int i = 0; i < 10; i++)
		failure(&b, 0);
	(void)breaker_tick(&b, 5000);
	ck_assert_uint_eq(breaker_room(&b, 7), 3);
	for (int i = 0; i < 3; i++)
		tickets[i] = breaker_take(&b);
	ck_assert_uint_eq(breaker_room(&b, 0), 0);
	for (int i = 0; i < 2; i++) {
		(void)breaker_answered(&b, tickets[i], BREAKER_SUCCESS,
				       TEXT(""), 1, 5001, 0);
		ck_assert_uint_eq(breaker_room(&b, 0), 0);
	}
	breaker_give_back(&b, tickets[2]); /* its message is gone */
	ck_assert_uint_eq(breaker_room(&b, 0), 1);
	tickets[2] = breaker_take(&b);
	(void)breaker_answered(&b, tickets[2], BREAKER_EXEMPT, TEXT("schema"),
			       1, 5002, 0);
	ck_assert_int_eq(b.state, BREAKER_RAMP); /* somebody answers */
	ck_assert_int_eq(b.cause, BREAKER_BY_ANSWERS);
	ck_assert_uint_eq(breaker_room(&b, 0), 3);
	breaker_give_back(&b, tickets[2]); /* too late to count */
	ck_assert_uint_eq(breaker_room(&b, 0), 3);
}
END_TEST

/* --- ramp ---------------------------------------------------------------- */

START_TEST(the_ramp_doubles_after_so_many_answers)
{
	struct breaker b = ramping(32);

	for (uint32_t limit = 1; limit < 32; limit *= 2) {
		for (uint32_t i = 0; i < limit; i++) {
			ck_assert_uint_eq(breaker_room(&b, 0), limit);
			ck_assert_uint_eq(breaker_room(&b, limit), 0);
			succeed(&b, 5000);
		}
	}
	ck_assert_int_eq(b.state, BREAKER_CLOSED);
	ck_assert_int_eq(b.cause, BREAKER_FINE);
	ck_assert_uint_eq(breaker_room(&b, 0), 32);
}
END_TEST

START_TEST(the_ramp_goes_on_by_itself_where_little_comes)
{
	struct breaker b = ramping(8);

	for (uint32_t limit = 1; limit < 8; limit *= 2) {
		millis due = breaker_next(&b);

		ck_assert_int_eq(due, b.step + 10000);
		ck_assert(!breaker_tick(&b, due - 1));
		ck_assert_uint_eq(breaker_room(&b, 0), limit);
		(void)breaker_tick(&b, due);
	}
	ck_assert_int_eq(b.state, BREAKER_CLOSED);
}
END_TEST

START_TEST(a_failure_takes_the_ramp_back_at_once)
{
	struct breaker b = ramping(32);

	for (int i = 0; i < 7; i++)
		succeed(&b, 5000);
	ck_assert_uint_eq(breaker_room(&b, 0), 8);
	failure(&b, 5001);
	ck_assert_uint_eq(breaker_room(&b, 0), 4);
	failure(&b, 5001);
	failure(&b, 5001);
	ck_assert_uint_eq(breaker_room(&b, 0), 1);
	ck_assert_int_eq(b.state, BREAKER_RAMP);
	failure(&b, 5002);
	ck_assert_int_eq(b.state, BREAKER_OPEN);
	ck_assert_int_eq(b.cause, BREAKER_BY_PROBE);
	ck_assert_int_eq(breaker_next(&b), 5002 + 10000);
}
END_TEST

START_TEST(a_ramp_over_time_gives_a_share_of_it)
{
	struct breaker_rules r = rules;
	struct breaker b;

	r.ramp = 10000;
	breaker_init(&b, &r, 20, 0);
	for (int i = 0; i < 10; i++)
		failure(&b, 0);
	(void)breaker_tick(&b, 5000);
	succeed(&b, 5000);
	ck_assert_uint_eq(breaker_room(&b, 0), 1);
	for (int i = 0; i < 50; i++)
		succeed(&b, 5000); /* answers do not hurry it */
	ck_assert_uint_eq(breaker_room(&b, 0), 1);
	ck_assert_int_eq(breaker_next(&b), 6000);
	(void)breaker_tick(&b, 10000);
	ck_assert_uint_eq(breaker_room(&b, 0), 10);
	failure(&b, 10000);
	ck_assert_uint_eq(breaker_room(&b, 0), 5);
	(void)breaker_tick(&b, 10000);
	ck_assert_uint_eq(breaker_room(&b, 0), 5);
	(void)breaker_tick(&b, 12500);
	ck_assert_uint_eq(breaker_room(&b, 0), 10);
	ck_assert(breaker_tick(&b, 17500));
	ck_assert_int_eq(b.state, BREAKER_CLOSED);
}
END_TEST

START_TEST(a_ramp_follows_a_smaller_share)
{
	struct breaker b = ramping(32);

	for (int i = 0; i < 15; i++)
		succeed(&b, 5000);
	ck_assert_uint_eq(breaker_room(&b, 0), 16);
	breaker_set_full(&b, 10);
	ck_assert_uint_eq(breaker_room(&b, 0), 10);
	ck_assert_ptr_null(breaker_flaw(&b));
}
END_TEST

/* --- storms -------------------------------------------------------------- */

START_TEST(permanent_errors_of_one_type_in_a_row_are_a_storm)
{
	struct breaker b = closed(4);

	for (int i = 0; i < 19; i++)
		ck_assert(!refuse(&b, "auth", i));
	ck_assert_int_eq(b.state, BREAKER_CLOSED);
	ck_assert(!breaker_holds(&b, TEXT("auth")));
	ck_assert(refuse(&b, "auth", 19)); /* held, not parked */
	ck_assert_int_eq(b.state, BREAKER_STORM);
	ck_assert_int_eq(b.cause, BREAKER_BY_ERRORS);
	ck_assert(breaker_is_shut(&b));
	ck_assert_int_eq(breaker_next(&b), 19 + 5000);
	ck_assert(breaker_holds(&b, TEXT("auth")));
	ck_assert(!breaker_holds(&b, TEXT("schema")));
}
END_TEST

START_TEST(a_success_or_another_type_or_the_same_message_is_no_storm)
{
	struct breaker b = closed(4);

	for (int i = 0; i < 100; i++) {
		struct breaker_ticket ticket;

		if (i % 19 == 0)
			succeed(&b, i);
		ck_assert(!refuse(&b, "auth", i));
		ticket = breaker_take(&b);
		ck_assert(!breaker_answered(&b, ticket, BREAKER_PERMANENT,
					    TEXT("auth"), next_message - 1, i,
					    0));
	}
	for (int i = 0; i < 100; i++)
		ck_assert(!refuse(&b, i % 19 == 0 ? "gone" : "auth", i));
	ck_assert_int_eq(b.state, BREAKER_CLOSED);
}
END_TEST

START_TEST(calls_that_were_under_way_when_the_storm_broke_are_held_too)
{
	struct breaker b = closed(40);
	struct breaker_ticket old = breaker_take(&b);

	for (int i = 0; i < 20; i++)
		(void)refuse(&b, "auth", 0);
	ck_assert(breaker_answered(&b, old, BREAKER_PERMANENT, TEXT("auth"), 7,
				   1, 0));
	ck_assert(!breaker_answered(&b, old, BREAKER_PERMANENT, TEXT("schema"),
				    7, 1, 0));
	ck_assert(!breaker_answered(&b, old, BREAKER_EXEMPT, TEXT("auth"), 7, 1,
				    0));
	ck_assert_int_eq(breaker_next(&b), 5000);
}
END_TEST

START_TEST(a_storm_lasts_until_calls_succeed_and_no_message_is_parked_for_it)
{
	struct breaker b = closed(2);

	for (int i = 0; i < 20; i++)
		(void)refuse(&b, "auth", 0);
	ck_assert(!breaker_healthy(&b, 100)); /* which does not log in */
	ck_assert(breaker_tick(&b, 5000));
	ck_assert(refuse(&b, "auth", 5000));
	ck_assert_int_eq(b.state, BREAKER_STORM);
	ck_assert_int_eq(breaker_next(&b), 15000);
	(void)breaker_tick(&b, 15000);
	succeed(&b, 15000);
	ck_assert_int_eq(b.state, BREAKER_RAMP);
	ck_assert(refuse(&b, "auth", 15001)); /* not over yet */
	ck_assert_int_eq(b.state, BREAKER_STORM);
	(void)breaker_tick(&b, 60000);
	succeed(&b, 60000);
	succeed(&b, 60000);
	ck_assert_int_eq(b.state, BREAKER_CLOSED);
	ck_assert(!refuse(&b, "auth", 60001));
}
END_TEST

START_TEST(without_storms_every_message_is_its_own)
{
	struct breaker_rules r = rules;
	struct breaker b;

	r.storm = 0;
	breaker_init(&b, &r, 4, 0);
	for (int i = 0; i < 200; i++)
		ck_assert(!refuse(&b, "auth", i));
	ck_assert_int_eq(b.state, BREAKER_CLOSED);
}
END_TEST

/* --- what others say ------------------------------------------------------- */

START_TEST(the_health_probe_ends_its_time_early)
{
	struct breaker b = opened(4);

	ck_assert(breaker_healthy(&b, 1000));
	ck_assert_int_eq(b.state, BREAKER_HALF_OPEN);
	ck_assert_int_eq(b.cause, BREAKER_BY_HEALTH);
	ck_assert(!breaker_healthy(&b, 1001));
	succeed(&b, 1002);
	ck_assert(!breaker_healthy(&b, 1003));
	ck_assert_int_eq(b.state, BREAKER_RAMP);
}
END_TEST

START_TEST(a_probe_that_lies_makes_no_more_calls_than_none_would)
{
	struct breaker b = opened(4);
	int calls = 0;

	for (millis now = 1; now < 300000; now++) {
		(void)breaker_tick(&b, now);
		(void)breaker_healthy(&b, now);
		if (breaker_room(&b, 0) > 0) {
			failure(&b, now);
			calls++;
		}
	}
	/* One at once, and then as without: 5, 10, 20, 40, 60 ... seconds. */
	ck_assert_int_le(calls, 8);
	ck_assert_int_ge(calls, 6);
}
END_TEST

START_TEST(a_word_opens_it_and_it_tries_for_itself)
{
	struct breaker b = closed(1);

	ck_assert(breaker_hear_open(&b, 3000, TEXT(""), 100));
	ck_assert_int_eq(b.state, BREAKER_OPEN);
	ck_assert_int_eq(b.cause, BREAKER_BY_WORD);
	ck_assert_int_eq(breaker_next(&b), 3100);
	ck_assert(!breaker_hear_open(&b, 60000, TEXT(""), 200));
	ck_assert(breaker_hear_closed(&b, 300));
	ck_assert_int_eq(b.state, BREAKER_HALF_OPEN);
	ck_assert(!breaker_hear_closed(&b, 300));
	succeed(&b, 400);
	succeed(&b, 400);
	ck_assert_int_eq(b.state, BREAKER_CLOSED);
	/* It was wrong, so that others are not believed for a while. */
	ck_assert(!breaker_hear_open(&b, 3000, TEXT(""), 60399));
	ck_assert(breaker_hear_open(&b, 3000, TEXT(""), 60400));
}
END_TEST

START_TEST(no_word_opens_it_for_longer_than_its_own_longest_time)
{
	struct breaker b = closed(4);

	ck_assert(breaker_hear_open(&b, INT64_MAX, TEXT(""), 100));
	ck_assert_int_eq(breaker_next(&b), 60100);
	b = closed(4);
	ck_assert(breaker_hear_open(&b, -5, TEXT(""), 100));
	ck_assert_int_eq(breaker_next(&b), 100);
}
END_TEST

START_TEST(a_word_of_another_that_opens_takes_back_half_open_and_ramp)
{
	struct breaker b = ramping(32);

	ck_assert(breaker_hear_open(&b, 1000, TEXT(""), 5001));
	ck_assert_int_eq(b.state, BREAKER_OPEN);
	ck_assert(breaker_tick(&b, 6001));
	ck_assert(breaker_hear_open(&b, 1000, TEXT(""), 6002));
	ck_assert_int_eq(b.state, BREAKER_OPEN);
}
END_TEST

START_TEST(a_storm_is_heard_of_with_its_error)
{
	struct breaker b = closed(4);
	struct breaker_rules none = rules;

	ck_assert(breaker_hear_open(&b, 1000, TEXT("auth"), 0));
	ck_assert_int_eq(b.state, BREAKER_STORM);
	(void)breaker_tick(&b, 1000);
	ck_assert(refuse(&b, "auth", 1000)); /* held: none is parked here */
	ck_assert_int_eq(b.state, BREAKER_STORM);
	none.storm = 0;
	breaker_init(&b, &none, 4, 0);
	ck_assert(breaker_hear_open(&b, 1000, TEXT("auth"), 0));
	ck_assert_int_eq(b.state, BREAKER_OPEN);
}
END_TEST

START_TEST(a_hold_lasts_until_it_is_resumed_or_over)
{
	struct breaker b = closed(4);

	breaker_hold(&b, -1, BREAKER_BY_OPERATOR, 10);
	ck_assert_int_eq(b.state, BREAKER_HELD);
	ck_assert_int_eq(breaker_next(&b), -1);
	ck_assert(!breaker_tick(&b, INT64_MAX / 4));
	ck_assert(!breaker_healthy(&b, 20));
	ck_assert(!breaker_hear_closed(&b, 20));
	ck_assert(!breaker_hear_open(&b, 5, TEXT(""), 20));
	ck_assert(breaker_resume(&b, BREAKER_BY_OPERATOR, 30));
	ck_assert_int_eq(b.state, BREAKER_HALF_OPEN);
	ck_assert(!breaker_resume(&b, BREAKER_BY_OPERATOR, 30));

	breaker_hold(&b, 500, BREAKER_BY_WINDOW, 40);
	breaker_hold(&b, 900, BREAKER_BY_WINDOW, 50); /* in its place */
	ck_assert_int_eq(breaker_next(&b), 900);
	ck_assert(!breaker_tick(&b, 899));
	ck_assert(breaker_tick(&b, 900));
	ck_assert_int_eq(b.state, BREAKER_HALF_OPEN);
}
END_TEST

START_TEST(resuming_ends_the_time_of_one_that_is_open)
{
	struct breaker b = opened(4);

	ck_assert(breaker_resume(&b, BREAKER_BY_OPERATOR, 1));
	ck_assert_int_eq(b.state, BREAKER_HALF_OPEN);
	ck_assert_int_eq(b.cause, BREAKER_BY_OPERATOR);
}
END_TEST

START_TEST(each_name_is_one_word_and_is_read_again)
{
	for (int i = 0; i < BREAKER_STATE_COUNT; i++) {
		enum breaker_state state;
		const char *name = breaker_state_name((enum breaker_state)i);

		ck_assert(breaker_state_parse(text_of(name), &state));
		ck_assert_int_eq(state, i);
	}
	for (int i = 0; i < BREAKER_CAUSE_COUNT; i++) {
		enum breaker_cause cause;
		const char *name = breaker_cause_name((enum breaker_cause)i);

		ck_assert(breaker_cause_parse(text_of(name), &cause));
		ck_assert_int_eq(cause, i);
	}
	{
		enum breaker_state state = BREAKER_RAMP;
		enum breaker_cause cause = BREAKER_BY_TIME;

		ck_assert(!breaker_state_parse(TEXT("?"), &state));
		ck_assert(!breaker_cause_parse(TEXT(""), &cause));
		ck_assert_int_eq(state, BREAKER_RAMP);
		ck_assert_int_eq(cause, BREAKER_BY_TIME);
	}
}
END_TEST

/* --- what a breaker may not be ------------------------------------------- */

static void assert_flaw(const struct breaker *b, const char *flaw)
{
	ck_assert_msg(breaker_flaw(b) != NULL, "%s is not seen", flaw);
	ck_assert_str_eq(breaker_flaw(b), flaw);
}

#define WITH(member, value, flaw)                                              \
	do {                                                                   \
		struct breaker b = opened(4);                                  \
		b.member = value;                                              \
		assert_flaw(&b, flaw);                                         \
	} while (0)

START_TEST(rules_out_of_their_ranges_are_named)
{
	struct breaker fine = opened(4);

	ck_assert_ptr_null(breaker_flaw(&fine));
	WITH(rules.window, BREAKER_SLICES - 1, "window");
	WITH(rules.calls, 0, "share");
	WITH(rules.share_pct, 0, "share");
	WITH(rules.share_pct, 101, "share");
	WITH(rules.open, 0, "open");
	WITH(rules.open_max, 4999, "open");
	WITH(rules.jitter_pct, 101, "open");
	WITH(rules.probes, 0, "probes");
	WITH(rules.probes, BREAKER_PROBES_MAX + 1, "probes");
	WITH(rules.ramp, -1, "ramp");
	WITH(rules.storm, 1, "storm");
	WITH(rules.storm, BREAKER_STORM_MAX + 1, "storm");
}
END_TEST

START_TEST(a_state_that_no_events_lead_to_is_named)
{
	struct breaker half = opened(4), ramp = ramping(4);

	WITH(full, 0, "full");
	WITH(let, 2, "probes of half-open");
	WITH(message_count, BREAKER_STORM_MAX + 1, "errors in a row");
	WITH(error_len, BREAKER_ERROR_MAX + 1, "errors in a row");
	ck_assert(breaker_tick(&half, 5000));
	ck_assert_ptr_null(breaker_flaw(&half));
	half.done = half.rules.probes;
	assert_flaw(&half, "probes of half-open");
	ck_assert_ptr_null(breaker_flaw(&ramp));
	ramp.limit = 0;
	assert_flaw(&ramp, "limit of the ramp");
	ramp.limit = 5;
	assert_flaw(&ramp, "limit of the ramp");
}
END_TEST

static TCase *health_tests(void)
{
	TCase *tests = tcase_create("health");

	tcase_add_test(tests, it_lets_as_many_through_as_it_is_told);
	tcase_add_test(tests, failures_in_a_row_open_it);
	tcase_add_test(
		tests,
		a_share_of_failures_opens_it_once_there_are_calls_enough);
	tcase_add_test(tests, what_left_the_window_does_not_count);
	tcase_add_test(tests, what_says_nothing_about_health_does_not_count);
	tcase_add_test(tests, one_that_is_off_stays_closed);
	tcase_add_test(tests,
		       its_time_doubles_with_each_reopening_up_to_the_cap);
	tcase_add_test(tests, jitter_comes_off_after_the_cap);
	tcase_add_test(tests, once_closed_it_opens_for_the_first_time_again);
	tcase_add_test(tests, answers_to_calls_from_before_change_nothing);
	tcase_add_test(tests, half_open_lets_its_probes_through_and_no_more);
	tcase_add_test(tests, the_ramp_doubles_after_so_many_answers);
	tcase_add_test(tests, the_ramp_goes_on_by_itself_where_little_comes);
	tcase_add_test(tests, a_failure_takes_the_ramp_back_at_once);
	tcase_add_test(tests, a_ramp_over_time_gives_a_share_of_it);
	tcase_add_test(tests, a_ramp_follows_a_smaller_share);
	tcase_add_test(tests, each_name_is_one_word_and_is_read_again);
	tcase_add_test(tests, rules_out_of_their_ranges_are_named);
	tcase_add_test(tests, a_state_that_no_events_lead_to_is_named);
	return tests;
}

static TCase *storm_tests(void)
{
	TCase *tests = tcase_create("storms");

	tcase_add_test(tests,
		       permanent_errors_of_one_type_in_a_row_are_a_storm);
	tcase_add_test(
		tests,
		a_success_or_another_type_or_the_same_message_is_no_storm);
	tcase_add_test(
		tests,
		calls_that_were_under_way_when_the_storm_broke_are_held_too);
	tcase_add_test(
		tests,
		a_storm_lasts_until_calls_succeed_and_no_message_is_parked_for_it);
	tcase_add_test(tests, without_storms_every_message_is_its_own);
	return tests;
}

static TCase *word_tests(void)
{
	TCase *tests = tcase_create("words");

	tcase_add_test(tests, the_health_probe_ends_its_time_early);
	tcase_add_test(tests,
		       a_probe_that_lies_makes_no_more_calls_than_none_would);
	tcase_add_test(tests, a_word_opens_it_and_it_tries_for_itself);
	tcase_add_test(tests,
		       no_word_opens_it_for_longer_than_its_own_longest_time);
	tcase_add_test(
		tests,
		a_word_of_another_that_opens_takes_back_half_open_and_ramp);
	tcase_add_test(tests, a_storm_is_heard_of_with_its_error);
	tcase_add_test(tests, a_hold_lasts_until_it_is_resumed_or_over);
	tcase_add_test(tests, resuming_ends_the_time_of_one_that_is_open);
	return tests;
}

Suite *breaker_suite(void)
{
	Suite *suite = suite_create("breaker");

	suite_add_tcase(suite, health_tests());
	suite_add_tcase(suite, storm_tests());
	suite_add_tcase(suite, word_tests());
	return suite;
}
