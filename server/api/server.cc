#include "server/api/server.h"

#include <grpc/support/log.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <string_view>
#include <utility>

#include "server/api/call_control_service.h"
#include "server/api/cancel_policy_service.h"
#include "server/base/log.h"

namespace adieu::api {
namespace {

// Of requests. Responses are kept below the 4 MiB that clients take by default.
constexpr int kMaxRequest = 1 << 20;
constexpr char kLive[] = "adieu.live";
// What the destructor waits for RPCs that still run.
constexpr std::chrono::seconds kLastWait{2};

void ToOurLog(gpr_log_func_args* args) {
  base::LogDebug("grpc", {{"message", args->message}, {"file", args->file}, {"line", args->line}});
}

bool IsUnix(std::string_view listen) { return listen.substr(0, 5) == "unix:"; }

}  // namespace

struct Server::Impl {
  Impl(engine::Engine* new_engine, metrics::Metrics* metrics)
      : engine(new_engine), calls(engine, metrics), policies(engine, metrics) {}

  engine::Engine* engine;
  CallControlService calls;
  CancelPolicyService policies;
  std::unique_ptr<grpc::Server> server;
  std::string address;
};

base::Result<std::unique_ptr<Server>> Server::Start(const std::string& listen, engine::Engine* engine,
                                                    metrics::Metrics* metrics) {
  gpr_set_log_function(ToOurLog);
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();

  auto impl = std::make_unique<Impl>(engine, metrics);
  grpc::ServerBuilder builder;
  // A second server on the same port must fail, not take half of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Requests are small: the default window is never short, and its probing would cost a PING for each of
  // them.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.SetMaxReceiveMessageSize(kMaxRequest);
  int port = 0;
  builder.AddListeningPort(listen, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&impl->calls);
  builder.RegisterService(&impl->policies);
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
