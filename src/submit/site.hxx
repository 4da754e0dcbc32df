// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/disk.hxx"
#include "base/disk_room.hxx"
#include "base/user.hxx"
#include "mail/queue_id.hxx"
#include "spool/drop_format.hxx"
#include "submit/identity.hxx"
#include "submit/own_address.hxx"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace submit {

/// The queue that a message is submitted to, and the submitter.
struct Site {
  std::string hostname;        ///< for Message-ID
  std::string domain;          ///< qualifies the sender and the header's addresses
  std::string drop_directory;  ///< the first way, an absolute path
  std::string submit_socket;   ///< the second one
  uid_t uid = 0;               ///< the real user: never taken from the environment
  Identity (*identify)(uid_t) = FindIdentity;
  bool (*is_user)(const std::string& name) = IsUser;                 ///< asked for names with a backslash
  std::set<std::string> (*address_names)() = AddressesInPasswdFile;  ///< names of users that have an "@"
  std::uint64_t max_message_size = spool::kMaxMessageSize;           ///< octets, the header included
  DiskReserve reserve{0, 0};  ///< what new mail leaves free of drop/'s disk
  std::chrono::milliseconds patience = std::chrono::seconds(90);  ///< with a submit socket that is not there
  std::function<std::string(std::string_view body)> rewrite_from{};  ///< mail::HeaderFacts::rewrite_from
  /// The domain, of a recipient, to which this machine sends nothing (Host=none); empty: it may send
  /// everywhere.
  std::function<bool(std::string_view domain)> refuses_domain{};
  bool (*is_own_address)(const std::string& address) = IsOwnAddress;
  Disk* disk = &RealDisk();                  ///< that drop_directory is on
  std::function<mail::QueueId()> make_id{};  ///< a new queue ID; empty: of the time and a random number
};

/// This machine's: installed paths, mailqueue.conf, getuid(2).
[[nodiscard]] Site InstalledSite();

}  // namespace submit
