/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/setting_value.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/duration.h"
#include "policy/policy.h"
#include "worker/config_nearest.h"
#include "worker/setting_print.h"

static bool parse_whole(struct text text, int64_t *value)
{
	int64_t sum = 0;

	if (text.len == 0 || text.len > 18)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		sum = 10 * sum + (text.at[i] - '0');
	}
	*value = sum;
	return true;
}

bool setting_parse_size(struct text text, int64_t *bytes)
{
	static const struct {
		const char *name;
		int64_t bytes;
	} units[] = {
		{"", 1},
		{"B", 1},
		{"kB", 1000},
		{"KB", 1000},
		{"MB", 1000000},
		{"GB", 1000000000},
		{"KiB", INT64_C(1) << 10},
		{"MiB", INT64_C(1) << 20},
		{"GiB", INT64_C(1) << 30},
	};
	struct text digits = {.at = text.at};
	int64_t number;

	while (digits.len < text.len && text.at[digits.len] >= '0' &&
	       text.at[digits.len] <= '9')
		digits.len++;
	struct text unit = {text.at + digits.len, text.len - digits.len};
	if (!parse_whole(digits, &number))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!text_is(unit, units[i].name))
			continue;
		if (number > INT64_MAX / units[i].bytes)
			return false;
		*bytes = number * units[i].bytes;
		return true;
	}
	return false;
}

struct text setting_choice_at(const char *choices, size_t i)
{
	for (; i > 0 && *choices != '\0'; i--) {
		choices += strcspn(choices, "|");
		choices += *choices == '|';
	}
	return (struct text){.at = choices, .len = strcspn(choices, "|")};
}

int setting_choice(const char *choices, struct text word)
{
	for (size_t i = 0;; i++) {
		struct text choice = setting_choice_at(choices, i);

		if (choice.len == 0)
			return -1;
		if (text_eq(choice, word))
			return (int)i;
	}
}

/* " The nearest is \"x\".", or "". */
static const char *nearest_choice(struct arena *arena, const char *choices,
				  const char *word)
{
	struct nearest nearest;

	nearest_init(&nearest, word);
	for (size_t i = 0; setting_choice_at(choices, i).len > 0; i++)
		nearest_offer(
			&nearest,
			arena_string(arena, setting_choice_at(choices, i)));
	if (nearest.name == NULL)
		return "";
	return arena_printf(arena, " The nearest is \"%s\".", nearest.name);
}

bool setting_mismatch(struct reading *r, const struct setting *setting,
		      const struct tree *value, const struct tree *at)
{
	const char *nearest = "";
	bool is_secret = setting->kind == SETTING_SECRET;

	if (setting->choices != NULL && value->kind == TREE_STRING &&
	    !value->is_hidden)
		nearest = nearest_choice(r->arena, setting->choices,
					 value->string);
	complain(r->complaints, value->line != 0 ? value : at,
		 "%s must be %s%s%s.%s",
		 tree_path(r->arena,
			   value->name == NULL && value->parent != NULL ? value
									: at),
		 setting_expected(r->arena, setting), is_secret ? "" : ", not ",
		 is_secret ? "" : tree_found(r->arena, value), nearest);
	return false;
}

/* The text of a string; false for another kind. */
static bool text_in(const struct tree *value, struct text *text)
{
	if (value->kind != TREE_STRING)
		return false;
	*text = text_of(value->string);
	return true;
}

static bool truth_in(const struct tree *value, bool *truth)
{
	if (value->kind == TREE_BOOL) {
		*truth = value->boolean;
		return true;
	}
	if (value->kind != TREE_STRING)
		return false;
	*truth = strcmp(value->string, "true") == 0;
	return *truth || strcmp(value->string, "false") == 0;
}

/* A number: whole, a size, a percentage, thousandths. */
static bool number_in(const struct setting *setting, const struct tree *value,
		      int64_t *number)
{
	struct text text;

	if (value->kind == TREE_INTEGER) {
		*number = value->integer;
		return true;
	}
	if (!text_in(value, &text))
		return false;
	if (setting->kind == SETTING_SIZE)
		return setting_parse_size(text, number);
	if (setting->kind == SETTING_PERCENT && text.len > 0 &&
	    text.at[text.len - 1] == '%')
		text.len--;
	return parse_whole(text, number);
}

static bool thousandths_in(const struct setting *setting,
			   const struct tree *value, int64_t *number)
{
	double factor = value->number;

	if (value->kind == TREE_STRING) {
		char *end;

		factor = strtod(value->string, &end);
		if (end == value->string || *end != '\0')
			return false;
	} else if (value->kind == TREE_INTEGER) {
		factor = (double)value->integer;
	} else if (value->kind != TREE_FLOAT) {
		return false;
	}
	if (!(factor >= (double)setting->min && factor <= (double)setting->max))
		return false;
	*number = (int64_t)(factor * 1000 + 0.5);
	return true;
}

