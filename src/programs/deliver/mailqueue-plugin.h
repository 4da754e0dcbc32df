/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A shared object that delivers mail, named by Mailbox=plugin:/PATH in mailqueue.conf(5).
 * mailqueue-deliver(8) loads it in its sandbox, as the user who gets the mail, once for all of their mail that
 * is waiting. The file and the directories that lead to it must be root's, and nobody else's to write.
 */
#ifndef MAILQUEUE_PLUGIN_H
#define MAILQUEUE_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MAILQUEUE_PLUGIN_VERSION 1U

/* One message for one user. Everything is valid until the function returns; no text is NULL. */
struct mailqueue_delivery {
  unsigned version;      /* MAILQUEUE_PLUGIN_VERSION of the caller; members are only ever added at the end */
  const char* queue_id;  /* names the message; the same at each attempt */
  const char* sender;    /* of the envelope; "" is the null sender */
  const char* recipient; /* "user@host" */
  const char* original_recipient; /* as submitted */
  const char* user;
  const char* home;      /* as the user database has it: may not exist */
  const char* extension; /* "detail" of user+detail, or "" */
  const char* host;      /* this host's mail name, or "" */
  int message;   /* open for reading, at the start: Return-Path and the like, the message; lines end in LF */
  uint64_t size; /* of it, octets */
  int again;     /* not 0: an earlier attempt failed or was cut short, and may have got part of the way */
};

/*
 * The one function that a plugin has. Returns 0 when the message is on stable storage, else a status of
 * sysexits(3): EX_TEMPFAIL and others that may pass have the mail tried again, the rest return it to its
 * sender. text: room for text_size octets, "" at first; may be filled with one line for a person that says
 * what happened. Must not fork, wait for long, change its process's uid, signals or working directory, or
 * keep message.
 */
int mailqueue_deliver(const struct mailqueue_delivery* delivery, char* text, size_t text_size);

#ifdef __cplusplus
}
#endif

#endif
