/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/audit_check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "worker/audit.h"
#include "worker/mem.h"

/* One writer's lines so far. */
struct chain {
	char id[UUID_SPELLING_MAX];
	uint64_t first; /* number of the first line that was seen */
	uint64_t last;
	char head[SHA256_HEX_MAX]; /* of line `last` */
	bool is_closed;
	/* Beginnings of the hashes of the last lines, by number. */
	uint64_t hashes[AUDIT_AGAIN_MAX];
};

struct head {
	char id[UUID_SPELLING_MAX];
	uint64_t seq;
	char sha256[SHA256_HEX_MAX];
	bool is_seen;
};

struct audit_check {
	void (*tell)(void *context, const struct audit_finding *finding);
	void *context;
	struct chain **chains;
	size_t chain_room;
	struct head *heads;
	size_t head_count;
	size_t head_room;
	struct audit_totals totals;
};

static const char *const names[] = {
	[AUDIT_FLAW_GAP] = "gap",
	[AUDIT_FLAW_CHANGED] = "changed",
	[AUDIT_FLAW_ORDER] = "order",
	[AUDIT_FLAW_AFTER_END] = "after-end",
	[AUDIT_FLAW_UNREADABLE] = "unreadable",
	[AUDIT_FLAW_HEAD] = "head",
	[AUDIT_FLAW_NO_HEAD] = "no-head",
};

const char *audit_flaw_name(enum audit_flaw flaw)
{
	return names[flaw];
}

struct audit_check *audit_check_new(
	void (*tell)(void *context, const struct audit_finding *finding),
	void *context)
{
	struct audit_check *check = mem_new(sizeof(*check));

	check->tell = tell;
	check->context = context;
	return check;
}

void audit_check_free(struct audit_check *check)
{
	if (check == NULL)
		return;
	for (uint64_t i = 0; i < check->totals.chains; i++)
		free(check->chains[i]);
	free(check->chains);
	free(check->heads);
	free(check);
}

static void found(struct audit_check *check, enum audit_flaw flaw,
		  const char *chain, uint64_t seq, uint64_t missing)
{
	check->totals.flaws++;
	check->tell(check->context,
		    &(struct audit_finding){
			    .flaw = flaw,
			    .chain = text_of(chain),
			    .seq = seq,
			    .line = flaw == AUDIT_FLAW_NO_HEAD
					    ? 0
					    : check->totals.lines,
			    .missing = missing,
		    });
}

/* --- heads that stand elsewhere ------------------------------------------ */

bool audit_check_expect(struct audit_check *check, struct text said)
{
	static const char begin[] = "Chain ";
	struct head head = {.seq = 0};
	char line[512];
	const char *at;
	size_t len = said.len < sizeof(line) - 1 ? said.len : sizeof(line) - 1;

	/* The sentence stands near the end of a line. */
	memcpy(line, said.at + (said.len - len), len);
	line[len] = '\0';
	at = strstr(line, begin);
	if (at == NULL ||
	    sscanf(at,
		   "Chain %36[0-9a-f-], entry %" SCNu64 ", SHA-256 %64[0-9a-f]",
		   head.id, &head.seq, head.sha256) != 3)
		return false;
	if (check->head_count == check->head_room) {
		check->head_room = 2 * check->head_room + 16;
		check->heads = mem_resize(check->heads, check->head_room,
					  sizeof(*check->heads));
	}
	check->heads[check->head_count++] = head;
	return true;
}

static void compare_head(struct audit_check *check, const char *id,
			 uint64_t seq, const char *sha256)
{
	for (size_t i = 0; i < check->head_count; i++) {
		struct head *head = &check->heads[i];

		if (head->is_seen || head->seq != seq ||
		    strcmp(head->id, id) != 0)
			continue;
		head->is_seen = true;
		if (strcmp(head->sha256, sha256) == 0)
			check->totals.heads++;
		else
			found(check, AUDIT_FLAW_HEAD, id, seq, 0);
	}
}

/* --- chains -------------------------------------------------------------- */

/* The newest are asked for most. */
static struct chain *find_chain(const struct audit_check *check, struct text id)
{
	for (uint64_t i = check->totals.chains; i-- > 0;)
		if (text_is(id, check->chains[i]->id))
			return check->chains[i];
	return NULL;
}

static struct chain *add_chain(struct audit_check *check, struct text id)
{
	struct chain *chain = mem_new(sizeof(*chain));

