/* SPDX-License-Identifier: BSD-2-Clause */
/* A plugin for plugin_test: says what it was given, and ends with the status that the sender's address begins
 * with. */
#include "programs/deliver/mailqueue-plugin.h"

#include <unistd.h>

#include <stdio.h>
#include <stdlib.h>

int mailqueue_deliver(const struct mailqueue_delivery* delivery, char* text, size_t text_size) {
  static int calls;
  char message[4096];
  const ssize_t n = read(delivery->message, message, sizeof message - 1);
  message[n < 0 ? 0 : n] = '\0';
  snprintf(text, text_size, "call %d, version %u, %s %s %s %s %s %s, %s, %lu octets%s: %s", ++calls,
           delivery->version, delivery->recipient, delivery->original_recipient, delivery->user,
           delivery->home, delivery->extension, delivery->host, delivery->queue_id,
           (unsigned long)delivery->size, delivery->again ? " again" : "",
           n == (ssize_t)delivery->size ? message + n - 5 : "cut");
  return atoi(delivery->sender);
}
