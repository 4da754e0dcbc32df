// SPDX-License-Identifier: BSD-2-Clause
#include "libmailqueue/mailqueue.h"

#include "submit/refusal.hxx"
#include "submit/submit.hxx"

#include <sysexits.h>

#include <cstring>

namespace {

thread_local std::string last_error;

int Fail(int status, const char* text) noexcept {
  try {
    last_error = text;
  } catch (const std::bad_alloc&) {
    last_error.clear();
  }
  return status;
}

submit::Request MakeRequest(const char* sender, const char* const* recipients, size_t n, unsigned flags) {
  submit::Request request;
  if (sender) request.sender = sender;
  for (size_t i = 0; i < n; ++i) request.destinations.push_back({recipients[i], {}, {}, true});
  request.header_recipients = (flags & MAILQUEUE_HEADER_RECIPIENTS) != 0;
  request.require_tls = (flags & MAILQUEUE_REQUIRE_TLS) != 0;
  return request;
}

void Submit(const submit::Request& request, int fd, unsigned flags, char* id) {
  const auto end =
      flags & MAILQUEUE_LONE_DOT ? submit::EndOfMessage::LoneDot : submit::EndOfMessage::EndOfFile;
  submit::FdSource source(FdRef(fd), end);
  const auto queue_id = submit::Submit(request, submit::InstalledSite(), source);
  if (!id) return;
  queue_id.View().copy(id, mail::QueueId::kLength);
  id[mail::QueueId::kLength] = '\0';
}

}  // namespace

static_assert(MAILQUEUE_ID_SIZE == mail::QueueId::kLength + 1);

// The edge to C: no exception may pass.
int mailqueue_submit(const char* sender, const char* const* recipients, size_t n, int fd, unsigned flags,
                     char* id) try {
  if (flags & ~(MAILQUEUE_HEADER_RECIPIENTS | MAILQUEUE_LONE_DOT | MAILQUEUE_REQUIRE_TLS))
    return Fail(EX_USAGE, "unknown flags");
  Submit(MakeRequest(sender, recipients, n, flags), fd, flags, id);
  last_error.clear();
  return EX_OK;
} catch (const submit::Refusal& refusal) {
  return Fail(refusal.Status(), refusal.what());
} catch (const std::exception& error) {
  return Fail(EX_OSERR, error.what());
}

const char* mailqueue_error(void) {
  return last_error.c_str();
}
