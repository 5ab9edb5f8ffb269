/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decide.c - what a decision costs: policy_decide with 50 rules and 50 types.
 *
 *   bench/decide [MILLIONS]
 *
 * Prints a line for each kind of decision: the least time for one, in
 * nanoseconds, of 400 runs that share so many millions of decisions (1). The
 * exit code is 1 if one of them takes a microsecond or more.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policy/policy.h"

#define RULES 50
#define TYPES 50
#define RUNS  400
#define LIMIT 1000.0 /* nanoseconds */

static struct error_rule rules[RULES];
static struct type_rule types[TYPES];
static char names[RULES][16];
static char matches[TYPES][48];
static struct type_error type_errors[RULES];

static const struct schedule schedule = {.kind = SCHEDULE_EXPONENTIAL,
					 .first = 2 * MILLIS_PER_SECOND,
					 .factor = 3 * SCHEDULE_FACTOR_UNIT,
					 .max = 30 * MILLIS_PER_MINUTE,
					 .jitter_pct = 20};

static const char *const downstreams[] = {"lab", "pharmacy", "ehr"};
static const uint16_t matchers[] = {3, 9};

/* Rules on the statuses 400 .. 449; each third asks for matchers too, and each
   fifth for a downstream. */
static void make_rules(void)
{
	for (int i = 0; i < RULES; i++) {
		struct condition *when = &rules[i].when;

		snprintf(names[i], sizeof(names[i]), "error-%d", i);
		rules[i].name = names[i];
		when->statuses[0] = (struct status_range){400 + i, 400 + i};
		when->statuses[1] = (struct status_range){450, 451};
		when->status_count = 2;
		if (i % 3 == 1) {
			when->matchers = matchers;
			when->matcher_count = 2;
		}
		if (i % 5 == 1) {
			when->downstreams = downstreams;
			when->downstream_count = 3;
		}
		if (i % 2 == 0)
			rules[i].own = (struct tuning){.schedule = &schedule};
		type_errors[i] = (struct type_error){
			.error = names[i], .own = {.max_attempts = 5}};
	}
	rules[40].when.status_count = 1;
}

static void make_types(void)
{
	static const char *const shapes[] = {
		"hospital.ward%d.result.*", "hospital.ward%d.#",
		"*.ward%d.result.critical", "#.ward%d", "hospital.ward%d"};

	for (int i = 0; i < TYPES; i++) {
		snprintf(matches[i], sizeof(matches[i]), shapes[i % 5], i);
		types[i].match = matches[i];
		types[i].own.max_attempts = 20;
		types[i].errors = type_errors;
		types[i].error_count = 10;
	}
}

static const struct {
	const char *name;
	const char *type;
	const char *failed_with; /* before, three times */
	struct outcome outcome;
} kinds[] = {
	{"a success", "hospital.ward45.result.final", "", {.status = 204}},
	{"the first rule, no type", "x", "error-0", {.status = 400}},
	{"the last rule, the last type",
	 "hospital.ward49",
	 "error-49",
	 {.status = 449, .retry_after = -1}},
	{"a built-in rule, behind all rules and types",
	 "hospital.ward45.result.final",
	 "server-error",
	 {.status = 500, .retry_after = -1}},
	{"the same, with a Retry-After of 7 minutes",
	 "hospital.ward41.order.new",
	 "unavailable",
	 {.status = 503, .retry_after = 420 * MILLIS_PER_SECOND}},
	{"an ambiguous answer, a long type of many words",
	 "hospital.ward47.a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z",
	 "timeout-after-send",
	 {.transport = TRANSPORT_TIMEOUT_AFTER_SEND, .retry_after = -1}},
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double measure(size_t kind, long count, uint64_t *sum)
{
	static const struct downstream_rules ehr = {.name = "ehr"};
	const struct policy policy = {.name = "p",
				      .errors = rules,
				      .error_count = RULES,
				      .types = types,
				      .type_count = TYPES};
	const struct message_facts facts = {.type = text_of(kinds[kind].type)};
	struct step step = {.attempts = 3};
	double begun;

	for (int i = 0; i < 3; i++)
		step_count_failure(&step, text_of(kinds[kind].failed_with));
	begun = now();
	for (long i = 0; i < count; i++) {
		const struct verdict v = policy_decide(
			&policy, &ehr, &facts, &step, &kinds[kind].outcome,
			(uint32_t)i * UINT32_C(2654435761));

		*sum += (uint64_t)v.delay + (uint64_t)v.kind;
	}
	return (now() - begun) / (double)count;
}

int main(int argc, char **argv)
{
	double millions = argc > 1 ? strtod(argv[1], NULL) : 1;
	uint64_t sum = 0;
	double worst = 0;

	make_rules();
	make_types();
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		double least = 0;

		for (int run = 0; run < RUNS; run++) {
			double took = measure(
				k, (long)(millions * 1e6 / RUNS) + 1, &sum);

			least = run == 0 || took < least ? took : least;
		}
		worst = least > worst ? least : worst;
		printf("%7.0f ns  %s\n", least, kinds[k].name);
	}
	printf("%7.0f ns  at most (checksum %llx)\n", worst,
	       (unsigned long long)sum);
	return worst < LIMIT ? EXIT_SUCCESS : EXIT_FAILURE;
}
