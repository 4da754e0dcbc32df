// SPDX-License-Identifier: BSD-2-Clause
#include "courier/protocol.hxx"

#include "base/text.hxx"
#include "mail/record.hxx"

#include <algorithm>

namespace courier {

namespace {

constexpr std::string_view kRequest = "mailqueue-request";
constexpr std::string_view kAnswer = "mailqueue-answer";
constexpr std::string_view kVersion = "1";
constexpr std::string_view kEndOfHead = "\nwith: envelope\n";

bool ReadRequestField(Request& request, const mail::Field& field) {
  if (field.key == "serial") {
    const auto serial = ParseNumber<std::uint64_t>(field.value);
    if (serial) request.serial = *serial;
    return serial.has_value();
  }
  if (field.key == "destination") request.destination = field.value;
  if (field.key == "helo") request.helo = field.value;
  if (field.key == "again") request.again = field.value == "yes";
  return field.key == "destination" || field.key == "helo" || field.key == "again";
}

bool ReadResultField(mail::DeliveryResult& result, const mail::Field& field) {
  if (field.key == "outcome") {
    const auto outcome = mail::ParseOutcome(field.value);
    if (outcome) result.outcome = *outcome;
    return outcome.has_value();
  }
  if (field.key == "status" && !mail::IsEnhancedStatus(field.value)) return false;
  if (field.key == "status") result.status = field.value;
  if (field.key == "text") result.text = field.value;
  if (field.key == "remote") result.remote = field.value;
  return field.key == "status" || field.key == "text" || field.key == "remote";
}

}  // namespace

std::string Request::ToText() const {
  mail::RecordWriter writer;
  writer.Add(kRequest, kVersion).Add("serial", std::to_string(serial)).Add("destination", destination);
  writer.Add("helo", helo).Add("again", again ? "yes" : "no");
  return writer.Text() + std::string(kEndOfHead.substr(1)) + envelope.ToText();
}

std::optional<Request> Request::Parse(std::string_view text) {
  const auto end = text.find(kEndOfHead);
  if (end == text.npos) return std::nullopt;
  mail::RecordReader reader(text.substr(0, end + 1));
  const auto first = reader.Next();
  if (!first || first->key != kRequest || first->value != kVersion) return std::nullopt;
  Request request;
  while (const auto field = reader.Next())
    if (!ReadRequestField(request, *field)) return std::nullopt;
  if (reader.Bad()) return std::nullopt;
  auto envelope = mail::Envelope::Parse(text.substr(end + kEndOfHead.size()));
  if (!envelope) return std::nullopt;
  request.envelope = std::move(*envelope);
  return request;
}

std::string Answer::ToText() const {
  mail::RecordWriter writer;
  writer.Add(kAnswer, kVersion).Add("serial", std::to_string(serial));
  for (const auto& [index, result] : results) {
    writer.Add("result", static_cast<long long>(index)).Add("outcome", mail::ToString(result.outcome));
    writer.Add("status", result.status).Add("text", std::string_view(result.text).substr(0, kMaxResultText));
    writer.Add("remote", std::string_view(result.remote).substr(0, kMaxResultText));
  }
  return writer.Text();
}

std::optional<Answer> Answer::Parse(std::string_view text) {
  mail::RecordReader reader(text);
  const auto first = reader.Next();
  if (!first || first->key != kAnswer || first->value != kVersion) return std::nullopt;
  const auto serial = reader.Next();
  if (!serial || serial->key != "serial") return std::nullopt;
  const auto number = ParseNumber<std::uint64_t>(serial->value);
  if (!number) return std::nullopt;
  Answer answer{*number, {}};
  while (const auto field = reader.Next()) {
    if (field->key == "result") {
      const auto index = ParseNumber<std::size_t>(field->value);
      if (!index) return std::nullopt;
      answer.results.emplace_back(*index, mail::DeliveryResult{});
    } else if (answer.results.empty() || !ReadResultField(answer.results.back().second, *field)) {
      return std::nullopt;
    }
  }
  if (reader.Bad()) return std::nullopt;
  return answer;
}

std::vector<Answer> Split(Answer answer) {
  std::vector<Answer> parts;
  auto& results = answer.results;
  for (std::size_t at = 0; at < results.size(); at += kMaxResultsPerAnswer) {
    const auto end = std::min(at + kMaxResultsPerAnswer, results.size());
    parts.push_back({answer.serial,
                     {std::make_move_iterator(results.begin() + static_cast<std::ptrdiff_t>(at)),
                      std::make_move_iterator(results.begin() + static_cast<std::ptrdiff_t>(end))}});
  }
  return parts;
}

}  // namespace courier
