/* SPDX-License-Identifier: BSD-2-Clause */
/* Submits mail to the queue of this machine without running sendmail(8). See mailqueue_submit(3). */
#ifndef MAILQUEUE_H
#define MAILQUEUE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The size of a queue ID with its terminating NUL. */
#define MAILQUEUE_ID_SIZE 17

/* Also send to the addresses in the message's To, Cc and Bcc (sendmail -t). */
#define MAILQUEUE_HEADER_RECIPIENTS 0x1U
/* A line that is a single dot ends the message (sendmail without -i). */
#define MAILQUEUE_LONE_DOT 0x2U
/* Send only to servers that demand TLS of the next one, too (REQUIRETLS, RFC 8689); otherwise return the message. */
#define MAILQUEUE_REQUIRE_TLS 0x4U

/*
 * Reads a message from fd, to its end, and commits it to the queue. fd stays open. Several threads may submit at
 * the same time.
 * sender: NULL for the calling user, "" for the null sender, else an address.
 * recipients: n strings, each of them one address; may be NULL if n is 0.
 * flags: MAILQUEUE_… or 0.
 * id: NULL, or room for MAILQUEUE_ID_SIZE characters, filled in on success.
 * Returns 0 when the message is on stable storage, else a status of sysexits(3). Then nothing is queued, except that
 * after EX_TEMPFAIL it may be: see EXIT STATUS in sendmail(8).
 */
int mailqueue_submit(const char *sender, const char *const *recipients, size_t n, int fd, unsigned flags, char *id);

/* The reason why the last mailqueue_submit of this thread failed, valid until its next call. Never NULL. */
const char *mailqueue_error(void);

#ifdef __cplusplus
}
#endif

#endif
