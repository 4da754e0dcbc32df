// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dns {

/// The types of records that are asked for, by their numbers.
enum class Type : std::uint16_t { A = 1, Cname = 5, Soa = 6, Mx = 15, Txt = 16, Aaaa = 28, Tlsa = 52 };

[[nodiscard]] std::string_view ToString(Type type) noexcept;

/// The result of a question.
enum class Status {
  Records,  ///< there are some
  NoData,   ///< the name exists, but has none of that type
  NoName,   ///< the name does not exist (NXDOMAIN)
  Bogus,    ///< there was an answer, which its signatures show to be wrong
  Failed,   ///< no answer that could be used (SERVFAIL, REFUSED, none in time): ask again later
};

/// The answer to a question about one name and type, aliases (CNAME) followed.
struct Answer {
  Status status = Status::Failed;
  bool secure = false;  ///< all of it has been validated with DNSSEC, an absence as well
  std::string
      canonical;  ///< the name at the end of the aliases, without the last dot; empty if there are none
  std::vector<std::string> records;  ///< RDATA in wire format, names not compressed; in no order
  std::string why;                   ///< for Bogus and Failed, for a person

  [[nodiscard]] bool Has() const noexcept { return status == Status::Records; }
};

/// @param why for a person
[[nodiscard]] inline Answer Unanswered(std::string why) {
  Answer answer;
  answer.why = std::move(why);
  return answer;
}

}  // namespace dns
