#include "server/metrics/exposer.h"

#include <curl/curl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "server/metrics/metrics.h"

namespace adieu::metrics {
namespace {

using testing::HasSubstr;

size_t Append(char* data, size_t size, size_t count, void* out) {
  static_cast<std::string*>(out)->append(data, size * count);
  return size * count;
}

// The body of a 200; anything else is empty.
std::string Get(int port) {
  std::string body;
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), &curl_easy_cleanup);
  const std::string url = "http://127.0.0.1:" + std::to_string(port) + "/metrics";
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, 20L);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &Append);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &body);
  return curl_easy_perform(curl.get()) == CURLE_OK ? body : "";
}

TEST(MetricsServer, ServesWhatIsCountedAndRefusesAPortInUse) {
  Metrics metrics("1.2.3");
  const auto server = MetricsServer::Start(metrics, "127.0.0.1:0");
  ASSERT_TRUE(server.ok()) << server.error().message;
  const int port = (*server)->port();
  EXPECT_GT(port, 0);
  metrics.QueueRejected();
  const std::string body = Get(port);
  EXPECT_THAT(body, HasSubstr("adieu_build_info{version=\"1.2.3\"} 1\n"));
  EXPECT_THAT(body, HasSubstr("adieu_queue_rejected_total 1\n"));
  EXPECT_THAT(body, HasSubstr("process_open_fds "));

  const std::string taken = "127.0.0.1:" + std::to_string(port);
  const auto second = MetricsServer::Start(metrics, taken);
  ASSERT_FALSE(second.ok());
  EXPECT_TRUE(second.error().code == absl::StatusCode::kUnavailable);
  EXPECT_EQ(second.error().reason, "METRICS_LISTEN_FAILED");
  EXPECT_THAT(second.error().message, HasSubstr(taken));
}

TEST(MetricsServer, RefusesAddressesThatItCannotBind) {
  Metrics metrics("0");
  for (const std::string listen :
       {"192.0.2.1:0", "nonsense", "127.0.0.1:0,127.0.0.1:0", "", "127.0.0.1:99999"}) {
    const auto server = MetricsServer::Start(metrics, listen);
    ASSERT_FALSE(server.ok()) << listen;
    EXPECT_THAT(server.error().message, HasSubstr("cannot listen on " + listen));
  }
}

}  // namespace
}  // namespace adieu::metrics
