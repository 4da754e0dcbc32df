// SPDX-License-Identifier: BSD-2-Clause
#include "mx/curl_fetcher.hxx"

#include "base/text.hxx"
#include "mx/sts_policy.hxx"

#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <array>
#include <cstddef>
#include <curl/curl.h>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace mx {

namespace {

constexpr long kOk = 200;
constexpr int kPollLimit = 60'000;  // ms

StsFetched Refuse(std::string fault, bool certificate = false) {
  return {{}, std::move(fault), certificate};
}

/// Who waits for a fetch; touched in the executor's thread alone.
struct Waiting {
  explicit Waiting(const asio::any_io_executor& executor)
      : done(executor, asio::steady_timer::time_point::max()) {}
  asio::steady_timer done;
  std::optional<StsFetched> fetched{};
};

/// One fetch, in the thread.
class Transfer {
 public:
  /// Throws std::runtime_error.
  Transfer(const std::string& domain, const std::vector<asio::ip::address>& addresses,
           std::chrono::milliseconds limit, std::shared_ptr<Waiting> waiting);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  [[nodiscard]] CURL* Handle() const noexcept { return handle_.get(); }
  /// Tells who waits.
  void Finish(CURLcode result);

 private:
  static std::size_t OnData(char* data, std::size_t size, std::size_t count, void* into);
  [[nodiscard]] StsFetched Judge(CURLcode result);
  [[nodiscard]] bool IsPlainText() const;

  std::shared_ptr<Waiting> waiting_;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle_;
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> addresses_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::string text_;
};

std::string ResolveEntry(const std::string& host, const std::vector<asio::ip::address>& addresses) {
  auto entry = "+" + host + ":443:";  // "+": libcurl forgets it after a minute
  for (const auto& address : addresses) {
    if (&address != &addresses.front()) entry += ',';
    entry += address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
  }
  return entry;
}

// Everything that libcurl would take from elsewhere stays off: redirections, a user's files, proxies of the
// environment, its own look-up of names.
Transfer::Transfer(const std::string& domain, const std::vector<asio::ip::address>& addresses,
                   std::chrono::milliseconds limit, std::shared_ptr<Waiting> waiting)
    : waiting_(std::move(waiting)),
      handle_(curl_easy_init(), &curl_easy_cleanup),
      addresses_(curl_slist_append(nullptr, ResolveEntry("mta-sts." + domain, addresses).c_str()),
                 &curl_slist_free_all) {
  if (!handle_ || !addresses_) throw std::runtime_error("libcurl could not be set up");
  auto* const handle = handle_.get();
  curl_easy_setopt(handle, CURLOPT_URL, ("https://mta-sts." + domain + "/.well-known/mta-sts.txt").c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_RESOLVE, addresses_.get());
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(handle, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "mailqueue");
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, error_.data());
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &OnData);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &text_);
}

std::size_t Transfer::OnData(char* data, std::size_t size, std::size_t count, void* into) {
  auto& text = *static_cast<std::string*>(into);
  if (text.size() + size * count > StsPolicy::kMaxText) return 0;
  text.append(data, size * count);
  return size * count;
}

bool Transfer::IsPlainText() const {
  const char* type = nullptr;
  curl_easy_getinfo(handle_.get(), CURLINFO_CONTENT_TYPE, &type);
  const std::string_view text = type ? type : "";
  return EqualsIgnoreCase(Trim(text.substr(0, text.find(';'))), "text/plain");
}

StsFetched Transfer::Judge(CURLcode result) {
  if (result == CURLE_WRITE_ERROR) return Refuse("it is too long");
  if (result != CURLE_OK)
    return Refuse(error_[0] ? error_.data() : curl_easy_strerror(result),
                  result == CURLE_PEER_FAILED_VERIFICATION);
  long status = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != kOk) return Refuse("the web server answers with " + std::to_string(status));
  if (!IsPlainText()) return Refuse("it is not text/plain");
  if (text_.empty()) return Refuse("it is empty");
  return {std::move(text_), {}, false};
}

void Transfer::Finish(CURLcode result) {
  asio::post(waiting_->done.get_executor(), [waiting = waiting_, fetched = Judge(result)]() mutable {
    waiting->fetched = std::move(fetched);
    waiting->done.cancel();
  });
}

}  // namespace

/// Where the fetches run.
class CurlFetcher::Thread {
 public:
  Thread();
  ~Thread();
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  void Add(std::unique_ptr<Transfer> transfer);

 private:
  using Transfers = std::vector<std::unique_ptr<Transfer>>;

  void Run();
  bool TakeNew();
  void FinishDone();

  std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> multi_;
  std::mutex mutex_;  // of the next two
  Transfers new_;
  bool stop_ = false;
  Transfers running_;  // the thread's own
  std::thread thread_;
};

CurlFetcher::Thread::Thread() : multi_(nullptr, &curl_multi_cleanup) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  multi_.reset(curl_multi_init());
  if (!multi_) throw std::runtime_error("libcurl could not be set up");
  thread_ = std::thread([this] { Run(); });
}

CurlFetcher::Thread::~Thread() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  curl_multi_wakeup(multi_.get());
  thread_.join();
  for (const auto& transfer : running_) curl_multi_remove_handle(multi_.get(), transfer->Handle());
}

void CurlFetcher::Thread::Add(std::unique_ptr<Transfer> transfer) {
  {
    const std::lock_guard lock(mutex_);
    new_.push_back(std::move(transfer));
  }
  curl_multi_wakeup(multi_.get());
}

void CurlFetcher::Thread::Run() {
  while (TakeNew()) {
    int running = 0;
    curl_multi_perform(multi_.get(), &running);
    FinishDone();
    curl_multi_poll(multi_.get(), nullptr, 0, kPollLimit, nullptr);
  }
}

// False if the thread must end.
bool CurlFetcher::Thread::TakeNew() {
  const std::lock_guard lock(mutex_);
  for (auto& transfer : std::exchange(new_, {})) {
    if (curl_multi_add_handle(multi_.get(), transfer->Handle()) == CURLM_OK)
      running_.push_back(std::move(transfer));
    else
      transfer->Finish(CURLE_OUT_OF_MEMORY);
  }
  return !stop_;
}

void CurlFetcher::Thread::FinishDone() {
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    auto* const handle = message->easy_handle;
    const auto result = message->data.result;  // of no use behind the next call
    curl_multi_remove_handle(multi_.get(), handle);
    std::erase_if(running_, [&](const auto& transfer) {
      if (transfer->Handle() != handle) return false;
      transfer->Finish(result);
      return true;
    });
  }
}

CurlFetcher::CurlFetcher() = default;
CurlFetcher::~CurlFetcher() = default;

asio::awaitable<StsFetched> CurlFetcher::Fetch(std::string domain, std::vector<asio::ip::address> addresses,
                                               std::chrono::milliseconds limit) {
  std::string fault;
  const auto waiting = std::make_shared<Waiting>(co_await asio::this_coro::executor);
  try {
    if (!thread_) thread_ = std::make_unique<Thread>();
    thread_->Add(std::make_unique<Transfer>(domain, addresses, limit, waiting));
  } catch (const std::exception& error) {
    fault = error.what();
  }
  if (!fault.empty()) co_return Refuse(std::move(fault));
  std::error_code ignored;
  if (!waiting->fetched)
    co_await waiting->done.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  co_return waiting->fetched ? std::move(*waiting->fetched) : Refuse("the fetching was given up");
}

}  // namespace mx
