#include "server/api/server.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <string_view>
#include <utility>
#include <vector>

#include "grpc/health/v1/health.pb.h"
#include "server/api/call_control_service.h"
#include "server/api/cancel_policy_service.h"
#include "server/api/fresh_files.h"
#include "server/api/reflection_service.h"
#include "server/api/tls_credentials.h"
#include "server/base/log.h"

namespace adieu::api {
namespace {

// Of requests. Responses are kept below the 4 MiB that clients take by default.
constexpr int kMaxRequest = 1 << 20;
constexpr char kLive[] = "adieu.live";
// How long a client may take for its handshake.
constexpr int kHandshakeMs = 10'000;
// Of the metadata of a request, in which a token is.
constexpr int kMaxMetadata = 16 * 1024;
// What the destructor waits for RPCs that still run.
constexpr std::chrono::seconds kLastWait{2};

void ToOurLog(gpr_log_func_args* args) {
  base::LogDebug("grpc", {{"message", args->message}, {"file", args->file}, {"line", args->line}});
}

// Of requests that are no messages.
void ProtobufToOurLog(google::protobuf::LogLevel, const char* file, int line, const std::string& message) {
  base::LogDebug("protobuf", {{"message", message}, {"file", file}, {"line", line}});
}

// What reflection tells of. Health is gRPC's own.
std::vector<std::string> ServiceNames() {
  return {v1::CallControlService::service_full_name(), v1::CancelPolicyService::service_full_name(),
          grpc::health::v1::HealthCheckRequest::descriptor()->file()->service(0)->full_name()};
}

bool IsUnix(std::string_view listen) { return listen.substr(0, 5) == "unix:"; }

}  // namespace

struct Server::Impl {
  Impl(const Options& options, engine::Engine* new_engine, metrics::Metrics* metrics)
      : engine(new_engine),
        door(options.client, options.access, metrics),
        calls(engine, &door, metrics),
        policies(engine, &door, metrics),
        reflection(ServiceNames(), &door, metrics) {
    if (options.tls) tls = std::make_shared<TlsCredentials>(*options.tls);
    files.emplace(options.api, options.tls, options.access, &door, tls.get(), metrics);
  }

  engine::Engine* engine;
  access::Door door;
  // Null: plaintext.
  std::shared_ptr<TlsCredentials> tls;
  std::optional<FreshFiles> files;
  CallControlService calls;
  CancelPolicyService policies;
  ReflectionService reflection;
  std::unique_ptr<grpc::Server> server;
  std::string address;
};

base::Result<std::unique_ptr<Server>> Server::Start(Options options, engine::Engine* engine,
                                                    metrics::Metrics* metrics) {
  gpr_set_log_function(ToOurLog);
  google::protobuf::SetLogHandler(ProtobufToOurLog);
  grpc::EnableDefaultHealthCheckService(true);

  const std::string& listen = options.api.listen();
  auto impl = std::make_unique<Impl>(options, engine, metrics);
  grpc::ServerBuilder builder;
  // A second server on the same port must fail, not take half of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Requests are small: the default window is never short, and its probing would cost a PING for each of
  // them.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.streams_per_connection);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeMs);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadata);
  builder.SetMaxReceiveMessageSize(kMaxRequest);
  int port = 0;
  builder.AddListeningPort(listen, impl->tls ? impl->tls : grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&impl->calls);
  builder.RegisterService(&impl->policies);
  builder.RegisterService(&impl->reflection);
  impl->server = builder.BuildAndStart();
  if (!impl->server || port == 0) {
    return base::Error{.code = absl::StatusCode::kUnavailable,
                       .reason = "API_LISTEN_FAILED",
                       .message = "api.listen: cannot listen on " + listen +
                                  ": in use, not an address of this host, or not allowed"};
  }
  impl->address = IsUnix(listen) ? listen : listen.substr(0, listen.rfind(':') + 1) + std::to_string(port);
  impl->server->GetHealthCheckService()->SetServingStatus(kLive, true);
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() { Shutdown(std::chrono::system_clock::now() + kLastWait); }

const std::string& Server::address() const { return impl_->address; }

void Server::SetReady(bool ready) { impl_->server->GetHealthCheckService()->SetServingStatus("", ready); }

void Server::SetLive(bool live) { impl_->server->GetHealthCheckService()->SetServingStatus(kLive, live); }

void Server::Shutdown(std::chrono::system_clock::time_point deadline) {
  if (!impl_->server) return;
  impl_->engine->watch().Shutdown();
  impl_->engine->sweeps().Shutdown();
  impl_->server->Shutdown(deadline);
  impl_->server->Wait();
  impl_->server.reset();
}

}  // namespace adieu::api
