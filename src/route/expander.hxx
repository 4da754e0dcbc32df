// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/settings.hxx"
#include "mail/address.hxx"
#include "mail/destination.hxx"
#include "route/expansion.hxx"
#include "route/include_file.hxx"
#include "route/tables.hxx"
#include "route/user_lookup.hxx"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace route {

/// Follows an address through virtual users, aliases and the user database to its ends, by the settings in
/// force. What a user's forward file says is not known here: such an end asks for it, and Follow goes on from
/// the answer.
///
/// It comes to an end whatever the tables say: nothing is followed twice on one way, and there are limits.
class Expander {
 public:
  static constexpr unsigned kMaxDepth = 30;        ///< steps from the recipient to an end
  static constexpr std::size_t kMaxEnds = 20000;   ///< of one recipient; what is behind them is deferred
  static constexpr std::size_t kMaxSteps = 50000;  ///< on all ways from one recipient; likewise
  static constexpr std::size_t kMaxFaults = 200;   ///< that are told of one recipient

  /// All of them outlive the expander.
  Expander(const config::Settings& settings, Tables& tables, const UserLookup& users)
      : settings_(settings), tables_(tables), users_(users), submitter_(NoUser{}) {}

  /// @param sender of the envelope; empty: the null sender
  /// @param submitter who may have chosen relays of their own: asked for remote addresses that they have
  /// written down themselves, unless the administrator has said where mail for them goes; NoUser: nobody
  [[nodiscard]] Expansion Expand(const std::string& address, const std::string& sender,
                                 const UserFound& submitter = NoUser{});

  /// @param asked an end that asks for a forward file
  /// @param destinations what it says; a User with an empty name is the mailbox
  /// @param path of the file; empty: there is none
  /// @param is_private not everybody may read it: Lineage::cover
  [[nodiscard]] Expansion Follow(const End& asked, const std::vector<mail::Destination>& destinations,
                                 const std::string& path, bool is_private = false);

 private:
  using Line = std::shared_ptr<const Lineage>;

  /// Where a list of destinations stands, and in whose name its commands run and its files are written.
  struct Source {
    std::string where;                      ///< as the step that leads there has it: "/etc/aliases:12"
    std::string file;                       ///< "/etc/aliases"; empty: there are no lines to be told
    User user{};                            ///< an empty name: nobody
    std::optional<LookupFailed> failure{};  ///< why it is not known whose name that is
    std::string extension{};
    bool is_forward = false;  ///< the user's own forward file, where `!` and `~/` are theirs
    std::string key{};        ///< of the alias or virtual user; empty: it is no table's entry
  };

  [[nodiscard]] std::string Qualify(const std::string& text) const;
  [[nodiscard]] std::string LocalAddress(const std::string& name) const;
  [[nodiscard]] static Lineage Next(const Lineage& line, std::string mark, std::string address);
  [[nodiscard]] static std::string PlaceOf(const Source& source, const mail::Destination& destination);
  static void TakeOwner(Source& source, const UserFound& owner);
  [[nodiscard]] std::string MailboxAddress(const std::string& name) const;
  [[nodiscard]] Source AliasSource(const table::Found& found, const std::string& key) const;
  [[nodiscard]] UserFound FindUser(const std::string& name, std::string& extension) const;
  [[nodiscard]] mail::DeliveryResult NoSuchUser(const std::string& name) const;

  void ExpandAddress(const std::string& text, const Line& line, const std::string& place = {});
  void ExpandLocal(const mail::Address& address, const Line& line);
  void ExpandOnNullClient(const mail::Address& address, bool is_local, const Line& line);
  [[nodiscard]] bool FollowVirtual(const mail::Address& address, bool is_local, const Line& line);
  enum class AliasStep {
    None,  ///< there is no alias of the name
    Followed,
    Circle,  ///< there is, and the way has come by it before
  };
  [[nodiscard]] AliasStep FollowAliasOf(const std::string& name, const Line& line);
  [[nodiscard]] bool FollowAlias(const std::string& name, const Line& line);
  [[nodiscard]] bool FollowCatchAll(const Line& line);
  void TellDecision(table::Found& found, const config::TableSpec& table, std::string_view key) const;
  void FollowEntry(const table::Found& found, const std::string& key, Lineage next);

  void ExpandList(const mail::DestinationList& list, const Source& source, const Line& line);
  void ExpandDestination(const mail::Destination& destination, const Source& source, const Line& line);
  void ExpandUserMailbox(const std::string& name, const Source& source, const Line& line);
  void ExpandPlace(const mail::Destination& destination, const Source& source, const Line& line);
  void ExpandInclude(const std::string& path, const Source& source, const Line& line);
  void LeaveOutUntrusted(IncludeFile& file, const std::string& path);
  void DeferRest(const mail::DestinationList& list, const std::string& where, const std::string& file,
                 const Line& line);
  void EndInCircle(const std::string& name, const Line& line);
  [[nodiscard]] Expansion Take();
  [[nodiscard]] bool IsFull(const Line& line);

  void AddMailbox(const User& user, const std::string& extension, bool forward, const Line& line);
  void AddRemote(const std::string& address, const Line& line);
  [[nodiscard]] bool MayAskSubmitter(const Lineage& line) const noexcept;
  void AskSubmitter(Where otherwise, const std::string& address, const Line& line);
  [[nodiscard]] std::string SenderFor(const Lineage& line) const;
  void AddUnread(const std::string& place, const std::string& why, const Line& line);
  void AddResult(const std::string& address, mail::DeliveryResult result, const Line& line);
  void AddFailure(const std::string& address, const LookupFailed& failure, const Line& line);
  void AddEnd(Route route, std::string address, const User& user, const Line& line);
  void AddEnd(End end);
  void AddStep(std::string what, const Lineage& line, const std::string& place = {});
  void AddFault(std::string fault);

  const config::Settings& settings_;
  Tables& tables_;
  const UserLookup& users_;
  Expansion expansion_;
  std::optional<End> circle_;  ///< what to say if nothing came of it but circles
  bool full_ = false;
  UserFound submitter_;
};

}  // namespace route
