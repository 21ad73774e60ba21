#pragma once

#include <grpcpp/support/client_interceptor.h>

#include <functional>
#include <string>
#include <utility>

namespace adieu::client {

// Sends a token with each request of a channel (RFC 6750 2.1). (gRPC's own credentials do that over TLS
// only.)
class Bearer : public grpc::experimental::Interceptor {
 public:
  class Factory : public grpc::experimental::ClientInterceptorFactoryInterface {
   public:
    explicit Factory(std::function<std::string()> token) : token_(std::move(token)) {}
    grpc::experimental::Interceptor* CreateClientInterceptor(
        grpc::experimental::ClientRpcInfo* /*info*/) override {
      return new Bearer(token_);
    }

   private:
    const std::function<std::string()> token_;
  };

  explicit Bearer(const std::function<std::string()>& token) : value_("Bearer " + token()) {}

  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    using grpc::experimental::InterceptionHookPoints;
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      methods->GetSendInitialMetadata()->insert({"authorization", value_});
    }
    methods->Proceed();
  }

 private:
  // Outlives the metadata, which only points at it.
  const std::string value_;
};

}  // namespace adieu::client