	if (check->totals.chains == check->chain_room) {
		check->chain_room = 2 * check->chain_room + 16;
		check->chains = mem_resize(check->chains, check->chain_room,
					   sizeof(*check->chains));
	}
	check->chains[check->totals.chains++] = chain;
	snprintf(chain->id, sizeof(chain->id), "%.*s", (int)id.len, id.at);
	return chain;
}

static uint64_t short_hash(const char *sha256)
{
	uint64_t hash = 0;

	(void)sscanf(sha256, "%16" SCNx64, &hash);
	return hash;
}

static void advance(struct chain *chain, uint64_t seq, const char *sha256)
{
	chain->last = seq;
	strcpy(chain->head, sha256);
	chain->hashes[seq % AUDIT_AGAIN_MAX] = short_hash(sha256);
}

static void check_begin(struct audit_check *check, struct chain *chain,
			const struct audit_line *line, const char *sha256)
{
	uint64_t seq = (uint64_t)line->seq;

	chain->first = seq;
	if (seq > 1)
		check->totals.cut++;
	else if (line->prev.len > 0)
		found(check, AUDIT_FLAW_CHANGED, chain->id, seq, 0);
	advance(chain, seq, sha256);
}

/* A number that was there already. */
static void check_again(struct audit_check *check, const struct chain *chain,
			uint64_t seq, const char *sha256)
{
	if (seq >= chain->first && chain->last - seq < AUDIT_AGAIN_MAX &&
	    chain->hashes[seq % AUDIT_AGAIN_MAX] == short_hash(sha256))
		check->totals.again++;
	else
		found(check, AUDIT_FLAW_ORDER, chain->id, seq, 0);
}

static void check_next(struct audit_check *check, struct chain *chain,
		       const struct audit_line *line, const char *sha256)
{
	uint64_t seq = (uint64_t)line->seq;

	if (seq <= chain->last) {
		check_again(check, chain, seq, sha256);
		return;
	}
	if (chain->is_closed)
		found(check, AUDIT_FLAW_AFTER_END, chain->id, seq, 0);
	else if (seq > chain->last + 1)
		found(check, AUDIT_FLAW_GAP, chain->id, seq,
		      seq - chain->last - 1);
	else if (!text_is(line->prev, chain->head))
		found(check, AUDIT_FLAW_CHANGED, chain->id, seq, 0);
	/* What was left out is not to be found in the place of others. */
	for (uint64_t i = chain->last + 1;
	     i < seq && i < chain->last + 1 + AUDIT_AGAIN_MAX; i++)
		chain->hashes[i % AUDIT_AGAIN_MAX] = 0;
	advance(chain, seq, sha256);
}

void audit_check_line(struct audit_check *check, struct text text)
{
	struct audit_line line;
	enum audit_read_status status = audit_read(text, &line);
	char sha256[SHA256_HEX_MAX];
	struct chain *chain;

	check->totals.lines++;
	if (status == AUDIT_READ_BAD || line.chain.len >= UUID_SPELLING_MAX) {
		found(check, AUDIT_FLAW_UNREADABLE, NULL, 0, 0);
		audit_line_fini(&line);
		return;
	}
	if (status == AUDIT_READ_NEWER)
		check->totals.newer++;
	digest_sha256(text, sha256);
	chain = find_chain(check, line.chain);
	if (chain == NULL) {
		chain = add_chain(check, line.chain);
		check_begin(check, chain, &line, sha256);
	} else {
		check_next(check, chain, &line, sha256);
	}
	if (status == AUDIT_READ_OK && line.entry.event == AUDIT_CLOSED)
		chain->is_closed = true;
	compare_head(check, chain->id, (uint64_t)line.seq, sha256);
	audit_line_fini(&line);
}

/* A head whose chain was cut before it is older than what is left. */
static bool is_cut_off(const struct audit_check *check, const struct head *head)
{
	const struct chain *chain = find_chain(check, text_of(head->id));

	return chain != NULL && head->seq < chain->first;
}

struct audit_totals audit_check_end(struct audit_check *check)
{
	for (uint64_t i = 0; i < check->totals.chains; i++)
		if (!check->chains[i]->is_closed)
			check->totals.open++;
	for (size_t i = 0; i < check->head_count; i++) {
		const struct head *head = &check->heads[i];

		if (!head->is_seen && !is_cut_off(check, head))
			found(check, AUDIT_FLAW_NO_HEAD, head->id, head->seq,
			      0);
	}
	return check->totals;
}
