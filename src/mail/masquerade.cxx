// SPDX-License-Identifier: BSD-2-Clause
#include "mail/masquerade.hxx"

#include "mail/address.hxx"
#include "mail/address_list.hxx"

namespace mail {

namespace {

// What takes the place of the parts of an address; an empty one leaves its part.
struct Mask {
  std::string_view local;
  std::string_view domain;
};

Mask MaskOf(std::string_view spec) noexcept {
  const auto at = spec.rfind('@');
  return at == spec.npos ? Mask{{}, spec} : Mask{spec.substr(0, at), spec.substr(at + 1)};
}

bool IsLocal(const std::string& text, const IsLocalDomain& is_local_domain) {
  const auto address = Address::Parse(text);
  return address && is_local_domain(address->domain);
}

// A copy of a text with some of its parts replaced, from left to right.
class Replacer {
 public:
  explicit Replacer(std::string_view text) : text_(text) {}

  void Replace(std::size_t begin, std::size_t end, std::string_view by) {
    result_.append(text_.substr(copied_, begin - copied_)).append(by);
    copied_ = end;
  }
  [[nodiscard]] std::string Finish() && { return std::move(result_.append(text_.substr(copied_))); }

 private:
  std::string_view text_;
  std::size_t copied_ = 0;
  std::string result_;
};

}  // namespace

std::string Masquerade(const std::string& address, std::string_view spec,
                       const IsLocalDomain& is_local_domain) {
  if (spec.empty() || !IsLocal(address, is_local_domain)) return address;
  const auto mask = MaskOf(spec);
  auto masked = *Address::Parse(address);
  if (!mask.local.empty()) masked.local = mask.local;
  if (!mask.domain.empty()) masked.domain = mask.domain;
  return masked.ToString();
}

std::string MasqueradeAddressList(std::string_view text, std::string_view spec,
                                  const IsLocalDomain& is_local_domain) {
  const auto mask = MaskOf(spec);
  Replacer replacer(text);
  for (const auto& mailbox : ParseAddressList(text).mailboxes) {
    if (!IsLocal(mailbox.address, is_local_domain)) continue;
    if (!mask.local.empty()) replacer.Replace(mailbox.local_begin, mailbox.local_end, mask.local);
    if (mask.domain.empty()) continue;
    if (mailbox.qualified)
      replacer.Replace(mailbox.domain_begin, mailbox.domain_end, mask.domain);
    else
      replacer.Replace(mailbox.local_end, mailbox.local_end, "@" + std::string(mask.domain));
  }
  return std::move(replacer).Finish();
}

}  // namespace mail
