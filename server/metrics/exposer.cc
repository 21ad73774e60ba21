#include "server/metrics/exposer.h"

#include <prometheus/exposer.h>

#include <exception>
#include <utility>
#include <vector>

#include "server/metrics/metrics.h"
#include "server/metrics/metrics_impl.h"

namespace adieu::metrics {
namespace {

base::Error ListenFailed(const std::string& listen, const std::string& why) {
  return base::Error{.code = absl::StatusCode::kUnavailable,
                     .reason = "METRICS_LISTEN_FAILED",
                     .message = "metrics: cannot listen on " + listen + ": " + why};
}

}  // namespace

struct MetricsServer::Impl {
  // The exposer holds these weakly.
  std::shared_ptr<prometheus::Registry> registry;
  std::shared_ptr<ProcessCollector> process;
  std::unique_ptr<prometheus::Exposer> exposer;
};

base::Result<std::unique_ptr<MetricsServer>> MetricsServer::Start(const Metrics& metrics,
                                                                  const std::string& listen) {
  // The HTTP library would read a list of addresses here.
  if (listen.find_first_of(", ") != std::string::npos) return ListenFailed(listen, "it is not one address");
  auto impl = std::make_unique<Impl>();
  impl->registry = metrics.impl_->registry;
  impl->process = metrics.impl_->process;
  try {
    impl->exposer = std::make_unique<prometheus::Exposer>(listen, 2);
    impl->exposer->RegisterCollectable(impl->registry);
    impl->exposer->RegisterCollectable(impl->process);
  } catch (const std::exception& e) {
    return ListenFailed(listen, "the address is in use or not one of this machine");
  }
  if (impl->exposer->GetListeningPorts().empty()) return ListenFailed(listen, "no port was bound");
  return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(impl)));
}

MetricsServer::MetricsServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MetricsServer::~MetricsServer() = default;

int MetricsServer::port() const { return impl_->exposer->GetListeningPorts().front(); }

}  // namespace adieu::metrics
