/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_health.c - reads what says when a downstream counts as healthy, and how
 * much it is asked to do.
 */
#include <string.h>

#include "worker/clock.h"
#include "worker/config_draft.h"
#include "worker/config_url.h"
#include "worker/deadline.h"
#include "worker/setting_print.h"

static void read_breaker(struct reading *r, const struct tree *downstream,
			 struct breaker_rules *rules)
{
	const struct tree *group = tree_member(downstream, "breaker");

	if (group == NULL)
		return;
	if (group->kind == TREE_BOOL)
		rules->is_off = !group->boolean;
	else if (group->kind == TREE_GROUP)
		(void)setting_read(r, SCOPE_BREAKER, group, rules);
	if (rules->open_max >= rules->open)
		return;
	if (setting_is_given(group, "open_max"))
		complain(r->complaints, setting_place(group, "open_max"),
			 "%s.open_max is less than open. Raise the one, or "
			 "lower the other.",
			 tree_path(r->arena, group));
	rules->open_max = rules->open;
}

static void check_storm(struct reading *r, const struct tree *downstream,
			const struct breaker_rules *rules)
{
	if (rules->storm == 1)
		complain(r->complaints, setting_place(downstream, "storm"),
			 "%s.storm must be 2 to 100, or 0 for none: one "
			 "message alone is no storm.",
			 tree_path(r->arena, downstream));
}

static void read_rate(struct reading *r, const struct tree *downstream,
		      struct health_config *health)
{
	const char *path = tree_path(r->arena, downstream);

	if (health->rate_written == NULL) {
		if (setting_is_given(downstream, "burst"))
			complain(r->complaints,
				 setting_place(downstream, "burst"),
				 "%s.burst goes with %s.rate, which is "
				 "missing.",
				 path, path);
		return;
	}
	if (!rate_parse(text_of(health->rate_written), &health->rate))
		complain(r->complaints, setting_place(downstream, "rate"),
			 "%s.rate must be a whole number from 1 to 1000000 and "
			 "a unit, such as \"200/s\", \"30/m\" or \"1000/h\".",
			 path);
}

/* The downstream's credential and certificates are for its own host. */
static void check_probe_url(struct reading *r, const struct tree *group,
			    const char *url, const char *own)
{
	const struct tree *at = setting_place(group, "url");
	struct url probe;
	struct url downstream;

	if (!config_check_url(r, at, tree_path(r->arena, group), url) ||
	    own == NULL || url_split(own, &downstream) != NULL)
		return;
	(void)url_split(url, &probe);
	if (text_eq(probe.scheme, downstream.scheme) &&
	    text_eq(probe.host, downstream.host))
		return;
	complain(r->complaints, at,
		 "%s.url has another scheme or host than the downstream, whose "
		 "credential it would be shown. Only path and port may differ.",
		 tree_path(r->arena, group));
}

static void read_probe(struct reading *r, const struct tree *downstream,
		       struct downstream_config *into)
{
	const struct tree *group = tree_member(downstream, "health");
	struct probe_config *probe = &into->health.probe;

	if (group == NULL || group->kind != TREE_GROUP)
		return;
	setting_defaults(r, SCOPE_HEALTH, probe);
	if (!setting_read(r, SCOPE_HEALTH, group, probe))
		return;
	check_probe_url(r, group, probe->url, into->url);
	if (into->health.breaker.is_off)
		complain_warning(r->complaints, group,
				 "%s is asked for nothing: with breaker = "
				 "false nothing follows from its answers.",
				 tree_path(r->arena, group));
}

/* --- windows ---------------------------------------------------------------- */

static bool read_days(struct reading *r, const struct tree *group,
		      const struct texts *days, struct hold_window *window)
{
	const struct tree *at = setting_place(group, "days");

	window->days = days->count == 0 ? HOLD_EVERY_DAY : 0;
	for (size_t i = 0; i < days->count; i++) {
		uint8_t day;

		if (!hold_day_parse(text_of(days->list[i]), &day)) {
			complain(r->complaints, tree_element(at, i),
				 "%s: \"%s\" is no day. They are mon, tue, "
				 "wed, thu, fri, sat, sun.",
				 tree_path(r->arena, tree_element(at, i)),
				 days->list[i]);
			return false;
		}
		window->days |= day;
	}
	return true;
}

