// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/user_lookups.hxx"

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace runner {

UserLookups::UserLookups(asio::io_context& context, Find find) : context_(context), find_(std::move(find)) {}

UserLookups::~UserLookups() {
  thread_.stop();
  thread_.join();
}

void UserLookups::LookUp(uid_t uid, Found found) {
  asio::post(thread_, [this, uid, found = std::move(found), guard = asio::make_work_guard(context_)] {
    std::optional<bool> is_user;
    try {
      is_user = find_(uid);
    } catch (const std::exception&) {
      // There is no answer.
    }
    asio::post(context_, [found, is_user] { found(is_user); });
  });
}

}  // namespace runner
