/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/random_policy.h"

#include "tests/policy_suites.h"

/* splitmix64 (Steele, Lea and Flood, 2014), its upper half. */
uint32_t random_bits(struct random *random)
{
	uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((z ^ z >> 31) >> 32);
}

uint32_t random_below(struct random *random, uint32_t below)
{
	return (uint32_t)((uint64_t)random_bits(random) * below >> 32);
}

millis random_millis(struct random *random, millis least, millis most)
{
	uint64_t span = (uint64_t)(most - least);
	uint64_t bits = (uint64_t)random_bits(random) << 32;

	bits |= random_bits(random);
	switch (random_below(random, 4)) {
	case 0:
		return random_below(random, 2) == 0 ? least : most;
	case 1: /* small */
		return least + (millis)(bits % 5000 <= span ? bits % 5000 : 0);
	case 2: /* of any size */
		bits >>= random_below(random, 64);
		break;
	default:
		break;
	}
	return least + (millis)(span == UINT64_MAX ? bits : bits % (span + 1));
}

static bool one_in(struct random *random, uint32_t n)
{
	return random_below(random, n) == 0;
}

void random_schedule(struct random *random, struct schedule *s)
{
	*s = (struct schedule){
		.kind = (enum schedule_kind)random_below(random, 4),
		.jitter_pct = one_in(random, 2) ? random_below(random, 101) : 0,
		.factor = 1000 + (uint32_t)random_millis(random, 0, 99000),
		.then_park = one_in(random, 3),
	};
	s->first = random_millis(random, 1, SCHEDULE_DELAY_MAX);
	s->max = random_millis(random, s->first, SCHEDULE_DELAY_MAX);
	s->step = random_millis(random, 0, SCHEDULE_DELAY_MAX);
	s->delay_count = 1 + random_below(random, 8);
	if (one_in(random, 8))
		s->delay_count = SCHEDULE_CUSTOM_MAX;
	for (size_t i = 0; i < s->delay_count; i++)
		s->delays[i] = random_millis(random, 1, SCHEDULE_DELAY_MAX);
}

static void random_tuning(struct random *random, uint32_t attempts,
			  struct random_policy *into, struct tuning *t)
{
	*t = (struct tuning){0};
	if (one_in(random, 3)) {
		struct schedule *s = &into->schedules[into->schedule_count++];

		random_schedule(random, s);
		t->schedule = s;
	}
	if (one_in(random, 2))
		t->max_attempts = 1 + random_below(random, attempts);
	if (one_in(random, 3))
		t->give_up_after =
			random_millis(random, 1, POLICY_UNLIMITED_TIME);
	if (one_in(random, 3))
		t->honour = one_in(random, 3) ? HONOUR_NO : HONOUR_YES;
	if (one_in(random, 3))
		t->retry_after_floor =
			random_millis(random, 1, 7 * MILLIS_PER_DAY);
	if (one_in(random, 3))
		t->retry_after_ceiling = random_millis(
			random, MILLIS_PER_SECOND, 7 * MILLIS_PER_DAY);
	if (one_in(random, 4))
		t->ambiguous =
			one_in(random, 2) ? AMBIGUOUS_PARK : AMBIGUOUS_RETRY;
	if (one_in(random, 3))
		t->quick = (struct quick){
			1 + random_below(random, QUICK_TRIES_MAX),
			random_millis(random, 1, QUICK_WITHIN_MAX)};
	t->no_quick = one_in(random, 5);
}

static const char *const error_names[] = {
	"busy", "throttled", "fhir-conflict", "cut-response", "odd", "refused",
};

static void random_condition(struct random *random, struct condition *when)
{
	when->status_count = random_below(random, 3);
	for (size_t i = 0; i < when->status_count; i++) {
		int first = 100 + (int)random_below(random, 500);
		int last = first + (int)random_below(random, 100);

		when->statuses[i] =
			(struct status_range){first, last > 599 ? 599 : last};
	}
	if (one_in(random, 2))
		when->transports = random_bits(random) & 0x7fe;
	if (one_in(random, 6)) {
		when->understood =
			&error_names[random_below(random, COUNT(error_names))];
		when->understood_count = 1;
	}
}