/* Once, between two instants. */
static bool read_once(struct reading *r, const struct tree *group,
		      const struct hold_draft *draft,
		      struct hold_window *window)
{
	if (!deadline_parse(text_of(draft->from), &window->from) ||
	    !deadline_parse(text_of(draft->until), &window->until))
		return false;
	window->days = 0;
	if (draft->days.count > 0)
		complain(r->complaints, setting_place(group, "days"),
			 "%s.days means nothing for a window that is once.",
			 tree_path(r->arena, group));
	if (window->until <= window->from)
		complain(r->complaints, setting_place(group, "until"),
			 "%s.until is not later than from.",
			 tree_path(r->arena, group));
	return true;
}

static bool read_window(struct reading *r, const struct tree *group,
			struct hold_window *window)
{
	struct hold_draft draft = {0};
	struct text from;

	if (!setting_read(r, SCOPE_HOLD, group, &draft))
		return false;
	from = text_of(draft.from);
	window->reason = draft.reason;
	if (read_once(r, group, &draft, window))
		return true;
	if (hold_time_parse(from, &window->from) &&
	    hold_time_parse(text_of(draft.until), &window->until))
		return read_days(r, group, &draft.days, window);
	complain(r->complaints, group,
		 "%s: from and until must be two times of the day in UTC, such "
		 "as \"22:00\", or two instants, such as "
		 "\"2026-12-01T22:00:00Z\".",
		 tree_path(r->arena, group));
	return false;
}

static void read_windows(struct reading *r, const struct tree *downstream,
			 struct health_config *health)
{
	const struct tree *list = tree_member(downstream, "hold");
	size_t count = config_count_groups(r, list);
	struct hold_window *windows =
		arena_array(r->arena, count + 1, sizeof(*windows));

	for (size_t i = 0; list != NULL && i < list->count; i++)
		if (list->members[i].kind == TREE_GROUP &&
		    read_window(r, &list->members[i],
				&windows[health->window_count]))
			health->window_count++;
	health->windows = windows;
}

void config_default_health(struct reading *r, struct downstream_config *into)
{
	setting_defaults(r, SCOPE_BREAKER, &into->health.breaker);
}

void config_read_health(struct reading *r, const struct tree *downstream,
			struct downstream_config *into)
{
	read_breaker(r, downstream, &into->health.breaker);
	check_storm(r, downstream, &into->health.breaker);
	read_rate(r, downstream, &into->health);
	read_probe(r, downstream, into);
	read_windows(r, downstream, &into->health);
}

/* --- printing --------------------------------------------------------------- */

static struct hold_draft draft_of(struct arena *arena,
				  const struct hold_window *window)
{
	static const char *const names[] = {"mon", "tue", "wed", "thu",
					    "fri", "sat", "sun"};
	struct hold_draft draft = {.reason = window->reason};
	millis minutes[] = {window->from / MILLIS_PER_MINUTE,
			    window->until / MILLIS_PER_MINUTE};

	if (window->days == 0) {
		char instant[32];

		draft.from = arena_printf(arena, "%s",
					  clock_spell(window->from, instant));
		draft.until = arena_printf(arena, "%s",
					   clock_spell(window->until, instant));
		return draft;
	}
	draft.days.list = arena_array(arena, 7, sizeof(*draft.days.list));
	for (unsigned i = 0; i < 7; i++)
		if ((window->days >> i & 1) != 0)
			draft.days.list[draft.days.count++] = names[i];
	draft.from = arena_printf(arena, "%02d:%02d", (int)(minutes[0] / 60),
				  (int)(minutes[0] % 60));
	draft.until = arena_printf(arena, "%02d:%02d", (int)(minutes[1] / 60),
				   (int)(minutes[1] % 60));
	return draft;
}

static void print_windows(const struct health_config *health, FILE *to)
{
	struct arena arena;

	if (health->window_count == 0)
		return;
	arena_init(&arena);
	fputs("\t\thold = (\n", to);
	for (size_t i = 0; i < health->window_count; i++) {
		const struct hold_draft draft =
			draft_of(&arena, &health->windows[i]);

		fputs("\t\t\t{\n", to);
		setting_print(SCOPE_HOLD, &draft, 4, to);
		fputs(i + 1 < health->window_count ? "\t\t\t},\n" : "\t\t\t}\n",
		      to);
	}
	fputs("\t\t);\n", to);
	arena_fini(&arena);
}

void config_print_health(const struct health_config *health, FILE *to)
{
	if (health->breaker.is_off) {
		fputs("\t\tbreaker = false;\n", to);
	} else {
		setting_print_open("breaker", 2, to);
		setting_print(SCOPE_BREAKER, &health->breaker, 3, to);
		setting_print_close(2, to);
	}
	if (health->probe.url != NULL) {
		setting_print_open("health", 2, to);
		setting_print(SCOPE_HEALTH, &health->probe, 3, to);
		setting_print_close(2, to);
	}
	print_windows(health, to);
}
