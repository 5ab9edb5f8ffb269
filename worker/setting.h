/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setting.h - every setting there is: one table.
 *
 * Reading, printing and the reference page come from it; the sample file and
 * the manual page are tested against it. Settings are grouped in scopes, each
 * of which fills one struct.
 */
#ifndef WORKER_SETTING_H
#define WORKER_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "worker/config_complaint.h"
#include "worker/config_tree.h"

/* Where a setting stands, and which struct it fills. */
enum setting_scope {
	SCOPE_TOP,         /* struct config */
	SCOPE_BROKER,      /* struct broker_draft */
	SCOPE_LOGIN,       /* struct login_config */
	SCOPE_AUDIT,       /* struct audit_config */
	SCOPE_DOWNSTREAM,  /* struct downstream_config */
	SCOPE_AUTH,        /* struct auth_config */
	SCOPE_BASIC,       /* struct auth_config */
	SCOPE_AUTH_HEADER, /* struct auth_config */
	SCOPE_UNDERSTAND,  /* struct understand_draft */
	SCOPE_BREAKER,     /* struct breaker_rules */
	SCOPE_HEALTH,      /* struct probe_config */
	SCOPE_HOLD,        /* struct hold_draft */
	SCOPE_PIPELINE,    /* struct pipeline_draft */
	SCOPE_SOURCE,      /* struct source_draft */
	SCOPE_POLICY,      /* struct policy */
	SCOPE_ERROR,       /* struct error_rule */
	SCOPE_TYPE,        /* struct type_rule */
	SCOPE_TYPE_ERROR,  /* struct type_error */
	SCOPE_TUNING,      /* struct tuning: see setting_tuning */
	SCOPE_QUICK,       /* struct quick */
	SCOPE_SCHEDULE,    /* struct schedule */
	SCOPE_SUCCESS,     /* struct success_draft */
	SCOPE_HEADER,      /* struct test_draft */
	SCOPE_POINTER,     /* struct test_draft */
};

#define SCOPE_COUNT (SCOPE_POINTER + 1)

/* What a value is, and what it is stored as. */
enum setting_kind {
	SETTING_BOOL,      /* bool */
	SETTING_MAYBE,     /* enum honour: UNSET where not given */
	SETTING_COUNT,     /* uint32_t */
	SETTING_SIZE,      /* uint64_t, bytes */
	SETTING_DURATION,  /* millis */
	SETTING_FOREVER,   /* millis; "never" is POLICY_UNLIMITED_TIME */
	SETTING_FACTOR,    /* uint32_t, thousandths */
	SETTING_PERCENT,   /* uint32_t */
	SETTING_TEXT,      /* const char * */
	SETTING_PATH,      /* const char *: a readable file, as absolute path */
	SETTING_SECRET,    /* const char *, never shown */
	SETTING_CHOICE,    /* an enum: the position in choices */
	SETTING_OPTION,    /* an enum: that position + 1; 0: not given */
	SETTING_FLAG,      /* bool: the position in choices */
	SETTING_WORD,      /* const char *: one of choices */
	SETTING_TEXTS,     /* struct texts */
	SETTING_DURATIONS, /* the delays of a struct schedule */
	SETTING_STATUSES,  /* the statuses of a struct condition */
	SETTING_TRANSPORTS, /* the transports of a struct condition */
	/* Read by those who own them; here for their names, kinds and help. */
	SETTING_GROUP, /* a group of its own scope */
	SETTING_NAMED, /* a group of groups, each with a name of the user's */
	SETTING_LIST,  /* a list of groups */
	SETTING_FREE,  /* a group whose names are the user's: headers */
	SETTING_UNLESS_FALSE, /* a group of its own scope, or false: none */
	SETTING_OR_WORD,      /* a group of its own scope, or one of choices */
	SETTING_MATCH, /* a part of a rule: choices says in words what it is */
	SETTING_LATER, /* known, and not supported by this version */
};

/* A list of texts. */
struct texts {
	const char **list;
	size_t count;
};

struct setting {
	enum setting_scope scope;
	enum setting_kind kind;
	const char *name;
	size_t offset;        /* in the struct of the scope */
	int64_t min, max;     /* counts, sizes, durations; both 0: no range */
	const char *fallback; /* the default, as a text; NULL: none */
	const char *choices;  /* "auto|json|human" */
	bool required;
	const char *otherwise; /* words for a default that depends */
	const char *example;   /* as a file has it, with what it cannot be
	                          without; a test reads it */
	const char *help;      /* sentences */
};

struct reading {
	struct arena *arena;
	struct complaints *complaints;
};

/* The i-th of all settings, in the order of the reference; NULL: there are no
   more. */
const struct setting *setting_at(size_t i);

/* "broker.admin.", "policies.<name>.errors.", "": what stands before the
   names of a scope. Static. */
const char *setting_scope_path(enum setting_scope scope);

/* The setting of that name; NULL if the scope has none. */
const struct setting *setting_find(enum setting_scope scope, const char *name);

/*
 * True if a scope takes the settings of SCOPE_TUNING beside its own, of which
 * one of the same name stands before; *offset gets the place of the struct
 * tuning in the struct of the scope.
 */
bool setting_tuning(enum setting_scope scope, size_t *offset);

/* True if the kind has a twin NAME_env: it is one value. */
bool setting_has_env(const struct setting *setting);

/* Sets all defaults of a scope in `into`, the struct of the scope. */
void setting_defaults(struct reading *r, enum setting_scope scope, void *into);

/*
 * Reads the members of a group into `into`, which holds the defaults.
 * Complains about what is unknown, wrong or missing. False if there was any.
 */
bool setting_read(struct reading *r, enum setting_scope scope,
		  const struct tree *group, void *into);

/*
 * Where a setting of a group was given, by itself or by a twin; or the group
 * itself if it was not given: for complaints.
 */
const struct tree *setting_place(const struct tree *group, const char *name);

/* True if a setting was given, by itself or by a twin. */
bool setting_is_given(const struct tree *group, const char *name);

#endif
