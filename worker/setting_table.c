/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setting_table.c - what finds in the table of all settings.
 */
#include "worker/setting.h"

#include <string.h>

#include "worker/config_draft.h"
#include "worker/setting_rows.h"

/* In the order of the reference. */
static const struct setting_rows *const parts[] = {
	&setting_of_worker, &setting_of_audit,    &setting_of_downstream,
	&setting_of_health, &setting_of_pipeline, &setting_of_policy,
	&setting_of_rule,
};

const struct setting *setting_at(size_t i)
{
	for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++) {
		if (i < parts[k]->count)
			return &parts[k]->rows[i];
		i -= parts[k]->count;
	}
	return NULL;
}

const char *setting_scope_path(enum setting_scope scope)
{
	switch (scope) {
	case SCOPE_TOP:
		return "";
	case SCOPE_BROKER:
		return "broker.";
	case SCOPE_AUDIT:
		return "audit.";
	case SCOPE_LOGIN:
		return "broker.admin.";
	case SCOPE_DOWNSTREAM:
		return "downstreams.<name>.";
	case SCOPE_AUTH:
		return "downstreams.<name>.auth.";
	case SCOPE_BASIC:
		return "downstreams.<name>.auth.basic.";
	case SCOPE_AUTH_HEADER:
		return "downstreams.<name>.auth.header.";
	case SCOPE_UNDERSTAND:
		return "downstreams.<name>.understand.";
	case SCOPE_BREAKER:
		return "downstreams.<name>.breaker.";
	case SCOPE_HEALTH:
		return "downstreams.<name>.health.";
	case SCOPE_HOLD:
		return "downstreams.<name>.hold[].";
	case SCOPE_PIPELINE:
		return "pipelines.<name>.";
	case SCOPE_SOURCE:
		return "pipelines.<name>.source.";
	case SCOPE_POLICY:
		return "policies.<name>.";
	case SCOPE_ERROR:
		return "policies.<name>.errors[].";
	case SCOPE_TYPE:
		return "policies.<name>.types[].";
	case SCOPE_TYPE_ERROR:
		return "policies.<name>.types[].errors[].";
	case SCOPE_TUNING:
		return "policies.<name>.";
	case SCOPE_QUICK:
		return "quick.";
	case SCOPE_SCHEDULE:
		return "schedule.";
	case SCOPE_SUCCESS:
		return "downstreams.<name>.success[].";
	case SCOPE_HEADER:
		return "header.";
	case SCOPE_POINTER:
		return "pointer.";
	}
	return "?";
}

const struct setting *setting_find(enum setting_scope scope, const char *name)
{
	const struct setting *row;

	for (size_t i = 0; (row = setting_at(i)) != NULL; i++)
		if (row->scope == scope && strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

bool setting_tuning(enum setting_scope scope, size_t *offset)
{
	switch (scope) {
	case SCOPE_DOWNSTREAM:
		*offset = offsetof(struct downstream_config, rules.own);
		return true;
	case SCOPE_POLICY:
		*offset = offsetof(struct policy, own);
		return true;
	case SCOPE_ERROR:
		*offset = offsetof(struct error_rule, own);
		return true;
	case SCOPE_TYPE:
		*offset = offsetof(struct type_rule, own);
		return true;
	case SCOPE_TYPE_ERROR:
		*offset = offsetof(struct type_error, own);
		return true;
	default:
		return false;
	}
}

bool setting_has_env(const struct setting *setting)
{
	return setting->kind <= SETTING_WORD ||
	       setting->kind == SETTING_OR_WORD;
}
