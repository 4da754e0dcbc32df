// SPDX-License-Identifier: BSD-2-Clause
#include "dns/context.hxx"

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <stdexcept>
#include <unbound.h>
#include <utility>

namespace dns {

namespace {

constexpr int kClassIn = 1;
constexpr int kServerFailed = 2;  // RCODE
constexpr int kNameError = 3;

// Names that libunbound would answer for itself; our servers may know better.
constexpr const char* kOwnZones[] = {"home.arpa.", "invalid.", "localhost.", "onion.", "test."};

// Domains of networks that have names of their own, which the root says do not exist (RFC 6762 appendix G;
// RFC 6303).
constexpr const char* kPrivateZones[] = {"corp.", "home.",    "home.arpa.", "internal.", "intranet.",
                                         "lan.",  "private.", "local.",     "test."};

void Check(int error, const std::string& what) {
  if (error != UB_NOERROR) throw std::runtime_error(what + ": " + ub_strerror(error));
}

std::string WithoutDot(const char* name) {
  std::string text = name ? name : "";
  if (text.ends_with('.')) text.pop_back();
  return text;
}

Status StatusOf(const ub_result& result) noexcept {
  if (result.bogus) return Status::Bogus;
  if (result.havedata) return Status::Records;
  if (result.nxdomain || result.rcode == kNameError) return Status::NoName;
  return result.rcode == 0 ? Status::NoData : Status::Failed;
}

std::string ExplainStatus(const ub_result& result, Status status) {
  if (status == Status::Bogus)
    return std::string("the answer is not what its zone has signed") +
           (result.why_bogus ? std::string(": ") + result.why_bogus : "");
  if (status != Status::Failed) return {};
  if (result.rcode == kServerFailed) return "no name server has an answer (SERVFAIL)";
  return "the name server refuses to answer (RCODE " + std::to_string(result.rcode) + ")";
}

Answer MakeAnswer(const ub_result& result) {
  Answer answer;
  answer.status = StatusOf(result);
  answer.secure = result.secure;
  answer.why = ExplainStatus(result, answer.status);
  answer.canonical = WithoutDot(result.canonname);
  if (answer.canonical == WithoutDot(result.qname)) answer.canonical.clear();
  if (!answer.Has()) return answer;
  for (int i = 0; result.data[i]; ++i)
    answer.records.emplace_back(result.data[i], static_cast<std::size_t>(result.len[i]));
  return answer;
}

}  // namespace

std::string_view ToString(Type type) noexcept {
  switch (type) {
    case Type::A:
      return "A";
    case Type::Cname:
      return "CNAME";
    case Type::Soa:
      return "SOA";
    case Type::Mx:
      return "MX";
    case Type::Txt:
      return "TXT";
    case Type::Aaaa:
      return "AAAA";
    case Type::Tlsa:
      return "TLSA";
  }
  return "?";
}

void Context::Delete::operator()(ub_ctx* context) const noexcept {
  ub_ctx_delete(context);
}

Context::Context(const asio::any_io_executor& executor, const Setup& setup)
    : limit_(setup.limit), context_(ub_ctx_create()), readable_(executor) {
  if (!context_) throw std::runtime_error("Failed to set up libunbound");
  SetUp(setup);
  readable_.assign(ub_fd(context_.get()));
}

Context::~Context() {
  readable_.release();
}

void Context::Set(const char* option, const char* value) {
  Check(ub_ctx_set_option(context_.get(), option, value),
        std::string("Failed to set libunbound's ") + option);
}

void Context::SetUp(const Setup& setup) {
  auto* const context = context_.get();
  Check(ub_ctx_async(context, 1), "Failed to have libunbound use a thread");
  Set("do-not-query-localhost:", "no");
  Set("infra-keep-probing:", "yes");  // servers that were down come back
  Set("unblock-lan-zones:", "yes");
  Set("insecure-lan-zones:", "yes");
  for (const auto& server : setup.servers)
    Check(ub_ctx_set_fwd(context, (server + "@" + std::to_string(setup.port)).c_str()),
          "Failed to use the name server " + server);
  if (setup.anchor.empty()) {
    Set("module-config:", "iterator");
  } else {
    Check(ub_ctx_add_ta_file(context, setup.anchor.c_str()), "Failed to use " + setup.anchor);
    for (const auto* zone : kPrivateZones) Set("domain-insecure:", zone);
  }
  // This is the first call that looks at what was set.
  for (const auto* zone : kOwnZones) Check(ub_ctx_zone_remove(context, zone), "Failed to set up libunbound");
}

std::unique_ptr<Question> Context::Ask(const std::string& name, Type type) {
  return std::make_unique<Question>(shared_from_this(), name, type);
}

// Only while there is something to wait for, so that nothing but questions keeps an event loop going.
void Context::Watch() {
  if (std::exchange(watching_, true)) return;
  readable_.async_wait(asio::posix::stream_descriptor::wait_read,
                       [weak = weak_from_this()](const std::error_code& error) {
                         const auto self = weak.lock();
                         if (!self) return;
                         self->watching_ = false;
                         if (error) return;
                         ub_process(self->context_.get());
                         if (self->open_ > 0) self->Watch();
                       });
}

Question::Question(std::shared_ptr<Context> context, const std::string& name, Type type)
    : context_(std::move(context)), done_(context_->readable_.get_executor(), context_->limit_) {
  const int error = ub_resolve_async(context_->context_.get(), (name + ".").c_str(), static_cast<int>(type),
                                     kClassIn, this, &Question::OnAnswer, &id_);
  if (error != UB_NOERROR) {
    answer_ = Unanswered(ub_strerror(error));
    return;
  }
  ++context_->open_;
  context_->Watch();
}

Question::~Question() {
  if (answer_) return;
  ub_cancel(context_->context_.get(), id_);
  --context_->open_;
}

asio::awaitable<Answer> Question::Get() {
  std::error_code ignored;
  if (!answer_) co_await done_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (answer_) co_return std::move(*answer_);
  co_return Unanswered("no name server answered in time");
}

void Question::OnAnswer(void* self, int error, ub_result* result) {
  const std::unique_ptr<ub_result, decltype(&ub_resolve_free)> owner(result, &ub_resolve_free);
  auto& question = *static_cast<Question*>(self);
  question.answer_ = error == UB_NOERROR && result ? MakeAnswer(*result) : Unanswered(ub_strerror(error));
  --question.context_->open_;
  question.done_.cancel();
}

}  // namespace dns
