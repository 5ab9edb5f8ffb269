/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/config_url.h"

#include <ctype.h>
#include <string.h>

static struct text between(const char *from, const char *to)
{
	return (struct text){.at = from, .len = (size_t)(to - from)};
}

static bool is_plain(const char *url)
{
	for (; *url != '\0'; url++)
		if ((unsigned char)*url <= ' ' || *url == 0x7f)
			return false;
	return true;
}

static const char *split_port(const char *at, const char *end,
			      struct url *parts)
{
	int port = 0;

	if (at == end)
		return NULL;
	if (*at++ != ':')
		return "has something odd behind its host";
	for (; at < end; at++) {
		if (!isdigit((unsigned char)*at) || port > 65535)
			return "has a port that is no number from 1 to 65535";
		port = 10 * port + (*at - '0');
	}
	if (port < 1 || port > 65535)
		return "has a port that is no number from 1 to 65535";
	parts->port = port;
	return NULL;
}

static const char *split_host(const char *at, const char *end,
			      struct url *parts)
{
	const char *host_end;

	if (at < end && *at == '[') {
		host_end = memchr(at, ']', (size_t)(end - at));
		if (host_end == NULL)
			return "has a \"[\" without its \"]\"";
		parts->host = between(at + 1, host_end++);
	} else {
		host_end = memchr(at, ':', (size_t)(end - at));
		if (host_end == NULL)
			host_end = end;
		parts->host = between(at, host_end);
	}
	if (parts->host.len == 0)
		return "has no host";
	return split_port(host_end, end, parts);
}

/* user:password@ ; the last @ ends it, as nobody encodes the others. */
static const char *split_user(const char *at, const char *end,
			      struct url *parts)
{
	const char *sign = end;

	while (sign > at && sign[-1] != '@')
		sign--;
	if (sign == at)
		return at;
	const char *colon = memchr(at, ':', (size_t)(sign - 1 - at));
	parts->has_user = true;
	parts->has_password = colon != NULL;
	parts->user = between(at, colon == NULL ? sign - 1 : colon);
	if (colon != NULL)
		parts->password = between(colon + 1, sign - 1);
	return sign;
}

const char *url_split(const char *url, struct url *parts)
{
	const char *colon = strstr(url, "://");

	*parts = (struct url){0};
	if (colon == NULL || colon == url)
		return "does not begin with a scheme such as \"http://\"";
	if (!is_plain(url))
		return "holds blanks or control characters";
	parts->scheme = between(url, colon);

	const char *at = colon + 3;
	const char *end = at + strcspn(at, "/?#");
	const char *path_end = end + strcspn(end, "?#");
	parts->path = between(end, path_end);
	parts->has_path = parts->path.len > 0;
	parts->has_query = *path_end == '?';
	parts->has_fragment = strchr(path_end, '#') != NULL;
	at = split_user(at, end, parts);
	return split_host(at, end, parts);
}

static int digit_of(char c)
{
	if (!isxdigit((unsigned char)c))
		return -1;
	if (isdigit((unsigned char)c))
		return c - '0';
	return tolower((unsigned char)c) - 'a' + 10;
}

const char *url_decode(struct arena *arena, struct text text)
{
	char *decoded = arena_alloc(arena, text.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] != '%') {
			decoded[len++] = text.at[i];
			continue;
		}
		if (text.len - i < 3)
			return NULL;
		int high = digit_of(text.at[i + 1]);
		int low = digit_of(text.at[i + 2]);
		if (high < 0 || low < 0 || high + low == 0)
			return NULL;
		decoded[len++] = (char)(high * 16 + low);
		i += 2;
	}
	return decoded;
}
