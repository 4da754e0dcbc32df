// SPDX-License-Identifier: BSD-2-Clause
#include "programs/sendmail/verify.hxx"

#include "base/text.hxx"
#include "mail/address_list.hxx"

Verification VerifyAddresses(std::span<const std::string> operands) {
  Verification verification;
  for (const auto& operand : operands) {
    const auto list = mail::ParseAddressList(operand);
    for (const auto& mailbox : list.mailboxes)
      verification.text += mailbox.address + (mailbox.qualified ? ": an address\n" : ": a local name\n");
    for (const auto& text : list.malformed) verification.text += Quote(text) + ": not an address\n";
    if (list.mailboxes.empty() && list.malformed.empty())
      verification.text += Quote(operand) + ": not an address\n";
    verification.good = verification.good && list.malformed.empty() && !list.mailboxes.empty();
  }
  return verification;
}
