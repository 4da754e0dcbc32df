// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "bus/error.hxx"
#include "bus/message_status.hxx"
#include "bus/route_line.hxx"
#include "mail/queue_id.hxx"
#include "mail/relay_report.hxx"
#include "mail/time.hxx"

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace bus {

/// What the queue does for its callers on the bus. It is called out of QueueObject::Process; what it throws
/// becomes the caller's error.
class QueueControl {
 public:
  /// The reader of an answer, which decides what is shown.
  struct Reader {
    bool is_everybody = false;   ///< nobody's private file is quoted
    std::optional<uid_t> uid{};  ///< else this user's own files may be; empty: all may
  };

  /// Gives messages to @p take, sorted by ID, which is by age, until that returns false.
  /// @param only those of this submitter; empty: all
  /// @param after only those behind this ID, which need not exist
  virtual void List(std::optional<uid_t> only, std::string_view after,
                    const std::function<bool(const MessageStatus&)>& take) = 0;

  /// Makes deferred messages due now.
  /// @param only those of this submitter; empty: all
  /// @return how many
  virtual unsigned Flush(std::optional<uid_t> only) = 0;

  /// Makes deferred messages due now, because something was repaired that they may wait for.
  /// @return how many
  virtual unsigned TryWaiting() = 0;

  using RouteDone = std::function<void(const std::vector<RouteLine>&)>;
  /// Tells where addresses lead.
  /// @param sender of mail to them; empty: the null sender
  /// @param caller whose forward file may be told; the queue's own user and root learn all
  /// @param user the caller's uid, on whose share it is
  /// @param gone says when nobody waits for the answer any more
  /// @param done to be called once, in the same thread, or dropped; it does nothing when nobody waits
  virtual void Route(std::string sender, std::vector<std::string> addresses, std::optional<uid_t> caller,
                     uid_t user, std::stop_token gone, RouteDone done) = 0;

  using TestDone = std::function<void(const std::vector<mail::RelayReport>&)>;
  /// Has the relays of [Relay.NAME] tested, or those of [Relay].
  /// @param done as with Route. No reports: it could not be done
  virtual void TestRelay(const std::string& name, TestDone done) = 0;

  /// Makes one message due now; one that an attempt is under way for is left to that.
  /// @param only if it is of this submitter; empty: whosever it is
  /// @return false if there is no such message
  [[nodiscard]] virtual bool FlushMessage(mail::QueueId id, std::optional<uid_t> only) = 0;

  [[nodiscard]] virtual unsigned Length() = 0;

  /// The mistakes in the configuration in force, tables, aliases and forward files.
  [[nodiscard]] virtual std::vector<std::string> Warnings(const Reader& reader) = 0;

 protected:
  ~QueueControl() = default;
};

/// The object /org/mailqueue/Queue1 of the name org.mailqueue.Queue1 on the system bus; see
/// org.mailqueue.Queue1.xml.
///
/// Whoever runs the event loop waits for Events() on GetFd(), for Timeout() at most, and then calls
/// Process(). All three are asked again after each Process(). When a method throws Error the connection is
/// gone: destroy the object, and make a new one later.
class QueueObject {
 public:
  /// Connects, publishes the object and then takes the name. Throws Error.
  /// @param control must outlive the object
  explicit QueueObject(QueueControl& control);
  ~QueueObject();
  QueueObject(const QueueObject&) = delete;
  QueueObject& operator=(const QueueObject&) = delete;

  /// Stays the same and belongs to the object.
  [[nodiscard]] FdRef GetFd() const;
  /// POLLIN, POLLOUT or both, as of poll(2).
  [[nodiscard]] short Events() const;
  /// After this time Process() has work even if nothing happens on the descriptor; empty: never.
  [[nodiscard]] std::optional<mail::Duration> Timeout() const;

  /// Serves what has arrived, a limited number of calls. Throws Error.
  /// @return true if there may be more: call again before waiting
  bool Process();

  /// Gives the name up: calls that arrive after this start the service anew. Those that arrived before are
  /// served by Process() until it returns false; their answers are sent at the latest by the destructor.
  /// Throws Error.
  void ReleaseName();

  /// Calls served since the object was made: a change means that it is in use.
  [[nodiscard]] std::uint64_t Calls() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bus
