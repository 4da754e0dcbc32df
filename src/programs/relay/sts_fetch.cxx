// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/sts_fetch.hxx"

#include "base/text.hxx"
#include "smtp/sts_policy.hxx"

#include <array>
#include <cstddef>
#include <curl/curl.h>
#include <memory>
#include <string_view>

namespace relay {

namespace {

constexpr long kOk = 200;

std::size_t OnData(char* data, std::size_t size, std::size_t count, void* into) {
  auto& text = *static_cast<std::string*>(into);
  if (text.size() + size * count > smtp::StsPolicy::kMaxText) return 0;
  text.append(data, size * count);
  return size * count;
}

int OnProgress(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(stop)->load() ? 1 : 0;
}

// What libcurl takes from elsewhere (redirections, a user's files, its environment's proxies) stays off.
void SetUp(CURL* request, const std::string& domain) {
  const auto url = "https://mta-sts." + domain + "/.well-known/mta-sts.txt";
  curl_easy_setopt(request, CURLOPT_URL, url.c_str());
  curl_easy_setopt(request, CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt(request, CURLOPT_PROXY, "");
  curl_easy_setopt(request, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(request, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(request, CURLOPT_TIMEOUT, static_cast<long>(kStsFetchLimit.count()));
  curl_easy_setopt(request, CURLOPT_USERAGENT, "mailqueue");
}

bool IsPlainText(CURL* request) {
  const char* type = nullptr;
  curl_easy_getinfo(request, CURLINFO_CONTENT_TYPE, &type);
  const std::string_view text = type ? type : "";
  return EqualsIgnoreCase(Trim(text.substr(0, text.find(';'))), "text/plain");
}

StsFetched Refuse(std::string fault, bool certificate = false) {
  return {{}, std::move(fault), certificate};
}

}  // namespace

StsFetched FetchStsPolicy(const std::string& domain, const std::atomic<bool>& stop) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> request(curl_easy_init(), &curl_easy_cleanup);
  if (!request) return Refuse("libcurl could not be set up");
  StsFetched fetched;
  std::array<char, CURL_ERROR_SIZE> error{};
  SetUp(request.get(), domain);
  curl_easy_setopt(request.get(), CURLOPT_ERRORBUFFER, error.data());
  curl_easy_setopt(request.get(), CURLOPT_WRITEFUNCTION, &OnData);
  curl_easy_setopt(request.get(), CURLOPT_WRITEDATA, &fetched.text);
  curl_easy_setopt(request.get(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(request.get(), CURLOPT_XFERINFOFUNCTION, &OnProgress);
  curl_easy_setopt(request.get(), CURLOPT_XFERINFODATA, const_cast<std::atomic<bool>*>(&stop));
  const auto result = curl_easy_perform(request.get());
  if (result == CURLE_WRITE_ERROR) return Refuse("it is too long");
  if (result != CURLE_OK)
    return Refuse(error[0] ? error.data() : curl_easy_strerror(result),
                  result == CURLE_PEER_FAILED_VERIFICATION);
  long status = 0;
  curl_easy_getinfo(request.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != kOk) return Refuse("the web server answers with " + std::to_string(status));
  if (!IsPlainText(request.get())) return Refuse("it is not text/plain");
  if (fetched.text.empty()) return Refuse("it is empty");
  return fetched;
}

}  // namespace relay
