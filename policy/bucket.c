/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/bucket.h"

bool rate_parse(struct text written, struct rate *rate)
{
	uint32_t count = 0;
	millis per;
	size_t i = 0;

	for (; i < written.len && written.at[i] >= '0' && written.at[i] <= '9';
	     i++) {
		count = 10 * count + (uint32_t)(written.at[i] - '0');
		if (count > RATE_COUNT_MAX)
			return false;
	}
	if (count == 0 || written.len != i + 2 || written.at[i] != '/')
		return false;
	switch (written.at[i + 1]) {
	case 's':
		per = MILLIS_PER_SECOND;
		break;
	case 'm':
		per = MILLIS_PER_MINUTE;
		break;
	case 'h':
		per = MILLIS_PER_HOUR;
		break;
	default:
		return false;
	}
	*rate = (struct rate){count, per};
	return true;
}

static int64_t token(const struct bucket *b)
{
	return b->rate.per * b->workers;
}

static int64_t capacity(const struct bucket *b)
{
	int64_t all = b->rate.per * b->burst;

	return all > token(b) ? all : token(b);
}

static int64_t level(const struct bucket *b, millis now)
{
	int64_t missing = capacity(b) - b->level;
	millis spent = now - b->at;

	if (spent > missing / b->rate.count)
		return capacity(b);
	return b->level + spent * b->rate.count;
}

void bucket_init(struct bucket *b, const struct rate *rate, uint32_t burst,
		 millis now)
{
	*b = (struct bucket){.rate = *rate, .burst = burst, .workers = 1};
	if (rate->count == 0)
		return;
	if (burst == 0)
		b->burst =
			(uint32_t)(rate->count * MILLIS_PER_SECOND / rate->per);
	if (b->burst == 0)
		b->burst = 1;
	b->level = capacity(b);
	b->at = now;
}

void bucket_share(struct bucket *b, uint32_t workers, millis now)
{
	if (b->rate.count == 0)
		return;
	b->level = level(b, now);
	b->at = now;
	if (workers < 1)
		workers = 1;
	b->workers =
		workers > BUCKET_WORKERS_MAX ? BUCKET_WORKERS_MAX : workers;
	if (b->level > capacity(b))
		b->level = capacity(b);
}

bool bucket_take(struct bucket *b, millis now)
{
	if (b->rate.count == 0)
		return true;
	b->level = level(b, now);
	b->at = now;
	if (b->level < token(b))
		return false;
	b->level -= token(b);
	return true;
}

void bucket_give_back(struct bucket *b)
{
	if (b->rate.count == 0)
		return;
	b->level += token(b);
	if (b->level > capacity(b))
		b->level = capacity(b);
}

millis bucket_wait(const struct bucket *b, millis now)
{
	int64_t missing;

	if (b->rate.count == 0)
		return 0;
	missing = token(b) - level(b, now);
	if (missing <= 0)
		return 0;
	return (missing + b->rate.count - 1) / b->rate.count;
}
