#include "server/api/method.h"

#include <google/protobuf/descriptor.h>

namespace adieu::api {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::MethodDescriptor;
using metrics::RpcType;

RpcType TypeOf(const MethodDescriptor& method) {
  if (method.client_streaming()) {
    return method.server_streaming() ? RpcType::kBidiStream : RpcType::kClientStream;
  }
  return method.server_streaming() ? RpcType::kServerStream : RpcType::kUnary;
}

}  // namespace

Method FindMethod(const std::string& service, const std::string& name, metrics::Metrics* metrics) {
  Method method{.name = name};
  const MethodDescriptor* found = DescriptorPool::generated_pool()->FindMethodByName(service + "." + name);
  if (found == nullptr) return method;
  method.least_role = found->options().GetExtension(v1::least_role);
  method.changes = method.least_role > v1::ROLE_VIEWER;
  method.metric = metrics->RegisterRpc(TypeOf(*found), service, name);
  return method;
}

}  // namespace adieu::api
