/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints.  They name contexts by number and never show a token, a key or
 * anything a client sent.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM ksecdd

#if !defined(_KSECDD_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _KSECDD_TRACE_H

#include <linux/tracepoint.h>

#include "ksec.h"

TRACE_EVENT(ksec_accept,
	TP_PROTO(const struct ksec_context *ctx, s32 status),
	TP_ARGS(ctx, status),
	TP_STRUCT__entry(
		__field(u64, context)
		__field(u32, leg)
		__field(s32, status)
	),
	TP_fast_assign(
		__entry->context = ctx->x_number;
		__entry->leg = ctx->x_leg;
		__entry->status = status;
	),
	TP_printk("context=%llu leg=%u status=%#x", __entry->context, __entry->leg,
		  (u32)__entry->status)
);

TRACE_EVENT(ksec_message,
	TP_PROTO(const struct ksec_context *ctx, u32 op, s32 status),
	TP_ARGS(ctx, op, status),
	TP_STRUCT__entry(
		__field(u64, context)
		__field(u32, op)
		__field(s32, status)
	),
	TP_fast_assign(
		__entry->context = ctx->x_number;
		__entry->op = op;
		__entry->status = status;
	),
	TP_printk("context=%llu op=%u status=%#x", __entry->context, __entry->op,
		  (u32)__entry->status)
);

TRACE_EVENT(ksec_context_release,
	TP_PROTO(const struct ksec_context *ctx),
	TP_ARGS(ctx),
	TP_STRUCT__entry(
		__field(u64, context)
		__field(u32, legs)
	),
	TP_fast_assign(
		__entry->context = ctx->x_number;
		__entry->legs = ctx->x_leg;
	),
	TP_printk("context=%llu legs=%u", __entry->context, __entry->legs)
);

DECLARE_EVENT_CLASS(ksec_upcall,
	TP_PROTO(const struct ksec_request *req),
	TP_ARGS(req),
	TP_STRUCT__entry(
		__field(u64, id)
		__field(u32, package)
		__field(size_t, size)
		__field(s32, status)
	),
	TP_fast_assign(
		__entry->id = req->r_id;
		__entry->package = req->r_package->p_id;
		__entry->size = req->r_size;
		__entry->status = req->r_reply.p_status;
	),
	TP_printk("id=%llu package=%u size=%zu status=%#x", __entry->id, __entry->package,
		  __entry->size, (u32)__entry->status)
);

DEFINE_EVENT(ksec_upcall, ksec_upcall_queue,
	TP_PROTO(const struct ksec_request *req),
	TP_ARGS(req)
);

DEFINE_EVENT(ksec_upcall, ksec_upcall_done,
	TP_PROTO(const struct ksec_request *req),
	TP_ARGS(req)
);

#endif /* _KSECDD_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