static void random_errors(struct random *random, uint32_t attempts,
			  struct random_policy *into)
{
	into->policy.errors = into->errors;
	into->policy.error_count = random_below(random, RANDOM_ERRORS_MAX + 1);
	for (size_t i = 0; i < into->policy.error_count; i++) {
		struct error_rule *rule = &into->errors[i];

		*rule = (struct error_rule){
			.name = error_names[random_below(random,
							 COUNT(error_names))],
			.class = (enum error_class)random_below(random, 3)};
		random_condition(random, &rule->when);
		random_tuning(random, attempts, into, &rule->own);
	}
}

static const char *const patterns[] = {"#", "lab.#", "lab.*", "*.result",
				       "lab.result"};

static void random_types(struct random *random, uint32_t attempts,
			 struct random_policy *into)
{
	into->policy.types = into->types;
	into->policy.type_count = random_below(random, RANDOM_TYPES_MAX + 1);
	for (size_t i = 0; i < into->policy.type_count; i++) {
		struct type_rule *rule = &into->types[i];

		*rule = (struct type_rule){
			.match =
				patterns[random_below(random, COUNT(patterns))],
			.errors = into->type_errors[i],
			.error_count = random_below(random, 3)};
		random_tuning(random, attempts, into, &rule->own);
		for (size_t e = 0; e < rule->error_count; e++) {
			struct type_error *error = &into->type_errors[i][e];

			error->error = error_names[random_below(
				random, COUNT(error_names))];
			random_tuning(random, attempts, into, &error->own);
		}
	}
}

static void random_success(struct random *random, struct random_policy *into)
{
	into->downstream.success = into->success;
	into->downstream.success_count = random_below(random, 3);
	for (size_t i = 0; i < into->downstream.success_count; i++) {
		struct success_rule *rule = &into->success[i];

		*rule = (struct success_rule){
			.meaning =
				(enum success_meaning)random_below(random, 3),
			.has_class = one_in(random, 2),
			.class = (enum error_class)random_below(random, 3)};
		if (one_in(random, 2))
			rule->error = error_names[random_below(
				random, COUNT(error_names))];
		random_condition(random, &rule->when);
		rule->when.transports = 0;
	}
}

void random_policy(struct random *random, uint32_t attempts,
		   struct random_policy *into)
{
	*into = (struct random_policy){0};
	policy_init(&into->policy, "random");
	into->downstream.name = "d";
	random_tuning(random, attempts, into, &into->policy.own);
	/* What is built in would make lives longer than was asked. */
	if (into->policy.own.max_attempts == 0)
		into->policy.own.max_attempts = attempts;
	random_tuning(random, attempts, into, &into->policy.ambiguous);
	random_tuning(random, attempts, into, &into->downstream.own);
	random_errors(random, attempts, into);
	random_types(random, attempts, into);
	random_success(random, into);
}

struct outcome random_outcome(struct random *random)
{
	struct outcome o = {.retry_after = -1};

	o.transport =
		one_in(random, 3)
			? (enum transport)random_below(random, TRANSPORT_COUNT)
			: TRANSPORT_COMPLETE;
	if (o.transport == TRANSPORT_COMPLETE)
		o.status = 100 + (int)random_below(random, 500);
	if (one_in(random, 2))
		o.retry_after = random_millis(random, 0, INT64_MAX);
	if (one_in(random, 3)) {
		o.understood.sense =
			(enum sense)random_below(random, SENSE_AMBIGUOUS + 1);
		o.understood.error =
			error_names[random_below(random, COUNT(error_names))];
	}
	return o;
}

const char *random_type(struct random *random)
{
	static const char *const types[] = {"lab.result", "lab.order",
					    "adt.result", "adt", ""};

	return types[random_below(random, COUNT(types))];
}