static bool store_number(const struct setting *setting,
			 const struct tree *value, void *at)
{
	int64_t number;

	if (setting->kind == SETTING_FACTOR) {
		if (!thousandths_in(setting, value, &number))
			return false;
	} else if (!number_in(setting, value, &number) ||
		   number < setting->min || number > setting->max) {
		return false;
	}
	if (setting->kind == SETTING_SIZE)
		*(uint64_t *)at = (uint64_t)number;
	else
		*(uint32_t *)at = (uint32_t)number;
	return true;
}

static bool store_duration(const struct setting *setting,
			   const struct tree *value, void *at)
{
	struct text text;
	millis duration;

	if (!text_in(value, &text))
		return false;
	if (setting->kind == SETTING_FOREVER && text_is(text, "never")) {
		*(millis *)at = POLICY_UNLIMITED_TIME;
		return true;
	}
	if (!duration_parse(text, &duration) || duration < setting->min ||
	    duration > setting->max)
		return false;
	*(millis *)at = duration;
	return true;
}

static bool store_choice(struct reading *r, const struct setting *setting,
			 const struct tree *value, void *at)
{
	struct text text;
	int choice;

	if (!text_in(value, &text))
		return false;
	choice = setting_choice(setting->choices, text);
	if (choice < 0)
		return false;
	if (setting->kind == SETTING_WORD)
		*(const char **)at = arena_string(r->arena, text);
	else if (setting->kind == SETTING_FLAG)
		*(bool *)at = choice == 1;
	else {
		/* An enum is an int. */
		choice += setting->kind == SETTING_OPTION ||
			  setting->kind == SETTING_OR_WORD;
		memcpy(at, &choice, sizeof(choice));
	}
	return true;
}

static bool store_text(struct reading *r, const struct tree *value, void *at)
{
	struct text text;

	if (!text_in(value, &text) || text.len == 0)
		return false;
	*(const char **)at = arena_string(r->arena, text);
	return true;
}

/* Links in it are left as they are: what they lead to may be replaced. */
static const char *path_from_anywhere(struct arena *arena, const char *path)
{
	char *here = *path == '/' ? NULL : realpath(".", NULL);
	const char *whole =
		here == NULL ? path : arena_printf(arena, "%s/%s", here, path);

	free(here);
	return whole;
}

/* A file that can be read now, by the path that leads to it from anywhere. */
static bool store_path(struct reading *r, const struct tree *value,
		       const struct tree *member, void *at)
{
	const char *path =
		tree_file_beside(r->arena, member->file, value->string);
	char *absolute = realpath(path, NULL);
	struct stat status;

	if (absolute == NULL || access(absolute, R_OK) != 0 ||
	    stat(absolute, &status) != 0) {
		complain(r->complaints, member,
			 "%s names the file \"%s\", which cannot be read: %s.",
			 tree_path(r->arena, member), path, strerror(errno));
		free(absolute);
		return false;
	}
	free(absolute);
	*(const char **)at = path_from_anywhere(r->arena, path);
	if (!S_ISDIR(status.st_mode))
		return true;
	complain(r->complaints, member,
		 "%s names \"%s\", which is a folder, and a file is needed.",
		 tree_path(r->arena, member), path);
	return false;
}

static bool store_truth(const struct setting *setting, const struct tree *value,
			void *at)
{
	bool truth;

	if (!truth_in(value, &truth))
		return false;
	if (setting->kind == SETTING_MAYBE)
		*(enum honour *)at = truth ? HONOUR_YES : HONOUR_NO;
	else
		*(bool *)at = truth;
	return true;
}

/* A flat switch over the kinds. */
static bool store_single(struct reading *r, const struct setting *setting,
			 const struct tree *value, void *at)
{
	switch (setting->kind) {
	case SETTING_BOOL:
	case SETTING_MAYBE:
		return store_truth(setting, value, at);
	case SETTING_COUNT:
	case SETTING_SIZE:
	case SETTING_FACTOR:
	case SETTING_PERCENT:
		return store_number(setting, value, at);
	case SETTING_DURATION:
	case SETTING_FOREVER:
		return store_duration(setting, value, at);
	case SETTING_TEXT:
	case SETTING_PATH:
	case SETTING_SECRET:
		return store_text(r, value, at);
	case SETTING_CHOICE:
	case SETTING_OPTION:
	case SETTING_FLAG:
	case SETTING_WORD:
	case SETTING_OR_WORD:
		return store_choice(r, setting, value, at);
	case SETTING_TEXTS:
	case SETTING_DURATIONS:
	case SETTING_STATUSES:
	case SETTING_TRANSPORTS:
	case SETTING_GROUP:
	case SETTING_NAMED:
	case SETTING_LIST:
	case SETTING_FREE:
	case SETTING_LATER:
		break;
	}
	return false;
}

bool setting_store(struct reading *r, const struct setting *setting,
		   const struct tree *value, const struct tree *at, void *into)
{
	void *place = (char *)into + setting->offset;

	if (setting->kind >= SETTING_TEXTS && setting->kind < SETTING_GROUP)
		return setting_store_list(r, setting, value, at, into);
	if (!store_single(r, setting, value, place))
		return setting_mismatch(r, setting, value, at);
	if (setting->kind == SETTING_PATH)
		return store_path(r, value, at, place);
	return true;
}
