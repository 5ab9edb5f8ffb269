/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_draft.h - a configuration on its way from the file to struct config.
 *
 * Shared by the config_*.c files alone. Drafts hold what a file says where
 * struct config holds what follows from it.
 */
#ifndef WORKER_CONFIG_DRAFT_H
#define WORKER_CONFIG_DRAFT_H

#include "worker/config.h"
#include "worker/config_tree.h"
#include "worker/matcher.h"
#include "worker/setting.h"
#include "worker/template.h"
#include "worker/when.h"

#define CONFIG_NAME_MAX 64         /* bytes */
#define CONFIG_BUILT_IN "built-in" /* the policy that is always there */

struct broker_draft {
	struct broker_config broker;
	struct texts nodes; /* urls */
};

struct understand_draft {
	enum understand_as as;
	struct texts done;
	struct texts transient;
	struct texts permanent;
};

struct source_draft {
	const char *exchange; /* NULL: not given */
	const char *queue;    /* NULL: not given */
	struct texts keys;
};

struct pipeline_draft {
	struct source_draft source;
	struct texts deliver_to;
	const char *policy;
	uint32_t prefetch; /* 0: not given */
	uint32_t priority;
	uint64_t in_flight_bytes;
	uint32_t max_lanes;
	const char *type_from;
	const char *deadline_header; /* NULL: not given */
};

/* One entry of `success`. */
struct success_draft {
	struct success_rule rule;
	int class; /* enum error_class + 1; 0: not given */
};

/* A group of `header` or `pointer`. */
struct test_draft {
	const char *place; /* the name of a field, or a JSON pointer */
	enum honour exists;
	enum honour is_null;
	const char *regex; /* or NULL */
};

/* One entry of `hold`. */
struct hold_draft {
	struct texts days;
	const char *from;
	const char *until;
	const char *reason; /* NULL: not given */
};

/* Each reads its part of the file into config, complaining as it goes. */
void config_read_broker(struct reading *r, const struct tree *top,
			struct config *config);
void config_read_audit(struct reading *r, const struct tree *top,
		       struct config *config);
void config_read_policies(struct reading *r, const struct tree *top,
			  struct config *config);
void config_read_downstreams(struct reading *r, const struct tree *top,
			     struct config *config);
/* After the others: it refers to them, and adds downstreams given inline. */
void config_read_pipelines(struct reading *r, const struct tree *top,
			   struct config *config);

/* The parts of a policy. Of a list of groups: how many there are; an element
   that is none gets a complaint. */
size_t config_count_groups(struct reading *r, const struct tree *list);
void config_read_types(struct reading *r, const struct tree *group,
		       struct policy *policy);

/* What setting_read leaves of SCOPE_TUNING: groups, checks, and the place. */
void config_read_tuning(struct reading *r, const struct tree *group,
			struct tuning *tuning);

/* The schedule of a group, or NULL if it has none. */
const struct schedule *config_read_schedule(struct reading *r,
					    const struct tree *group);

/* Prints a policy as a member of `policies`; and, as members of a downstream,
   all that policies know of it. */
void config_print_policy(const struct config *config,
			 const struct policy *policy, FILE *to);
void config_print_rules(const struct config *config,
			const struct downstream_config *downstream, FILE *to);
/* What the rules ask of an answer, and all success rules: after everything
   else that is read. */
void config_read_conditions(struct reading *r, const struct tree *top,
			    struct config *config);

/* Reads the list `success` (NULL: none) of a downstream. */
void config_read_success(struct reading *r, struct config *config,
			 const struct tree *list,
			 struct downstream_config *downstream);

/* A name, or a list of names: *count of them. None if it is not given
   (`member` NULL), and after a complaint. */
const char *const *config_read_names(struct reading *r,
				     const struct tree *member, size_t *count);

/* Is any setting of a rule given that asks for something of an answer? */
bool config_asks(const struct tree *rule);

/* Can a body of the downstream be understood so? */
bool config_body_gives(const struct downstream_config *downstream,
		       const char *name);

/* Reads header, pointer, text and content_type of a rule into its condition. */
void config_read_matchers(struct reading *r, struct config *config,
			  const struct tree *group, struct condition *into);

/*
 * What a setting says as a template of that kind. NULL after a complaint, which
 * quotes it. The url of a step has to be one that calls can go to, with scheme,
 * host and port of its downstream, whose credentials, limits and health it has.
 */
const struct template *config_read_template(struct reading *r,
					    const struct tree *at,
					    enum template_kind kind);
const struct template *
config_read_step_url(struct reading *r, const struct tree *at,
		     const struct downstream_config *downstream);

/* What a group of SCOPE_HEADER or SCOPE_POINTER tests, of the answers of a
   downstream or of messages; false after a complaint. */
