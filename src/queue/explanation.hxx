// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "queue/environment.hxx"
#include "queue/task.hxx"
#include "queue/walk.hxx"

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace queue {

/// One line of the answer to where an address leads: a tree, seen from above.
struct RouteLine {
  /// What it comes to.
  enum class Kind {
    Further,  ///< the lines below go on
    Mailbox,
    Relay,
    Command,
    Deferred,
    Failed,
    Delivered,  ///< thrown away
    Circle,
    Mistake,
  };

  unsigned depth = 0;  ///< how far to the right it belongs
  std::string what;    ///< an address or destination as it is written, or a mistake
  /// Where it is written and what sends it on, "/home/alice/.forward:2; /etc/aliases:12"; empty: nobody else
  /// has, nothing does
  std::string where;
  std::string end;  ///< where it ends, for a person; empty: the lines below go on
  Kind kind = Kind::Further;
  bool operator==(const RouteLine&) const = default;
};

/// Finds out where addresses lead, as an attempt would, but for delivering anything.
class Explanation : public std::enable_shared_from_this<Explanation> {
 public:
  using Done = std::function<void(std::vector<RouteLine>)>;

  static constexpr std::size_t kMaxLines = 10000;         ///< one of them says then that there are more
  static constexpr std::size_t kMaxOctets = 1024 * 1024;  ///< of them, likewise

  /// @param environment outlives this, as what is in it; the router of it is not asked
  /// @param router is asked, and outlives this
  /// @param reader the only user whose forward file is told, and who submits mail to the addresses; empty:
  /// everybody's, and root does
  /// @param share whose turns it takes in being routed
  /// @param gone says when nobody waits for it any more: then it asks no further questions
  /// @param done called once, never from within Start
  Explanation(const Environment& environment, Router& router, std::optional<uid_t> reader, uid_t share,
              std::stop_token gone, Done done);

  /// @param sender of the mail to the addresses; empty: the null sender
  void Start(std::string sender, std::vector<std::string> addresses);

 private:
  using Lines = std::list<RouteLine>;

  /// A question that is under way: about the end of a line.
  struct Sent {
    Lines::iterator line;
    route::End end;
  };
  struct Asked {
    Lines::iterator line;
    bool is_mailbox;  ///< there is no forward file
    std::vector<std::string> faults;
  };
  using Way = Walk<Sent, Asked>;

  [[nodiscard]] Task Run();
  void Apply(const Way::Expanded& expansions);
  void Apply(const Way::Replied& replied);
  void Apply(const Way::Followed& followed);
  /// @param depth of what lies below the addresses
  void OnExpanded(Lines::iterator before, unsigned depth, const std::vector<route::Expansion>& expansions);
  void Add(Lines::iterator before, const route::Step& step, const route::Expansion& expansion);
  Lines::iterator Insert(Lines::iterator before, RouteLine line);
  [[nodiscard]] bool IsFull() const noexcept { return lines_.size() >= kMaxLines || octets_ >= kMaxOctets; }
  void AddFaults(Lines::iterator before, unsigned depth, const std::vector<std::string>& faults,
                 const char* consequence);
  [[nodiscard]] courier::Request MakeQuestion(const route::Route& route, const route::End& end) const;
  void Ask(Lines::iterator line, const route::End& end);
  void AskRelays(Lines::iterator line, const route::End& end);
  void OnRelays(Lines::iterator line, const route::End& end, const Reply& reply);
  void OnForward(Lines::iterator line, const route::End& end, const courier::Forward& forward);
  /// @param result null: nobody answered
  static void OnResult(Lines::iterator line, const route::End& end, const mail::DeliveryResult* result);

  const Environment& environment_;
  const Snapshot settings_;
  std::optional<uid_t> reader_;
  uid_t share_;
  std::stop_token gone_;
  Done done_;
  Lines lines_;
  std::size_t octets_ = 0;  ///< of lines_
  Way walk_;
  Task run_;
};

}  // namespace queue
