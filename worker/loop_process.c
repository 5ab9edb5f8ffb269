/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/loop_process.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>

#include "worker/loop_uv.h"
#include "worker/mem.h"

#define CHUNK 16384 /* bytes that are read at once */

/* One of its outputs. */
struct collected {
	uv_pipe_t *pipe;
	char *bytes;
	size_t len;
	size_t room;
	bool has_ended;
};

struct loop_process {
	uv_process_t *process; /* NULL: it could not be started */
	uv_timer_t *timer;
	struct collected output;
	struct collected errors;
	size_t room;
	bool has_exited;
	struct process_result result;
	loop_process_callback *callback;
	void *context;
};

static void close_one(void *handle)
{
	uv_close(handle, loop_free_handle);
}

static void free_process(struct loop_process *p)
{
	if (p->process != NULL)
		close_one(p->process);
	close_one(p->timer);
	close_one(p->output.pipe);
	close_one(p->errors.pipe);
	free(p->output.bytes);
	free(p->errors.bytes);
	free(p);
}

static struct text text_in(const struct collected *collected)
{
	return (struct text){.at = collected->bytes, .len = collected->len};
}

/* Tells how it ended, once nothing more can come. */
static void check_end(struct loop_process *p)
{
	if (!p->has_exited || !p->output.has_ended || !p->errors.has_ended)
		return;
	p->result.output = text_in(&p->output);
	p->result.errors = text_in(&p->errors);
	p->callback(p->context, &p->result);
	free_process(p);
}

/* Kills it, and says why; its end is still to come. */
static void put_down(struct loop_process *p, enum process_end why)
{
	if (p->has_exited || p->result.end != PROCESS_EXITED)
		return;
	p->result.end = why;
	(void)uv_process_kill(p->process, SIGKILL);
}

static void on_exit_of(uv_process_t *process, int64_t code, int signal)
{
	struct loop_process *p = process->data;

	p->has_exited = true;
	if (p->result.end == PROCESS_EXITED) {
		p->result.end = signal != 0 ? PROCESS_KILLED : PROCESS_EXITED;
		p->result.code = signal != 0 ? signal : (int)code;
	}
	check_end(p);
}

static void on_time(uv_timer_t *timer)
{
	struct loop_process *p = timer->data;

	if (p->process != NULL)
		put_down(p, PROCESS_TOO_LONG);
	else
		check_end(p);
}

static struct collected *collected_of(uv_handle_t *handle)
{
	struct loop_process *p = handle->data;

	return handle == (uv_handle_t *)p->output.pipe ? &p->output
						       : &p->errors;
}

static void make_room(uv_handle_t *handle, size_t wanted, uv_buf_t *buffer)
{
	struct collected *c = collected_of(handle);

	(void)wanted;
	if (c->room - c->len < CHUNK) {
		c->room = 2 * c->room + CHUNK;
		c->bytes = mem_resize(c->bytes, c->room, 1);
	}
	*buffer = uv_buf_init(c->bytes + c->len, CHUNK);
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buffer)
{
	struct loop_process *p = stream->data;
	struct collected *c = collected_of((uv_handle_t *)stream);

	(void)buffer;
	if (len < 0) {
		c->has_ended = true;
		check_end(p);
		return;
	}
	if (c->len + (size_t)len > p->room)
		put_down(p, PROCESS_TOO_MUCH);
	else
		c->len += (size_t)len;
}

static void open_pipe(struct loop *loop, struct loop_process *p,
		      struct collected *c)
{
	c->pipe = mem_new(sizeof(*c->pipe));
	loop_must(uv_pipe_init(&loop->uv, c->pipe, 0), "make a pipe");
	c->pipe->data = p;
}

static int spawn(struct loop *loop, struct loop_process *p,
		 const struct process_order *order)
{
	const uv_stdio_flags out = UV_CREATE_PIPE | UV_WRITABLE_PIPE;
	uv_stdio_container_t stdio[] = {
		{.flags = UV_IGNORE},
		{.flags = out, .data.stream = (uv_stream_t *)p->output.pipe},
		{.flags = out, .data.stream = (uv_stream_t *)p->errors.pipe},
	};
	uv_process_options_t options = {
		.exit_cb = on_exit_of,
		.file = order->program,
		.args = (char **)order->words,
		.stdio = stdio,
		.stdio_count = 3,
	};

	p->process->data = p;
	return uv_spawn(&loop->uv, p->process, &options);
}

/* It is said from the loop, as every end is. */
static void end_unstarted(struct loop_process *p, int error)
{
	close_one(p->process);
	p->process = NULL;
	p->result.end = PROCESS_NOT_RUN;
	p->result.code = -error;
	p->has_exited = true;
	p->output.has_ended = true;
	p->errors.has_ended = true;
	loop_must(uv_timer_start(p->timer, on_time, 0, 0), "set a timer");
}

struct loop_process *loop_process_start(struct loop *loop,
					const struct process_order *order,
					loop_process_callback *callback,
					void *context)
{
	struct loop_process *p = mem_new(sizeof(*p));
	int error;

	assert(order->wait > 0 && order->room > 0);
	p->callback = callback;
	p->context = context;
	p->room = order->room;
	p->process = mem_new(sizeof(*p->process));
	p->timer = mem_new(sizeof(*p->timer));
	loop_must(uv_timer_init(&loop->uv, p->timer), "make a timer");
	p->timer->data = p;
	open_pipe(loop, p, &p->output);
	open_pipe(loop, p, &p->errors);
	error = spawn(loop, p, order);
	if (error != 0) {
		end_unstarted(p, error);
		return p;
	}
	/* Starting it took a while, and the loop's clock drops what is below a
	   millisecond: it has no less than its time. */
	uv_update_time(&loop->uv);
	loop_must(
		uv_timer_start(p->timer, on_time, (uint64_t)order->wait + 1, 0),
		"set a timer");
	loop_must(uv_read_start((uv_stream_t *)p->output.pipe, make_room,
				on_read),
		  "read a pipe");
	loop_must(uv_read_start((uv_stream_t *)p->errors.pipe, make_room,
				on_read),
		  "read a pipe");
	return p;
}

void loop_process_drop(struct loop_process *p)
{
	if (p == NULL)
		return;
	if (!p->has_exited)
		(void)uv_process_kill(p->process, SIGKILL);
	free_process(p);
}