enum matcher_of {
	MATCHER_OF_ANSWER,
	MATCHER_OF_MESSAGE,
};

bool config_read_test(struct reading *r, const struct tree *group,
		      enum matcher_of of, enum matcher_kind kind,
		      struct matcher *matcher);

/* Complains on `at` where `pattern` is none on message types. True if it is. */
bool config_check_pattern(struct reading *r, const struct tree *at,
			  const char *pattern);

/* What a step's `when`, a group of SCOPE_WHEN, asks of a message; NULL after a
   complaint. And prints it, as a member of the step. */
const struct when *config_read_when(struct reading *r,
				    const struct tree *group);
void config_print_when(const struct when *when, int indent, FILE *to);

/* Gives a matcher the next number; there is none like it yet. */
void config_add_matcher(struct reading *r, struct config *config,
			const struct matcher *matcher);

/* The matchers that a pipeline's answers are tried against, and the header
   fields that its downstreams keep for them. */
void config_derive_matchers(struct reading *r, const struct config *config,
			    struct pipeline_config *pipeline);

/* Prints what setting_print leaves of the condition of a rule; and the success
   rules, as members of a downstream. */
void config_print_condition(const struct config *config,
			    const struct condition *when, int indent, FILE *to);
void config_print_success(const struct config *config,
			  const struct downstream_rules *rules, FILE *to);

/* True if a schedule of that kind has a use for the setting of that name. */
bool config_schedule_uses(enum schedule_kind kind, const char *name);

/* Headers of a downstream, fixed and mapped. */
void config_read_headers(struct reading *r, const struct tree *downstream,
			 struct downstream_config *into);

/* True if a header of that name may be set, and is not yet; complains about
   `member` otherwise. */
bool config_check_header(struct reading *r, const struct tree *member,
			 const struct downstream_config *into,
			 const char *name);

/* What a downstream is shown. After its headers and its other settings. */
void config_read_auth(struct reading *r, const struct tree *downstream,
		      struct downstream_config *into);

/* When it counts as healthy, and how much it is asked to do. */
void config_read_health(struct reading *r, const struct tree *downstream,
			struct downstream_config *into);
/* The defaults of that, after those of SCOPE_DOWNSTREAM. */
void config_default_health(struct reading *r, struct downstream_config *into);
/* Prints what setting_print leaves of it, as members of a downstream. */
void config_print_health(const struct health_config *health, FILE *to);

/* How its answers are read, where it is given as a group. */
void config_read_understand(struct reading *r, const struct tree *downstream,
			    struct downstream_config *into);

/* True if the url is one that calls can go to; complains otherwise. */
bool config_check_url(struct reading *r, const struct tree *at,
		      const char *what, const char *url);

/* Complains where only one of cert_file and key_file is given in the group, and
   warns of insecure_skip_verify. */
void config_check_tls(struct reading *r, const struct tree *group,
		      bool is_insecure);

/* Names on the broker, lanes and ladder, from what was read. */
void config_derive(struct reading *r, const struct tree *top,
		   const struct config *config,
		   struct pipeline_config *pipeline);

/* Complains about error types of message types that nothing names, and warns of
   those that never come. */
void config_check_error_names(struct reading *r, const struct tree *top,
			      const struct config *config);

/* Warns of rules and message types that never get a turn. */
void config_warn_shadowed(struct reading *r, const struct tree *top,
			  const struct config *config);

/* The rule with which those before `count` have taken every answer that a
   condition can hold for; NULL: something is left. */
const struct error_rule *config_taken_by(const struct error_rule *rules,
					 size_t count,
					 const struct condition *when);

/* Warns of the settings in a group that mean nothing, since `error` is
   permanent. */
void config_warn_idle(struct reading *r, const struct tree *group,
		      const char *error);

/* Warns of those in the rules of policies. */
void config_check_idle(struct reading *r, const struct tree *top,
		       const struct config *config);

/* Warns of limits and schedules that contradict each other. */
void config_advise(struct reading *r, const struct tree *top,
		   const struct config *config);

/* Complains about pipelines that take from the audit trail. */
void config_check_audit(struct reading *r, const struct tree *top,
			const struct config *config);

/* Complains about derived names that meet each other. */
void config_check_names(struct reading *r, const struct tree *top,
			const struct config *config);

/*
 * Complains on `at` where `name` is none for a pipeline, a downstream, a
 * policy or an error type: small letters, digits, "-" and "_", beginning with
 * a letter, at most CONFIG_NAME_MAX, not "audit" or "pool". True if it is.
 */
bool config_check_name(struct reading *r, const struct tree *at,
		       const char *name);

/* Complains where an entry of a group of groups is no group. */
bool config_check_group(struct reading *r, const struct tree *entry);

#endif
