// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "../base/temporary_directory.hxx"
#include "base/file.hxx"
#include "programs/deliver/mbox.hxx"
#include "programs/deliver/mbox_entry.hxx"

#include <gtest/gtest.h>

#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

/// What a mailbox may hold already.
inline const std::string kOther = "From x@y Tue Nov 14 22:13:20 2023\nSubject: other\n\nbody\n\n";

/// Keeps what it is given.
struct StringSink : deliver::Sink {
  std::string text;
  bool Put(std::string_view data) override {
    text += data;
    return true;
  }
};

/// A message with its envelope, and a directory with mailboxes of whoever runs the test.
struct MailboxTest : testing::Test {
  TemporaryDirectory directory;
  User user{"alice", ::geteuid(), ::getegid(), directory.Path()};
  mail::Envelope envelope = MakeEnvelope(1);
  UniqueFd message;

  MailboxTest() { SetMessage("Subject: x\n\nbody\n"); }

  static mail::Envelope MakeEnvelope(std::uint32_t number) {
    mail::Envelope envelope;
    envelope.created = mail::FromMicroseconds(1'700'000'000'123'456);
    envelope.id = mail::QueueId::Make(envelope.created, number);
    envelope.sender = "bob@example.org";
    envelope.recipients.emplace_back().address = "alice@here.example";
    return envelope;
  }
  void SetMessage(const std::string& text) {
    message = UniqueFd(::memfd_create("message", MFD_CLOEXEC));
    WriteAll(message, text);
    envelope.message_size = text.size();
  }
  [[nodiscard]] local::Letter Letter(bool again = false) const {
    return {envelope, message, "here.example", again};
  }
  [[nodiscard]] std::string EntryText() const {
    StringSink sink;
    EXPECT_TRUE(deliver::MboxEntry(Letter(), user).WriteTo(sink));
    return sink.text;
  }

  /// Delivers to the file "mbox", without waiting for locks.
  [[nodiscard]] mail::DeliveryResult Deliver(bool again = false, std::chrono::milliseconds patience = {}) {
    return deliver::Mbox({directory.Path(), "", "mbox"}, user, patience).Deliver(Letter(again));
  }
  [[nodiscard]] std::string Read(const std::string& name = "mbox") const {
    std::stringstream text;
    text << std::ifstream(directory / name).rdbuf();
    return text.str();
  }
  void Write(const std::string& text, const std::string& name = "mbox") const {
    std::filesystem::remove(directory / name);
    std::ofstream(directory / name) << text;
    std::filesystem::permissions(directory / name, std::filesystem::perms(0600));
  }
  [[nodiscard]] bool Has(const std::string& name) const {
    return std::filesystem::symlink_status(directory / name).type() != std::filesystem::file_type::not_found;
  }
};
