// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From values to the structs and buffers that an ioctl gets.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

/**
 * marshal_data() - the bytes of an ARG_DATA in memory
 * @arg: the argument
 * @v:   its value
 *
 * Return: where they are
 */
struct piece marshal_data(const struct arg *arg, const struct value *v)
{
	struct piece piece;

	if (v->form == FORM_DEFAULT && v->place == PLACE_EDGE)
		return (struct piece){};
	piece = memory_get(v, v->len);
	if (!piece.at)
		return piece;
	if (piece.len < v->len) {
		/* The rest lies behind the edge. */
		uint8_t *all = xalloc(v->len);

		value_bytes(v, all);
		memcpy(piece.at, all, piece.len);
		free(all);
	} else {
		value_bytes(v, piece.at);
	}
	if (!arg->out)
		memory_protect(&piece);
	return piece;
}

static struct piece marshal_array(struct world *w, const struct arg *arg, const struct value *v,
				  const struct value *file)
{
	size_t step = arg->elem->size, i;
	struct piece piece = {};
	uint8_t *all;

	if (v->form == FORM_DEFAULT && v->place == PLACE_EDGE)
		return piece;
	all = xalloc(v->len * step);
	for (i = 0; i < v->len && v->form == FORM_ELEMS; i++)
		marshal(w, arg->elem, v->elems + i * arg->elem->nargs, all + i * step, file);
	piece = memory_get(v, v->len * step);
	if (piece.at)
		memcpy(piece.at, all, piece.len);
	free(all);
	return piece;
}

/* What a length says of itself */
static uint64_t measure(const struct arg *arg, const struct value *of)
{
	return arg->unit > 1 && of->form != FORM_ELEMS ? of->len / arg->unit : of->len;
}

static uint64_t number(struct world *w, const struct shape *shape, const struct value *args,
		       size_t i, const struct value *file)
{
	const struct arg *arg = &shape->args[i];
	const struct value *v = &args[i];

	switch (arg->kind) {
	case ARG_DATA:
		return marshal_data(arg, v).addr;
	case ARG_ARRAY:
		return marshal_array(w, arg, v, file).addr;
	case ARG_FILE:
		return (uint32_t)w->files[v->form == FORM_SLOT ? v->n : arg_default(arg)];
	case ARG_HANDLE:
		return v->form == FORM_SLOT ? w->handles[v->n] ^ (uint64_t)v->len << 32 : v->n;
	case ARG_RESULT:
		return 0;
	case ARG_SIZE:
		return v->form == FORM_NUMBER ? v->n : shape->size;
	case ARG_LENGTH:
		return v->form == FORM_NUMBER ? v->n : measure(arg, &args[arg->of]);
	default:
		return v->form == FORM_DEFAULT ? arg_default(arg) : v->n;
	}
}

static const struct value *member(const struct shape *shape, const struct value *args,
				  const char *name)
{
	size_t i = arg_find(shape, name, strlen(name));

	return i < shape->nargs ? &args[i] : NULL;
}

/* One that is missing is a mistake of the tables. */
static const struct value *need_member(const struct shape *shape, const struct value *args,
				       const char *name)
{
	const struct value *v = member(shape, args, name);

	if (!v) {
		fprintf(stderr, "there is no member %s\n", name);
		exit(1);
	}
	return v;
}

/* Whether the buffers of a message are memory that we can write */
static bool is_plain(const struct arg *arg, const struct value *buffers)
{
	const struct shape *elem = arg->elem;
	const struct value *len, *ptr;
	uint32_t i;

	if (buffers->form != FORM_ELEMS || buffers->place != PLACE_EDGE)
		return false;
	for (i = 0; i < buffers->len; i++) {
		len = need_member(elem, buffers->elems + i * elem->nargs, "len");
		ptr = need_member(elem, buffers->elems + i * elem->nargs, "ptr");
		if (ptr->place != PLACE_EDGE || ptr->len > MEMORY_MAX ||
		    (len->form != FORM_DEFAULT && len->n > ptr->len))
			return false;
	}
	return true;
}

/* Let the client make the message. */
static void ask_for_message(const struct shape *shape, const struct value *args,
			    struct peer *peer, enum peer_word word,
			    const struct ksecdd_message *msg)
{
	const struct value *buffers = need_member(shape, args, "buffers");
	const struct value *count = need_member(shape, args, "nbuffers");

	if (!is_plain(&shape->args[buffers - args], buffers) ||
	    (count->form != FORM_DEFAULT && count->n > buffers->len))
		return;
	peer_protect(peer, word, (struct ksecdd_buffer *)(uintptr_t)msg->buffers, msg->nbuffers);
}

/* Let the client make the token: what goes through TLS that there is already. */
static void ask_for_token(const struct shape *shape, const struct value *args,
			  struct peer *peer, enum peer_word word,
			  const struct ksecdd_accept *cmd)
{
	const struct value *token = need_member(shape, args, "token");
	struct ksecdd_buffer buf = {
		.type = SECBUFFER_DATA, .len = cmd->token_len, .ptr = cmd->token,
	};

	if (token->form == FORM_DEFAULT || token->place != PLACE_EDGE ||
	    token->len > MEMORY_MAX || buf.len > token->len)
		return;
	peer_protect(peer, word, &buf, 1);
	memory_rewritten((void *)(uintptr_t)buf.ptr);
}

static void ask_peer(struct world *w, const struct shape *shape, const struct value *args,
		     const void *made, const struct value *file)
{
	const struct value *peer = member(shape, args, "peer"), *context;
	size_t slot;

	if (!peer || peer->form != FORM_NUMBER || !peer->n)
		return;
	context = need_member(shape, args, "context");
	slot = context->form == FORM_SLOT && !context->len ? context->n :
	       file ? file->n : SLOTS;
	if (slot >= SLOTS || !w->peers[slot])
		return;
	if (member(shape, args, "token"))
		ask_for_token(shape, args, w->peers[slot], (enum peer_word)peer->n, made);
	else
		ask_for_message(shape, args, w->peers[slot], (enum peer_word)peer->n, made);
}

/**
 * marshal() - the members of a struct
 * @w:     whose slots are meant
 * @shape: of the struct
 * @args:  its members
 * @to:    receives shape->size bytes
 * @file:  the file of the ioctl, NULL - none
 */
void marshal(struct world *w, const struct shape *shape, const struct value *args, uint8_t *to,
	     const struct value *file)
{
	uint64_t n;
	size_t i;

	memset(to, 0, shape->size);
	for (i = 0; i < shape->nargs; i++) {
		if (!shape->args[i].width)
			continue;
		n = number(w, shape, args, i, file);
		/* Arrays of characters are only written, and begin with zero. */
		memcpy(to + shape->args[i].offset, &n,
		       shape->args[i].width < sizeof(n) ? shape->args[i].width : sizeof(n));
	}
	ask_peer(w, shape, args, to, file);
}
