// SPDX-License-Identifier: BSD-2-Clause
#include "dialog/player.hxx"

#include "base/text.hxx"
#include "mail/text_survey.hxx"
#include "smtp/client/text_encoder.hxx"

#include <algorithm>
#include <numeric>

namespace {

using Need = smtp::Client::Need;

/// Says what it is asked for instead of a secret. PROOF is a mechanism whose server has to prove itself.
class FakeAuthenticator : public smtp::Authenticator {
 public:
  std::vector<Mechanism> Mechanisms() const override {
    return {{"PROOF"}, {"CRAM-MD5"}, {"PLAIN", true}, {"LOGIN", true, true}, {"BROKEN"}};
  }
  std::optional<std::string> Start(std::string_view mechanism) override {
    mechanism_ = mechanism;
    complete_ = mechanism != "PROOF";
    if (mechanism == "BROKEN") return std::nullopt;
    return mechanism == "CRAM-MD5" ? "" : mechanism_ + "-initial";
  }
  std::optional<std::string> Step(std::string_view challenge) override {
    if (challenge == "nonsense") return std::nullopt;
    complete_ = complete_ || challenge == "proof";
    if (challenge == "proof") return "";
    return mechanism_ + "-response-to-" + std::string(challenge);
  }
  bool IsComplete() const noexcept override { return complete_; }

 private:
  std::string mechanism_;
  bool complete_ = false;
};

std::string Encode(const std::string& message) {
  std::string text;
  smtp::TextEncoder encoder;
  encoder.Add(message, text);
  encoder.Finish(text);
  return text;
}

smtp::Message MakeMessage(const Dialog& dialog) {
  mail::TextSurvey survey;
  survey.Add(dialog.message);
  survey.Finish();
  return {dialog.envelope, survey.Size(), survey.HasEightBit()};
}

std::string ToString(const std::string& address, const mail::DeliveryResult& result) {
  return address + " " + std::string(ToString(result.outcome)) + " " + result.status + " " + result.text;
}

}  // namespace

Player::Player(const Dialog& dialog)
    : dialog_(dialog),
      message_(MakeMessage(dialog)),
      authenticator_(dialog.login ? std::make_unique<FakeAuthenticator>() : nullptr),
      client_(dialog.policy, authenticator_.get()) {}

std::optional<std::string> Player::Run() {
  for (const auto& line : dialog_.lines)
    if (!Play(line)) return difference_;
  FlushInput();
  const Dialog::Line end{dialog_.lines.back().number + 1, '-', "the end"};
  if (!SaysNothing(end)) return difference_;
  if (checked_ < results_.size() && !Differ(end, "a result more: " + results_[checked_])) return difference_;
  return std::nullopt;
}

bool Player::Play(const Dialog::Line& line) {
  if (line.who == 'S') {
    if (input_.empty() && !SaysNothing(line)) return false;
    input_ += line.text + "\r\n";
    return true;
  }
  FlushInput();
  if (line.who == 'C') return Hear(line);
  return SaysNothing(line) && (line.who == 'R' ? Check(line) : Event(line));
}

void Player::FlushInput() {
  if (input_.empty()) return;
  client_.OnInput(input_);
  input_.clear();
  Collect();
}

// Takes all that the client has for us; where it needs the text, that is next.
void Player::Collect() {
  output_ += client_.TakeOutput();
  if (client_.GetNeed() == Need::Text) {
    output_ += Encode(dialog_.message);
    client_.OnTextSent();
    output_ += client_.TakeOutput();
  }
  if (const auto report = client_.TakeReport()) {
    for (std::size_t i = 0; i < report->results.size(); ++i) {
      const bool untouched = std::ranges::find(report->untouched, i) != report->untouched.end();
      results_.push_back(ToString(dialog_.envelope.recipients[i].address, report->results[i]) +
                         (untouched ? " (untouched)" : ""));
    }
  } else if (const auto* refusal = client_.Refusal(); refusal && results_.empty()) {
    results_.push_back(ToString("-", *refusal));
  }
}

bool Player::Hear(const Dialog::Line& line) {
  if (output_.empty()) GiveWork(line);
  const auto end = output_.find("\r\n");
  if (end == output_.npos) return Differ(line, "the client says nothing");
  const auto said = output_.substr(0, end);
  output_.erase(0, end + 2);
  return said == line.text || Differ(line, "the client says " + Quote(said));
}

void Player::GiveWork(const Dialog::Line& line) {
  if (client_.GetNeed() != Need::Ready) return;
  if (line.text == "QUIT" || !client_.MayBegin()) {
    client_.Quit();
  } else {
    std::vector<std::size_t> recipients(dialog_.envelope.recipients.size());
    std::iota(recipients.begin(), recipients.end(), 0);
    client_.Begin(message_, std::move(recipients));
  }
  Collect();
}

bool Player::Event(const Dialog::Line& line) {
  if (line.text == "tls") {
    if (client_.GetNeed() != Need::Tls) return Differ(line, "the client does not ask for TLS");
    client_.OnTls();
  } else if (line.text == "lost") {
    client_.OnLost(mail::Deferred("4.4.2", "lost"));
  } else {
    return Differ(line, "no such event");
  }
  Collect();
  return true;
}

// A message that is refused without a word to the server is one that nothing else has asked for.
bool Player::Check(const Dialog::Line& line) {
  if (checked_ == results_.size()) GiveWork(line);
  if (checked_ == results_.size()) return Differ(line, "there is no result");
  const auto& result = results_[checked_++];
  return result == line.text || Differ(line, "the result is: " + result);
}

bool Player::SaysNothing(const Dialog::Line& line) {
  return output_.empty() || Differ(line, "the client says " + Quote(output_));
}

bool Player::Differ(const Dialog::Line& line, const std::string& text) {
  difference_ = "line " + std::to_string(line.number) + " (" + line.text + "): " + text;
  return false;
}
