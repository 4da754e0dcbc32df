/* SPDX-License-Identifier: BSD-2-Clause */
/* Mail into the queue of this machine, without running sendmail(8). See mailqueue_submit(3). */
#ifndef MAILQUEUE_H
#define MAILQUEUE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The size of a queue ID with its terminating NUL. */
#define MAILQUEUE_ID_SIZE 17

/* The message's To, Cc and Bcc name recipients, too (sendmail -t). */
#define MAILQUEUE_HEADER_RECIPIENTS 0x1U
/* A line that is a single dot ends the message (sendmail without -i). */
#define MAILQUEUE_LONE_DOT 0x2U
/* Only by servers that demand TLS of the next one, too (REQUIRETLS, RFC 8689); else it comes back. */
#define MAILQUEUE_REQUIRE_TLS 0x4U

/*
 * Reads a message from fd, to its end, and commits it to the queue.
 * sender: NULL for the calling user, "" for the null sender, else an address.
 * recipients: n addresses, each one; may be NULL if n is 0.
 * flags: MAILQUEUE_… or 0.
 * id: NULL, or room for MAILQUEUE_ID_SIZE characters, filled in on success.
 * Returns 0 when the message is on stable storage, else a status of sysexits(3); nothing is queued then.
 */
int mailqueue_submit(const char *sender, const char *const *recipients, size_t n, int fd, unsigned flags, char *id);

/* Why the last mailqueue_submit of this thread failed; valid until its next one. Never NULL. */
const char *mailqueue_error(void);

#ifdef __cplusplus
}
#endif

#endif
